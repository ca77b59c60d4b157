import type { Domain } from '../../../shared/model/experiment';

/** n points from `from` to `to`, both included exactly. */
export function linspace(from: number, to: number, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => (i === n - 1 ? to : from + ((to - from) * i) / (n - 1)));
}

/** The axes of a grid and the place of its point j·nx + i. */
export function gridPoints(
  [x0, x1, y0, y1]: Domain,
  [nx, ny]: readonly [number, number],
): { xs: Float64Array; ys: Float64Array; place: (cell: number, out: Float64Array, at: number) => void } {
  const xs = linspace(x0, x1, nx);
  const ys = linspace(y0, y1, ny);
  return {
    xs,
    ys,
    place(cell, out, at) {
      out[at] = xs[cell % nx]!;
      out[at + 1] = ys[Math.floor(cell / nx)]!;
    },
  };
}
