/** Values on a rectangular grid; `values[j·nx + i]` belongs to (xs[i], ys[j]), NaN is a gap. */
export interface Grid {
  /** Strictly increasing, not necessarily evenly spaced. */
  xs: Float64Array;
  ys: Float64Array;
  values: Float64Array;
}

export interface Sample {
  value: number;
  /** ∂value/∂x, ∂value/∂y of the bilinear patch: exact for the interpolant, first order for what was sampled. */
  gradient: [number, number];
}

/** The bilinear interpolant at (x, y); null outside the grid and in cells with a gap at a corner. */
export function sampleBilinear({ xs, ys, values }: Grid, x: number, y: number): Sample | null {
  const i = cellOf(xs, x);
  const j = cellOf(ys, y);
  if (i < 0 || j < 0) return null;
  const nx = xs.length;
  const width = xs[i + 1]! - xs[i]!;
  const height = ys[j + 1]! - ys[j]!;
  const u = (x - xs[i]!) / width;
  const v = (y - ys[j]!) / height;
  const v00 = values[j * nx + i]!;
  const v10 = values[j * nx + i + 1]!;
  const v01 = values[(j + 1) * nx + i]!;
  const v11 = values[(j + 1) * nx + i + 1]!;
  const value = (1 - v) * ((1 - u) * v00 + u * v10) + v * ((1 - u) * v01 + u * v11);
  if (Number.isNaN(value)) return null;
  return {
    value,
    gradient: [((1 - v) * (v10 - v00) + v * (v11 - v01)) / width, ((1 - u) * (v01 - v00) + u * (v11 - v10)) / height],
  };
}

/** Index c with coordinates[c] ≤ value ≤ coordinates[c + 1]; −1 outside (or NaN). */
function cellOf(coordinates: Float64Array, value: number): number {
  const last = coordinates.length - 1;
  if (!(value >= coordinates[0]! && value <= coordinates[last]!)) return -1;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (coordinates[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}
