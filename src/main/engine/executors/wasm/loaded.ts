import type { Network, TensorId } from '../../graph/ir';
import type { Measure, Rows, Vector } from '../../objectives/objective';
import type { Examples } from './examples';
import type { Place } from './instructions';
import type { Machine } from './machine';

/** What the commands of one loaded network share. */
export interface Loaded {
  readonly machine: Machine;
  readonly network: Network;
  readonly dimension: number;
  readonly examples: Examples;
  /** Places of the parameters, their tangents, gradients and products. */
  readonly vectors: ReadonlyMap<TensorId, Place>;
}

/** Σℓ, Σℓ² and the number right as means; NaN as `Measure` says. */
export function toMeasure([loss, squares, correct]: readonly number[], n: number, classifies: boolean): Measure {
  const mean = loss! / n;
  const variance = n < 2 ? Number.NaN : Math.max(0, (squares! - n * mean * mean) / (n - 1));
  return { loss: mean, standardError: Math.sqrt(variance / n), accuracy: classifies ? correct! / n : Number.NaN };
}

/** Checks the rows and writes them to `address`, which it returns. */
export function placeRows(examples: Examples, rows: Rows, address: number): number {
  if (rows.length === 0) throw new RangeError('a mean needs at least one example');
  examples.writeRows(rows, address);
  return address;
}

/** The address of a vector in kernel memory: its own, or that of a copy in the workspace. */
export function vectorAddress(
  { machine: { memory, workspace }, dimension }: Loaded,
  vector: Vector,
  region: 'params' | 'vector',
): number {
  if (vector.length !== dimension) {
    throw new RangeError(`${vector.length} parameters given, the network has ${dimension}`);
  }
  const own = vector instanceof Float32Array ? memory.addressOf(vector) : null;
  if (own !== null) return own;
  const address = workspace.region(region, 4 * dimension);
  memory.floats.set(vector, address / 4);
  return address;
}

/** Copies a result to where the caller wants it, unless it is there. */
export function copyOut({ machine: { memory }, dimension }: Loaded, address: number, out: Vector): void {
  if (memory.addressOf(out) === null) out.set(memory.floats.subarray(address / 4, address / 4 + dimension));
}
