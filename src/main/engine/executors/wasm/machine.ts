import { type Helpers, startHelpers } from './helpers';
import type { KernelExports, Kernels } from './kernels';
import { control, createKernelMemory, type KernelMemory } from './memory';
import { createWorkspace, type Workspace } from './workspace';

/** The instantiated kernels with their memory and threads; runs one command at a time. */
export interface Machine {
  readonly memory: KernelMemory;
  readonly exports: KernelExports;
  readonly workspace: Workspace;
  /** Threads that share the work, the calling one included; falls to 1 when the helpers die. */
  readonly threads: number;
  /** Runs the command at `address`, on all threads where `shared`. */
  run(address: number, shared: boolean): void;
  dispose(): void;
}

/** One look at the helpers while the engine thread sleeps, and how many looks without progress mean they are dead. */
const lookMs = 20;
const patience = 500;
/** When one is known to have died: time for the others to finish what they hold. */
const patienceAfterError = 5;

export async function createMachine(kernels: Kernels, threads: number): Promise<Machine> {
  const memory = createKernelMemory();
  let looks = 0;
  let beat = 0;

  /** Called by the kernels instead of spinning on; 1: give up. */
  const stalled = (completed: number): number => {
    const { ints } = memory;
    Atomics.wait(ints, control.completed, completed, lookMs);
    const now = Atomics.load(ints, control.heartbeat);
    looks = now === beat && Atomics.load(ints, control.completed) === completed ? looks + 1 : 0;
    beat = now;
    return looks > (Atomics.load(ints, control.failed) === 0 ? patience : patienceAfterError) ? 1 : 0;
  };

  const instance = await WebAssembly.instantiate(kernels.module, { env: { memory: memory.memory, stalled } });
  const exports = instance.exports as unknown as KernelExports;
  exports.attach(control.address);
  let helpers: Helpers | null = threads > 1 ? await startHelpers(kernels.module, memory, threads - 1) : null;

  return {
    memory,
    exports,
    workspace: createWorkspace(memory),
    get threads() {
      return 1 + (helpers?.count ?? 0);
    },
    run(address, shared) {
      looks = 0;
      if (exports.run(address, shared && helpers !== null) !== 0) return;
      helpers?.stop();
      helpers = null;
      exports.run(address, false);
    },
    dispose() {
      helpers?.stop();
      helpers = null;
    },
  };
}
