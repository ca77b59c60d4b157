import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppInfo } from '../../shared/contract';
import { badInput } from '../../shared/errors';
import type { ExecutorChoice, ExecutorName } from '../../shared/model/experiment';
import type { Executor } from '../engine/executors/executor';
import { createOnnxExecutor } from '../engine/executors/onnx';
import { createReferenceExecutor } from '../engine/executors/reference';
import { supportOf } from '../engine/executors/supports';
import { createWasmExecutor } from '../engine/executors/wasm';
import type { Network } from '../engine/graph/ir';

/** The executors of this process, each made when first asked for. */
export interface Executors {
  /**
   * 'auto' is wasm where it can run the network, else the reference, whose description then says why.
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
    const executor = await named(choice === 'auto' ? 'wasm' : choice);
    return network ? chooseFor(choice, executor, network) : executor;
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
};

/** In its own words, or why it is not there. */
function describe(executor: Promise<Executor>): Promise<string> {
  return executor.then(
    ({ description }) => description,
    (error: Error) => error.message,
  );
}

/** `executor` where it can run the network; else, and only for 'auto', a reference that says why. */
export function chooseFor(choice: ExecutorChoice, executor: Executor, network: Network): Executor {
  const support = supportOf(executor, network);
  if (support.ok) return executor;
  const because = `${executor.name} ${support.reason}`;
  if (choice === 'auto') return createReferenceExecutor({ because });
  throw badInput(`The executor ${because}: it cannot run this model.`, 'Choose the executor "auto" or "reference".', [
    'executor',
  ]);
}
