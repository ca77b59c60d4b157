import { UserError } from '../../shared/errors';
import type { Surface } from '../../shared/model/landscape';
import type { Volume } from '../../shared/model/sections';
import { surfaceDifference } from '../engine/surface/difference';
import { computeProfile } from '../engine/surface/profile';
import { computeVolume, thirdDirection } from '../engine/surface/volume';
import { planeMetric } from '../engine/topology/metric';
import { findRegions } from '../engine/topology/regions';
import { norm } from '../engine/vectors';
import type { Handlers } from '../router';
import type { Services } from '../services';
import { surfaceOf, withPart } from './landscape';
import type { KnownPlane, PlaneContext, PlaneService } from './planes';
import { createProgress } from './progress';
import { contentKey, surfaceId } from './surfaceKeeping';

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

    'surface/volume': (request, { signal, progress, partial }) =>
      withPart(services, planes, request, { signal, progress }, async ({ plane, basis, objective, rows, parts }) => {
        const { third, subset, split, grid } = request;
        const other = await otherPlane(planes, request, { signal, progress });
        const direction = third.axis === 1 ? other.basis.d1 : other.basis.d2;
        const d3 = thirdDirection(basis, direction);
        const [x0, x1, y0, y1] = other.plane.range;
        const range = request.range ?? plane.range;
        const depth = request.depth ?? centred(third.axis === 1 ? [x0, x1] : [y0, y1]);
        const report = createProgress('surface', grid[0] * grid[1] * grid[2], progress);
        let done = 0;
        const slices = computeVolume(
          objective,
          { ...basis, d3 },
          { range, depth, grid, signal, ...(rows && { rows }) },
          (count) => {
            done += count;
            report(done);
          },
        );
        let next = await slices.next();
        for (; !next.done; next = await slices.next()) partial(next.value);
        const key = contentKey([basis.origin, basis.d1, basis.d2, d3], { ...parts, range, depth });
        const volume: Volume = {
          ...next.value,
          ...{ id: surfaceId(key), subset, split, plane: withoutPaths(plane) },
          third: { label: other.plane.labels[third.axis - 1]!, norm: norm(d3) },
        };
        if (request.save && request.source.kind === 'runs') {
          services.store.saveVolume(request.source.runIds[0]!, volume);
        }
        return volume;
      }),

    'surface/difference': async ({ minuend, subtrahend }, { signal, progress }) => {
      const a = await surfaceOf(services, planes, minuend, { signal, progress });
      const b = await surfaceOf(services, planes, subtrahend, { signal, progress });
      return { ...surfaceDifference(a, b), minuend: a, subtrahend: b };
    },
  };
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

/** A window of the same width with the plane, z = 0, in its middle. */
const centred = ([from, to]: readonly [number, number]): [number, number] => [(from - to) / 2, (to - from) / 2];

function withoutPaths({ paths: _, curve: __, ...plane }: KnownPlane['plane']): Surface['plane'] {
  return plane;
}
