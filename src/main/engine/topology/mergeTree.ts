import type { Grid } from '../../../shared/math/bilinear';
import type { MergeTree } from '../../../shared/math/mergeTree';
import { cooperate } from '../cooperate';
import { heightOrder, stretch } from './heightOrder';
import type { PlaneMetric } from './metric';

/**
 * Minima, saddles and basins of a height field (masked cells: NaN) in one sweep from the lowest cell up.
 *
 * A cell's neighbours are the eight around it: with four, a valley that runs diagonally to the grid falls apart into
 * a chain of false minima. Heights are ordered by (height, cell index), so that equal heights have an order too. Each
 * cell flows to the earlier neighbour with the steepest slope, lengths being those of the metric; a cell without an
 * earlier neighbour is a minimum. Where a cell touches two components it is the saddle at which the one with the later
 * minimum ends (elder rule). Saddles that close a ring around a maximum join nothing and are not listed.
 *
 * Steps go in eight directions only, so basins' edges far from their saddles lean to those, on fine grids too: against
 * the gradient's flow 0 to 2 % of the cells of Himmelblau's, Styblinski–Tang's and the six-hump camel function differ.
 *
 * @throws cancelled()
 */
export async function buildMergeTree(
  { xs, ys, values }: Grid,
  { length }: Pick<PlaneMetric, 'length'>,
  signal?: AbortSignal,
): Promise<MergeTree> {
  const turn = cooperate(signal);
  const [nx, ny] = [xs.length, ys.length];
  const order = await heightOrder(values, turn);
  await turn();
  const basins = new Int32Array(nx * ny).fill(-1);
  const minima: number[] = [];
  const saddles: number[] = [];
  const elders: number[] = [];
  const across: number[] = [];
  /** Union-find over minima: a component's root is its lowest, since only others get a parent. */
  const parents: number[] = [];
  const rootOf = (k: number): number => {
    let root = k;
    while (parents[root]! !== root) root = parents[root]!;
    for (let at = k; at !== root; ) {
      const next = parents[at]!;
      parents[at] = root;
      at = next;
    }
    return root;
  };

  const touched: number[] = [];
  for (let rank = 0; rank < order.length; rank++) {
    if (rank % stretch === 0) await turn();
    const cell = order[rank]!;
    const [i, j] = [cell % nx, Math.floor(cell / nx)];
    touched.length = 0;
    let steepest = -1;
    let basin = -1;
    for (let y = Math.max(0, j - 1); y <= Math.min(ny - 1, j + 1); y++) {
      for (let x = Math.max(0, i - 1); x <= Math.min(nx - 1, i + 1); x++) {
        const other = y * nx + x;
        // What has no basin yet comes later, is masked, or is the cell itself.
        if (basins[other]! < 0) continue;
        touched.push(basins[other]!);
        const slope = (values[cell]! - values[other]!) / length(xs[x]! - xs[i]!, ys[y]! - ys[j]!);
        if (slope > steepest) {
          steepest = slope;
          basin = basins[other]!;
        }
      }
    }
    if (basin < 0) {
      basin = minima.length;
      minima.push(cell);
      saddles.push(-1);
      elders.push(-1);
      across.push(-1);
      parents.push(basin);
    }
    basins[cell] = basin;
    if (touched.length > 1) join(cell, basin, touched);
  }

  /** Ends the later components around a cell of this basin. */
  function join(cell: number, basin: number, around: readonly number[]): void {
    const own = rootOf(basin);
    let eldest = own;
    let beyond = basin;
    for (const other of around) {
      const root = rootOf(other);
      if (root >= eldest) continue;
      eldest = root;
      beyond = other;
    }
    for (const other of around) {
      const root = rootOf(other);
      if (root === eldest) continue;
      saddles[root] = cell;
      elders[root] = eldest;
      across[root] = root === own ? beyond : basin;
      parents[root] = eldest;
    }
  }

  return {
    minima: Int32Array.from(minima),
    saddles: Int32Array.from(saddles),
    persistence: Float64Array.from(minima, (cell, k) =>
      saddles[k]! < 0 ? Number.POSITIVE_INFINITY : values[saddles[k]!]! - values[cell]!,
    ),
    elders: Int32Array.from(elders),
    across: Int32Array.from(across),
    basins,
  };
}
