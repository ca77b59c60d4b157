import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { expressionObjective } from '../../../../src/main/engine/objectives/expression';
import { functionObjective } from '../../../../src/main/engine/objectives/functions';
import type { Objective } from '../../../../src/main/engine/objectives/objective';
import { createOptimizer } from '../../../../src/main/engine/optimizers';
import { createAverage } from '../../../../src/main/engine/training/averaging';
import {
  createPauseControl,
  type StepBatch,
  type TrainOptions,
  train,
} from '../../../../src/main/engine/training/train';
import { averagingSchema, optimizerSchema, trainingSchema } from '../../../../src/shared/model/experiment';
import { type MetricName, metricNames, type Outcome } from '../../../../src/shared/model/run';
import { leastSquares } from './leastSquares';

interface Setup extends Partial<Omit<TrainOptions, 'optimizer' | 'training'>> {
  objective: Objective;
  start: number[];
  optimizer?: unknown;
  training?: unknown;
}

function options({ start, optimizer, training, ...rest }: Setup): TrainOptions {
  return {
    params: Float64Array.from(start),
    optimizer: createOptimizer(optimizerSchema.parse(optimizer ?? { name: 'sgd', learningRate: 0.1 })),
    training: trainingSchema.parse(training ?? {}),
    seed: 0,
    signal: new AbortController().signal,
    classify: false,
    ...rest,
  };
}

async function run(setup: Setup, onBatch?: (batch: StepBatch) => void) {
  const batches: StepBatch[] = [];
  const generator = train(options(setup));
  let next = await generator.next();
  for (; !next.done; next = await generator.next()) {
    batches.push(next.value);
    onBatch?.(next.value);
  }
  const column = (name: MetricName) => batches.flatMap(({ metrics }) => [...metrics[name]]);
  return {
    batches,
    outcome: next.value as Outcome,
    column,
    theta: batches.flatMap(({ theta }) => [...theta]),
    rows: batches.reduce((sum, { rows }) => sum + rows, 0),
  };
}

const bowl = () => expressionObjective('x^2 + 2*y^2');

describe('rows', () => {
  test('row t is θ_t before step t with its loss; the last row has no step', async () => {
    const result = await run({ objective: bowl(), start: [1, -1], training: { stop: { steps: 3 } } });
    expect(result.outcome).toEqual({ kind: 'maxSteps', step: 3 });
    const xs = [1, 0.8, 0.64, 0.512];
    const ys = [-1, -0.6, -0.36, -0.216];
    expect(result.theta).toBeAllclose(
      xs.flatMap((x, i) => [x, ys[i]!]),
      { rtol: 1e-7 },
    );
    expect(result.column('step')).toEqual([0, 1, 2, 3]);
    expect(result.column('loss')).toBeAllclose(
      xs.map((x, i) => x * x + 2 * ys[i]! ** 2),
      { rtol: 1e-14 },
    );
    expect(result.column('batchLoss').slice(0, 3)).toEqual(result.column('loss').slice(0, 3));
    const norms = xs.map((x, i) => Math.hypot(2 * x, 4 * ys[i]!));
    expect(result.column('gradientNorm')).toBeAllclose(norms, { rtol: 1e-14 });
    expect(result.column('updateNorm').slice(0, 3)).toBeAllclose(
      norms.slice(0, 3).map((n) => 0.1 * n),
      { rtol: 1e-14 },
    );
    expect(result.column('learningRate').slice(0, 3)).toEqual([0.1, 0.1, 0.1]);
    for (const name of ['batchLoss', 'updateNorm', 'learningRate'] as const) expect(result.column(name)[3]).toBeNaN();
    for (const name of ['epoch', 'validationLoss', 'accuracy', 'validationAccuracy'] as const) {
      expect(result.column(name)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    }
  });

  test('every n-th step and the last are recorded, with the same values as in the full recording', async () => {
    const setup = { objective: bowl(), start: [1, -1] };
    const full = await run({ ...setup, training: { stop: { steps: 23 } } });
    const sparse = await run({ ...setup, training: { stop: { steps: 23 }, recordEvery: 10 } });
    expect(sparse.column('step')).toEqual([0, 10, 20, 23]);
    for (const name of metricNames) {
      expect(sparse.column(name)).toEqual([0, 10, 20, 23].map((i) => full.column(name)[i]));
    }
  });

  test('batches are contiguous, of exact size, and yield about every batchMilliseconds', async () => {
    const result = await run({
      objective: functionObjective('himmelblau'),
      start: [-0.5, -1.2],
      optimizer: { name: 'adam', learningRate: 1e-5 },
      training: { stop: { steps: 60_000 } },
      batchMilliseconds: 5,
    });
    expect(result.batches.length).toBeGreaterThan(3);
    expect(result.rows).toBe(60_001);
    let row = 0;
    for (const { firstRow, rows, theta, metrics } of result.batches) {
      expect(firstRow).toBe(row);
      expect(theta).toHaveLength(2 * rows);
      expect(theta.buffer.byteLength).toBe(8 * rows);
      for (const name of metricNames) expect(metrics[name]).toHaveLength(rows);
      row += rows;
    }
    expect(result.column('step')).toEqual(Array.from({ length: 60_001 }, (_, i) => i));
  });

  test('a full batch takes its loss from the gradient: no other evaluation', async () => {
    const { objective, calls } = leastSquares(20);
    await run({ objective, start: [0, 0], training: { stop: { steps: 10 } } });
    expect(calls).toEqual({ gradient: 11, value: 0, measure: 0 });
  });

  test('params end at the last row', async () => {
    const params = Float64Array.of(1, -1);
    const result = await run({ objective: bowl(), start: [], params, training: { stop: { steps: 5 } } });
    expect(result.theta.slice(-2)).toBeAllclose(params, { rtol: 1e-7 });
  });
});

describe('minibatches', () => {
  test('each epoch deals every example once, the last batch may be short, the order changes', async () => {
    const { objective, seen } = leastSquares(10);
    const result = await run({ objective, start: [0, 0], training: { batchSize: 4, stop: { steps: 6 } } });
    expect(seen.map((rows) => rows.length)).toEqual([4, 4, 2, 4, 4, 2]);
    const [first, second] = [seen.slice(0, 3).flat(), seen.slice(3).flat()];
    const inOrder = Array.from({ length: 10 }, (_, i) => i);
    for (const epoch of [first, second]) expect(epoch.toSorted((a, b) => a - b)).toEqual(inOrder);
    expect(first).not.toEqual(second);
    expect(first).not.toEqual(inOrder);
    expect(result.column('epoch')).toBeAllclose([0, 0.4, 0.8, 1, 1.4, 1.8, 2], { rtol: 1e-15 });
  });

  test('file order keeps the order of the data', async () => {
    const { objective, seen } = leastSquares(5);
    const training = { batchSize: 2, order: 'file', stop: { steps: 4 } };
    await run({ objective, start: [0, 0], training });
    expect(seen).toEqual([[0, 1], [2, 3], [4], [0, 1]]);
  });

  test('the loss is that of the whole training part, the batch loss that of the batch', async () => {
    const { objective, seen, loss } = leastSquares(12);
    const result = await run({ objective, start: [0.5, 0.5], training: { batchSize: 1, stop: { steps: 20 } } });
    for (let t = 0; t <= 20; t++) {
      const theta = Float64Array.of(result.theta[2 * t]!, result.theta[2 * t + 1]!);
      expect(result.column('loss')[t]).toBeAllclose(loss(theta), { rtol: 1e-6 });
      if (t < 20) {
        expect(result.column('batchLoss')[t]).toBeAllclose(loss(theta, Int32Array.from(seen[t]!)), {
          rtol: 1e-5,
          atol: 1e-9,
        });
      }
    }
  });

  test('the same seed gives the same bytes, another seed another path', async () => {
    const once = async (seed: number) => {
      const { objective } = leastSquares(64);
      const result = await run({ objective, start: [0, 0], training: { batchSize: 8, stop: { steps: 200 } }, seed });
      return [...result.theta, ...metricNames.flatMap(result.column)];
    };
    expect(await once(1)).toEqual(await once(1));
    expect(await once(1)).not.toEqual(await once(2));
  });

  test('an asynchronous objective gives the same rows', async () => {
    const both = await Promise.all(
      [false, true].map((asynchronous) =>
        run({
          objective: leastSquares(30, { asynchronous }).objective,
          validation: leastSquares(10, { seed: 1, asynchronous }).objective,
          classify: true,
          start: [0, 0],
          training: { batchSize: 7, stop: { steps: 30 } },
        }),
      ),
    );
    expect(both[0]!.theta).toEqual(both[1]!.theta);
    for (const name of metricNames) expect(both[0]!.column(name)).toEqual(both[1]!.column(name));
    expect(both[0]!.column('accuracy').every(Number.isFinite)).toBe(true);
    expect(both[0]!.column('validationAccuracy').every(Number.isFinite)).toBe(true);
  });

  test('a batch larger than the data is refused with both numbers; one of exactly n is the full batch', async () => {
    const { objective, calls } = leastSquares(10);
    const training = (batchSize: number) => ({ batchSize, stop: { steps: 2 } });
    await expect(run({ objective, start: [0, 0], training: training(11) })).rejects.toMatchObject({
      code: 'badInput',
      message: 'The batch size 11 is larger than the 10 training examples.',
      field: ['training', 'batchSize'],
    });
    await run({ objective, start: [0, 0], training: training(10) });
    expect(calls.value).toBe(0);
  });
});

describe('how it ends', () => {
  test('converged: full batch at the very step, with the norm', async () => {
    const training = { stop: { steps: 1_000, gradientNorm: 1e-3 }, recordEvery: 50 };
    const { outcome, column } = await run({ objective: bowl(), start: [1, 0], training });
    /** |2·0.8ᵗ| ≤ 1e-3 first at t = 35 */
    expect(outcome).toMatchObject({ kind: 'converged', step: 35 });
    expect(outcome.detail).toBe('‖∇L‖ = 0.0008113 ≤ 0.001');
    expect(column('step')).toEqual([0, 35]);
    expect(column('gradientNorm')[1]).toBeAllclose(2 * 0.8 ** 35, { rtol: 1e-12 });
  });

  test('converged: minibatches look at the gradient of the whole training part at recorded rows', async () => {
    const { objective, calls } = leastSquares(50);
    const training = { batchSize: 25, stop: { steps: 4_000, gradientNorm: 0.05 }, recordEvery: 5 };
    const { outcome, column, theta } = await run({ objective, start: [0, 0], training });
    expect(outcome.kind).toBe('converged');
    expect(outcome.step % 5).toBe(0);
    const gradient = new Float64Array(2);
    objective.gradient(Float64Array.from(theta.slice(-2)), gradient);
    expect(column('gradientNorm').at(-1)).toBeAllclose(Math.hypot(...gradient), { rtol: 1e-5 });
    expect(calls.value).toBe(0);
  });

  test('patience: counted in recorded rows without a lower validation loss', async () => {
    const { objective } = leastSquares(40);
    /** Its minimum is elsewhere: the validation loss falls, then rises for good. */
    const validation = expressionObjective('(x - 0.7)^2 + (y + 0.3)^2');
    const training = { stop: { steps: 1_000, patience: 6 } };
    const { outcome, column } = await run({ objective, validation, start: [0, 0], training });
    const losses = column('validationLoss');
    const lowest = losses.indexOf(Math.min(...losses));
    expect(outcome).toMatchObject({ kind: 'patience', step: lowest + 6 });
    expect(outcome.detail).toContain('in 6 recorded rows');
    expect(losses).toHaveLength(lowest + 7);
  });

  test('patience without validation data is refused', async () => {
    const training = { stop: { patience: 5 } };
    await expect(run({ objective: bowl(), start: [1, 1], training })).rejects.toMatchObject({
      code: 'badInput',
      field: ['training', 'stop', 'patience'],
    });
  });

  test.each([1, 7])('diverged with recordEvery %d: the last row is the last finite one', async (recordEvery) => {
    /** Above 2/λ the step grows without end: θ leaves float32 long before float64. */
    const { outcome, column, theta } = await run({
      objective: bowl(),
      start: [1, 1],
      optimizer: { name: 'sgd', learningRate: 1.1 },
      training: { stop: { steps: 10_000 }, recordEvery },
    });
    expect(outcome.kind).toBe('diverged');
    expect(outcome.detail).toBe(`a parameter is beyond float32 at step ${outcome.step}`);
    expect(column('step').at(-1)).toBe(outcome.step - 1);
    expect(theta.every(Number.isFinite)).toBe(true);
    expect(column('loss').every(Number.isFinite)).toBe(true);
    expect(column('step')).toEqual([...new Set(column('step'))].sort((a, b) => a - b));
  });

  test.each([1, 4])('diverged by a loss that is not finite, recordEvery %d', async (recordEvery) => {
    /** From x = 0.5 the first steps lead below 0, where log has no value. */
    const { outcome, column } = await run({
      objective: expressionObjective('x + 0.001*log(x)'),
      start: [0.5, 0],
      training: { recordEvery },
    });
    expect(outcome).toMatchObject({ kind: 'diverged', step: 5 });
    expect(outcome.detail).toBe('the loss is NaN at step 5');
    expect(column('step')).toEqual(recordEvery === 1 ? [0, 1, 2, 3, 4] : [0, 4]);
  });

  test('diverged at the start keeps θ₀', async () => {
    const { outcome, theta, column } = await run({ objective: expressionObjective('log(x)'), start: [-1, 2] });
    expect(outcome).toEqual({ kind: 'diverged', step: 0, detail: 'the loss is NaN at step 0' });
    expect(theta).toEqual([-1, 2]);
    expect(column('loss')).toEqual([Number.NaN]);
  });

  test('diverged by a gradient that is not finite', async () => {
    const { outcome, column } = await run({ objective: expressionObjective('sqrt(x) + y'), start: [0, 1] });
    expect(outcome).toEqual({ kind: 'diverged', step: 0, detail: 'the gradient norm is Infinity at step 0' });
    expect(column('loss')).toEqual([1]);
  });

  test('a minibatch that diverges keeps the last finite row', async () => {
    const { objective } = leastSquares(20);
    const { outcome, column } = await run({
      objective,
      start: [0, 0],
      optimizer: { name: 'sgd', learningRate: 50 },
      training: { batchSize: 5, stop: { steps: 10_000 }, recordEvery: 9 },
    });
    expect(outcome.kind).toBe('diverged');
    expect(column('step').at(-1)).toBe(outcome.step - 1);
    expect(column('loss').every(Number.isFinite)).toBe(true);
  });

  // Timed because the promise is a time; tried again because others may hold the machine.
  test('cancelled within 100 ms, with the last θ recorded', { retry: 3 }, async () => {
    const abort = new AbortController();
    let at = 0;
    const finished = run({
      objective: functionObjective('himmelblau'),
      start: [0, 0],
      optimizer: { name: 'adam', learningRate: 1e-6 },
      training: { stop: { steps: 10_000_000 }, recordEvery: 1_000 },
      signal: abort.signal,
    });
    await setTimeout(150);
    at = performance.now();
    abort.abort();
    const { outcome, column } = await finished;
    expect(performance.now() - at).toBeLessThan(100);
    expect(outcome.kind).toBe('cancelled');
    expect(column('step').at(-1)).toBe(outcome.step);
    expect(outcome.step).toBeGreaterThan(1_000);
    expect(column('loss').every(Number.isFinite)).toBe(true);
  });

  test('cancelled before the start: one row', async () => {
    const { outcome, theta } = await run({ objective: bowl(), start: [1, 2], signal: AbortSignal.abort() });
    expect(outcome).toEqual({ kind: 'cancelled', step: 0 });
    expect(theta).toEqual([1, 2]);
  });
});

describe('pause', () => {
  const long = {
    objective: functionObjective('himmelblau'),
    start: [0, 0],
    optimizer: { name: 'sgd', learningRate: 1e-6 },
    batchMilliseconds: 2,
  };

  test('holds the steps until resumed, and changes nothing of the result', async () => {
    const pause = createPauseControl();
    const training = { stop: { steps: 30_000 }, recordEvery: 100 };
    let rows = 0;
    const finished = run({ ...long, training, pause }, (batch) => {
      rows += batch.rows;
      if (rows > 20 && rows < 200) pause.pause();
    });
    await setTimeout(300);
    expect(pause.paused).toBe(true);
    const held = rows;
    await setTimeout(100);
    expect(rows).toBe(held);
    rows = 1_000;
    pause.resume();
    const paused = await finished;
    const plain = await run({ ...long, training });
    expect(paused.theta).toEqual(plain.theta);
    expect(paused.column('loss')).toEqual(plain.column('loss'));
  });

  test('cancel ends a paused training', async () => {
    const pause = createPauseControl();
    pause.pause();
    const abort = new AbortController();
    const finished = run({ ...long, training: { stop: { steps: 10_000_000 } }, pause, signal: abort.signal });
    await setTimeout(20);
    abort.abort();
    expect((await finished).outcome).toEqual({ kind: 'cancelled', step: 0 });
  });
});

describe('means of the iterates', () => {
  const rule = { name: 'momentum', learningRate: 0.1 };
  test.each([
    [{ kind: 'uniform' }],
    [{ kind: 'uniform', start: 4 }],
    [{ kind: 'exponential', decay: 0.8 }],
    [{ kind: 'exponential', decay: 0.8, start: 3 }],
  ])('%j: the loss at the mean of θ_start … θ_t, computed from the recorded path', async (given) => {
    const spec = averagingSchema.parse(given);
    const setup = { objective: bowl(), start: [1, -1], optimizer: rule, training: { stop: { steps: 20 } } };
    const average = createAverage(spec, 2);
    const result = await run({ ...setup, average });
    const plain = await run(setup);
    expect(result.theta).toEqual(plain.theta);
    let mean = [1, -1];
    const losses = Array.from({ length: 21 }, (_, t) => {
      const at = result.theta.slice(2 * t, 2 * t + 2);
      if (t <= spec.start) mean = at;
      else if (spec.kind === 'exponential') mean = mean.map((m, i) => spec.decay * m + (1 - spec.decay) * at[i]!);
      else {
        const taken = Array.from({ length: t - spec.start + 1 }, (_, k) => spec.start + k);
        mean = [0, 1].map((i) => taken.reduce((sum, s) => sum + result.theta[2 * s + i]!, 0) / taken.length);
      }
      return mean[0]! ** 2 + 2 * mean[1]! ** 2;
    });
    // The recorded path is in float32.
    expect(result.column('averageLoss')).toBeAllclose(losses, { rtol: 1e-5, atol: 1e-7 });
    expect([...average.params]).toBeAllclose(mean, { rtol: 1e-5, atol: 1e-7 });
    expect(plain.column('averageLoss').every(Number.isNaN)).toBe(true);
  });

  test('take every step, also those that are not recorded', async () => {
    const setup = { objective: bowl(), start: [1, -1], optimizer: rule };
    const ends = await Promise.all(
      [1, 7].map(async (recordEvery) => {
        const average = createAverage({ kind: 'uniform', start: 0 }, 2);
        await run({ ...setup, average, training: { stop: { steps: 20 }, recordEvery } });
        return [...average.params];
      }),
    );
    expect(ends[0]).toEqual(ends[1]);
  });
});

test('SAM takes both gradients of a step on the same minibatch, and counts both', async () => {
  const { objective, seen } = leastSquares(12);
  const optimizer = { name: 'sam', learningRate: 0.1 };
  const training = { batchSize: 4, stop: { steps: 6 } };
  const result = await run({ objective, start: [0, 0], optimizer, training });
  expect(seen).toHaveLength(12);
  for (let step = 0; step < 6; step++) expect(seen[2 * step]).toEqual(seen[2 * step + 1]);
  expect(new Set(seen.map(String)).size).toBe(6);
  expect(result.column('evaluations').at(-1)).toBe(12);
});

test('an optimizer that evaluates the loss refuses a gradient that does not belong to it, and takes a sample', async () => {
  const sam = (inexact: unknown) => ({ name: 'sam', learningRate: 0.1, inexact });
  const { objective } = leastSquares(12);
  const setup = { objective, start: [0, 0], training: { stop: { steps: 3 } } };
  await expect(run({ ...setup, optimizer: sam({ kind: 'round', step: 1 }) })).rejects.toThrow('(round)');
  const result = await run({ ...setup, optimizer: sam({ kind: 'sample', examples: 3 }) });
  expect(result.outcome).toEqual({ kind: 'maxSteps', step: 3 });
});

describe('inexact gradients', () => {
  const withInexact = (inexact: unknown) => ({ name: 'sgd', learningRate: 0.1, inexact });

  test('steps and the recorded norm are those of the distorted gradient, the loss is the exact one', async () => {
    const result = await run({
      objective: bowl(),
      start: [1, -1],
      optimizer: withInexact({ kind: 'bias', offset: 0.5 }),
      training: { stop: { steps: 1 } },
    });
    expect(result.theta).toBeAllclose([1, -1, 0.75, -0.65], { rtol: 1e-7 });
    expect(result.column('gradientNorm')[0]).toBeCloseTo(Math.hypot(2.5, -3.5), 12);
    expect(result.column('loss')).toBeAllclose([3, 0.75 ** 2 + 2 * 0.65 ** 2], { rtol: 1e-12 });
  });

  test('the gradient-norm rule looks at the exact gradient', async () => {
    const training = { stop: { steps: 500, gradientNorm: 0.01 } };
    const noisy = withInexact({ kind: 'bias', offset: 1 });
    const result = await run({ objective: bowl(), start: [1, -1], optimizer: noisy, training });
    expect(result.outcome.kind).toBe('maxSteps');
    const scaled = withInexact({ kind: 'bias', factor: 0.5 });
    const other = await run({ objective: bowl(), start: [1, -1], optimizer: scaled, training });
    expect(other.outcome.kind).toBe('converged');
  });

  test('a sample takes so many examples of the full batch or of a minibatch, and the order of batches stays', async () => {
    const rows = async (inexact: unknown, batchSize: unknown) => {
      const { objective, seen } = leastSquares(12);
      await run({
        objective,
        start: [0, 0],
        optimizer: inexact ? withInexact(inexact) : undefined,
        training: { batchSize, stop: { steps: 5 } },
      });
      return seen;
    };
    const full = await rows({ kind: 'sample', examples: 4 }, 'full');
    expect(full.map((sample) => sample.length)).toEqual([4, 4, 4, 4, 4]);
    expect(new Set(full.map(String)).size).toBeGreaterThan(1);
    const batches = await rows(undefined, 6);
    const sampled = await rows({ kind: 'sample', examples: 2 }, 6);
    sampled.forEach((sample, i) => {
      expect(sample).toHaveLength(2);
      for (const row of sample) expect(batches[i]).toContain(row);
    });
  });

  test('the same seed gives the same path', async () => {
    const path = async (seed: number) => {
      const optimizer = withInexact({ kind: 'noise', deviation: 0.2 });
      const setup = { objective: bowl(), start: [1, -1], optimizer, seed, training: { stop: { steps: 30 } } };
      return (await run(setup)).theta;
    };
    expect(await path(3)).toEqual(await path(3));
    expect(await path(3)).not.toEqual(await path(4));
  });
});
