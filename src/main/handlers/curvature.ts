import type { Progress, ProgressLabel } from '../../shared/contract';
import { badInput } from '../../shared/errors';
import type { CurvatureResult, MeasuredCurvature, PathSharpness, SharpnessPoint } from '../../shared/model/curvature';
import type { ExecutorSelection } from '../../shared/model/executors';
import type { CurvatureMatrix, CurvatureSubset } from '../../shared/model/landscape';
import type { RunInfo } from '../../shared/model/run';
import { sharpnessAlongPath } from '../engine/curvature/alongPath';
import { spectralDensity } from '../engine/curvature/density';
import { everything, type Sample, sampleOfBatches, sampleOfSubset } from '../engine/curvature/groups';
import { measureLayers } from '../engine/curvature/layerCurvature';
import { withCurvature } from '../engine/curvature/operators';
import { measureSpectrum } from '../engine/curvature/spectrum';
import { estimateTrace } from '../engine/curvature/trace';
import type { Objective, Vector } from '../engine/objectives/objective';
import type { CallContext, Handlers } from '../router';
import type { Services } from '../services';
import { subsetRows } from './objectives';

type CurvatureMethod = Extract<keyof Handlers, `curvature/${string}`>;
type Point = Parameters<Handlers['curvature/trace']>[0];
type PointParams = Pick<Point, 'runId' | 'row' | 'subset' | 'matrix' | 'seed' | 'executor'>;

/** A recorded θ with what its curvature is measured on. */
interface CurvaturePoint {
  run: RunInfo;
  row: number;
  train: Objective;
  selection: ExecutorSelection | null;
  theta: Vector;
  sample: Sample;
}

export function createCurvatureHandlers(services: Services): Pick<Handlers, CurvatureMethod> {
  const { store } = services;
  /** A run that is still being written is not written to from here as well. */
  const keep = (run: RunInfo, measured: MeasuredCurvature, row: number) => {
    if (run.outcome.kind !== 'running') store.saveCurvature(run.id, measured, row);
  };
  return {
    'curvature/spectrum': (params, { signal, progress }) =>
      withPoint(services, params, async ({ run, row, train, selection, theta, sample }) => {
        const { top, bottom, around, matrix, method, tolerance, maxIterations, seed } = params;
        const measured = await measureSpectrum(train, theta, {
          ...{ top, bottom, matrix, method, tolerance, maxIterations, seed, signal, sample },
          ...(around && { around }),
          onProgress: (done, total, secondsLeft) => progress({ label: 'lanczos', done, total, secondsLeft }),
        });
        const step = store.metrics(run.id).step[row]!;
        const about = { runId: run.id, row, step, subset: params.subset, executorSelection: selection };
        const result = { ...measured, ...about };
        keep(run, { measurement: 'spectrum', result }, row);
        return result;
      }),

    'curvature/density': (params, context) =>
      withPoint(services, params, async (point) => {
        const { method, starts, steps, distribution, width, matrix } = params;
        const { train, theta, sample } = point;
        const shared = sharedOptions('density', params, context);
        const result = await described(services, point, params, () =>
          withCurvature(
            ...([train, matrix, theta, sample] as const),
            (operator, grouped) =>
              spectralDensity(operator, { method, starts, steps, distribution, width, grouped, ...shared }),
            shared.signal,
          ),
        );
        keep(point.run, { measurement: 'density', result }, point.row);
        return result;
      }),

    'curvature/trace': (params, context) =>
      withPoint(services, params, async (point) => {
        const { method, products, confidence, matrix } = params;
        const { train, theta, sample } = point;
        const shared = sharedOptions('trace', params, context);
        const result = await described(services, point, params, () =>
          withCurvature(
            ...([train, matrix, theta, sample] as const),
            (operator, grouped) => estimateTrace(operator, { method, products, confidence, grouped, ...shared }),
            shared.signal,
          ),
        );
        keep(point.run, { measurement: 'trace', result }, point.row);
        return result;
      }),

    'curvature/layers': (params, context) =>
      withPoint(services, params, async (point) => {
        const { top, blockTop, products, confidence, matrix, tolerance, maxIterations } = params;
        const { train, theta, sample } = point;
        const result = await described(services, point, params, () =>
          measureLayers(train, theta, {
            ...{ top, blockTop, products, confidence, matrix, sample, tolerance, maxIterations },
            ...sharedOptions('layers', params, context),
          }),
        );
        keep(point.run, { measurement: 'layers', result }, point.row);
        return result;
      }),

    'curvature/alongPath': async (params, { signal, progress, partial }) => {
      const run = store.get(params.runId);
      const last = resolveRow(run, 'final');
      const lease = await services.objectives.leaseRun(run, params.executor);
      try {
        const { train } = lease;
        const sample = sampleOf(params.subset, train.examples);
        const rows = rowsAlong(last, params.every);
        const { step, learningRate } = store.metrics(run.id);
        const { matrix, tolerance, maxIterations, seed } = params;
        const report = progressOf('sharpness', progress);
        const start = performance.now();
        const points: SharpnessPoint[] = [];
        for await (const sharpness of sharpnessAlongPath(train, thetasOf(services, run, rows), {
          ...{ matrix, sample, tolerance, maxIterations, seed, signal },
        })) {
          const row = rows[points.length]!;
          const point = { ...sharpness, row, step: step[row]!, learningRate: learningRate[row]! };
          points.push(point);
          partial(point);
          report(points.length, rows.length);
        }
        const result: PathSharpness = {
          ...describe({ run, train, selection: lease.selection, sample }, params, start),
          products: points.reduce((sum, { products }) => sum + products, 0),
          every: params.every,
          points,
        };
        keep(run, { measurement: 'alongPath', result }, last);
        return result;
      } finally {
        lease.release();
      }
    },

    'curvature/saved': async ({ runId }) => store.savedCurvature(runId),
  };
}

function sharedOptions(label: ProgressLabel, { seed }: PointParams, { signal, progress }: CallContext<never>) {
  return { seed, signal, onProgress: progressOf(label, progress) };
}

/** Runs a measurement; adds where and on what it was made. */
async function described<T extends { products: number }>(
  { store }: Services,
  point: CurvaturePoint,
  params: PointParams,
  measure: () => Promise<T>,
): Promise<T & CurvatureResult> {
  const start = performance.now();
  const value = await measure();
  const { run, row } = point;
  return { ...value, ...describe(point, params, start), row, step: store.metrics(run.id).step[row]! };
}

async function withPoint<T>(
  services: Services,
  params: PointParams,
  use: (point: CurvaturePoint) => Promise<T>,
): Promise<T> {
  const run = services.store.get(params.runId);
  const row = resolveRow(run, params.row);
  const lease = await services.objectives.leaseRun(run, params.executor);
  try {
    const sample = sampleOf(params.subset, lease.train.examples);
    const { train, selection } = lease;
    return await use({ run, row, train, selection, theta: services.store.theta(run.id, row), sample });
  } finally {
    lease.release();
  }
}

/** One at a time: a path need not fit in memory. */
function* thetasOf({ store }: Services, run: RunInfo, rows: readonly number[]): Generator<Vector> {
  for (const row of rows) yield store.theta(run.id, row);
}

function describe(
  { run, train, selection, sample }: Pick<CurvaturePoint, 'run' | 'train' | 'selection' | 'sample'>,
  { subset, matrix, seed }: { subset: CurvatureSubset; matrix: CurvatureMatrix; seed: number },
  start: number,
) {
  return {
    runId: run.id,
    parameters: train.dimension,
    samples: sample.rows?.length ?? train.examples,
    ...{ subset, matrix, seed },
    seconds: (performance.now() - start) / 1_000,
    executor: train.executor,
    executorSelection: selection,
  };
}

/** @throws badInput for more minibatches than an epoch has */
function sampleOf(subset: CurvatureSubset, examples: number): Sample {
  if (examples === 0) return everything;
  switch (subset.kind) {
    case 'full':
      return everything;
    case 'random': {
      const rows = subsetRows(subset, examples);
      return rows ? sampleOfSubset(rows, examples, subset.seed) : everything;
    }
    case 'batches': {
      const epoch = Math.ceil(examples / subset.batchSize);
      if (subset.batches <= epoch) return sampleOfBatches(subset, examples);
      throw badInput(
        `${subset.batches} minibatches of ${subset.batchSize} are more than an epoch of ${examples} examples.`,
        `Ask for at most ${epoch}.`,
        ['subset', 'batches'],
      );
    }
    default:
      return subset satisfies never;
  }
}

/** Every n-th row from the first on, and the last. */
function rowsAlong(last: number, every: number): number[] {
  const rows = Array.from({ length: Math.floor(last / every) + 1 }, (_, i) => i * every);
  return rows.at(-1) === last ? rows : [...rows, last];
}

/** Totals may shrink as searches end early; the time left follows the pace so far. */
function progressOf(label: ProgressLabel, send: (progress: Progress) => void): (done: number, total: number) => void {
  const start = performance.now();
  return (done, total) => {
    const seconds = (performance.now() - start) / 1_000;
    send({ label, done, total, secondsLeft: done > 2 ? (seconds / done) * (total - done) : null });
  };
}

/** @throws badInput for a row that was not recorded */
export function resolveRow(run: RunInfo, row: number | 'final'): number {
  if (run.rows === 0) throw badInput(`"${run.experiment.name}" has not recorded anything yet.`, 'Train it first.');
  if (row === 'final') return run.rows - 1;
  if (row < run.rows) return row;
  throw badInput(`Row ${row} does not exist.`, `"${run.experiment.name}" has rows 0 to ${run.rows - 1}.`, ['row']);
}
