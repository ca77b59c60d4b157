import type { AppError, RunBatch } from '../../shared/contract';
import { badInput, UserError } from '../../shared/errors';
import { classifies, type Experiment } from '../../shared/model/experiment';
import type { PlaneRequest } from '../../shared/model/landscape';
import { type MetricColumns, type MetricName, metricNames, type Outcome, type RunInfo } from '../../shared/model/run';
import { buildNetwork } from '../engine/graph/build';
import { createOptimizer } from '../engine/optimizers';
import { type Average, createAverage } from '../engine/training/averaging';
import { createPauseControl, type PauseControl, type StepBatch, train } from '../engine/training/train';
import { createProjector, type Projector } from '../engine/trajectory/project';
import { norm } from '../engine/vectors';
import { readStatistics, readWeights } from '../exchange/weights';
import { type CallContext, type Handlers, toAppError } from '../router';
import type { Services } from '../services';
import type { RunWriter } from '../store';
import type { ObjectiveLease } from './objectives';
import { createOutbox, type Outbox } from './outbox';
import type { PlaneService } from './planes';
import { rankingOf } from './ranking';
import { newRun, startingPoint } from './startingPoint';

type RunMethod = Exclude<Extract<keyof Handlers, `run/${string}`>, 'run/margins' | 'run/motion'>;

/** A run in progress. */
interface ActiveRun {
  info: RunInfo;
  pause: PauseControl;
  abort: AbortController;
  outbox: Outbox;
  /** Plane the batches are projected on; null: two-parameter objectives send θ itself, others nothing. */
  projector: Projector | null;
  ended: Promise<void>;
}

export function createRunHandlers(services: Services, planes: PlaneService): Pick<Handlers, RunMethod> {
  const { store, events, objectives } = services;
  const active = new Map<string, ActiveRun>();
  const activeRun = (runId: string): ActiveRun => {
    const run = active.get(runId);
    if (!run) throw new UserError('notFound', `No run "${runId}" is training.`);
    return run;
  };

  async function start(
    experiment: Experiment,
    path: string | undefined,
    context: CallContext<never>,
  ): Promise<RunInfo> {
    const optimizer = createOptimizer(experiment.optimizer);
    const { batchSize } = experiment.training;
    const batch = batchSize === 'full' ? undefined : batchSize;
    const lease = await objectives.lease(experiment.objective, experiment.executor, { batch });
    try {
      optimizer.check(lease.stepping ?? lease.train);
      const params = startingPoint(experiment, lease, services);
      const ranking = await rankingOf(experiment, lease, services, context);
      const info = newRun(experiment, lease);
      const writer = store.create(info, { path });
      const run: ActiveRun = {
        info,
        pause: createPauseControl(),
        abort: new AbortController(),
        outbox: createOutbox((batch) => events.emit('run/batch', batch)),
        projector: null,
        ended: Promise.resolve(),
      };
      active.set(info.id, run);
      const average = optimizer.averaging ? createAverage(optimizer.averaging, params.length) : null;
      const batches = train({
        objective: lease.train,
        stepping: lease.stepping,
        validation: lease.validation,
        params,
        optimizer,
        training: experiment.training,
        seed: experiment.seed,
        signal: run.abort.signal,
        pause: run.pause,
        classify: experiment.objective.kind === 'network' && classifies(experiment.objective.model.loss),
        ...{ average, ranking },
      });
      run.ended = drive(run, writer, batches, lease, average);
      return info;
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  /** Writes and sends what the training yields until it ends; never throws. */
  async function drive(
    run: ActiveRun,
    writer: RunWriter,
    batches: AsyncGenerator<StepBatch, Outcome>,
    lease: ObjectiveLease,
    average: Average | null,
  ): Promise<void> {
    const started = performance.now();
    let outcome: Outcome = { kind: 'interrupted', step: 0 };
    let error: AppError | undefined;
    try {
      for (;;) {
        const next = await batches.next();
        if (next.done) {
          outcome = next.value;
          break;
        }
        writer.append(next.value.theta, next.value.metrics);
        const step = next.value.metrics.step.at(-1)!;
        run.info = { ...run.info, rows: run.info.rows + next.value.rows, outcome: { kind: 'running', step } };
        run.outbox.push(toRunBatch(run, next.value));
      }
    } catch (thrown) {
      error = toAppError(thrown);
      outcome = { kind: 'interrupted', step: run.info.outcome.step, detail: error.message };
    }
    const seconds = (performance.now() - started) / 1_000;
    try {
      run.info = writer.finish(outcome, seconds);
      if (average && run.info.rows > 0) store.saveAverage(run.info.id, average.params);
    } catch (thrown) {
      error ??= toAppError(thrown);
    }
    lease.release();
    active.delete(run.info.id);
    run.outbox.flush();
    events.emit('run/ended', error ? { run: run.info, error } : { run: run.info });
  }

  function changed(run: ActiveRun): null {
    events.emit('run/changed', { runId: run.info.id, outcome: run.info.outcome, paused: run.pause.paused });
    return null;
  }

  /** The plane for the batches to come, and once more the rows recorded since it was made. */
  async function follow(run: ActiveRun, request: PlaneRequest): Promise<void> {
    const plane = await planes.latest(request);
    run.projector = createProjector(plane.basis);
    const firstRow = plane.rows.get(run.info.id) ?? 0;
    const rows = run.info.rows - firstRow;
    if (rows <= 0) return;
    const theta = store.trajectory(run.info.id).read(firstRow, rows);
    const recorded = store.metrics(run.info.id);
    run.outbox.push(
      toRunBatch(run, {
        firstRow,
        rows,
        theta,
        metrics: mapMetrics((name) => recorded[name].slice(firstRow, firstRow + rows)),
      }),
    );
  }

  async function importWeights(weightless: Experiment, file: string): Promise<RunInfo> {
    const experiment = withRunningStatistics(weightless, file);
    const lease = await objectives.lease(experiment.objective, experiment.executor);
    try {
      const params = lease.train.allocate();
      params.set(readWeights(file, lease.train.layout));
      const info = newRun(experiment, lease);
      const gradient = lease.train.allocate();
      const loss = await lease.train.gradient(params, gradient);
      const measure = await lease.train.measure(params);
      const validation = lease.validation ? await lease.validation.measure(params) : null;
      const metrics = mapMetrics(() => Float64Array.of(Number.NaN));
      metrics.step[0] = 0;
      metrics.epoch[0] = 0;
      metrics.loss[0] = loss;
      metrics.accuracy[0] = measure.accuracy;
      metrics.gradientNorm[0] = norm(gradient);
      if (validation) {
        metrics.validationLoss[0] = validation.loss;
        metrics.validationAccuracy[0] = validation.accuracy;
      }
      const writer = store.create(info);
      writer.append(Float32Array.from(params), metrics);
      return writer.finish({ kind: 'imported', step: 0, detail: file }, 0);
    } finally {
      lease.release();
    }
  }

  return {
    'run/start': ({ experiment, path }, context) => start(experiment, path, context),
    'run/attach': ({ path }) => store.attach(path),
    'run/import': ({ experiment, weights }) => importWeights(experiment, weights),
    'run/pause': ({ runId }) => {
      const run = activeRun(runId);
      run.pause.pause();
      return changed(run);
    },
    'run/resume': ({ runId }) => {
      const run = activeRun(runId);
      run.pause.resume();
      return changed(run);
    },
    'run/cancel': async ({ runId }) => {
      const run = activeRun(runId);
      run.abort.abort();
      run.pause.resume();
      await run.ended;
      return null;
    },
    'run/acknowledge': ({ runId, batches }) => {
      active.get(runId)?.outbox.acknowledge(batches);
      return null;
    },
    'run/follow': async ({ runId, plane }) => {
      const run = active.get(runId);
      if (!run) return null;
      if (plane) await follow(run, plane);
      else run.projector = null;
      return null;
    },
    'run/list': () => store.list(),
    'run/unreadable': () => store.unreadable(),
    'run/open': ({ runId }) => ({
      run: store.get(runId),
      metrics: store.metrics(runId),
    }),
    'run/delete': ({ runId }) => {
      if (active.has(runId)) throw badInput(`"${runId}" is still training.`, 'Stop it first.');
      store.delete(runId);
      return null;
    },
  };
}

/** The experiment with the statistics its batchNorm layers were trained with, where the file has them. */
function withRunningStatistics(experiment: Experiment, file: string): Experiment {
  const { objective } = experiment;
  if (objective.kind !== 'network') return experiment;
  const { buffers } = buildNetwork(objective.model);
  const statistics = buffers.length > 0 ? readStatistics(file, buffers) : null;
  if (!statistics) return experiment;
  return { ...experiment, objective: { ...objective, runningStatistics: Array.from(statistics) } };
}

function toRunBatch(run: ActiveRun, { firstRow, rows, theta, metrics }: StepBatch): RunBatch {
  return { runId: run.info.id, firstRow, rows, metrics, path: pathOf(run, theta, rows) };
}

function pathOf(run: ActiveRun, theta: Float32Array, rows: number): RunBatch['path'] {
  if (run.projector) return run.projector.project(theta, rows);
  if (run.info.parameterCount !== 2) return null;
  return {
    x: Float64Array.from({ length: rows }, (_, r) => theta[2 * r]!),
    y: Float64Array.from({ length: rows }, (_, r) => theta[2 * r + 1]!),
    residual: new Float64Array(rows),
  };
}

const mapMetrics = (column: (name: MetricName) => Float64Array): MetricColumns =>
  Object.fromEntries(metricNames.map((name) => [name, column(name)])) as MetricColumns;
