import type { PlanePath, SurfaceRequest } from '../../shared/model/landscape';
import { lintPlot, type Plot } from '../engine/lint/lintPlot';
import type { PlaneBasis } from '../engine/planes';
import type { Handlers } from '../router';
import type { Services } from '../services';
import { surfaceOf } from './landscape';
import type { PlaneService } from './planes';

/** Rows of a path the slice is compared with the true loss at. */
const comparedRows = 128;

export function createLintHandlers(services: Services, planes: PlaneService): Pick<Handlers, 'plot/lint'> {
  return {
    'plot/lint': async (request, { signal, progress }) => {
      const { plane, basis } = await planes.create(request, { signal, progress });
      const surface = await surfaceOf(services, planes, { ...request, save: false }, { signal, progress });
      const lease = await planes.lease(request.source, {
        executor: request.executor,
        statistics: request.statistics,
        purpose: 'point',
      });
      try {
        const slices: Float64Array[] = [];
        for (const path of plane.paths) {
          const rows = spreadRows(path);
          const coordinates = Float64Array.from(rows.flatMap((r) => [path.x[r]!, path.y[r]!]));
          const { origin, d1, d2 } = inPrecision(basis, () => lease.train.allocate());
          const { loss } = await lease.train.plane({ origin, d1, d2, coordinates });
          const slice = new Float64Array(path.x.length).fill(Number.NaN);
          for (const [i, r] of rows.entries()) slice[r] = loss[i]!;
          slices.push(slice);
        }
        const network = networkOf(services, request);
        const { id, min, max, executor } = surface;
        return {
          findings: lintPlot({ request, plane, surface, slices, network }),
          surface: { id, min, max, executor },
        };
      } finally {
        lease.release();
      }
    },
  };
}

/** Evenly spread finite rows, the first and the last with them. */
function spreadRows({ x, y }: PlanePath): number[] {
  const finite = Array.from(x.keys()).filter((r) => Number.isFinite(x[r]) && Number.isFinite(y[r]));
  if (finite.length <= comparedRows) return finite;
  return Array.from(
    { length: comparedRows },
    (_, i) => finite[Math.round((i * (finite.length - 1)) / (comparedRows - 1))]!,
  );
}

function inPrecision({ origin, d1, d2 }: PlaneBasis, allocate: () => Float32Array | Float64Array) {
  const own = (values: Float64Array) => {
    const vector = allocate();
    vector.set(values);
    return vector;
  };
  return { origin: own(origin), d1: own(d1), d2: own(d2) };
}

function networkOf({ store }: Services, { source }: SurfaceRequest): Plot['network'] {
  const objective = source.kind === 'objective' ? source.objective : store.get(source.runIds[0]!).experiment.objective;
  return objective.kind === 'network' ? { givenStatistics: objective.runningStatistics?.length ?? 0 } : null;
}
