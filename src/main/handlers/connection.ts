import { createHash } from 'node:crypto';
import { badInput } from '../../shared/errors';
import type { Connection, ConnectionRequest } from '../../shared/model/connection';
import { type OptimizerSpec, optimizerSchema } from '../../shared/model/experiment';
import type { RunInfo } from '../../shared/model/run';
import { alignHiddenUnits } from '../engine/connect/align';
import { type Curve, straightCurve } from '../engine/connect/curve';
import { profileOf } from '../engine/connect/profile';
import { trainCurve } from '../engine/connect/train';
import { everything, sampleOfSubset } from '../engine/curvature/groups';
import { hiddenUnits } from '../engine/symmetries/permutation';
import type { CallContext, Handlers } from '../router';
import type { Services } from '../services';
import { resolveRow } from './curvature';
import { subsetRows } from './objectives';
import { createProgress } from './progress';
import { requireSameModel } from './sameModel';

export function createConnectionHandlers(
  services: Services,
): Pick<Handlers, 'connection/compute' | 'connection/saved'> {
  return {
    'connection/compute': (request, context) => connect(services, request, context),
    'connection/saved': async ({ runId }) => services.store.savedConnections(runId),
  };
}

async function connect(
  services: Services,
  request: ConnectionRequest,
  { signal, progress }: CallContext<never>,
): Promise<Connection> {
  const { store } = services;
  const start = performance.now();
  const runs = request.runIds.map((id) => store.get(id)) as [RunInfo, RunInfo];
  requireSameModel(runs[0], runs[1]);
  const rows = runs.map((run, i) => resolveRow(run, request.rows[i]!)) as [number, number];
  const [a, b] = runs.map(({ id }, i) => store.theta(id, rows[i]!)) as [Float32Array, Float32Array];
  const end = (i: 0 | 1) => ({ runId: runs[i].id, row: rows[i], step: store.metrics(runs[i].id).step[rows[i]]! });

  const lease = await services.objectives.leaseRun(runs[0], request.executor);
  try {
    const { train } = lease;
    const { points, seed, subset, curve: kind, steps } = request;
    const chosen = subsetRows(subset, train.examples);
    const sample =
      chosen && subset.kind === 'random' ? sampleOfSubset(chosen, train.examples, subset.seed) : everything;
    const isCurve = kind !== 'line';
    // A step of training costs about three evaluations of the loss on as many examples.
    const stepCost = isCurve ? 3 * steps : 0;
    const profiles = 1 + Number(request.align) + Number(isCurve);
    const report = createProgress('connecting', profiles * points + stepCost, progress);
    let before = 0;
    const part = (cost: number, each = 1) => {
      const base = before;
      before += cost;
      return (done: number) => report(base + each * done);
    };
    const measure = (curve: Curve) =>
      profileOf(train, curve, { points, sample, seed, signal, onProgress: part(points) });

    const alignment = request.align ? await align(runs[0], a, b, { seed, signal }) : null;
    const other = alignment?.theta ?? b;
    if (other.every((value, i) => value === a[i])) {
      if (!alignment)
        throw badInput('Both ends are the same point.', 'Choose two runs, or two steps of one.', ['rows']);
    }
    const unaligned = alignment && (await measure({ kind: 'line', nodes: [a, b] }));
    const line = await measure({ kind: 'line', nodes: [a, other] });
    let curve: Curve = { kind: 'line', nodes: [a, other] };
    if (isCurve) {
      curve = await trainCurve(train, straightCurve(kind, a, other, request.bends), {
        steps,
        batchSize: batchSizeOf(request, runs[0], train.examples),
        optimizer: request.optimizer ?? defaultOptimizer(steps),
        seed,
        signal,
        onProgress: part(stepCost, 3),
      });
    }
    const connection: Connection = {
      id: createHash('sha256')
        .update(JSON.stringify([request, rows]))
        .digest('hex')
        .slice(0, 16),
      ends: [end(0), end(1)],
      curve: kind,
      line,
      trained: isCurve ? await measure(curve) : null,
      alignment: alignment && {
        ...{ units: alignment.units, moved: alignment.moved, flipped: alignment.flipped, line: unaligned! },
        ...{ rescaled: alignment.rescaled, distance: alignment.distance },
      },
      steps: isCurve ? steps : 0,
      ...{ seed, subset },
      samples: chosen?.length ?? train.examples,
      seconds: (performance.now() - start) / 1_000,
      executor: train.executor,
    };
    if (request.save) store.saveConnection(runs[0].id, connection, curve.nodes);
    return connection;
  } finally {
    lease.release();
  }
}

/** @throws badInput for models without hidden units, or with statistics that belong to units in their order */
async function align(run: RunInfo, a: Float32Array, b: Float32Array, options: { seed: number; signal: AbortSignal }) {
  const { objective } = run.experiment;
  if (objective.kind !== 'network') {
    throw badInput('A function has no hidden units to align.', 'Connect without aligning.', ['align']);
  }
  if (objective.runningStatistics) {
    throw badInput(
      'The running statistics of batch norm belong to the hidden units in their order; they are not aligned.',
      'Connect without aligning.',
      ['align'],
    );
  }
  const layers = hiddenUnits(objective.model, run.parameters);
  if (layers.length === 0) {
    throw badInput('The model has no hidden units that may change places.', 'Connect without aligning.', ['align']);
  }
  const aligned = await alignHiddenUnits(a, b, layers, { ...options, rescale: objective.l2 === 0 });
  return {
    ...aligned,
    units: layers.reduce((sum, { units }) => sum + units, 0),
    moved: aligned.permutations.reduce((sum, order) => sum + order.filter((from, u) => from !== u).length, 0),
  };
}

function batchSizeOf(request: ConnectionRequest, run: RunInfo, examples: number): number | 'full' {
  const size = request.batchSize ?? run.experiment.training.batchSize;
  return size === 'full' || request.batchSize !== undefined ? size : Math.min(size, examples);
}

const defaultOptimizer = (steps: number): OptimizerSpec =>
  optimizerSchema.parse({ name: 'adam', learningRate: 0.01, schedule: { kind: 'cosine', steps } });
