import type { FigureOptions, Params } from '../../shared/contract';
import { badInput } from '../../shared/errors';
import type { FoundCriticalPoint } from '../../shared/model/critical';
import type { Domain, ObjectiveSpec } from '../../shared/model/experiment';
import type { PlaneSpec, Surface } from '../../shared/model/landscape';
import { type PlacedCell, type RegionMap, regionKinds } from '../../shared/model/topology';
import { findCriticalPoints } from '../engine/critical/window';
import { findRegions } from '../engine/topology/regions';
import type { FigureAreas, FigureMarks } from '../exchange/figure';
import type { Services } from '../services';
import { projected } from './critical';
import type { PlaneContext, PlaneService } from './planes';

type FigureRequest = Params<'figure/export'>;

/** Regions whose name is written; the largest come first. */
const mostNames = 12;

/** What the options put on a figure beside the paths. */
export async function figureMarks(
  services: Services,
  planes: PlaneService,
  request: FigureRequest,
  surface: Surface,
  context: PlaneContext,
): Promise<FigureMarks> {
  const { criticalPoints, regions, criteria } = request.figure;
  const map = regions === 'none' ? null : await findRegions(surface, surface.plane, criteria, context.signal);
  return {
    ...(await criticalMarks(services, planes, request, criticalPoints, surface, context)),
    areas: map && areasOf(map, regions, surface),
  };
}

async function criticalMarks(
  services: Services,
  planes: PlaneService,
  request: FigureRequest,
  wanted: FigureOptions['criticalPoints'],
  surface: Surface,
  context: PlaneContext,
): Promise<Pick<FigureMarks, 'points' | 'descents'>> {
  if (wanted === 'none' || wanted.length === 0) return { points: [], descents: [] };
  const { source } = request;
  const objective = source.kind === 'objective' ? source.objective : objectiveOf(services, source.runIds[0]!);
  if (wanted === 'all' && objective.kind !== 'network') return inWindow(services, objective, surface, context);

  const kept = wanted === 'all' ? everyKept(services, request) : named(services, wanted);
  const { basis } = await planes.latest(request, context);
  const points: FigureMarks['points'][number][] = [];
  const descents: FigureMarks['descents'][number][] = [];
  for (const { point, withDescents } of kept) {
    const vectors = services.store.criticalVectors(point.runId, point.id!);
    const { x, y, distance } = projected(basis, [vectors.theta]);
    const kind = point.outcome === 'converged' ? point.index.kind : 'notCritical';
    points.push({ kind, x: x[0]!, y: y[0]!, loss: point.loss, distance: distance[0]! });
    if (withDescents) descents.push(...vectors.descents.map((path) => projected(basis, path)));
  }
  return { points, descents };
}

const objectiveOf = ({ store }: Services, runId: string): ObjectiveSpec => store.get(runId).experiment.objective;

async function inWindow(
  services: Services,
  objective: ObjectiveSpec,
  { xs, ys, plane }: Surface,
  { signal, progress }: PlaneContext,
): Promise<Pick<FigureMarks, 'points' | 'descents'>> {
  if (!ownAxes(plane.spec)) {
    throw badInput(
      'The critical points of a function are searched on its own axes.',
      'Draw the plane of its two parameters, or leave the points out.',
      ['figure', 'criticalPoints'],
    );
  }
  const window: Domain = [xs[0]!, xs.at(-1)!, ys[0]!, ys.at(-1)!];
  const lease = await services.objectives.lease(objective, 'auto');
  try {
    const found = await findCriticalPoints(lease.train, window, {
      ...(signal && { signal }),
      onProgress: (done, total) => progress?.({ label: 'criticalPoints', done, total, secondsLeft: null }),
    });
    return { points: found.points.map((point) => ({ ...point, loss: point.value, distance: null })), descents: [] };
  } finally {
    lease.release();
  }
}

const ownAxes = (spec: PlaneSpec): boolean =>
  spec.kind === 'parameters' && spec.indices[0] === 0 && spec.indices[1] === 1;

interface KeptPoint {
  point: FoundCriticalPoint;
  withDescents: boolean;
}

/** @throws badInput where nothing is kept */
function everyKept({ store }: Services, { source }: FigureRequest): KeptPoint[] {
  const runIds = source.kind === 'runs' ? source.runIds : [];
  const kept = runIds.flatMap((runId) => store.savedCriticalPoints(runId).points);
  const converged = kept.filter(({ outcome }) => outcome === 'converged');
  if (converged.length > 0) return converged.map((point) => ({ point, withDescents: true }));
  throw badInput(
    `No critical point is kept in ${runIds.map((id) => `"${id}"`).join(', ')}.`,
    'Search one first, or leave the points out.',
    ['figure', 'criticalPoints'],
  );
}

/** @throws badInput for a point that is not there */
function named({ store }: Services, wanted: Exclude<FigureOptions['criticalPoints'], string>): KeptPoint[] {
  return wanted.map(({ runId, id, descents }) => {
    const point = store.savedCriticalPoints(runId).points.find((candidate) => candidate.id === id);
    if (point) return { point, withDescents: descents };
    throw badInput(`There is no critical point "${id}" in the run "${runId}".`, 'Search it again.', [
      'figure',
      'criticalPoints',
    ]);
  });
}

function areasOf(map: RegionMap, shown: FigureOptions['regions'], surface: Surface): FigureAreas | null {
  switch (shown) {
    case 'none':
      return null;
    case 'basins':
      return drainedAreas(
        'border of basins',
        map.basinOf,
        map.basins.map(({ minimum, lowest }) => ({ number: minimum, at: lowest })),
        surface,
      );
    case 'hills':
      return drainedAreas(
        'border of hills',
        map.hillOf,
        map.peaks.map(({ maximum, highest }) => ({ number: maximum, at: highest })),
        surface,
      );
    case 'kinds':
      return kindAreas(map, surface);
    default:
      return shown satisfies never;
  }
}

/** Numbered from the deepest minimum up, or from the highest maximum down. */
function drainedAreas(
  border: string,
  areaOf: Int32Array,
  extrema: readonly { number: number; at: PlacedCell }[],
  surface: Surface,
): FigureAreas {
  const names = extrema
    .toSorted((a, b) => a.number - b.number)
    .map(({ number, at }, rank) => ({
      text: String(rank + 1),
      places: placesAbout(surface, at, (cell) => areaOf[cell] === number),
    }));
  return { border, areaOf, names };
}

function kindAreas({ kinds, regions }: RegionMap, surface: Surface): FigureAreas {
  const names = regions
    .toSorted((a, b) => b.cells - a.cells)
    .slice(0, mostNames)
    .map(({ kind, bounds: [x0, x1, y0, y1] }) => {
      const code = regionKinds.indexOf(kind);
      const { xs, ys } = surface;
      const inside = (cell: number) => {
        const [x, y] = [xs[cell % xs.length]!, ys[Math.floor(cell / xs.length)]!];
        return kinds[cell] === code && x >= x0 && x <= x1 && y >= y0 && y <= y1;
      };
      return { text: kind, places: placesAbout(surface, { x: (x0 + x1) / 2, y: (y0 + y1) / 2 }, inside) };
    });
  const areaOf = Int32Array.from(kinds, (kind) => (kind < regionKinds.length ? kind : -1));
  return { border: 'border of regions', areaOf, names };
}

/** Grid points of an area from near a place to far from it, ever fewer of them. */
function placesAbout(
  { xs, ys }: Surface,
  center: { x: number; y: number },
  inside: (cell: number) => boolean,
): { x: number; y: number }[] {
  const [width, height] = [xs.at(-1)! - xs[0]!, ys.at(-1)! - ys[0]!];
  const cells: { x: number; y: number; distance: number }[] = [];
  for (let cell = 0; cell < xs.length * ys.length; cell++) {
    if (!inside(cell)) continue;
    const [x, y] = [xs[cell % xs.length]!, ys[Math.floor(cell / xs.length)]!];
    cells.push({ x, y, distance: Math.hypot((x - center.x) / width, (y - center.y) / height) });
  }
  cells.sort((a, b) => a.distance - b.distance);
  const places: { x: number; y: number }[] = [];
  for (let k = 0; k * k < cells.length; k++) places.push(cells[k * k]!);
  return places;
}
