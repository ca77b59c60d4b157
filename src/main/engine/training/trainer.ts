import { badInput } from '../../../shared/errors';
import type { TrainingSpec } from '../../../shared/model/experiment';
import type { Outcome } from '../../../shared/model/run';
import type { Objective, Rows, Vector } from '../objectives/objective';
import type { Optimizer } from '../optimizers';
import { createStepObjective } from '../optimizers/search';
import { createRng } from '../random';
import { norm } from '../vectors';
import type { Average } from './averaging';
import { createBatches } from './batches';
import { createInexactGradient } from './inexactGradient';
import { createRecorder, emptyRow, type MetricRow, type StepBatch } from './recorder';

export interface TrainerOptions {
  objective: Objective;
  /**
   * What the steps' gradients are taken of where that is not `objective`: the same with dropout on, drawn anew for each
   * step. Losses, measures and the gradient-norm rule stay those of `objective`.
   */
  stepping?: Objective | null;
  /** Null or left out: no validation columns and no patience rule. */
  validation?: Objective | null;
  /** θ₀; becomes the last θ reached. */
  params: Vector;
  optimizer: Optimizer;
  training: TrainingSpec;
  /** Seeds the order of the batches and the dropout. */
  seed: number;
  signal: AbortSignal;
  /** Also record the fraction right. */
  classify: boolean;
  /** The examples from easy to hard, where a curriculum asks for another order than their own. */
  ranking?: Rows | null;
  /** The mean of the iterates, brought up to date at every step and measured at recorded ones. */
  average?: Average | null;
}

/** The steps of a training, without pauses; `train` gives it its rhythm. */
export interface Trainer {
  /** Takes at least one step and then more until `performance.now()` reaches `until`; the outcome when it ended. */
  advance(until: number): Promise<Outcome | null>;
  /** What was recorded since the last call. */
  take(): StepBatch | null;
}

/** The trajectory is stored in float32: a parameter beyond it has diverged. */
const largestFloat32 = 3.4028234663852886e38;

/**
 * One step is: where θ_t stands (loss, measures, does it end here), then the update. A synchronous objective is never
 * awaited, and nothing is allocated, in steps that are not recorded.
 *
 * @throws UserError (badInput) for a batch larger than the data, patience without validation data, or an optimizer that
 * cannot work on the objective
 */
export function createTrainer(options: TrainerOptions): Trainer {
  const { objective, params, optimizer, training, signal } = options;
  const { stop, recordEvery } = training;
  const { examples } = objective;
  const exhausted = createPatience(options);
  const batches = createBatches(training, examples, createRng(options.seed, 'batches'), options.ranking);
  const stepping = options.stepping ?? objective;
  const inexact = optimizer.inexact
    ? createInexactGradient(optimizer.inexact, examples, createRng(options.seed, 'inexactGradient'))
    : null;
  /** A step's gradient is that of the objective as a whole, and its loss the objective's. */
  const isExact = batches === null && stepping === objective && !inexact?.sample;
  const dropout = createRng(options.seed, 'dropout');
  const recorder = createRecorder(objective.dimension);
  const needsMeasures = !isExact || options.classify || Boolean(options.validation);
  optimizer.check(stepping);
  const state = optimizer.init(params);
  const at = optimizer.isSearch ? createStepObjective(stepping, signal) : undefined;
  const gradient = objective.allocate();
  const average = options.average ? createAverageMeasure(options, options.average) : null;
  /** θ_{t−1} and its row: where that was not recorded, it may turn out to be the last finite one. */
  const previous = recordEvery > 1 ? objective.allocate() : null;
  let previousRow = emptyRow();
  let previousIsRecorded = true;
  let row = emptyRow();
  let step = 0;
  let seen = 0;
  /** Gradients computed for the steps, without those that are only measured. */
  let gradients = 0;

  async function diverged(detail: string): Promise<Outcome> {
    if (previous && !previousIsRecorded) {
      await measure(options, previous, previousRow);
      if (Number.isFinite(previousRow.loss)) recorder.add(previous, previousRow);
    }
    return { kind: 'diverged', step, detail: `${detail} at step ${step}` };
  }

  function outcomeHere(
    hasConverged: boolean,
    patienceDetail: string | null,
    isSpent: boolean,
    isCancelled: boolean,
  ): Outcome | null {
    if (hasConverged) {
      return { kind: 'converged', step, detail: `‖∇L‖ = ${short(row.gradientNorm)} ≤ ${stop.gradientNorm}` };
    }
    if (patienceDetail !== null) return { kind: 'patience', step, detail: patienceDetail };
    if (isSpent) return { kind: 'maxSteps', step, detail: `${row.evaluations} evaluations` };
    if (step === stop.steps) return { kind: 'maxSteps', step };
    return isCancelled ? { kind: 'cancelled', step } : null;
  }

  async function advance(until: number): Promise<Outcome | null> {
    do {
      clear(row);
      row.step = step;
      row.epoch = seen / examples;
      row.evaluations = gradients + (at?.evaluations ?? 0);
      const isCancelled = signal.aborted;
      const isSpent = stop.evaluations !== undefined && row.evaluations >= stop.evaluations;
      const isDue = isCancelled || isSpent || step === stop.steps || step % recordEvery === 0;

      const arrived = isExact && at ? at.arrived(gradient) : null;
      if (!isCancelled && (isExact || (isDue && stop.gradientNorm !== undefined))) {
        const loss = arrived ?? objective.gradient(params, gradient);
        row.loss = typeof loss === 'number' ? loss : await loss;
        row.gradientNorm = norm(gradient);
      }
      const hasConverged = stop.gradientNorm !== undefined && row.gradientNorm <= stop.gradientNorm;
      const isRecorded = isDue || hasConverged;
      if (isRecorded && (needsMeasures || isCancelled)) await measure(options, params, row);
      if (average) await average(params, row, isRecorded);
      const isLossKnown = isExact || isRecorded;
      if (isLossKnown && !Number.isFinite(row.loss)) {
        if (step === 0) recorder.add(params, row);
        return diverged(`the loss is ${row.loss}`);
      }
      const outcome = outcomeHere(
        hasConverged,
        isRecorded ? exhausted(row.validationLoss) : null,
        isSpent,
        isCancelled,
      );
      if (outcome) {
        recorder.add(params, row);
        return outcome;
      }

      if (isExact) {
        row.batchLoss = row.loss;
        seen += examples;
        at?.begin(row.loss, undefined);
      } else {
        const batch = batches?.next();
        const rows = inexact?.sample ? inexact.sample(batch) : batch;
        stepping.redraw?.(dropout.integer(2 ** 32));
        const loss = stepping.gradient(params, gradient, rows, isRecorded || at !== undefined);
        row.batchLoss = typeof loss === 'number' ? loss : await loss;
        row.gradientNorm = norm(gradient);
        seen += rows?.length ?? examples;
        at?.begin(row.batchLoss, rows);
      }
      if (inexact?.distort) {
        inexact.distort(gradient);
        row.gradientNorm = norm(gradient);
      }
      if (arrived === null) gradients++;
      row.learningRate = optimizer.learningRate(step);
      if (isRecorded) recorder.add(params, row);
      if (!Number.isFinite(row.gradientNorm)) {
        previousIsRecorded ||= isRecorded;
        return diverged(`the gradient norm is ${row.gradientNorm}`);
      }

      previous?.set(params);
      let moved: number;
      try {
        const answer = optimizer.step(gradient, state, params, at);
        moved = typeof answer === 'number' ? answer : await answer;
      } catch (error) {
        if (!signal.aborted) throw error;
        // θ is still where the step began.
        if (isRecorded) return { kind: 'cancelled', step };
        continue;
      }
      row.updateNorm = isInRange(params, moved) ? moved : Number.NaN;
      if (isRecorded) recorder.setUpdateNorm(row.updateNorm);
      [row, previousRow] = [previousRow, row];
      previousIsRecorded = isRecorded;
      step++;
      if (Number.isNaN(previousRow.updateNorm)) return diverged('a parameter is beyond float32');
    } while (performance.now() < until);
    return null;
  }

  return { advance, take: recorder.take };
}

function clear(row: MetricRow): void {
  row.loss = row.batchLoss = row.validationLoss = row.accuracy = row.validationAccuracy = Number.NaN;
  row.averageLoss = row.averageValidationLoss = Number.NaN;
  row.gradientNorm = row.updateNorm = row.learningRate = Number.NaN;
}

/** Takes θ_t into the mean and, in a recorded step, fills what its row holds of it. */
function createAverageMeasure({ objective, validation }: TrainerOptions, average: Average) {
  const mean = objective.allocate();
  return async (params: Vector, row: MetricRow, isRecorded: boolean): Promise<void> => {
    average.add(params, row.step);
    if (!isRecorded) return;
    mean.set(average.params);
    row.averageLoss = await objective.value(mean);
    if (validation) row.averageValidationLoss = (await validation.measure(mean)).loss;
  };
}

/** Fills what a recorded row holds besides its step; the loss only where the gradient has not given it. */
async function measure(
  { objective, validation, classify }: TrainerOptions,
  params: Vector,
  row: MetricRow,
): Promise<void> {
  if (classify) {
    const train = await objective.measure(params);
    row.accuracy = train.accuracy;
    if (Number.isNaN(row.loss)) row.loss = train.loss;
  } else if (Number.isNaN(row.loss)) row.loss = await objective.value(params);
  if (validation) {
    const measured = await validation.measure(params);
    row.validationLoss = measured.loss;
    if (classify) row.validationAccuracy = measured.accuracy;
  }
}

/** Says, given the validation losses of the recorded rows one by one, when the patience is over. */
function createPatience({ training, validation }: TrainerOptions): (validationLoss: number) => string | null {
  const { patience } = training.stop;
  if (patience === undefined) return () => null;
  if (!validation) {
    throw badInput(
      'The patience rule needs validation data, and there are none.',
      'Set a validation fraction above 0 or leave patience out.',
      ['training', 'stop', 'patience'],
    );
  }
  let lowest = Number.POSITIVE_INFINITY;
  let waited = 0;
  return (validationLoss) => {
    if (validationLoss < lowest) {
      lowest = validationLoss;
      waited = 0;
    } else waited++;
    return waited >= patience ? `no validation loss below ${short(lowest)} in ${patience} recorded rows` : null;
  };
}

const short = (value: number) => String(Number(value.toPrecision(4)));

/** Storage in float32 holds nothing beyond its range but what is not finite, and such a step has no finite length. */
function isInRange(params: Vector, moved: number): boolean {
  if (!Number.isFinite(moved)) return false;
  return params instanceof Float32Array || params.every((value) => Math.abs(value) <= largestFloat32);
}
