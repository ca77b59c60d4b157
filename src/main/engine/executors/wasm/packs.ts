import type { TensorId } from '../../graph/ir';
import { bases, type Instruction, type Place } from './instructions';

/** Weights in the order the kernels stream them, one copy per command (on a plane: per point). */
export interface PackPlan {
  /** Where the packed copy of the [m, k] matrix `id` is. */
  place(id: TensorId, m: number, k: number): Place;
  /** Bytes of all copies so far. */
  readonly bytes: number;
  /** The packing of the chosen matrices, in pieces of about equal work. */
  instructions(source: (id: TensorId) => Place | undefined): Instruction[];
}

/** Floats one packing instruction copies: small enough to share between threads. */
const pieceFloats = 16_384;

export function createPackPlan(): PackPlan {
  const packs = new Map<TensorId, { m: number; k: number; offset: number }>();
  let bytes = 0;
  return {
    place(id, m, k) {
      let pack = packs.get(id);
      if (pack === undefined) {
        pack = { m, k, offset: bytes };
        packs.set(id, pack);
        bytes += 4 * k * 4 * Math.ceil(m / 4);
      }
      return { base: bases.packs, offset: pack.offset, step: 0 };
    },
    get bytes() {
      return bytes;
    },
    instructions: (source) =>
      [...packs].flatMap(([id, { m, k, offset }]) => {
        const x = source(id);
        if (x === undefined) return [];
        const rows = Math.max(4, 4 * Math.floor(pieceFloats / (4 * k)));
        const out = { base: bases.packs, offset, step: 0 };
        return Array.from({ length: Math.ceil(m / rows) }, (_, i): Instruction => {
          return { op: 'pack', m, k, step: i * rows, tileStep: Math.min(m, (i + 1) * rows), x, out };
        });
      }),
  };
}
