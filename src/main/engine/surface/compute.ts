import { cancelled } from '../../../shared/errors';
import type { Domain } from '../../../shared/model/experiment';
import type { Surface, SurfaceTile } from '../../../shared/model/landscape';
import type { Objective, PlaneTile, Rows, Vector } from '../objectives/objective';
import { passIndices, strides } from './order';

export interface SurfaceOptions {
  /** x0, x1, y0, y1 */
  range: Domain;
  /** Points along x and y. */
  grid: readonly [number, number];
  /** Examples the loss is averaged over; all of them when left out. */
  rows?: Rows;
  signal?: AbortSignal;
}

/** The plane's part of a `Surface`; the caller adds what it was asked for. */
export type SurfaceResult = Pick<
  Surface,
  | 'xs'
  | 'ys'
  | 'loss'
  | 'standardError'
  | 'accuracy'
  | 'min'
  | 'max'
  | 'masked'
  | 'evaluations'
  | 'seconds'
  | 'executor'
  | 'examples'
>;

/** Work per call of `Objective.plane`: short enough that a cancel is seen within 100 ms, long enough to share products. */
const targetMs = 40;
const firstTilePoints = 4;
/** A tile is at most this many times larger than the one before: the first timings may be too good. */
const growth = 8;
const largestTile = 65_536;

/**
 * L(origin + x·d₁ + y·d₂) on a grid, coarse to fine (every 8th, 4th, 2nd point, then all), each point once. Yields the
 * new points after every tile and gives the event loop a turn between tiles.
 *
 * Points whose loss is not finite are NaN and counted in `masked`; `min` and `max` are over the others (NaN where there
 * is none). `standardError` is s/√n of the per-example losses, given where `rows` is a subset, without the
 * finite-population factor √(1 − n/N): an upper bound for a subset drawn without replacement. `accuracy` is null where
 * the objective has none.
 *
 * @throws cancelled() within 100 ms of the signal (after the tile under way)
 */
export async function* computeSurface(
  objective: Objective,
  axes: Pick<PlaneTile, 'origin' | 'd1' | 'd2'>,
  { range, grid: [nx, ny], rows, signal }: SurfaceOptions,
): AsyncGenerator<SurfaceTile, SurfaceResult> {
  const start = performance.now();
  const xs = linspace(range[0], range[1], nx);
  const ys = linspace(range[2], range[3], ny);
  const loss = new Float64Array(nx * ny).fill(Number.NaN);
  const accuracy = new Float64Array(nx * ny).fill(Number.NaN);
  const standardError = new Float64Array(nx * ny).fill(Number.NaN);
  // The same three arrays in every call, so that an executor can keep its products with them.
  const plane = {
    origin: inPrecision(objective, axes.origin),
    d1: inPrecision(objective, axes.d1),
    d2: inPrecision(objective, axes.d2),
  };

  let tilePoints = firstTilePoints;
  let evaluations = 0;
  for (const stride of strides) {
    const pass = passIndices(nx, ny, stride);
    for (let first = 0; first < pass.length; ) {
      if (signal?.aborted) throw cancelled();
      const index = pass.slice(first, first + tilePoints);
      const began = performance.now();
      const values = await objective.plane({ ...plane, coordinates: coordinatesOf(index, xs, ys) }, rows);
      const elapsed = performance.now() - began;
      const tileLoss = values.loss.map((value) => (Number.isFinite(value) ? value : Number.NaN));
      index.forEach((cell, k) => {
        loss[cell] = tileLoss[k]!;
        accuracy[cell] = values.accuracy[k]!;
        standardError[cell] = values.standardError[k]!;
      });
      first += index.length;
      evaluations += index.length;
      tilePoints = nextTileSize(tilePoints, index.length, elapsed);
      yield { xs, ys, stride, index, loss: tileLoss };
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
  if (signal?.aborted) throw cancelled();
  return {
    xs,
    ys,
    loss,
    standardError: rows && objective.examples > 0 && rows.length < objective.examples ? standardError : null,
    accuracy: accuracy.some((value) => !Number.isNaN(value)) ? accuracy : null,
    ...summarize(loss),
    evaluations,
    seconds: (performance.now() - start) / 1_000,
    executor: objective.executor,
    examples: rows?.length ?? objective.examples,
  };
}

/** n points from `from` to `to`, both included exactly. */
function linspace(from: number, to: number, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => (i === n - 1 ? to : from + ((to - from) * i) / (n - 1)));
}

function inPrecision(objective: Objective, values: Vector): Vector {
  const own = objective.allocate();
  own.set(values);
  return own;
}

function coordinatesOf(index: Int32Array, xs: Float64Array, ys: Float64Array): Float64Array {
  const nx = xs.length;
  const coordinates = new Float64Array(2 * index.length);
  index.forEach((cell, k) => {
    coordinates[2 * k] = xs[cell % nx]!;
    coordinates[2 * k + 1] = ys[Math.floor(cell / nx)]!;
  });
  return coordinates;
}

/** Points that should take about `targetMs` at the pace of the tile just done. */
function nextTileSize(asked: number, done: number, elapsedMs: number): number {
  const atThisPace = (done / Math.max(elapsedMs, 0.01)) * targetMs;
  return Math.max(1, Math.min(Math.floor(atThisPace), growth * asked, largestTile));
}

function summarize(loss: Float64Array): Pick<SurfaceResult, 'min' | 'max' | 'masked'> {
  let min = Infinity;
  let max = -Infinity;
  let masked = 0;
  for (const value of loss) {
    if (Number.isNaN(value)) masked++;
    else {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return masked === loss.length ? { min: Number.NaN, max: Number.NaN, masked } : { min, max, masked };
}
