import type { cooperate } from '../cooperate';
import type { Lattice } from './lattice';

/**
 * Cells through whose rows and columns a surface may be known everywhere: pivots of Gaussian elimination with complete
 * pivoting on a lattice, until what is left of its values is at most `allowed` (adaptive cross approximation after
 * Bebendorf 2000; Townsend and Trefethen 2013). How fine a surface's waves are does not matter, only of how many products
 * u(x)·v(y) it is the sum.
 *
 * @param values of the grid; at least those of the lattice
 * @returns null where a value is masked, or more than half as many pivots as the lattice has lines are needed: then the
 *   lattice says nothing about the number
 */
export function crossPivots(
  { positions: [columns, rows] }: Lattice,
  values: Float64Array,
  nx: number,
  allowed: number,
): number[] | null {
  const width = columns.length;
  const left = Float64Array.from(rows.flatMap((j) => columns.map((i) => values[j * nx + i]!)));
  if (left.some(Number.isNaN)) return null;
  const pivots: number[] = [];
  for (;;) {
    let at = 0;
    for (let k = 1; k < left.length; k++) if (Math.abs(left[k]!) > Math.abs(left[at]!)) at = k;
    const pivot = left[at]!;
    if (Math.abs(pivot) <= allowed) return pivots;
    if (pivots.length >= Math.min(width, rows.length) / 2) return null;
    const [a, b] = [at % width, Math.floor(at / width)];
    pivots.push(rows[b]! * nx + columns[a]!);
    const row = left.slice(b * width, (b + 1) * width);
    for (let k = 0; k < rows.length; k++) {
      const share = left[k * width + a]! / pivot;
      for (let l = 0; l < width; l++) left[k * width + l]! -= share * row[l]!;
    }
  }
}

/** The points on the rows and columns of cells, ascending. */
export function crossPoints(cells: readonly number[], [nx, ny]: readonly [number, number]): Int32Array {
  const all = new Set<number>();
  for (const cell of cells) {
    for (let i = 0; i < nx; i++) all.add(cell - (cell % nx) + i);
    for (let j = 0; j < ny; j++) all.add(j * nx + (cell % nx));
  }
  return Int32Array.from(all).sort();
}

/**
 * Σₖ uₖ(x)·vₖ(y), the surface of rank `pivots.length` that has the values on the rows and columns of the pivots; NaN
 * where one of those is.
 *
 * @param turn awaited between the pivots
 */
export async function throughCrosses(
  pivots: readonly number[],
  values: Float64Array,
  [nx, ny]: readonly [number, number],
  turn: ReturnType<typeof cooperate>,
): Promise<Float64Array> {
  const sum = new Float64Array(nx * ny);
  for (const cell of pivots) {
    await turn();
    const [i, j] = [cell % nx, Math.floor(cell / nx)];
    const left = (at: number) => values[at]! - sum[at]!;
    const row = Float64Array.from({ length: nx }, (_, x) => left(j * nx + x) / left(cell));
    const column = Float64Array.from({ length: ny }, (_, y) => left(y * nx + i));
    for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) sum[y * nx + x]! += column[y]! * row[x]!;
  }
  return sum;
}
