import type { SurfaceTile } from '../../shared/model/landscape';

/** A surface while its passes arrive: [ny, nx] row-major values and which of them are computed. */
export interface Refinement {
  xs: Float64Array;
  ys: Float64Array;
  loss: Float64Array;
  known: Uint8Array;
  /** Of the pass in progress; infinite before the first. */
  stride: number;
  /** Of the last pass that is whole: points of a pass in progress refine it, gaps between them are not drawn. */
  whole: number | null;
}

export function startRefinement(xs: Float64Array, ys: Float64Array): Refinement {
  const cells = xs.length * ys.length;
  return {
    ...{ xs, ys, loss: new Float64Array(cells).fill(Number.NaN), known: new Uint8Array(cells) },
    ...{ stride: Number.POSITIVE_INFINITY, whole: null },
  };
}

/** Takes the new points of a pass. */
export function applyTile(refinement: Refinement, tile: SurfaceTile): void {
  const { loss, known, stride } = refinement;
  if (tile.stride < stride) {
    refinement.whole = Number.isFinite(stride) ? stride : null;
    refinement.stride = tile.stride;
  }
  for (let k = 0; k < tile.index.length; k++) {
    const cell = tile.index[k] as number;
    loss[cell] = tile.loss[k] as number;
    known[cell] = 1;
  }
}

/**
 * Fills the cells not computed yet by bilinear interpolation between the points `stride` cells apart, so that a coarse
 * picture stands from the first pass. A neighbour that is not finite stays a gap: nothing is invented around it.
 */
export function fillBetween(
  { loss, known, xs, ys }: Pick<Refinement, 'xs' | 'ys' | 'loss' | 'known'>,
  stride: number,
): void {
  if (stride > 1) interpolate(loss, known, xs.length, ys.length, stride);
}

function interpolate(loss: Float64Array, known: Uint8Array, nx: number, ny: number, stride: number): void {
  // The last line of points may be nearer than a whole stride.
  const below = (i: number) => i - (i % stride);
  const above = (i: number, n: number) => Math.min(below(i) + stride, n - 1);
  for (let j = 0; j < ny; j++) {
    const j0 = below(j);
    const j1 = knownLine(known, nx, above(j, ny), j0, true);
    for (let i = 0; i < nx; i++) {
      const cell = j * nx + i;
      if (known[cell]) continue;
      const i0 = below(i);
      const i1 = knownLine(known, nx, above(i, nx), i0, false);
      const u = i1 === i0 ? 0 : Math.min((i - i0) / (i1 - i0), 1);
      const v = j1 === j0 ? 0 : Math.min((j - j0) / (j1 - j0), 1);
      const south = mix(loss[j0 * nx + i0] as number, loss[j0 * nx + i1] as number, u);
      const north = mix(loss[j1 * nx + i0] as number, loss[j1 * nx + i1] as number, u);
      loss[cell] = mix(south, north, v);
    }
  }
}

/** The far line of a cell where it is computed, else the near one. */
function knownLine(known: Uint8Array, nx: number, far: number, near: number, row: boolean): number {
  return known[row ? far * nx : far] ? far : near;
}

const mix = (a: number, b: number, t: number): number => (t === 0 ? a : t === 1 ? b : a + (b - a) * t);
