import { badInput } from '../../shared/errors';
import type { Surface, SurfaceRequest, SurfaceTile } from '../../shared/model/landscape';
import type { Objective, Rows } from '../engine/objectives/objective';
import { computeAdaptiveSurface } from '../engine/surface/adaptive';
import { computeSurface } from '../engine/surface/compute';
import type { KnownPoints } from '../engine/surface/points';
import type { CallContext, Handlers } from '../router';
import type { Services } from '../services';
import { type ObjectiveLease, subsetRows } from './objectives';
import type { KnownPlane, PlaneContext, PlaneService } from './planes';
import { createProgress } from './progress';
import { contentKey, keepSurface, keepWhatIsKnown, resultId } from './surfaceKeeping';

export function createLandscapeHandlers(
  services: Services,
  planes: PlaneService,
): Pick<Handlers, 'plane/create' | 'surface/compute' | 'objective/probe'> {
  return {
    'plane/create': async (request, context) => (await planes.create(request, context)).plane,
    'surface/compute': (request, context) => surfaceOf(services, planes, request, context),
    'objective/probe': async ({ x, y, ...request }) => {
      const { basis } = await planes.latest(request);
      const lease = await planes.lease(request.source);
      try {
        const { train } = lease;
        const params = new Float64Array(train.dimension);
        for (let i = 0; i < params.length; i++) params[i] = basis.origin[i]! + x * basis.d1[i]! + y * basis.d2[i]!;
        const gradient = new Float64Array(train.dimension);
        const loss = await train.gradient(params, gradient);
        let along1 = 0;
        let along2 = 0;
        let squares = 0;
        for (let i = 0; i < gradient.length; i++) {
          along1 += gradient[i]! * basis.d1[i]!;
          along2 += gradient[i]! * basis.d2[i]!;
          squares += gradient[i]! ** 2;
        }
        return { x, y, loss, gradient: [along1, along2], gradientNorm: Math.sqrt(squares) };
      } finally {
        lease.release();
      }
    },
  };
}

/**
 * Computes a surface on the plane as last made, streaming its passes. Where it is asked to save, the run's folder keeps
 * the surface and, while it is computed, the points so far: what is there already is not computed again.
 */
export async function surfaceOf(
  services: Services,
  planes: PlaneService,
  request: SurfaceRequest,
  {
    signal,
    progress,
    partial,
  }: CallContext<SurfaceTile> | (Omit<CallContext<never>, 'partial'> & { partial?: undefined }),
): Promise<Surface> {
  const context = { signal, progress };
  return withPart(services, planes, request, context, async ({ plane, basis, objective, rows, parts, selection }) => {
    const [nx, ny] = request.grid;
    const range = request.range ?? plane.range;
    const { grid, adaptive, subset, split } = request;
    const { paths: _, curve: __, ...planeOnly } = plane;
    const key = contentKey([basis.origin, basis.d1, basis.d2], { ...parts, range });
    const keeping =
      request.save && request.source.kind === 'runs'
        ? keepSurface(services.store, request.source.runIds[0]!, key, nx * ny)
        : null;
    const reused = keeping?.reused;
    if (keeping?.finished) return { ...keeping.finished, plane: planeOnly, ...(reused && { reused }) };

    let points: KnownPoints | null = null;
    const options = {
      ...{ range, grid, signal },
      ...(rows && { rows }),
      ...(keeping?.known && { known: keeping.known }),
      onStart: (values: KnownPoints) => {
        points = values;
      },
    };
    const tiles = adaptive
      ? computeAdaptiveSurface(objective, basis, { ...options, tolerance: adaptive.tolerance })
      : computeSurface(objective, basis, options);
    const report = createProgress('surface', nx * ny, progress);
    try {
      let done = 0;
      for (;;) {
        const next = await tiles.next();
        if (next.done) {
          const surface: Surface = {
            ...{ ...next.value, id: resultId(key), subset, split, executorSelection: selection, plane: planeOnly },
            ...(reused && { reused }),
          };
          keeping?.finish(surface);
          return surface;
        }
        // An interpolated point may come again, computed.
        done = Math.min(done + next.value.index.length, nx * ny);
        report(done);
        partial?.(next.value);
        if (points) keeping?.keep(points);
      }
    } catch (error) {
      keepWhatIsKnown(keeping, points);
      throw error;
    }
  });
}

/** The part of the data a request means, loaded, on the plane as last made. */
interface MeasuredPart extends Pick<KnownPlane, 'plane' | 'basis'> {
  objective: Objective;
  rows: Rows | undefined;
  selection: ObjectiveLease['selection'];
  /** Beside the plane's vectors, all that the result depends on: what was asked for, of what, computed by what. */
  parts: object;
}

/** Of a request: what it is about, and whatever else it asks for. */
type Measured = Pick<SurfaceRequest, 'source' | 'plane' | 'split' | 'subset' | 'executor'> &
  Partial<Pick<SurfaceRequest, 'save' | 'statistics' | 'l2'>>;

export async function withPart<T>(
  services: Services,
  planes: PlaneService,
  { source, plane: planeSpec, executor, save: _, ...asked }: Measured,
  context: PlaneContext,
  use: (part: MeasuredPart) => Promise<T>,
): Promise<T> {
  const { plane, basis } = await planes.latest({ source, plane: planeSpec }, context);
  const { statistics } = asked;
  const lease = await planes.lease(source, { executor, purpose: 'point', ...(statistics && { statistics }) });
  try {
    const training = asked.l2 === 'out' ? lease.unpenalized : lease.train;
    const objective = asked.split === 'train' ? training : lease.validation;
    if (!objective) {
      throw badInput(
        'There is no validation part to draw.',
        'Set a validation fraction above 0, or draw the training part.',
        ['split'],
      );
    }
    const spec = source.kind === 'runs' ? services.store.get(source.runIds[0]!).experiment.objective : source.objective;
    return await use({
      plane,
      basis,
      objective,
      rows: subsetRows(asked.subset, objective.examples),
      selection: lease.selection,
      parts: {
        ...asked,
        version: services.options.version,
        objective: spec,
        data: lease.data?.fingerprint ?? null,
        executor: objective.executor,
      },
    });
  } finally {
    lease.release();
  }
}
