import type { Params } from '../../shared/contract';
import { UserError } from '../../shared/errors';
import type { Domain } from '../../shared/model/experiment';
import type { PlanePath, Surface } from '../../shared/model/landscape';
import type { Volume, VolumePath, VolumeSlice } from '../../shared/model/sections';
import { surfaceDifference } from '../engine/surface/difference';
import type { KnownPoints } from '../engine/surface/points';
import { computeProfile } from '../engine/surface/profile';
import { computeVolume, thirdDirection } from '../engine/surface/volume';
import { planeMetric } from '../engine/topology/metric';
import { findRegions } from '../engine/topology/regions';
import { projectOnSolid, type SolidAxes } from '../engine/trajectory/solid';
import { norm } from '../engine/vectors';
import type { CallContext, Handlers } from '../router';
import type { Services } from '../services';
import { surfaceOf, withPart } from './landscape';
import type { KnownPlane, PlaneContext, PlaneService } from './planes';
import { createProgress } from './progress';
import { contentKey, keepVolume, keepWhatIsKnown, resultId } from './surfaceKeeping';

/** Requests about surfaces beyond the surface itself. */
export function createSectionHandlers(
  services: Services,
  planes: PlaneService,
): Pick<Handlers, 'surface/regions' | 'surface/profile' | 'surface/volume' | 'surface/difference'> {
  return {
    'surface/regions': async ({ criteria, ...request }, context) => {
      const surface = await surfaceOf(services, planes, request, context);
      return { ...(await findRegions(surface, surface.plane, criteria, context.signal)), surface };
    },

    'surface/profile': (request, { signal, progress, partial }) =>
      withPart(services, planes, request, { signal, progress }, async ({ plane, basis, objective, rows }) => {
        const { from, to, points, subset, split } = request;
        const report = createProgress('profile', points, progress);
        const tiles = computeProfile(objective, basis, { from, to, points, signal, ...(rows && { rows }) });
        let next = await tiles.next();
        for (let done = 0; !next.done; next = await tiles.next()) {
          done += next.value.index.length;
          report(done);
          partial(next.value);
        }
        const { x, y } = next.value;
        const { length } = planeMetric(plane);
        const distance = x.map((value, k) => length(value - x[0]!, y[k]! - y[0]!));
        return { ...next.value, distance, subset, split, plane: withoutPaths(plane) };
      }),

    'surface/volume': (request, context) => volumeOf(services, planes, request, context),

    'surface/difference': async ({ minuend, subtrahend }, { signal, progress }) => {
      const a = await surfaceOf(services, planes, minuend, { signal, progress });
      const b = await surfaceOf(services, planes, subtrahend, { signal, progress });
      return { ...surfaceDifference(a, b), minuend: a, subtrahend: b };
    },
  };
}

/**
 * Computes a volume on the plane as last made, streaming its slices. Kept and taken up again as surfaces are: a slice that
 * was known is streamed all the same.
 */
async function volumeOf(
  services: Services,
  planes: PlaneService,
  request: Params<'surface/volume'>,
  { signal, progress, partial }: CallContext<VolumeSlice>,
): Promise<Volume> {
  const context = { signal, progress };
  return withPart(services, planes, request, context, async ({ plane, basis, objective, rows, parts }) => {
    const { third, subset, split, grid } = request;
    const other = await otherPlane(planes, request, context);
    const direction = third.axis === 1 ? other.basis.d1 : other.basis.d2;
    const d3 = thirdDirection(basis, direction);
    const paths = await pathsIn({ ...basis, d3 }, services, plane.paths, signal);
    const range = request.range ?? plane.range;
    const depth = request.depth ?? depthOf(other.plane.range, third.axis, paths);
    const count = grid[0] * grid[1] * grid[2];
    const key = contentKey([basis.origin, basis.d1, basis.d2, d3], { ...parts, range, depth });
    const keeping =
      request.save && request.source.kind === 'runs'
        ? keepVolume(services.store, request.source.runIds[0]!, key, count)
        : null;
    const shown = { plane: withoutPaths(plane), paths, ...(keeping?.reused && { reused: keeping.reused }) };
    if (keeping?.finished) return { ...keeping.finished, ...shown };

    let points: KnownPoints | null = null;
    const report = createProgress('volume', count, progress);
    let done = 0;
    const slices = computeVolume(
      objective,
      { ...basis, d3 },
      {
        ...{ range, depth, grid, signal },
        ...(rows && { rows }),
        ...(keeping?.known && { known: keeping.known }),
        onStart: (values) => {
          points = values;
        },
      },
      (fresh) => {
        done += fresh;
        report(done);
        if (points) keeping?.keep(points);
      },
    );
    try {
      let next = await slices.next();
      for (; !next.done; next = await slices.next()) partial(next.value);
      const kept = {
        ...next.value,
        ...{ id: resultId(key), subset, split, plane: shown.plane },
        third: { label: other.plane.labels[third.axis - 1]!, norm: norm(d3) },
      };
      keeping?.finish(kept);
      return { ...kept, ...shown };
    } catch (error) {
      keepWhatIsKnown(keeping, points);
      throw error;
    }
  });
}

async function pathsIn(
  axes: SolidAxes,
  { store }: Services,
  paths: readonly PlanePath[],
  signal: AbortSignal | undefined,
): Promise<VolumePath[]> {
  const seen: VolumePath[] = [];
  for (const { runId, loss } of paths) {
    // A run that goes on may have more rows by now than the plane has seen.
    const recorded = { ...store.trajectory(runId), rows: loss.length };
    seen.push({ runId, loss, ...(await projectOnSolid(axes, recorded, signal)) });
  }
  return seen;
}

/** The plane whose axis becomes the third direction. */
async function otherPlane(
  planes: PlaneService,
  { source, third }: Parameters<Handlers['surface/volume']>[0],
  context: PlaneContext,
): Promise<KnownPlane> {
  try {
    return await planes.latest({ source, plane: third.plane }, context);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'badInput') throw error;
    throw new UserError('badInput', `The third direction: ${error.message}`, {
      ...(error.cure !== undefined && { cure: error.cure }),
      field: ['third', 'plane'],
    });
  }
}

/** Share of the window that is left beyond the paths. */
const margin = 0.05;

/** As wide as the axis' own window with the plane, z = 0, in its middle; wider where the paths leave it. */
function depthOf([x0, x1, y0, y1]: Domain, axis: 1 | 2, paths: readonly Pick<VolumePath, 'z'>[]): [number, number] {
  const half = (axis === 1 ? x1 - x0 : y1 - y0) / 2;
  let [least, most] = [-half, half];
  for (const { z } of paths) {
    for (const value of z) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  const room = margin * (most - least);
  return [least < -half ? least - room : -half, most > half ? most + room : half];
}

function withoutPaths({ paths: _, curve: __, ...plane }: KnownPlane['plane']): Surface['plane'] {
  return plane;
}
