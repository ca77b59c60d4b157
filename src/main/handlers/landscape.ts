import { createHash } from 'node:crypto';
import { badInput } from '../../shared/errors';
import type { Surface, SurfaceRequest, SurfaceTile } from '../../shared/model/landscape';
import { computeSurface } from '../engine/surface/compute';
import type { CallContext, Handlers } from '../router';
import type { Services } from '../services';
import { subsetRows } from './objectives';
import type { PlaneService } from './planes';
import { createProgress } from './progress';

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

/** Computes a surface on the plane as last made, streaming its passes, and keeps it where it is asked to. */
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
  const { plane, basis } = await planes.latest(request, { signal, progress });
  const lease = await planes.lease(request.source, {
    executor: request.executor,
    statistics: request.statistics,
    purpose: 'point',
  });
  try {
    const objective = request.split === 'train' ? lease.train : lease.validation;
    if (!objective) {
      throw badInput(
        'There is no validation part to draw.',
        'Set a validation fraction above 0, or draw the training part.',
        ['split'],
      );
    }
    const rows = subsetRows(request.subset, objective.examples);
    const [nx, ny] = request.grid;
    const report = createProgress('surface', nx * ny, progress);
    const tiles = computeSurface(objective, basis, {
      range: request.range ?? plane.range,
      grid: request.grid,
      signal,
      ...(rows && { rows }),
    });
    let done = 0;
    for (;;) {
      const next = await tiles.next();
      if (next.done) {
        const { paths: _, curve: __, ...planeOnly } = plane;
        const surface: Surface = {
          ...next.value,
          id: createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 16),
          subset: request.subset,
          split: request.split,
          executorSelection: lease.selection,
          plane: planeOnly,
        };
        if (request.save && request.source.kind === 'runs')
          services.store.saveSurface(request.source.runIds[0]!, surface);
        return surface;
      }
      done += next.value.index.length;
      report(done);
      partial?.(next.value);
    }
  } finally {
    lease.release();
  }
}
