import { setTimeout } from 'node:timers/promises';
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { trainCurve } from '../../../../src/main/engine/connect/train';
import { expressionObjective } from '../../../../src/main/engine/objectives/expression';
import { functionObjective } from '../../../../src/main/engine/objectives/functions';
import type { Objective } from '../../../../src/main/engine/objectives/objective';
import { createOptimizer } from '../../../../src/main/engine/optimizers';
import { type StepBatch, type TrainOptions, train } from '../../../../src/main/engine/training/train';
import { optimizerSchema, trainingSchema } from '../../../../src/shared/model/experiment';
import type { MetricName, Outcome } from '../../../../src/shared/model/run';
import { quadratic } from '../../../numeric/quadratic';
import { leastSquares } from './leastSquares';

interface Setup extends Partial<Omit<TrainOptions, 'optimizer' | 'training' | 'params'>> {
  objective: Objective;
  start: ArrayLike<number>;
  name: string;
  parameters?: Record<string, number | boolean>;
  training?: unknown;
}

async function run({ start, name, parameters, training, ...rest }: Setup) {
  const params = Float64Array.from(start);
  const batches: StepBatch[] = [];
  const generator = train({
    params,
    optimizer: createOptimizer(optimizerSchema.parse({ name, parameters, learningRate: 1 })),
    training: trainingSchema.parse(training ?? {}),
    seed: 0,
    signal: new AbortController().signal,
    classify: false,
    ...rest,
  });
  let next = await generator.next();
  for (; !next.done; next = await generator.next()) batches.push(next.value);
  const column = (metric: MetricName) => batches.flatMap(({ metrics }) => [...metrics[metric]]);
  return { params, outcome: next.value as Outcome, column };
}

/** Counts what is asked of an objective. */
function counted(objective: Objective) {
  const calls = { gradient: 0, product: 0 };
  const counting: Objective = {
    ...objective,
    gradient(...args) {
      calls.gradient++;
      return objective.gradient(...args);
    },
    async hessian(...args) {
      const operator = await objective.hessian(...args);
      return {
        ...operator,
        apply(...vectors) {
          calls.product++;
          return operator.apply(...vectors);
        },
      };
    },
  };
  return { objective: counting, calls };
}

describe('evaluations', () => {
  test.each(['sgd', 'momentum'])('%s makes one per step', async (name) => {
    const objective = expressionObjective('0.01*(x^2 + 2*y^2)');
    const { column } = await run({ objective, start: [1, 1], name, training: { stop: { steps: 4 } } });
    expect(column('evaluations')).toEqual([0, 1, 2, 3, 4]);
  });

  test.each(['lbfgs', 'bfgs', 'conjugateGradient'])(
    '%s: all there are, as where its line ends the next step begins',
    async (name) => {
      const { objective, calls } = counted(functionObjective('rosenbrock'));
      const { column } = await run({ objective, start: [-1.2, 1], name, training: { stop: { steps: 12 } } });
      const evaluations = column('evaluations');
      expect(evaluations.at(-1)).toBe(calls.gradient);
      expect(evaluations[0]).toBe(0);
      // The first step needs its own gradient.
      expect(evaluations[1]).toBeGreaterThanOrEqual(2);
      evaluations.slice(2).forEach((value, t) => {
        expect(value).toBeGreaterThan(evaluations[t + 1]!);
      });
      expect(column('loss').every((loss, t, all) => t === 0 || loss < all[t - 1]!)).toBe(true);
    },
  );

  test('Newton: a gradient and P products per step', async () => {
    const { objective, calls } = counted(functionObjective('himmelblau'));
    const { column } = await run({ objective, start: [3.5, 2.5], name: 'newton', training: { stop: { steps: 3 } } });
    expect(column('evaluations')).toEqual([0, 3, 6, 9]);
    expect(calls).toEqual({ gradient: 4, product: 6 });
  });

  test('a run ends with the step that reaches its budget of them', async () => {
    for (const recordEvery of [1, 1_000]) {
      const { outcome, column } = await run({
        objective: functionObjective('rosenbrock'),
        start: [-1.2, 1],
        name: 'lbfgs',
        training: { stop: { steps: 1_000, evaluations: 25 }, recordEvery },
      });
      const used = column('evaluations').at(-1)!;
      expect(used).toBeGreaterThanOrEqual(25);
      expect(used).toBeLessThan(35);
      expect(outcome).toEqual({ kind: 'maxSteps', step: column('step').at(-1), detail: `${used} evaluations` });
      expect(column('loss').at(-1)).toBeLessThan(1);
    }
  });
});

test.each(['lbfgs', 'bfgs', 'conjugateGradient'])('%s evaluates on the examples of its step alone', async (name) => {
  const { objective, seen } = leastSquares(23);
  const training = { batchSize: 5, stop: { steps: 10 }, recordEvery: 10 };
  const { column } = await run({ objective, start: [0, 0], name, training });
  const batches = new Set(seen.map((rows) => rows.join()));
  expect(batches.size).toBe(10);
  expect(seen.length).toBe(column('evaluations').at(-1));
  expect(seen.length).toBeGreaterThanOrEqual(20);
});

test('dropout is drawn once for a step', async () => {
  const draws: number[] = [];
  const { objective } = leastSquares(8);
  const stepping: Objective = { ...objective, redraw: (draw) => draws.push(draw) };
  const training = { stop: { steps: 6 } };
  const { column } = await run({ objective, stepping, start: [0, 0], name: 'lbfgs', training });
  expect(new Set(draws).size).toBe(6);
  expect(draws).toHaveLength(6);
  expect(column('evaluations').at(-1)).toBeGreaterThan(6);
});

test('cancelled inside a step it stays where the step began, within 100 ms and a product', async () => {
  const slow: Objective = quadratic(Matrix.eye(150), new Float64Array(150));
  let abort = new AbortController();
  let after = 0;
  const objective: Objective = {
    ...slow,
    hessian: async (...args) => {
      const operator = await slow.hessian(...args);
      return {
        ...operator,
        async apply(v, out) {
          if (abort.signal.aborted) after++;
          await setTimeout(2);
          return operator.apply(v, out);
        },
      };
    },
  };
  const start = new Float64Array(150).fill(1);
  for (const recordEvery of [1, 5]) {
    abort = new AbortController();
    const { signal } = abort;
    void setTimeout(80).then(() => abort.abort());
    const { params, outcome, column } = await run({
      objective,
      start,
      name: 'newton',
      signal,
      training: { stop: { steps: 50 }, recordEvery },
    });
    expect(outcome).toEqual({ kind: 'cancelled', step: 0 });
    expect(column('step')).toEqual([0]);
    expect(params).toEqual(start);
  }
  expect(after).toBeLessThan(50);
});

test('a step out of the domain has diverged', async () => {
  const objective = expressionObjective('x - 2*log(x) + y^2');
  const { outcome } = await run({ objective, start: [5, 1], name: 'newton' });
  expect(outcome).toMatchObject({ kind: 'diverged', step: 1 });
});

describe('refused before the first step, with the reason', () => {
  test('Levenberg–Marquardt on a function', async () => {
    const objective = functionObjective('himmelblau');
    await expect(run({ objective, start: [1, 1], name: 'gaussNewton' })).rejects.toMatchObject({
      message: '"analytic (float64)" has no Gauss–Newton products: a function is no loss of a network.',
      field: ['optimizer', 'name'],
    });
  });

  test('BFGS with a dense matrix that is too large', async () => {
    const { objective } = leastSquares(5);
    const large = { ...objective, dimension: 3_000, allocate: () => new Float64Array(3_000) };
    await expect(run({ objective: large, start: new Float64Array(3_000), name: 'bfgs' })).rejects.toThrow(
      'bfgs keeps a dense matrix, too large for 3000 parameters',
    );
  });

  test('a search that is to bend a curve', async () => {
    const ends = [Float64Array.of(-1, 0), Float64Array.of(0, 1), Float64Array.of(1, 0)];
    const optimizer = optimizerSchema.parse({ name: 'lbfgs', learningRate: 1 });
    const curve = { kind: 'bezier', nodes: ends } as const;
    await expect(
      trainCurve(functionObjective('himmelblau'), curve, { steps: 1, batchSize: 'full', optimizer, seed: 0 }),
    ).rejects.toThrow('lbfgs cannot train a curve');
  });
});
