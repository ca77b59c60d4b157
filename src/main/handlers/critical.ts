import { badInput, cancelled } from '../../shared/errors';
import type { CriticalSearch, Descent, FoundCriticalPoint, OnPlane, SearchStep } from '../../shared/model/critical';
import type { Domain, ExecutorChoice, ObjectiveSpec } from '../../shared/model/experiment';
import type { RunInfo } from '../../shared/model/run';
import { type DescentPath, descendFrom } from '../engine/critical/descend';
import { type MeasuredIndex, measureMorseIndex } from '../engine/critical/morseIndex';
import { refineCriticalPoint } from '../engine/critical/refine';
import { type SearchResult, searchCriticalPoint } from '../engine/critical/search';
import { findCriticalPoints } from '../engine/critical/window';
import { findFunction } from '../engine/objectives/functions';
import type { Objective } from '../engine/objectives/objective';
import type { PlaneBasis } from '../engine/planes';
import { matchUpToSymmetry } from '../engine/symmetries/equivalence';
import { createProjector } from '../engine/trajectory/project';
import { addScaled, norm } from '../engine/vectors';
import type { CallContext, Handlers } from '../router';
import type { Services } from '../services';
import { resolveRow } from './curvature';
import type { PlaneService } from './planes';
import { createProgress } from './progress';

/** Up to this many parameters × examples a float64 Hessian product of the reference takes about 20 ms. */
const referenceLimit = 500_000;
/** Numbers a descent's path may hold. */
const pathNumbers = 4_000_000;

export function createCriticalHandlers(
  services: Services,
  planes: PlaneService,
): Pick<Handlers, Extract<keyof Handlers, `critical/${string}`>> {
  return {
    'critical/refine': async ({ objective, x, y }) => {
      const lease = await services.objectives.lease(objective, 'auto');
      try {
        return (await refineCriticalPoint(lease.train, [x, y])).point;
      } finally {
        lease.release();
      }
    },

    'critical/all': async ({ objective, window }, { signal, progress }) => {
      const domain = window ?? domainOf(objective);
      const lease = await services.objectives.lease(objective, 'auto');
      try {
        const onProgress = (done: number, total: number) =>
          progress({ label: 'criticalPoints', done, total, secondsLeft: null });
        return await findCriticalPoints(lease.train, domain, { signal, onProgress });
      } finally {
        lease.release();
      }
    },

    'critical/fromRun': (request, context) => fromRun(services, planes, request, context),

    'critical/saved': async ({ runId }) => services.store.savedCriticalPoints(runId),
  };
}

/** The window of a two-parameter objective. @throws badInput for networks */
export function domainOf(objective: ObjectiveSpec): Domain {
  switch (objective.kind) {
    case 'function':
      return findFunction(objective.name).domain;
    case 'expression':
      return objective.domain;
    case 'network':
      throw badInput(
        'A network has no window of two parameters to search.',
        'Search in full space, from a recorded step of a run.',
        ['objective'],
      );
    default:
      return objective satisfies never;
  }
}

async function fromRun(
  services: Services,
  planes: PlaneService,
  request: CriticalSearch,
  call: CallContext<SearchStep>,
): Promise<FoundCriticalPoint> {
  const { store, objectives } = services;
  const { method, seed } = request;
  const begin = performance.now();
  const steps: SearchStep[] = [];
  const context: CallContext<SearchStep> = {
    ...call,
    partial(step) {
      steps.push(step);
      call.partial(step);
    },
  };
  const run = store.get(request.runId);
  const source = { kind: 'runs' as const, runIds: request.planeRuns ?? [run.id] };
  const plane = request.plane ? { source, plane: request.plane } : null;
  const basis = plane ? (await planes.latest(plane, context)).basis : null;
  const { theta: start, row } = startOf(services, run, request, basis);

  let lease = await objectives.leaseRun(run, executorOf(run, request.executor));
  try {
    let executor = lease.train.executor;
    let found = await search(lease.train, start, request, context);
    if (request.polish && lease.train.precision === 'float32') {
      const exact = await objectives.leaseRun(run, 'reference');
      lease.release();
      lease = exact;
      const { iterations, products } = found;
      const polished = await search(lease.train, found.params, request, context);
      found = { ...polished, iterations: iterations + polished.iterations, products: products + polished.products };
      executor = `${executor}, then ${lease.train.executor}`;
    }
    const { lowest, ...index } = await indexOf(lease.train, found.params, found.gradientNorm, request, context);
    const downhill = request.descend && index.negative > 0 && index.kind !== 'notCritical';
    const paths = downhill ? await bothSides(lease.train, found, lowest, context) : null;
    const descents = paths
      ? ([
          await describeDescent(lease.train, paths[0], basis, request, context),
          await describeDescent(lease.train, paths[1], basis, request, context),
        ] satisfies [Descent, Descent])
      : null;
    const place = basis && projected(basis, [found.params]);
    const point: FoundCriticalPoint = {
      id: null,
      foundAt: new Date().toISOString(),
      runId: run.id,
      from: row === null ? request.from : { kind: 'row', row },
      step: row === null ? null : store.metrics(run.id).step[row]!,
      method,
      outcome: found.outcome,
      parameters: lease.train.dimension,
      loss: found.loss,
      gradientNorm: found.gradientNorm,
      tolerance: found.tolerance,
      floor: found.floor,
      flatness: found.flatness,
      iterations: found.iterations,
      products: found.products,
      steps,
      distance: distance(found.params, start),
      plane,
      onPlane: place && { x: place.x[0]!, y: place.y[0]!, distance: place.distance[0]! },
      index,
      descents,
      endsDiffer: paths && endsDiffer(run, paths),
      seconds: (performance.now() - begin) / 1_000,
      executor,
      seed,
    };
    if (run.outcome.kind === 'running') return point;
    const vectors = { theta: found.params, start, lowest, descents: paths?.map(({ path }) => path) ?? [] };
    return { ...point, id: store.saveCriticalPoint(run.id, point, vectors) };
  } finally {
    lease.release();
  }
}

/** @throws badInput for a row that was not recorded, or a point on a plane that was not named */
function startOf(
  { store }: Services,
  run: RunInfo,
  { from }: CriticalSearch,
  basis: PlaneBasis | null,
): { theta: Float64Array; row: number | null } {
  switch (from.kind) {
    case 'row': {
      const row = resolveRow(run, from.row);
      return { theta: Float64Array.from(store.theta(run.id, row)), row };
    }
    case 'plane': {
      if (!basis) {
        throw badInput(`(${from.x}, ${from.y}) is a point on a plane, and none is named.`, 'Name the plane.', [
          'plane',
        ]);
      }
      const theta = basis.origin.slice();
      addScaled(theta, from.x, basis.d1);
      addScaled(theta, from.y, basis.d2);
      return { theta, row: null };
    }
    default:
      return from satisfies never;
  }
}

function executorOf({ parameterCount, examples, experiment }: RunInfo, choice: ExecutorChoice): ExecutorChoice {
  if (choice !== 'auto') return choice;
  return parameterCount * examples.train <= referenceLimit ? 'reference' : experiment.executor;
}

async function search(
  objective: Objective,
  start: Float64Array,
  { method, tolerance, maxIterations, maxProducts, seed }: CriticalSearch,
  { signal, progress, partial }: CallContext<SearchStep>,
): Promise<SearchResult> {
  const params = objective.allocate();
  params.set(start);
  const report = createProgress('criticalPoints', maxIterations, progress);
  const found = await searchCriticalPoint(objective, params, {
    ...{ method, tolerance, maxIterations, maxProducts, seed, signal },
    onStep(step) {
      report(step.iteration);
      partial(step);
    },
  });
  // A call that was cancelled has no result; what the search had reached is not kept.
  if (found.outcome === 'cancelled') throw cancelled();
  return found;
}

function indexOf(
  objective: Objective,
  theta: Float64Array,
  gradientNorm: number,
  { top, seed }: CriticalSearch,
  { signal, progress }: CallContext<SearchStep>,
): Promise<MeasuredIndex> {
  const params = objective.allocate();
  params.set(theta);
  const onProgress = (done: number, total: number) => progress({ label: 'lanczos', done, total, secondsLeft: null });
  return measureMorseIndex(objective, params, { gradientNorm, top, seed, signal, onProgress });
}

async function bothSides(
  objective: Objective,
  { params, floor }: SearchResult,
  lowest: Float64Array,
  { signal, progress }: CallContext<SearchStep>,
): Promise<[DescentPath, DescentPath]> {
  const points = Math.max(10, Math.min(200, Math.floor(pathNumbers / params.length)));
  const follow = (sign: 1 | -1) =>
    descendFrom(objective, params, lowest, sign, {
      ...{ points, signal, tolerance: Math.max(1e-6, floor) },
      onProgress: (done, total) => progress({ label: 'criticalPoints', done, total, secondsLeft: null }),
    });
  return [await follow(1), await follow(-1)];
}

async function describeDescent(
  objective: Objective,
  { path, ...descent }: DescentPath,
  basis: PlaneBasis | null,
  request: CriticalSearch,
  context: CallContext<SearchStep>,
): Promise<Descent> {
  let end: Descent['end'] = null;
  if (descent.outcome === 'converged') {
    const { lowest: _, ...index } = await indexOf(objective, path.at(-1)!, descent.gradientNorm, request, context);
    end = index;
  }
  return { ...descent, onPlane: basis && projected(basis, path), end };
}

export function projected(basis: PlaneBasis, path: readonly Float64Array[]): OnPlane {
  const projector = createProjector(basis);
  const places = path.map((theta) => projector.project(theta, 1));
  return {
    x: Float64Array.from(places, ({ x }) => x[0]!),
    y: Float64Array.from(places, ({ y }) => y[0]!),
    distance: Float64Array.from(places, ({ residual }) => residual[0]!),
  };
}

function endsDiffer({ experiment, parameters }: RunInfo, [plus, minus]: [DescentPath, DescentPath]): number | null {
  const { objective } = experiment;
  if (objective.kind !== 'network') return null;
  const ends = [plus.path.at(-1)!, minus.path.at(-1)!] as const;
  return matchUpToSymmetry(objective.model, parameters, ...ends, { rescale: objective.l2 === 0 }).distance;
}

function distance(a: Float64Array, b: Float64Array): number {
  return norm(a.map((value, i) => value - b[i]!));
}
