import { cancelled } from '../../shared/errors';
import {
  classifies,
  type Experiment,
  type ExperimentInput,
  experimentSchema,
  objectiveSchema,
} from '../../shared/model/experiment';
import type { MetricColumns } from '../../shared/model/run';
import { metricNames } from '../../shared/model/run';
import type { StudyRequest, StudyResult } from '../../shared/model/study';
import type { Rows, Vector } from '../engine/objectives/objective';
import { createOptimizer } from '../engine/optimizers';
import {
  findStudy,
  type StudyContext,
  type StudyFindings,
  type StudyObjective,
  type StudyRun,
  studyValues,
} from '../engine/studies';
import { createAverage } from '../engine/training/averaging';
import { type StepBatch, train } from '../engine/training/train';
import { lastFiniteRow } from '../engine/trajectory/pca';
import type { TrajectoryRows } from '../engine/trajectory/rows';
import type { CallContext, Handlers } from '../router';
import type { Services } from '../services';
import type { ObjectiveLease } from './objectives';
import { createProgress } from './progress';
import { rankingOf } from './ranking';
import { startingPoint } from './startingPoint';

export function createStudyHandlers(services: Services): Pick<Handlers, 'study/run'> {
  return { 'study/run': (request, context) => runStudy(services, request, context) };
}

type Work = Pick<CallContext, 'signal' | 'progress'>;

/** Runs a study from the defaults and what the request changes of them. */
export async function runStudy(
  services: Services,
  { name, parameters }: StudyRequest,
  work: Work,
): Promise<StudyResult> {
  const study = findStudy(name);
  const values = studyValues(study, parameters);
  return conduct(services, (context) => study.run(values, context), work);
}

/** Gives a study what it asks for, and takes it back at the end. */
export async function conduct(
  services: Services,
  run: (context: StudyContext) => Promise<StudyFindings>,
  { signal, progress }: Work,
): Promise<StudyResult> {
  const begin = performance.now();
  const leases: ObjectiveLease[] = [];
  const executors = new Set<string>();
  let report: { total: number; send: (done: number) => void } | null = null;

  async function load(given: ExperimentInput['objective'], executor: Experiment['executor'], batch?: number) {
    const spec = objectiveSchema.parse(given);
    const lease = await services.objectives.lease(spec, executor, { batch });
    leases.push(lease);
    executors.add(lease.train.executor);
    return { spec, lease };
  }

  async function start(experiment: Experiment): Promise<{ objective: StudyObjective; params: Vector }> {
    const { batchSize } = experiment.training;
    const { spec, lease } = await load(
      experiment.objective,
      experiment.executor,
      batchSize === 'full' ? undefined : batchSize,
    );
    return { objective: { ...lease, spec }, params: startingPoint(experiment, lease, services) };
  }

  const context: StudyContext = {
    signal,
    progress(done, total) {
      if (report?.total !== total) report = { total, send: createProgress('study', total, progress) };
      report.send(done);
    },
    load: async (given, executor = 'auto') => {
      const { spec, lease } = await load(given, executor);
      return { ...lease, spec };
    },
    start: (experiment) => start(experimentSchema.parse(experiment)),
    async train(given, from, ranking) {
      const experiment = experimentSchema.parse(given);
      const { objective, params } = await start(experiment);
      if (from) params.set(from);
      const used = ranking ?? (await rankingOf(experiment, objective, services, { signal, progress: () => undefined }));
      return trainInMemory(experiment, objective, params, { signal, ranking: used });
    },
  };
  try {
    const findings = await run(context);
    if (signal.aborted) throw cancelled();
    return {
      ...{ facts: {}, charts: {}, scenes: {}, tables: {} },
      ...findings,
      seconds: (performance.now() - begin) / 1_000,
      executors: [...executors],
    };
  } finally {
    for (const lease of leases) lease.release();
  }
}

async function trainInMemory(
  experiment: Experiment,
  objective: StudyObjective,
  params: Vector,
  { signal, ranking }: { signal: AbortSignal; ranking: Rows | null },
): Promise<StudyRun> {
  const { optimizer, training, seed } = experiment;
  const parts: StepBatch[] = [];
  const own = createOptimizer(optimizer);
  own.check(objective.stepping ?? objective.train);
  const average = own.averaging ? createAverage(own.averaging, params.length) : null;
  const batches = train({
    objective: objective.train,
    stepping: objective.stepping,
    validation: objective.validation,
    params,
    optimizer: own,
    ...{ training, seed, signal, average, ranking },
    classify: experiment.objective.kind === 'network' && classifies(experiment.objective.model.loss),
  });
  for (;;) {
    const next = await batches.next();
    if (!next.done) {
      parts.push(next.value);
      continue;
    }
    if (next.value.kind === 'cancelled') throw cancelled();
    const trajectory = joinedRows(parts, objective.train.dimension);
    const final = objective.train.allocate();
    final.set(lastFiniteRow(trajectory));
    return {
      experiment,
      objective,
      outcome: next.value,
      metrics: joinedMetrics(parts),
      trajectory,
      final,
      average: average?.params ?? null,
    };
  }
}

function joinedRows(parts: readonly StepBatch[], dimension: number): TrajectoryRows {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const theta = new Float32Array(rows * dimension);
  for (const part of parts) theta.set(part.theta, part.firstRow * dimension);
  return { rows, dimension, read: (first, count) => theta.subarray(first * dimension, (first + count) * dimension) };
}

const joinedMetrics = (parts: readonly StepBatch[]): MetricColumns =>
  Object.fromEntries(
    metricNames.map((name) => [name, Float64Array.from(parts.flatMap(({ metrics }) => Array.from(metrics[name])))]),
  ) as MetricColumns;
