import { basename, isAbsolute, join } from 'node:path';
import type { Progress } from '../../shared/contract';
import { badInput, sayError, UserError } from '../../shared/errors';
import type { ExecutorPurpose } from '../../shared/model/executors';
import type { Domain, ExecutorChoice } from '../../shared/model/experiment';
import type {
  Plane,
  PlaneCurve,
  PlaneRequest,
  PlaneSource,
  PlaneSpec,
  SurfaceRequest,
  TurnedPlaneSpec,
} from '../../shared/model/landscape';
import type { ParameterLayout, RunInfo } from '../../shared/model/run';
import { pointOn } from '../engine/connect/curve';
import { findFunction } from '../engine/objectives/functions';
import {
  createPlane,
  type MadePlane,
  type PlaneBasis,
  type PlaneData,
  type PlaneSources,
  type PlaneWork,
  prepareTurning,
  type Turning,
  withExplainedVariance,
} from '../engine/planes';
import { createProjector } from '../engine/trajectory/project';
import type { TrajectoryRows } from '../engine/trajectory/rows';
import { readDirection } from '../exchange/weights';
import type { Services } from '../services';
import type { ObjectiveLease } from './objectives';
import { createProgress } from './progress';
import { requireSameModel } from './sameModel';

/** A plane with what it was made from. */
export interface KnownPlane {
  plane: Plane;
  basis: PlaneBasis;
  /** Rows of each run when it was made. */
  rows: ReadonlyMap<string, number>;
}

/** What a call may be told and stopped by. */
export interface PlaneContext {
  signal?: AbortSignal;
  progress?: (progress: Progress) => void;
}

/** What an objective is leased for. */
export interface LeaseOptions {
  /** The run's own when left out. */
  executor?: ExecutorChoice;
  /** 'given' when left out. */
  statistics?: SurfaceRequest['statistics'];
  /** What is to be fast; gradients when left out. */
  purpose?: ExecutorPurpose;
}

export interface PlaneService {
  /** Made anew when its runs have grown since the last time. */
  create(request: PlaneRequest, context?: PlaneContext): Promise<KnownPlane>;
  /** The plane of this request as last made, so that surface, path and live batches lie on the same one. */
  latest(request: PlaneRequest, context?: PlaneContext): Promise<KnownPlane>;
  /** The objective behind a source; release it after use. */
  lease(source: PlaneSource, options?: LeaseOptions): Promise<ObjectiveLease>;
}

/** Planes kept with their θ-sized directions. */
const cacheLimit = 8;

export function createPlaneService({ store, objectives, activity, importsFolder }: Services): PlaneService {
  /** In the order of use; the last is the newest. */
  const cache = new Map<string, KnownPlane>();
  /** The last plane that was turned, ready for another angle. */
  let turning: { key: string; turning: Turning } | null = null;
  const keyOf = ({ source, plane }: PlaneRequest) => JSON.stringify([source, plane]);

  function remember(key: string, known: KnownPlane): KnownPlane {
    cache.delete(key);
    cache.set(key, known);
    for (const oldest of [...cache.keys()].slice(0, Math.max(0, cache.size - cacheLimit))) cache.delete(oldest);
    return known;
  }

  async function create(request: PlaneRequest, context: PlaneContext = {}): Promise<KnownPlane> {
    const runs = runsOf(request.source);
    const key = keyOf(request);
    const cached = cache.get(key);
    if (cached && runs.every(({ id, rows }) => cached.rows.get(id) === rows)) return remember(key, cached);
    const { plane: spec } = request;
    const end = activity.begin();
    try {
      const made = await withSources(request, runs, async (data) => {
        const work = workOf(context);
        return spec.kind === 'turned' ? turned(request.source, spec, data, work) : createPlane(spec, data, work);
      });
      return remember(key, {
        basis: made.basis,
        rows: new Map(runs.map(({ id, rows }) => [id, rows])),
        plane: planeOf(spec, made, runs),
      });
    } finally {
      end();
    }
  }

  /** An angle of a plane being turned: its base, third direction and projections are kept between the calls. */
  async function turned(
    source: PlaneSource,
    spec: TurnedPlaneSpec,
    data: PlaneData,
    work: PlaneWork,
  ): Promise<MadePlane> {
    const { angle, base, ...rest } = spec;
    const key = JSON.stringify([source, base, rest, data.trajectories.map(({ rows }) => rows)]);
    if (turning?.key !== key) {
      turning = { key, turning: await prepareTurning(await createPlane(base, data, work), rest, data, work) };
    }
    return withExplainedVariance(turning.turning.at(angle));
  }

  function planeOf(spec: PlaneSpec, { basis, paths, range }: MadePlane, runs: readonly RunInfo[]): Plane {
    const { norms, axisCosine, explainedVarianceRatio, labels, eigenvalues } = basis;
    const curve = spec.kind === 'connection' ? curveOn(basis, runs[0]!, spec.id) : null;
    return {
      ...{ spec, dimension: basis.origin.length, norms, axisCosine, explainedVarianceRatio, labels, range },
      ...(eigenvalues && { eigenvalues }),
      ...(curve && { curve }),
      paths: runs.map(({ id, rows }, i) => ({
        runId: id,
        ...paths[i]!,
        loss: store.metrics(id).loss.slice(0, rows),
      })),
    };
  }

  function curveOn(basis: PlaneBasis, run: RunInfo, id: string): PlaneCurve {
    const { kind, nodes, t, loss } = store.connection(run.id, id);
    const theta = new Float64Array(basis.origin.length);
    const rows = new Float32Array(t.length * theta.length);
    t.forEach((at, i) => {
      pointOn({ kind, nodes }, at, theta);
      rows.set(theta, i * theta.length);
    });
    const projector = createProjector(basis);
    const between = nodes.slice(1, -1);
    const bent = new Float32Array(between.length * theta.length);
    between.forEach((node, k) => void bent.set(node, k * theta.length));
    const { x, y } = projector.project(bent, between.length);
    return { runId: run.id, ...projector.project(rows, t.length), t, loss, bends: { x, y } };
  }

  /** Hands on what a plane may be made from; the objective is loaded when it is first asked for. */
  async function withSources<T>(
    { source, plane: spec }: PlaneRequest,
    runs: readonly RunInfo[],
    use: (data: PlaneData) => Promise<T>,
  ): Promise<T> {
    let leased: ObjectiveLease | null = null;
    const layout = await layoutOf(source, runs);
    const sources: PlaneSources = {
      async objective() {
        leased ??= await lease(source);
        return leased.train;
      },
      direction: async (path) => {
        try {
          return readDirection(isAbsolute(path) ? path : join(importsFolder, path), layout);
        } catch (error) {
          throw directionError(error, path, spec);
        }
      },
      async connection(id) {
        if (runs[0]) return store.connection(runs[0].id, id).nodes;
        throw badInput(`A function has no kept curve "${id}".`, 'Connect two runs first.', ['plane', 'id']);
      },
    };
    try {
      const trajectories = runs.map(({ id, rows }) => firstRows(store.trajectory(id), rows));
      return await use({ layout, trajectories, sources, ...domainOf(source, runs) });
    } finally {
      (leased as ObjectiveLease | null)?.release();
    }
  }

  /** The runs of a source as they are now. */
  function runsOf(source: PlaneSource): RunInfo[] {
    if (source.kind === 'objective') return [];
    const runs = source.runIds.map((id) => store.get(id));
    const [first, ...others] = runs as [RunInfo, ...RunInfo[]];
    for (const run of others) requireSameModel(first, run);
    for (const run of runs) {
      if (run.rows === 0) throw sayError('badInput', 'nothingRecorded', { run: run.experiment.name });
    }
    return runs;
  }

  async function layoutOf(source: PlaneSource, runs: readonly RunInfo[]): Promise<ParameterLayout> {
    if (runs[0]) return runs[0].parameters;
    const leased = await lease(source);
    leased.release();
    return leased.train.layout;
  }

  const lease: PlaneService['lease'] = (source, { executor, statistics = 'given', purpose = 'gradient' } = {}) => {
    switch (source.kind) {
      case 'runs': {
        const run = store.get(source.runIds[0]!);
        return objectives.leaseRun(statistics === 'given' ? run : withoutStatistics(run), executor, { purpose });
      }
      case 'objective':
        return objectives.lease(source.objective, executor ?? 'auto', { purpose });
      default:
        return source satisfies never;
    }
  };

  return {
    create,
    latest: async (request, context) => cache.get(keyOf(request)) ?? create(request, context),
    lease,
  };
}

/** A direction's file that could not be used: which field of the plane named it, and a file that is gone said as such. */
function directionError(error: unknown, path: string, spec: PlaneSpec): unknown {
  const field = ['plane', ...(spec.kind === 'turned' ? turnedField(spec, path) : ['paths', pathIndex(spec, path)])];
  if (error instanceof UserError) {
    return badInput(error.message, error.cure ?? 'Choose another file.', field);
  }
  const { code } = Object(error) as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const reason = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
  return badInput(`The file "${basename(path)}" ${reason}.`, 'Choose the file again.', field);
}

const pathIndex = (spec: PlaneSpec, path: string): number => (spec.kind === 'file' ? spec.paths.indexOf(path) : 0);

function turnedField({ base, toward }: TurnedPlaneSpec, path: string): (string | number)[] {
  const third = toward.kind === 'file' && toward.path === path;
  return third ? ['toward', 'path'] : ['base', 'paths', pathIndex(base, path)];
}

/** The run's objective with batch norm reading the statistics of the examples at every point. */
function withoutStatistics(run: RunInfo): RunInfo {
  const { objective } = run.experiment;
  if (objective.kind !== 'network') return run;
  const { runningStatistics: _, ...rest } = objective;
  return { ...run, experiment: { ...run.experiment, objective: rest } };
}

const workOf = ({ signal, progress }: PlaneContext): PlaneWork => {
  let report: ((done: number) => void) | null = null;
  return {
    ...(signal && { signal }),
    ...(progress && {
      onProgress(done, total) {
        report ??= createProgress('lanczos', total, progress);
        report(done);
      },
    }),
  };
};

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
