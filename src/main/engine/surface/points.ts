import { cancelled } from '../../../shared/errors';
import type { Surface } from '../../../shared/model/landscape';
import type { Objective, PlaneTile, PlaneValues, Rows, Vector } from '../objectives/objective';

export type PlaneAxes = Pick<PlaneTile, 'origin' | 'd1' | 'd2'>;

export interface PointsOptions {
  /** Examples the loss is averaged over; all of them when left out. */
  rows?: Rows;
  /** Points computed before, of the same objective on the same plane: they are taken over. */
  known?: KnownPoints;
  signal?: AbortSignal;
}

/** Values at numbered points and which of them are computed. The others are NaN. */
export interface KnownPoints extends PlaneValues {
  done: Uint8Array;
}

/** None of `count` points known. */
export function gapPoints(count: number): KnownPoints {
  const gaps = () => new Float64Array(count).fill(Number.NaN);
  return { done: new Uint8Array(count), loss: gaps(), accuracy: gaps(), standardError: gaps() };
}

/** New values: `loss[k]` belongs to the point `index[k]`. */
export interface PointsTile {
  index: Int32Array;
  loss: Float64Array;
}

/** Numbered points of a plane, computed in the order asked for. */
export interface PlanePoints {
  /** The points asked for so far. */
  readonly values: KnownPoints;
  /** These and what was known from before: what to keep for a computation that is cut off. */
  readonly kept: KnownPoints;
  /**
   * Computes the points, those known already coming first as one tile. Yields after every tile and gives the event
   * loop a turn between tiles.
   * @throws cancelled() within 100 ms of the signal (after the tile under way)
   */
  compute(index: Int32Array): AsyncGenerator<PointsTile, void>;
  /** What a surface says about values, whatever their points are. */
  summary(): PointsSummary;
}

export type PointsSummary = Pick<
  Surface,
  'loss' | 'standardError' | 'accuracy' | 'min' | 'max' | 'masked' | 'evaluations' | 'executor' | 'examples'
>;

/** Work per call of `Objective.plane`: short enough that a cancel is seen within 100 ms, long enough to share products. */
const targetMs = 40;
const firstTilePoints = 4;
/** A tile is at most this many times larger than the one before: the first timings may be too good. */
const growth = 8;
const largestTile = 65_536;

/**
 * L(origin + x·d₁ + y·d₂) at `count` points.
 *
 * Points whose loss is not finite are NaN and counted in `masked`; `min` and `max` are over the others (NaN where there
 * is none). `standardError` is s/√n of the per-example losses, given where `rows` is a subset, without the
 * finite-population factor √(1 − n/N): an upper bound for a subset drawn without replacement. `accuracy` is null where
 * the objective has none.
 *
 * @param place writes the plane coordinates of point k to `out[at]` and `out[at + 1]`
 */
export function planePoints(
  objective: Objective,
  axes: PlaneAxes,
  count: number,
  place: (k: number, out: Float64Array, at: number) => void,
  { rows, known, signal }: PointsOptions,
): PlanePoints {
  const values = gapPoints(count);
  // What was known does not count before it is asked for: what is computed may depend on what has been seen.
  const kept: KnownPoints = known ? structuredClone(known) : values;
  const take = (cell: number) => {
    values.loss[cell] = kept.loss[cell]!;
    values.accuracy[cell] = kept.accuracy[cell]!;
    values.standardError[cell] = kept.standardError[cell]!;
    values.done[cell] = 1;
  };
  // The same three arrays in every call, so that an executor can keep its products with them.
  const plane = {
    origin: inPrecision(objective, axes.origin),
    d1: inPrecision(objective, axes.d1),
    d2: inPrecision(objective, axes.d2),
  };
  let tilePoints = firstTilePoints;

  return {
    values,
    kept,
    async *compute(index) {
      const before = index.filter((k) => kept.done[k]);
      const missing = before.length > 0 ? index.filter((k) => !kept.done[k]) : index;
      before.forEach(take);
      if (before.length > 0) yield { index: before, loss: Float64Array.from(before, (k) => values.loss[k]!) };
      for (let first = 0; first < missing.length; ) {
        if (signal?.aborted) throw cancelled();
        const tile = missing.slice(first, first + tilePoints);
        const coordinates = new Float64Array(2 * tile.length);
        tile.forEach((k, at) => void place(k, coordinates, 2 * at));
        const began = performance.now();
        const computed = await objective.plane({ ...plane, coordinates }, rows);
        const elapsed = performance.now() - began;
        const loss = computed.loss.map((value) => (Number.isFinite(value) ? value : Number.NaN));
        tile.forEach((k, at) => {
          kept.loss[k] = loss[at]!;
          kept.accuracy[k] = computed.accuracy[at]!;
          kept.standardError[k] = computed.standardError[at]!;
          kept.done[k] = 1;
          take(k);
        });
        first += tile.length;
        tilePoints = nextTileSize(tilePoints, tile.length, elapsed);
        yield { index: tile, loss };
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      if (signal?.aborted) throw cancelled();
    },
    summary: () => ({
      loss: values.loss,
      standardError: rows && objective.examples > 0 && rows.length < objective.examples ? values.standardError : null,
      accuracy: values.accuracy.some((value) => !Number.isNaN(value)) ? values.accuracy : null,
      ...extremes(values),
      evaluations: values.done.reduce((sum, done) => sum + done, 0),
      executor: objective.executor,
      examples: rows?.length ?? objective.examples,
    }),
  };
}

function inPrecision(objective: Objective, values: Vector): Vector {
  const own = objective.allocate();
  own.set(values);
  return own;
}

/** Points that should take about `targetMs` at the pace of the tile just done. */
function nextTileSize(asked: number, done: number, elapsedMs: number): number {
  const atThisPace = (done / Math.max(elapsedMs, 0.01)) * targetMs;
  return Math.max(1, Math.min(Math.floor(atThisPace), growth * asked, largestTile));
}

/** Over the computed points. */
function extremes({ loss, done }: KnownPoints): Pick<PointsSummary, 'min' | 'max' | 'masked'> {
  let min = Infinity;
  let max = -Infinity;
  let masked = 0;
  for (let k = 0; k < loss.length; k++) {
    const value = loss[k]!;
    if (!done[k]) continue;
    if (Number.isNaN(value)) masked++;
    else {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return min <= max ? { min, max, masked } : { min: Number.NaN, max: Number.NaN, masked };
}
