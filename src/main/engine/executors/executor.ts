import type { Said } from '../../../shared/messages';
import type { ExecutorName } from '../../../shared/model/experiment';
import type { Network } from '../graph/ir';
import type { MaybePromise, Objective } from '../objectives/objective';

/** Examples ready for an executor. */
export interface ExampleSet {
  /** [n, ...inputShape], row-major. */
  readonly x: Float32Array;
  /** [n] class indices, or [n, k] values. */
  readonly y: Float32Array;
  readonly examples: number;
}

/** Whether an executor can run a network, and if not what it lacks, as the end of "wasm …". */
export type Support = { readonly ok: true } | { readonly ok: false; readonly reason: string; readonly said?: Said };

/** What `atlas doctor` tells about an executor besides its description. */
export interface ExecutorDetails {
  /** Threads that share one command. */
  readonly threads: number;
  readonly library?: { readonly name: string; readonly version: string };
  /** Which build of the kernels runs. */
  readonly kernels?: string;
  /** Graphics cards or processors by name, where the library tells. */
  readonly devices?: readonly string[];
}

/** Runs whole commands of a graph; every number it gives is tested against `reference`. */
export interface Executor {
  readonly name: ExecutorName;
  /** For people: "wasm (relaxed SIMD, 2 threads)". */
  readonly description: string;
  readonly precision: 'float32' | 'float64';
  readonly details?: ExecutorDetails;
  /** Left out: everything. A network that is not supported must not be loaded. */
  supports?(network: Network): Support;
  /** The mean loss of the network over the examples, without an L2 term (`objectives/withL2` adds it). */
  load(network: Network, data: ExampleSet): MaybePromise<Objective>;
  dispose(): void;
}

/** What the executor says of a network. */
export const supportOf = (executor: Executor, network: Network): Support =>
  executor.supports?.(network) ?? { ok: true };
