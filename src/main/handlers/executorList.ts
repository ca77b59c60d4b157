import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ExecutorPurpose } from '../../shared/model/executors';
import type { ExecutorName } from '../../shared/model/experiment';
import type { Executor } from '../engine/executors/executor';
import { createOnnxExecutor } from '../engine/executors/onnx';
import type { Costs } from '../engine/executors/probe/cost';
import { createReferenceExecutor } from '../engine/executors/reference';
import { createTensorflowExecutor } from '../engine/executors/tensorflow';
import { createWasmExecutor } from '../engine/executors/wasm';

/** What is known about an executor before it is made. */
export interface ExecutorEntry {
  /** In words, until it has been made. */
  readonly summary: string;
  /** @param kernelsFolder where `kernels.simd.wasm` and `kernels.relaxed.wasm` are */
  make(kernelsFolder: string): Executor | Promise<Executor>;
  /** npm packages whose version makes what was measured stale. */
  readonly libraries: readonly string[];
  /** Runs on a graphics card: auto takes it only where it was measured here, on a real one. */
  readonly graphics?: true;
  /** The share of the examples it is timed on: less than 1 for the slow. */
  readonly share: number;
  /** Fitted to measurements on two cores of an EPYC under Node 20; used until this machine is measured. null: no guess. */
  readonly typical: Readonly<Record<ExecutorPurpose, Costs>> | null;
}

/** The executors there are; `executors.ts` chooses among them. */
export const executorList: Readonly<Record<ExecutorName, ExecutorEntry>> = {
  wasm: {
    summary: 'wasm (SIMD)',
    make: (kernelsFolder) =>
      createWasmExecutor({ load: (kernel) => readFile(join(kernelsFolder, `kernels.${kernel}.wasm`)) }),
    libraries: [],
    share: 1,
    typical: {
      gradient: { commands: 4.5e-6, operations: 4e-8, denseFlops: 8.8e-12, convolutionFlops: 8e-12, values: 1.7e-10 },
      point: { commands: 7.5e-7, operations: 0, denseFlops: 6.4e-13, convolutionFlops: 1e-11, values: 1.7e-10 },
    },
  },
  onnx: {
    summary: 'onnx (CPU, native library)',
    make: () => createOnnxExecutor(),
    libraries: ['onnxruntime-node'],
    share: 1,
    typical: {
      gradient: {
        commands: 5.7e-5,
        operations: 2.3e-7,
        denseFlops: 2.2e-12,
        convolutionFlops: 2.5e-11,
        values: 4.7e-10,
      },
      point: { commands: 1.4e-5, operations: 2.3e-7, denseFlops: 0, convolutionFlops: 0, values: 3.2e-10 },
    },
  },
  webgpu: {
    summary: 'webgpu (graphics card, native library)',
    make: () => createOnnxExecutor({ provider: 'webgpu' }),
    libraries: ['onnxruntime-node'],
    graphics: true,
    share: 1,
    typical: null,
  },
  tensorflow: {
    summary: 'tensorflow (CUDA or CPU, native library)',
    make: () => createTensorflowExecutor(),
    libraries: ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'],
    share: 1,
    typical: null,
  },
  reference: {
    summary: 'reference (float64)',
    make: () => createReferenceExecutor(),
    libraries: [],
    share: 1 / 16,
    typical: {
      gradient: { commands: 3e-5, operations: 1e-6, denseFlops: 4e-10, convolutionFlops: 1.5e-9, values: 2.5e-9 },
      point: { commands: 5e-5, operations: 0, denseFlops: 3e-10, convolutionFlops: 2.2e-9, values: 2.8e-9 },
    },
  },
};

export const listedExecutors = Object.keys(executorList) as ExecutorName[];

const loadModule = createRequire(import.meta.url);

/** The installed version of a package; null where it is not there. */
export function installedVersion(library: string): string | null {
  try {
    return (loadModule(`${library}/package.json`) as { version: string }).version;
  } catch {
    return null;
  }
}
