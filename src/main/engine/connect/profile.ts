import { UserError } from '../../../shared/errors';
import type { Barrier, ConnectionProfile } from '../../../shared/model/connection';
import { cooperate } from '../cooperate';
import type { Sample } from '../curvature/groups';
import type { Objective, Rows } from '../objectives/objective';
import { createRng } from '../random';
import { addScaled, norm } from '../vectors';
import { type Curve, nodeWeights, pointOn } from './curve';

export interface ProfileOptions {
  /** Values of t, both ends included. */
  points: number;
  sample: Sample;
  /** Of the groups the barrier's error comes from where the sample is all examples. */
  seed: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** Points per call of `Objective.plane`: a cancel is seen between calls. */
const tilePoints = 4;
const groupCount = 10;

/**
 * The loss along a curve at evenly spaced t, and its barrier (Frankle et al. 2020, Entezari et al. 2022):
 * max over those t of L(φ(t)) − ((1 − t)L(θ_A) + tL(θ_B)), at least 0.
 *
 * A curve of up to three nodes lies on a plane, of which executors keep the products.
 *
 * @throws UserError where the loss at an end is not finite; cancelled()
 */
export async function profileOf(
  objective: Objective,
  curve: Curve,
  { points, sample, seed, signal, onProgress }: ProfileOptions,
): Promise<ConnectionProfile> {
  const t = Float64Array.from({ length: points }, (_, i) => i / (points - 1));
  const { rows } = sample;
  const turn = cooperate(signal);
  const loss = new Float64Array(points);
  const accuracy = new Float64Array(points);
  const standardError = new Float64Array(points);
  const evaluate = evaluator(objective, curve, rows);
  for (let first = 0; first < points; first += tilePoints) {
    const part = t.subarray(first, first + tilePoints);
    const values = await evaluate(part);
    loss.set(values.loss, first);
    accuracy.set(values.accuracy, first);
    standardError.set(values.standardError, first);
    onProgress?.(first + part.length, points);
    await turn();
  }
  for (const end of [0, points - 1]) {
    if (Number.isFinite(loss[end])) continue;
    throw new UserError('engine', `The loss at the ${end === 0 ? 'first' : 'second'} end is ${loss[end]}.`, {
      cure: 'Choose an earlier step of that run.',
    });
  }
  const at = highestAbove(t, loss);
  const barrier: Barrier = {
    height: excess(t, loss, at),
    t: t[at]!,
    standardError: await barrierError(objective, curve, t[at]!, groupsOf(objective, sample, seed), turn),
  };
  return {
    t,
    loss,
    standardError: rows && rows.length < objective.examples ? standardError : null,
    accuracy: accuracy.every(Number.isNaN) ? null : accuracy,
    masked: loss.filter((value) => !Number.isFinite(value)).length,
    maximum: Math.max(...loss.filter(Number.isFinite)),
    length: lengthOf(curve, t),
    barrier,
  };
}

type Values = { loss: Float64Array; accuracy: Float64Array; standardError: Float64Array };

function evaluator(objective: Objective, curve: Curve, rows: Rows | undefined): (t: Float64Array) => Promise<Values> {
  const { kind, nodes } = curve;
  const own = (values: ArrayLike<number>) => {
    const vector = objective.allocate();
    vector.set(values);
    return vector;
  };
  if (nodes.length <= 3) {
    const [origin, ...others] = nodes.map((node) => Float64Array.from(node));
    for (const other of others) addScaled(other, -1, origin!);
    const zero = new Float64Array(origin!.length);
    const plane = { origin: own(origin!), d1: own(others[0]!), d2: own(others[1] ?? zero) };
    return async (t) => {
      const coordinates = new Float64Array(2 * t.length);
      for (const [i, at] of t.entries()) coordinates.set(nodeWeights(kind, nodes.length, at).subarray(1), 2 * i);
      const values = await objective.plane({ ...plane, coordinates }, rows);
      return { ...values, loss: values.loss.map((value) => (Number.isFinite(value) ? value : Number.NaN)) };
    };
  }
  const theta = new Float64Array(nodes[0]!.length);
  const params = objective.allocate();
  return async (t) => {
    const values = {
      loss: new Float64Array(t.length),
      accuracy: new Float64Array(t.length),
      standardError: new Float64Array(t.length),
    };
    for (const [i, at] of t.entries()) {
      pointOn(curve, at, theta);
      params.set(theta);
      const measured = await objective.measure(params, rows);
      values.loss[i] = Number.isFinite(measured.loss) ? measured.loss : Number.NaN;
      values.accuracy[i] = measured.accuracy;
      values.standardError[i] = measured.standardError;
    }
    return values;
  };
}

const excess = (t: Float64Array, loss: Float64Array, i: number): number =>
  loss[i]! - ((1 - t[i]!) * loss[0]! + t[i]! * loss.at(-1)!);

function highestAbove(t: Float64Array, loss: Float64Array): number {
  let best = 0;
  for (let i = 1; i < t.length; i++) if (excess(t, loss, i) > excess(t, loss, best)) best = i;
  return best;
}

/** A sample's own groups, or all examples dealt to ten at random; none where examples have no loss of their own. */
function groupsOf(objective: Objective, sample: Sample, seed: number): readonly Rows[] {
  if (objective.statistics) return [];
  if (sample.groups.length > 1) return sample.groups;
  const rows = sample.rows ?? Int32Array.from({ length: objective.examples }, (_, i) => i);
  const count = Math.min(groupCount, Math.floor(rows.length / 2));
  if (count < 2) return [];
  const order = createRng(seed, 'groups').shuffle(rows.slice());
  return Array.from({ length: count }, (_, g) => order.filter((_, i) => i % count === g).sort());
}

/**
 * Standard error of the barrier at its t as a mean over examples drawn from the data's distribution, from the spread of
 * the same (paired) difference over disjoint groups: √(m/(m − 1)·Σ w_g²(b_g − b̄)²). Also where all examples are used:
 * the training set is a sample too. Null where nothing can be told.
 */
async function barrierError(
  objective: Objective,
  curve: Curve,
  t: number,
  groups: readonly Rows[],
  turn: () => Promise<void> | undefined,
): Promise<number | null> {
  const m = groups.length;
  if (m < 2) return null;
  const theta = new Float64Array(objective.dimension);
  const params = objective.allocate();
  const total = groups.reduce((sum, rows) => sum + rows.length, 0);
  const heights = new Float64Array(m);
  for (const [at, weight] of [
    [t, 1],
    [0, t - 1],
    [1, -t],
  ] as const) {
    pointOn(curve, at, theta);
    params.set(theta);
    for (const [g, rows] of groups.entries()) {
      heights[g]! += weight * (await objective.value(params, rows));
      await turn();
    }
  }
  const mean = heights.reduce((sum, height, g) => sum + (groups[g]!.length / total) * height, 0);
  const squares = heights.reduce((sum, height, g) => sum + ((groups[g]!.length / total) * (height - mean)) ** 2, 0);
  return Math.sqrt((m / (m - 1)) * squares);
}

/** Σ‖φ(t_{i+1}) − φ(t_i)‖ */
function lengthOf(curve: Curve, t: Float64Array): number {
  const dimension = curve.nodes[0]!.length;
  let before = new Float64Array(dimension);
  let after = new Float64Array(dimension);
  let length = 0;
  pointOn(curve, t[0]!, before);
  for (const at of t.subarray(1)) {
    pointOn(curve, at, after);
    addScaled(before, -1, after);
    length += norm(before);
    [before, after] = [after, before];
  }
  return length;
}
