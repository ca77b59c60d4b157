import type { Measure, Rows, Vector } from '../../objectives/objective';
import type { Loaded } from './loaded';
import type { Tensors } from './runtime';

/** The vector itself where the library can read it in place, else a copy in float32. */
export function toFloats(vector: Vector, dimension: number): Float32Array {
  if (vector.length !== dimension) {
    throw new RangeError(`${vector.length} parameters given, the network has ${dimension}`);
  }
  return vector instanceof Float32Array && vector.buffer instanceof ArrayBuffer ? vector : Float32Array.from(vector);
}

/** @throws RangeError where there are none or one is not an example's number */
export function checkRows(rows: Rows | undefined, examples: number): Rows | undefined {
  if (rows === undefined) return undefined;
  if (rows.length === 0) throw new RangeError('a mean needs at least one example');
  for (const row of rows) if (row < 0 || row >= examples) throw new RangeError(`example ${row} of ${examples}`);
  return rows;
}

/** Adds up what the chunks of a command give for the blocks of one vector. */
export interface BlockSum {
  /** Where the next chunk writes. */
  next(): Tensors;
  finish(): void;
}

/**
 * @param names of the outputs, one for each block of the layout
 * @param out gets the sum; a single chunk writes into it directly where that can be
 * @param read an input of the same command, which `out` may be
 */
export function createBlockSum(loaded: Loaded, names: readonly string[], out: Vector, read: Vector): BlockSum {
  const direct = toFloats(out, loaded.dimension) === out && out.buffer !== read.buffer ? out : null;
  const first = (direct as Float32Array | null) ?? new Float32Array(loaded.dimension);
  const at = (vector: Float32Array) => loaded.blocks((i) => names[i]!, vector);
  let chunk: Float32Array | null = null;
  let written = 0;
  const add = (): void => {
    if (written > 1) for (let i = 0; i < first.length; i++) first[i] = first[i]! + chunk![i]!;
  };
  return {
    next() {
      add();
      written++;
      if (written === 1) return at(first);
      chunk ??= new Float32Array(loaded.dimension);
      return at(chunk);
    },
    finish() {
      add();
      if (direct === null) out.set(first);
    },
  };
}

export function sumOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}

/** Means and the standard error of per-example losses; `right` is null for regression. */
export function toMeasure(losses: Float32Array, right: Float32Array | null): Measure {
  const n = losses.length;
  const loss = sumOf(losses) / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (losses[i]! - loss) ** 2;
  return {
    loss,
    standardError: n < 2 ? Number.NaN : Math.sqrt(squares / (n - 1) / n),
    accuracy: right === null ? Number.NaN : sumOf(right) / n,
  };
}
