import type { SurfaceTile } from '../../../shared/model/landscape';
import { cooperate } from '../cooperate';
import type { Objective } from '../objectives/objective';
import { createRng } from '../random';
import type { SurfaceOptions, SurfaceResult } from './compute';
import { crossPivots, crossPoints, throughCrosses } from './cross';
import { gridPoints } from './grid';
import { type Lattice, predictor, refineLattice } from './lattice';
import { strides } from './order';
import { type PlaneAxes, planePoints } from './points';

export interface AdaptiveOptions extends SurfaceOptions {
  /** Largest error wanted at an interpolated point, as a share of max − min. */
  tolerance: number;
}

/**
 * Points between lattice lines vouch for those on the lines where they were hit within this part of the tolerance. At half
 * of it one of 22 surfaces measured was off by more than 1 % somewhere (1.1 %), at a quarter none.
 */
const vouching = 4;
/** Points the lattice seems to want for each that rows, columns and their checks take, at least: it often takes fewer. */
const dearness = 3;
/** Share of points outside the range up to which rows and columns tell the surface. */
const strayShare = 0.1;
/** Checks of each block then: what rows and columns miss, a finer lattice would have seen. */
const crossChecks = 4;
/** Sides in points of the blocks of which each has one interpolated point computed after all. */
const blockSide = 8;

/**
 * A surface whose evaluations go where it bends: every 8th and 4th point is computed; a point of a finer pass is computed
 * only where the points around it were predicted worse than the tolerance, and is otherwise interpolated by the cubic
 * through the pass before (multiresolution after Harten 1996). On smooth ground the error falls 16-fold from pass to
 * pass, at a kink it halves; at a jump it stays, so jumps are computed throughout.
 *
 * Of the points in doubt those between the lattice's lines come first, predicted over the longest ways; where they were hit
 * within a quarter of the tolerance, the points on the lines beside them are interpolated after all.
 *
 * Where the lattice of every 4th point says that most points would be in doubt (waves of ten points), but also that the
 * surface is a sum of few products u(x)·v(y), that many rows and columns are computed and the rest follows from them.
 * Values beyond those seen are computed as well. If one of the checks below is off, it goes on as if this had not been tried.
 *
 * A prediction proves nothing about a feature that lies between its points. So one interpolated point in every block of
 * 8 × 8, drawn by a fixed seed, is computed as a check; where it is off by more than the tolerance the block is computed
 * whole and its neighbours are checked once more. `interpolation.largestError` is what the checks saw in the blocks that
 * stayed interpolated: a sample, not a bound.
 *
 * Which points are computed depends on the values alone, not on pace or tile sizes. Interpolated points are never
 * outside [min, max] of the computed ones; beside masked points nothing is interpolated; where everything around is
 * masked a point is taken to be masked. Tiles with `interpolated` hold interpolated points; one of them may come again,
 * computed.
 *
 * @throws cancelled() within 100 ms of the signal (after the tile under way)
 */
export async function* computeAdaptiveSurface(
  objective: Objective,
  axes: PlaneAxes,
  { range, grid: [nx, ny], tolerance, onStart, ...options }: AdaptiveOptions,
): AsyncGenerator<SurfaceTile, SurfaceResult> {
  const start = performance.now();
  const { xs, ys, place } = gridPoints(range, [nx, ny]);
  const points = planePoints(objective, axes, nx * ny, place, options);
  const { loss, done } = points.values;
  onStart?.(points.kept);
  const turn = cooperate(options.signal);
  /** |value − prediction| where both are there: 0 elsewhere, Infinity where only one of them is finite. */
  const surplus = new Float64Array(nx * ny);
  /** Computed or interpolated. */
  const filled = new Float64Array(nx * ny).fill(Number.NaN);
  const blocks = blocksOf(nx, ny);
  const errors = new Float64Array(blocks.length);
  const rng = createRng(0, 'surface/checks');
  let checks = 0;

  function judge(cell: number, prediction: number): void {
    if (Number.isNaN(prediction) && Number.isNaN(loss[cell]!)) return;
    surplus[cell] = Number.isNaN(prediction + loss[cell]!) ? Infinity : Math.abs(prediction - loss[cell]!);
  }
  async function* compute(stride: number, index: Int32Array): AsyncGenerator<SurfaceTile, void> {
    for await (const tile of points.compute(index)) yield { xs, ys, stride, ...tile };
    for (const cell of index) {
      judge(cell, filled[cell]!);
      filled[cell] = loss[cell]!;
    }
  }
  /** What the computed points say about the range. */
  function extremes(): { min: number; max: number; allowed: number } {
    const { min, max } = points.summary();
    return { min, max, allowed: tolerance * (max - min) };
  }
  const isOpen = (cell: number): boolean => !done[cell];

  let lattice: Lattice | null = null;
  let whole = false;
  for (const stride of strides) {
    const finer: Lattice = refineLattice(nx, ny, stride);
    if (!lattice) {
      yield* compute(stride, finer.cells);
      surplus.fill(0);
      lattice = finer;
      continue;
    }
    const coarse: Lattice = lattice;
    const predict = predictor(coarse, [nx, ny]);
    const { min, max, allowed } = extremes();
    const added = finer.cells.filter((cell) => coarse.placeOf(cell) !== 'on');
    const predicted = new Float64Array(added.length);
    const first: number[] = [];
    const doubtful: number[] = [];
    const interpolated: number[] = [];
    added.forEach((cell, k) => {
      const { value, known, expected, worst } = predict(cell, filled, surplus);
      predicted[k] = Math.min(Math.max(value, min), max);
      if (stride < 4 && (known === 0 || (known === expected && worst <= allowed))) interpolated.push(cell);
      else if (stride < 4 && known === expected && coarse.placeOf(cell) !== 'between') doubtful.push(cell);
      else first.push(cell);
    });
    if (stride === 2) whole = yield* filledByCrosses(coarse, 1 - interpolated.length / added.length);
    if (whole) break;
    added.forEach((cell, k) => {
      if (done[cell]) judge(cell, predicted[k]!);
      else filled[cell] = predicted[k]!;
    });
    yield* compute(stride, Int32Array.from(first.filter(isOpen)));
    const wanted = new Set(doubtful.filter((cell) => isOpen(cell) && !vouchedFor(cell, coarse, stride, allowed)));
    for (const cell of doubtful) if (!wanted.has(cell)) interpolated.push(cell);
    yield* compute(stride, Int32Array.from(wanted));
    yield* fill(stride, interpolated);
    lattice = finer;
  }
  if (!whole) {
    for (let suspects = [...blocks.keys()]; suspects.length > 0; ) {
      const failed = yield* check(suspects);
      yield* compute(1, Int32Array.from(failed.flatMap((block) => blocks[block]!.cells.filter(isOpen))));
      suspects = [...new Set(failed.flatMap((block) => blocks[block]!.neighbours))].sort((a, b) => a - b);
    }
  }

  /**
   * Fills the grid from rows and columns alone, where that takes a third of what the lattice seems to take at most and
   * all checks are passed. Otherwise false: then points may have been computed, none are filled.
   *
   * @param share of the grid that the lattice seems to take
   */
  async function* filledByCrosses(coarse: Lattice, share: number): AsyncGenerator<SurfaceTile, boolean> {
    const pivots = crossPivots(coarse, filled, nx, extremes().allowed / 2);
    if (!pivots) return false;
    const price = pivots.length * (nx + ny) + crossChecks * blocks.length;
    if (dearness * price > share * nx * ny) return false;
    yield* compute(4, crossPoints(pivots, [nx, ny]));
    const sum = await throughCrosses(pivots, loss, [nx, ny], turn);
    const { min, max, allowed } = extremes();
    const beyond: number[] = [];
    sum.forEach((value, cell) => {
      if (done[cell]) return;
      filled[cell] = Math.min(Math.max(value, min), max);
      if (!(Math.abs(value - filled[cell]) <= allowed / vouching)) beyond.push(cell);
    });
    if (beyond.length > strayShare * nx * ny) return false;
    yield* compute(4, Int32Array.from(beyond));
    for (let round = 0; round < crossChecks; round++) {
      if ((yield* check(blocks.keys())).length === 0) continue;
      errors.fill(0);
      checks = 0;
      return false;
    }
    yield* fill(1, Array.from(sum.keys()));
    return true;
  }

  /** Computes a point in each of the blocks; those where it was off. */
  async function* check(suspects: Iterable<number>): AsyncGenerator<SurfaceTile, number[]> {
    const drawn: { block: number; cell: number }[] = [];
    for (const block of suspects) {
      const open = blocks[block]!.cells.filter(isOpen);
      if (open.length > 0) drawn.push({ block, cell: open[rng.integer(open.length)]! });
    }
    yield* compute(
      1,
      Int32Array.from(drawn, ({ cell }) => cell),
    );
    checks += drawn.length;
    const { allowed } = extremes();
    for (const { block, cell } of drawn) errors[block] = Math.max(errors[block]!, surplus[cell]!);
    return drawn.filter(({ cell }) => surplus[cell]! > allowed).map(({ block }) => block);
  }

  /** Whether the computed points between lattice lines beside this one, predicted over longer ways, were hit well. */
  function vouchedFor(cell: number, coarse: Lattice, stride: number, allowed: number): boolean {
    const [across, along] = coarse.placeOf(cell) === 'row' ? [stride * nx, 2 * stride] : [stride, 2 * stride * nx];
    const beside = [-along, 0, along]
      .flatMap((shift) => [cell + shift - across, cell + shift + across])
      .filter((other) => other >= 0 && other < nx * ny && done[other] && coarse.placeOf(other) === 'between');
    return beside.length > 0 && beside.every((other) => surplus[other]! <= allowed / vouching);
  }

  function* fill(stride: number, cells: readonly number[]): Generator<SurfaceTile, void> {
    const index = Int32Array.from(cells.filter(isOpen));
    if (index.length === 0) return;
    yield { xs, ys, stride, index, loss: Float64Array.from(index, (cell) => filled[cell]!), interpolated: true };
  }

  const open = blocks.map(({ cells }) => cells.some((cell) => !done[cell]));
  return {
    xs,
    ys,
    ...points.summary(),
    loss: filled,
    seconds: (performance.now() - start) / 1_000,
    interpolation: {
      evaluated: done.slice(),
      tolerance,
      checks,
      largestError: errors.reduce((most, error, block) => (open[block] ? Math.max(most, error) : most), 0),
    },
  };
}

/** Blocks of points that cover the grid, each with those around it. */
function blocksOf(nx: number, ny: number): { cells: number[]; neighbours: number[] }[] {
  const [across, down] = [Math.ceil(nx / blockSide), Math.ceil(ny / blockSide)];
  return Array.from({ length: across * down }, (_, block) => {
    const [bi, bj] = [block % across, Math.floor(block / across)];
    const cells: number[] = [];
    for (let j = bj * blockSide; j < Math.min(ny, (bj + 1) * blockSide); j++) {
      for (let i = bi * blockSide; i < Math.min(nx, (bi + 1) * blockSide); i++) cells.push(j * nx + i);
    }
    const neighbours: number[] = [];
    for (let j = Math.max(0, bj - 1); j <= Math.min(down - 1, bj + 1); j++) {
      for (let i = Math.max(0, bi - 1); i <= Math.min(across - 1, bi + 1); i++) neighbours.push(j * across + i);
    }
    return { cells, neighbours };
  });
}
