import { availableParallelism } from 'node:os';
import { checkExamples } from '../checkExamples';
import type { Executor } from '../executor';
import { type KernelChoice, type LoadKernel, selectKernels } from './kernels';
import { createMachine } from './machine';
import { createWasmObjective } from './objective';

export type { KernelChoice, KernelName, LoadKernel } from './kernels';

export interface WasmOptions {
  /** Reads a kernel binary (`out/kernels/kernels.NAME.wasm`). */
  readonly load: LoadKernel;
  /** Threads in all, the calling one included; one per core, at most 8, when left out. */
  readonly threads?: number;
  /** 'auto': the relaxed build where it runs. */
  readonly kernels?: KernelChoice;
}

const maximumThreads = 8;

/**
 * Float32 on WebAssembly SIMD and threads. Answers at once; results do not depend on the number of threads.
 * What an objective's `allocate` returns lives in its memory and is gone with `dispose`.
 *
 * @throws UserError engine where this platform lacks what it needs
 */
export async function createWasmExecutor(options: WasmOptions): Promise<Executor> {
  const kernels = await selectKernels(options.load, options.kernels ?? 'auto');
  const threads = options.threads ?? Math.min(maximumThreads, availableParallelism());
  const machine = await createMachine(kernels, threads);
  const objectives = new Set<{ dispose(): void }>();
  const simd = kernels.name === 'relaxed' ? 'relaxed SIMD' : 'SIMD';
  const description = `wasm (${simd}, ${machine.threads} thread${machine.threads === 1 ? '' : 's'})`;
  return {
    name: 'wasm',
    description,
    precision: 'float32',
    details: { threads: machine.threads, kernels: simd },
    load(network, data) {
      checkExamples(network, data);
      const objective = createWasmObjective(machine, network, data, description);
      objectives.add(objective);
      return {
        ...objective,
        dispose() {
          objective.dispose();
          objectives.delete(objective);
          if (objectives.size === 0) machine.workspace.release();
        },
      };
    },
    dispose() {
      for (const objective of objectives) objective.dispose();
      objectives.clear();
      machine.dispose();
    },
  };
}
