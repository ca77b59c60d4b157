import type { Profile, ProfileTile } from '../../../shared/model/sections';
import type { Objective } from '../objectives/objective';
import { linspace } from './grid';
import { type PlaneAxes, type PointsOptions, planePoints } from './points';

export interface ProfileOptions extends Omit<PointsOptions, 'known'> {
  /** Ends in plane coordinates. */
  from: readonly [number, number];
  to: readonly [number, number];
  /** Evenly spaced, the ends included. */
  points: number;
}

export type ProfileResult = Pick<
  Profile,
  'x' | 'y' | 'loss' | 'standardError' | 'accuracy' | 'min' | 'max' | 'masked' | 'seconds' | 'executor' | 'examples'
>;

/**
 * L along the segment from one point of a plane to another: every point is computed, none is interpolated. Yields what
 * is new after every tile.
 *
 * @throws cancelled()
 */
export async function* computeProfile(
  objective: Objective,
  axes: PlaneAxes,
  { from, to, points: count, ...options }: ProfileOptions,
): AsyncGenerator<ProfileTile, ProfileResult> {
  const start = performance.now();
  const x = linspace(from[0], to[0], count);
  const y = linspace(from[1], to[1], count);
  const points = planePoints(
    objective,
    axes,
    count,
    (k, out, at) => {
      out[at] = x[k]!;
      out[at + 1] = y[k]!;
    },
    options,
  );
  yield* points.compute(Int32Array.from({ length: count }, (_, k) => k));
  const { evaluations: _, ...summary } = points.summary();
  return { x, y, ...summary, seconds: (performance.now() - start) / 1_000 };
}
