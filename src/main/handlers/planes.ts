import { badInput } from '../../shared/errors';
import type { ExecutorPurpose } from '../../shared/model/executors';
import type { Domain, ExecutorChoice, ObjectiveSpec } from '../../shared/model/experiment';
import type { Plane, PlaneRequest, PlaneSource } from '../../shared/model/landscape';
import type { ParameterLayout, RunInfo } from '../../shared/model/run';
import { findFunction } from '../engine/objectives/functions';
import { createPlane, type PlaneBasis } from '../engine/planes';
import type { TrajectoryRows } from '../engine/trajectory/rows';
import type { Services } from '../services';
import type { ObjectiveLease } from './objectives';

/** A plane with what it was made from. */
export interface KnownPlane {
  plane: Plane;
  basis: PlaneBasis;
  /** Rows of each run when it was made. */
  rows: ReadonlyMap<string, number>;
}

export interface PlaneService {
  /** Made anew when its runs have grown since the last time. */
  create(request: PlaneRequest, signal?: AbortSignal): Promise<KnownPlane>;
  /** The plane of this request as last made, so that surface, path and live batches lie on the same one. */
  latest(request: PlaneRequest, signal?: AbortSignal): Promise<KnownPlane>;
  /** The objective behind a source; release it after use. */
  lease(source: PlaneSource, executor?: ExecutorChoice, purpose?: ExecutorPurpose): Promise<ObjectiveLease>;
}

/** Planes kept with their θ-sized directions. */
const cacheLimit = 8;

export function createPlaneService({ store, objectives, activity }: Services): PlaneService {
  /** In the order of use; the last is the newest. */
  const cache = new Map<string, KnownPlane>();
  const keyOf = ({ source, plane }: PlaneRequest) => JSON.stringify([source, plane]);

  function remember(key: string, known: KnownPlane): KnownPlane {
    cache.delete(key);
    cache.set(key, known);
    for (const oldest of [...cache.keys()].slice(0, Math.max(0, cache.size - cacheLimit))) cache.delete(oldest);
    return known;
  }

  async function create(request: PlaneRequest, signal?: AbortSignal): Promise<KnownPlane> {
    const runs = runsOf(request.source);
    const key = keyOf(request);
    const cached = cache.get(key);
    if (cached && runs.every(({ id, rows }) => cached.rows.get(id) === rows)) return remember(key, cached);
    const end = activity.begin();
    try {
      return remember(key, await make(request, runs, signal));
    } finally {
      end();
    }
  }

  async function make(request: PlaneRequest, runs: readonly RunInfo[], signal?: AbortSignal): Promise<KnownPlane> {
    const { basis, paths, range } = await createPlane(
      request.plane,
      {
        layout: await layoutOf(request.source, runs),
        trajectories: runs.map(({ id, rows }) => firstRows(store.trajectory(id), rows)),
        ...domainOf(request.source, runs),
      },
      signal,
    );
    return {
      basis,
      rows: new Map(runs.map(({ id, rows }) => [id, rows])),
      plane: {
        spec: request.plane,
        dimension: basis.origin.length,
        norms: basis.norms,
        axisCosine: basis.axisCosine,
        explainedVarianceRatio: basis.explainedVarianceRatio,
        labels: basis.labels,
        range,
        paths: runs.map(({ id, rows }, i) => ({
          runId: id,
          ...paths[i]!,
          loss: store.metrics(id).loss.slice(0, rows),
        })),
      },
    };
  }

  /** The runs of a source as they are now. */
  function runsOf(source: PlaneSource): RunInfo[] {
    if (source.kind === 'objective') return [];
    const runs = source.runIds.map((id) => store.get(id));
    const [first, ...others] = runs as [RunInfo, ...RunInfo[]];
    for (const run of others) requireSameShape(first, run);
    for (const run of runs) {
      if (run.rows === 0)
        throw badInput(`"${run.experiment.name}" has not recorded anything yet.`, 'Wait for its first step.');
    }
    return runs;
  }

  async function layoutOf(source: PlaneSource, runs: readonly RunInfo[]): Promise<ParameterLayout> {
    if (runs[0]) return runs[0].parameters;
    const leased = await lease(source);
    leased.release();
    return leased.train.layout;
  }

  const lease: PlaneService['lease'] = (source, executor, purpose = 'gradient') => {
    switch (source.kind) {
      case 'runs':
        return objectives.leaseRun(store.get(source.runIds[0]!), executor, { purpose });
      case 'objective':
        return objectives.lease(source.objective, executor ?? 'auto', { purpose });
      default:
        return source satisfies never;
    }
  };

  return {
    create,
    latest: async (request, signal) => cache.get(keyOf(request)) ?? create(request, signal),
    lease,
  };
}

/** Runs on one plane need the same parameters, and the surface under them the same objective. */
function requireSameShape(first: RunInfo, other: RunInfo): void {
  const shapes = ({ parameters }: RunInfo) => parameters.map(({ name, shape }) => `${name} [${shape.join(', ')}]`);
  const [a, b] = [shapes(first), shapes(other)];
  const differing = a.length === b.length ? a.findIndex((shape, i) => shape !== b[i]) : Math.min(a.length, b.length);
  if (differing >= 0) {
    throw badInput(
      `"${first.experiment.name}" and "${other.experiment.name}" do not fit on one plane: ${a[differing] ?? 'nothing'} against ${b[differing] ?? 'nothing'}.`,
      'Choose runs of the same model.',
    );
  }
  const objective = ({ experiment: { objective: spec } }: RunInfo) => JSON.stringify(withoutStart(spec));
  if (objective(first) !== objective(other)) {
    throw badInput(
      `"${first.experiment.name}" and "${other.experiment.name}" minimize different objectives.`,
      'Choose runs of the same objective and data.',
    );
  }
}

/** What is minimized, whatever the run starts from. */
function withoutStart(spec: ObjectiveSpec): ObjectiveSpec {
  switch (spec.kind) {
    case 'network': {
      const fixed = { name: 'zeros' } as const;
      return { ...spec, weightInitializer: fixed, biasInitializer: fixed };
    }
    case 'function':
    case 'expression': {
      const { start: _, ...rest } = spec;
      return rest;
    }
    default:
      return spec satisfies never;
  }
}

function domainOf(source: PlaneSource, runs: readonly RunInfo[]): { domain?: Domain } {
  const spec = source.kind === 'objective' ? source.objective : runs[0]!.experiment.objective;
  switch (spec.kind) {
    case 'network':
      return {};
    case 'function':
      return { domain: findFunction(spec.name).domain };
    case 'expression':
      return { domain: spec.domain };
    default:
      return spec satisfies never;
  }
}

/** The path as it is now, while the run goes on. */
function firstRows(trajectory: TrajectoryRows, rows: number): TrajectoryRows {
  return { rows, dimension: trajectory.dimension, read: (first, count) => trajectory.read(first, count) };
}
