import type { TensorId } from '../../graph/ir';
import { bases, type Instruction, type Place } from './instructions';
import type { PlacedCorrelation } from './plans';

/** Weights in the order the kernels stream them, one copy per command (on a plane: per point). */
export interface PackPlan {
  /** Where the packed copy of the [m, k] matrix `id` is. */
  place(id: TensorId, m: number, k: number): Place;
  /** Where the weights `id` of a convolution (or of its adjoint) are. */
  placeConvolution(id: TensorId, plan: PlacedCorrelation): Place;
  /** Bytes of all copies so far. */
  readonly bytes: number;
  /** The packing of the chosen matrices, in pieces of about equal work. */
  instructions(source: (id: TensorId) => Place | undefined): Instruction[];
}

interface Pack {
  readonly id: TensorId;
  readonly offset: number;
  readonly pieces: (x: Place, offset: number) => Instruction[];
}

/** Floats one packing instruction copies: small enough to share between threads. */
const pieceFloats = 16_384;

export function createPackPlan(): PackPlan {
  const packs = new Map<string, Pack>();
  let bytes = 0;
  const place = (id: TensorId, layout: string, floats: number, pieces: Pack['pieces']): Place => {
    const key = `${id} ${layout}`;
    let pack = packs.get(key);
    if (pack === undefined) {
      pack = { id, offset: bytes, pieces };
      packs.set(key, pack);
      bytes += 16 * Math.ceil(floats / 4);
    }
    return at(pack.offset);
  };
  return {
    place: (id, m, k) => place(id, 'tiles', k * 4 * Math.ceil(m / 4), (x, offset) => tilePieces(m, k, x, offset)),
    placeConvolution: (id, { permutation, weights }) =>
      place(id, `${permutation}`, weights, (x, offset) => permutedPieces(permutation, weights, x, offset)),
    get bytes() {
      return bytes;
    },
    instructions: (source) =>
      [...packs.values()].flatMap(({ id, offset, pieces }) => {
        const x = source(id);
        return x === undefined ? [] : pieces(x, offset);
      }),
  };
}

const at = (offset: number): Place => ({ base: bases.packs, offset, step: 0 });

function tilePieces(m: number, k: number, x: Place, offset: number): Instruction[] {
  const rows = Math.max(4, 4 * Math.floor(pieceFloats / (4 * k)));
  return Array.from({ length: Math.ceil(m / rows) }, (_, i): Instruction => {
    return { op: 'pack', m, k, step: i * rows, tileStep: Math.min(m, (i + 1) * rows), x, out: at(offset) };
  });
}

function permutedPieces(table: number, count: number, x: Place, offset: number): Instruction[] {
  return Array.from({ length: Math.ceil(count / pieceFloats) }, (_, i): Instruction => {
    const start = i * pieceFloats;
    const y = { base: bases.zero, offset: table + 4 * start, step: 0 };
    return { op: 'permute', m: Math.min(pieceFloats, count - start), x, y, out: at(offset + 4 * start) };
  });
}
