import type { Vector } from '../../objectives/objective';
import { canBeReadInPlace, type Loaded } from './loaded';
import type { Tensors } from './runtime';

/** Adds up what the chunks of a command give for the blocks of one vector. */
export interface BlockSum {
  /** Where the next chunk writes. */
  next(): Tensors;
  finish(): void;
}

/**
 * @param names of the outputs, one for each block of the layout
 * @param out gets the sum; the first chunk writes into it directly where that can be
 * @param read an input of the same command, whose storage `out` may share
 * @param spare where the sum is made otherwise; new where it is left out
 */
export function createBlockSum(
  loaded: Loaded,
  names: readonly string[],
  out: Vector,
  read: Vector,
  spare?: Float32Array,
): BlockSum {
  const isInPlace = canBeReadInPlace(out) && out.buffer !== read.buffer;
  const sum = isInPlace ? out : (spare ?? new Float32Array(loaded.dimension));
  let chunk: Float32Array | null = null;
  let written = 0;
  const add = (): void => {
    if (chunk !== null) for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + chunk[i]!;
  };
  return {
    next() {
      add();
      written++;
      if (written === 1) return loaded.into(names, sum);
      chunk ??= new Float32Array(loaded.dimension);
      return loaded.into(names, chunk);
    },
    finish() {
      add();
      if (sum !== out) out.set(sum);
    },
  };
}
