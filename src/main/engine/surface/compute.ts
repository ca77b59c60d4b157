import type { Domain } from '../../../shared/model/experiment';
import type { Surface, SurfaceTile } from '../../../shared/model/landscape';
import type { Objective } from '../objectives/objective';
import { gridPoints } from './grid';
import { passIndices, strides } from './order';
import { type KnownPoints, type PlaneAxes, type PointsOptions, type PointsSummary, planePoints } from './points';

export interface SurfaceOptions extends PointsOptions {
  /** x0, x1, y0, y1 */
  range: Domain;
  /** Points along x and y. */
  grid: readonly [number, number];
  /** Told once, before the first tile: the points as they are filled in, for keeping unfinished surfaces. */
  onStart?: (points: KnownPoints) => void;
}

/** The plane's part of a `Surface`; the caller adds what it was asked for. */
export type SurfaceResult = PointsSummary & Pick<Surface, 'xs' | 'ys' | 'seconds' | 'interpolation'>;

/**
 * L(origin + x·d₁ + y·d₂) on a grid, coarse to fine (every 8th, 4th, 2nd point, then all), each point once. Yields the
 * new points after every tile and gives the event loop a turn between tiles. What the values say: `planePoints`.
 *
 * @throws cancelled() within 100 ms of the signal (after the tile under way)
 */
export async function* computeSurface(
  objective: Objective,
  axes: PlaneAxes,
  { range, grid: [nx, ny], onStart, ...options }: SurfaceOptions,
): AsyncGenerator<SurfaceTile, SurfaceResult> {
  const start = performance.now();
  const { xs, ys, place } = gridPoints(range, [nx, ny]);
  const points = planePoints(objective, axes, nx * ny, place, options);
  onStart?.(points.kept);
  for (const stride of strides) {
    for await (const tile of points.compute(passIndices(nx, ny, stride))) yield { xs, ys, stride, ...tile };
  }
  return { xs, ys, ...points.summary(), seconds: (performance.now() - start) / 1_000 };
}
