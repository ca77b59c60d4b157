import { Worker } from 'node:worker_threads';
import { control, type KernelMemory } from './memory';

/** A helper's whole program: instantiate on the shared memory, then live in `help` (assembly/threads.ts). */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const { module, memory, control, thread } = workerData;
const words = new Int32Array(memory.buffer);
try {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, stalled: () => 1 } });
  exports.attach(control.address);
  parentPort.postMessage('ready');
  exports.help(thread);
} catch (error) {
  Atomics.store(words, control.failed, 1);
  Atomics.notify(words, control.completed);
  throw error;
}`;

/** A helper that has not answered by then is done without. */
const startMs = 10_000;

export interface Helpers {
  /** How many run. */
  readonly count: number;
  /** Ends them; safe to call at any time and twice. */
  stop(): void;
}

/** Starts helper threads 1 … `wanted`; fewer where the platform refuses. They do not keep the process alive. */
export async function startHelpers(
  module: WebAssembly.Module,
  kernels: KernelMemory,
  wanted: number,
): Promise<Helpers> {
  const { memory } = kernels;
  const workers: Worker[] = [];
  const start = (thread: number) =>
    new Promise<Worker | null>((resolve) => {
      try {
        const worker = new Worker(program, { eval: true, workerData: { module, memory, control, thread } });
        workers.push(worker);
        const timer = setTimeout(resolve, startMs, null);
        const settle = (value: Worker | null) => {
          clearTimeout(timer);
          resolve(value);
        };
        worker.once('message', () => {
          worker.unref();
          settle(worker);
        });
        worker.on('error', () => settle(null));
        worker.once('exit', () => settle(null));
      } catch {
        resolve(null);
      }
    });
  const started = await Promise.all(Array.from({ length: wanted }, (_, i) => start(i + 1)));
  // A claim needs no particular thread, but scratch is by number: keep those below the first that failed.
  const failed = started.indexOf(null);
  const count = failed < 0 ? wanted : failed;
  let stopped = false;
  for (const worker of workers.filter((each) => !started.slice(0, count).includes(each))) void worker.terminate();
  return {
    count,
    stop() {
      if (stopped) return;
      stopped = true;
      Atomics.store(kernels.ints, control.quit, 1);
      Atomics.add(kernels.ints, control.job, 1);
      Atomics.notify(kernels.ints, control.job);
      for (const worker of workers) void worker.terminate();
    },
  };
}
