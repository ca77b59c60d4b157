import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppInfo } from '../../shared/contract';
import type { ExecutorChoice, ExecutorName } from '../../shared/model/experiment';
import type { Executor } from '../engine/executors/executor';
import { createReferenceExecutor } from '../engine/executors/reference';
import { createWasmExecutor } from '../engine/executors/wasm';

/** The executors of this process, each made when first asked for. */
export interface Executors {
  /** 'auto' is wasm. */
  get(choice: ExecutorChoice): Promise<Executor>;
  describe(): Promise<AppInfo['executors']>;
  dispose(): Promise<void>;
}

/** @param kernelsFolder where `kernels.simd.wasm` and `kernels.relaxed.wasm` are */
export function createExecutors(kernelsFolder: string): Executors {
  const makers: Record<ExecutorName, () => Executor | Promise<Executor>> = {
    reference: createReferenceExecutor,
    wasm: () => createWasmExecutor({ load: (kernel) => readFile(join(kernelsFolder, `kernels.${kernel}.wasm`)) }),
  };
  const made = new Map<ExecutorName, Promise<Executor>>();
  const get = (choice: ExecutorChoice): Promise<Executor> => {
    const name = choice === 'auto' ? 'wasm' : choice;
    let executor = made.get(name);
    if (!executor) {
      executor = Promise.resolve(makers[name]());
      made.set(name, executor);
    }
    return executor;
  };
  return {
    get,
    describe: () =>
      Promise.all(
        (Object.keys(makers) as ExecutorName[]).map(async (name) => ({
          name,
          description: (await get(name)).description,
        })),
      ),
    async dispose() {
      for (const executor of made.values()) (await executor).dispose();
      made.clear();
    },
  };
}
