import { badInput } from '../../../shared/errors';
import type { Domain } from '../../../shared/model/experiment';
import type { Volume, VolumeSlice } from '../../../shared/model/sections';
import type { Objective } from '../objectives/objective';
import type { SolidAxes } from '../trajectory/solid';
import { addScaled, dot, norm, scale } from '../vectors';
import { computeSurface } from './compute';
import { linspace } from './grid';
import { gapPoints, type KnownPoints, type PointsOptions } from './points';

/** Points are numbered (k·ny + j)·nx + i. */
export interface VolumeOptions extends PointsOptions {
  /** Along the plane's axes. */
  range: Domain;
  /** z₀ and z₁ along the third direction; the plane itself is z = 0. */
  depth: readonly [number, number];
  /** Points along x, y and z. */
  grid: readonly [number, number, number];
  /** Told once, before the first tile: the points as they are filled in, for keeping unfinished volumes. */
  onStart?: (points: KnownPoints) => void;
}

export type VolumeResult = Pick<
  Volume,
  'xs' | 'ys' | 'zs' | 'loss' | 'min' | 'max' | 'masked' | 'evaluations' | 'seconds' | 'executor' | 'examples'
>;

/** Below this share of its length a direction lies in the plane. */
const parallel = 1e-6;

/**
 * A third direction at right angles to a plane: d₃ loses its components along d₁ and d₂ (which need not be orthogonal)
 * and keeps its length.
 *
 * @throws badInput where it lies in the plane
 */
export function thirdDirection({ d1, d2 }: Pick<SolidAxes, 'd1' | 'd2'>, direction: Float64Array): Float64Array {
  const d3 = direction.slice();
  const length = norm(d3);
  // The part of d₂ at right angles to d₁.
  const e2 = d2.slice();
  addScaled(e2, -dot(d1, e2) / dot(d1, d1), d1);
  // Twice: once leaves rounding of the size of what was taken away.
  for (let pass = 0; pass < 2; pass++) {
    for (const axis of [d1, e2]) addScaled(d3, -dot(axis, d3) / dot(axis, axis), axis);
  }
  const remaining = norm(d3);
  if (!(remaining > parallel * length)) {
    throw badInput(
      'The third direction lies in the plane, so there is no volume between them.',
      'Choose another third direction; an objective of two parameters has none.',
      ['third'],
    );
  }
  scale(d3, length / remaining);
  return d3;
}

/**
 * L(origin + x·d₁ + y·d₂ + z·d₃) on a grid, slice by slice along z; each is yielded when it is whole.
 *
 * @param onPoints told how many points are new after every tile
 * @throws cancelled()
 */
export async function* computeVolume(
  objective: Objective,
  { origin, d1, d2, d3 }: SolidAxes,
  { range, depth, grid: [nx, ny, nz], known, onStart, ...options }: VolumeOptions,
  onPoints: (count: number) => void = () => undefined,
): AsyncGenerator<VolumeSlice, VolumeResult> {
  const start = performance.now();
  const zs = linspace(depth[0], depth[1], nz);
  const loss = new Float64Array(nx * ny * nz);
  const kept = known ? structuredClone(known) : gapPoints(nx * ny * nz);
  onStart?.(kept);
  let slice: VolumeSlice | null = null;
  let [min, max, masked, examples] = [Infinity, -Infinity, 0, 0];
  for (let k = 0; k < nz; k++) {
    const shifted = origin.slice();
    addScaled(shifted, zs[k]!, d3);
    const own = partOf(kept, k * nx * ny, nx * ny);
    let points = own;
    const tiles = computeSurface(
      objective,
      { origin: shifted, d1, d2 },
      {
        ...{ range, grid: [nx, ny], ...options },
        ...(own.done.includes(1) && { known: own }),
        onStart: (values) => {
          points = values;
        },
      },
    );
    let next = await tiles.next();
    for (; !next.done; next = await tiles.next()) {
      keep(points, next.value.index, own);
      onPoints(next.value.index.length);
    }
    const surface = next.value;
    loss.set(surface.loss, k * nx * ny);
    // NaN where a slice has no finite point.
    if (surface.min < min) min = surface.min;
    if (surface.max > max) max = surface.max;
    masked += surface.masked;
    examples = surface.examples;
    slice = { k, z: zs[k]!, xs: surface.xs, ys: surface.ys, loss: surface.loss };
    yield slice;
  }
  const finite = min <= max;
  return {
    xs: slice!.xs,
    ys: slice!.ys,
    zs,
    loss,
    min: finite ? min : Number.NaN,
    max: finite ? max : Number.NaN,
    masked,
    evaluations: nx * ny * nz,
    seconds: (performance.now() - start) / 1_000,
    executor: objective.executor,
    examples,
  };
}

/** A slice of numbered points; it shares their memory. */
const partOf = ({ done, loss, accuracy, standardError }: KnownPoints, first: number, count: number): KnownPoints => ({
  done: done.subarray(first, first + count),
  loss: loss.subarray(first, first + count),
  accuracy: accuracy.subarray(first, first + count),
  standardError: standardError.subarray(first, first + count),
});

function keep(from: KnownPoints, index: Int32Array, to: KnownPoints): void {
  for (const cell of index) {
    to.loss[cell] = from.loss[cell]!;
    to.accuracy[cell] = from.accuracy[cell]!;
    to.standardError[cell] = from.standardError[cell]!;
    to.done[cell] = 1;
  }
}
