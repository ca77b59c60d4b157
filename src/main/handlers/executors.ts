import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppInfo } from '../../shared/contract';
import { badInput } from '../../shared/errors';
import type { ExecutorChoice, ExecutorName } from '../../shared/model/experiment';
import type { Executor } from '../engine/executors/executor';
import { createOnnxExecutor } from '../engine/executors/onnx';
import { createReferenceExecutor } from '../engine/executors/reference';
import { supportOf } from '../engine/executors/supports';
import { createTensorflowExecutor } from '../engine/executors/tensorflow';
import { createWasmExecutor } from '../engine/executors/wasm';
import type { Network } from '../engine/graph/ir';

/** The executors of this process, each made when first asked for. */
export interface Executors {
  /**
   * 'auto' is the first of wasm, onnx and the reference that is there and can run the network; a reference chosen so
   * says in its description why it was not another.
   * @throws UserError badInput where the executor asked for cannot run the network
   */
  get(choice: ExecutorChoice, network?: Network): Promise<Executor>;
  describe(): Promise<AppInfo['executors']>;
  dispose(): Promise<void>;
}

/** @param kernelsFolder where `kernels.simd.wasm` and `kernels.relaxed.wasm` are */
export function createExecutors(kernelsFolder: string): Executors {
  const makers: Record<ExecutorName, () => Executor | Promise<Executor>> = {
    reference: createReferenceExecutor,
    wasm: () => createWasmExecutor({ load: (kernel) => readFile(join(kernelsFolder, `kernels.${kernel}.wasm`)) }),
    onnx: () => createOnnxExecutor(),
    webgpu: () => createOnnxExecutor({ provider: 'webgpu' }),
    tensorflow: () => createTensorflowExecutor(),
  };
  const made = new Map<ExecutorName, Promise<Executor>>();
  const named = (name: ExecutorName): Promise<Executor> => {
    let executor = made.get(name);
    if (!executor) {
      executor = Promise.resolve(makers[name]());
      made.set(name, executor);
    }
    return executor;
  };
  const get = async (choice: ExecutorChoice, network?: Network): Promise<Executor> => {
    if (choice === 'auto')
      return network
        ? firstAble(
            automatic.map((name) => () => named(name)),
            network,
          )
        : named('wasm');
    const executor = await named(choice);
    if (network) requireSupport(executor, network);
    return executor;
  };
  return {
    get,
    describe: () =>
      Promise.all(
        (Object.keys(makers) as ExecutorName[]).map(async (name) => ({
          name,
          description: (!made.has(name) && unloaded[name]) || (await describe(named(name))),
        })),
      ),
    async dispose() {
      for (const executor of made.values()) {
        await executor.then(
          (running) => running.dispose(),
          () => undefined,
        );
      }
      made.clear();
    },
  };
}

/** Executors that are not made to be listed: their native library is loaded when they are first asked for. */
const unloaded: Partial<Record<ExecutorName, string>> = {
  onnx: 'onnx (CPU, native library)',
  webgpu: 'webgpu (graphics card, native library)',
  tensorflow: 'tensorflow (CUDA or CPU, native library)',
};

/** In its own words, or why it is not there. */
function describe(executor: Promise<Executor>): Promise<string> {
  return executor.then(
    ({ description }) => description,
    (error: Error) => error.message,
  );
}

/** What 'auto' tries, in this order: fastest first on the networks most often looked at. */
const automatic: readonly ExecutorName[] = ['wasm', 'onnx'];

/** The first that is there and can run the network, else a reference that says why none could. */
export async function firstAble(candidates: readonly (() => Promise<Executor>)[], network: Network): Promise<Executor> {
  const reasons: string[] = [];
  for (const candidate of candidates) {
    try {
      const executor = await candidate();
      const support = supportOf(executor, network);
      if (support.ok) return executor;
      reasons.push(`${executor.name} ${support.reason}`);
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  return createReferenceExecutor({ because: reasons.join('; ') });
}

/** @throws badInput where the executor cannot run the network */
export function requireSupport(executor: Executor, network: Network): void {
  const support = supportOf(executor, network);
  if (support.ok) return;
  throw badInput(
    `The executor ${executor.name} ${support.reason}: it cannot run this model.`,
    'Choose the executor "auto" or "reference".',
    ['executor'],
  );
}
