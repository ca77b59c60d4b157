import { availableParallelism } from 'node:os';
import type { Executor } from '../executor';
import { createProgramExecutor } from '../programs';
import { type Library, type LibraryOptions, loadLibrary } from './library';
import { createTensorflowRuntime } from './runtime';

/**
 * Float32 by TensorFlow's C library, on a CUDA device where @tensorflow/tfjs-node-gpu finds one: the operators of a
 * program one after the other.
 *
 * @throws TensorflowAbsent where it is not installed or cannot be loaded
 */
export async function createTensorflowExecutor(options: LibraryOptions = {}): Promise<Executor> {
  const library = await loadLibrary(options);
  return createProgramExecutor(createTensorflowRuntime(library.tf), {
    name: 'tensorflow',
    description: describe(library),
    details: {
      threads: availableParallelism(),
      library: { name: library.package, version: library.tf.version.tfjs ?? 'unknown' },
      devices: [library.device],
    },
  });
}

function describe({ device, package: name, shortfalls }: Library): string {
  const without = shortfalls.some(({ reason }) => reason === 'noCuda') ? ', without a CUDA device' : '';
  return `tensorflow (${device}, ${name.replace('@tensorflow/', '')}${without})`;
}
