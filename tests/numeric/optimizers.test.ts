import { describe, expect, test } from 'vitest';
import { expressionObjective } from '../../src/main/engine/objectives/expression';
import { functionObjective } from '../../src/main/engine/objectives/functions';
import type { Objective, Vector } from '../../src/main/engine/objectives/objective';
import { createOptimizer, optimizers as everyOptimizer } from '../../src/main/engine/optimizers';
import { createStepObjective } from '../../src/main/engine/optimizers/search';
import { optimizerSchema } from '../../src/shared/model/experiment';
import fixtures from '../fixtures/torch/optimizers.json';

/** Those of the gradient alone; secondOrder.test.ts has the others. */
const optimizers = everyOptimizer.filter(({ isSearch }) => !isSearch);
const [[a, b], [, d]] = fixtures.quadratic as [[number, number], [number, number]];
const objectives: Record<string, Objective> = {
  rosenbrock: functionObjective('rosenbrock'),
  himmelblau: functionObjective('himmelblau'),
  quadratic: expressionObjective(`0.5*(${a}*x^2 + 2*(${b})*x*y + ${d}*y^2)`),
};

async function steps(objective: Objective, spec: unknown, params: Vector, count: number): Promise<number[][]> {
  const optimizer = createOptimizer(optimizerSchema.parse(spec));
  const at = createStepObjective(objective, new AbortController().signal);
  const state = optimizer.init(params);
  const gradient = params.slice();
  const rows = [[...params]];
  for (let t = 0; t < count; t++) {
    at.begin(await objective.gradient(params, gradient), undefined);
    await optimizer.step(gradient, state, params, at);
    rows.push([...params]);
  }
  return rows;
}

describe(`step by step against torch ${fixtures.torch} (${fixtures.withoutTorch}: NumPy) in float64`, () => {
  test.each(fixtures.cases.map((entry) => [`${entry.objective}: ${JSON.stringify(entry.optimizer)}`, entry] as const))(
    '%s',
    async (_, { objective, optimizer, trajectory }) => {
      const start = Float64Array.from(trajectory[0]!);
      const rows = await steps(objectives[objective]!, optimizer, start, trajectory.length - 1);
      expect(rows.flat()).toBeAllclose(trajectory.flat(), { rtol: 1e-10, atol: 1e-13 });
      expect(rows.at(-1)).not.toEqual(rows[0]);
    },
  );

  test('every optimizer and every kind of clipping and schedule is among them', () => {
    const seen = fixtures.cases.map(({ optimizer }) => optimizer as Record<string, unknown>);
    // SAM takes a gradient inside its step, and is checked here for its rule.
    expect(new Set(seen.map(({ name }) => name))).toEqual(new Set([...optimizers.map(({ name }) => name), 'sam']));
    for (const key of ['clip', 'schedule', 'weightDecay']) expect(seen.some((spec) => key in spec)).toBe(true);
  });

  test('the defaults are torch’s', () => {
    const ours = Object.fromEntries(
      optimizers.map(({ name, parameters }) => [
        name,
        Object.fromEntries(parameters.map((info) => [info.name, info.default])),
      ]),
    );
    const theirs = fixtures.defaults;
    const rates = Object.fromEntries(
      optimizers
        .filter(({ name }) => !fixtures.withoutTorch.includes(name))
        .map((info) => [info.name, info.defaultLearningRate]),
    );
    expect(rates).toEqual(Object.fromEntries(Object.entries(theirs).map(([name, { lr }]) => [name, lr])));
    expect(ours.adam).toEqual({ b1: theirs.adam.betas[0], b2: theirs.adam.betas[1], eps: theirs.adam.eps });
    expect(ours.adadelta).toEqual({ rho: theirs.adadelta.rho, eps: theirs.adadelta.eps });
    expect(ours.adamw).toEqual({ ...ours.adam, decay: theirs.adamw.weight_decay });
    expect(ours.amsgrad).toEqual(ours.adam);
    expect(ours.nadam).toEqual({ ...ours.adam, momentumDecay: theirs.nadam.momentum_decay });
    expect(ours.rmspropNesterov).toEqual({ alpha: theirs.rmsprop.alpha, eps: theirs.rmsprop.eps, momentum: 0.9 });
    expect(ours.lion).toEqual({ b1: 0.9, b2: 0.99, decay: 0 });
    expect(ours.rmsprop).toEqual({
      alpha: theirs.rmsprop.alpha,
      eps: theirs.rmsprop.eps,
      momentum: theirs.rmsprop.momentum,
      centered: theirs.rmsprop.centered,
    });
    expect(ours.adagrad).toEqual({
      lrDecay: theirs.adagrad.lr_decay,
      initialAccumulator: theirs.adagrad.initial_accumulator_value,
      eps: theirs.adagrad.eps,
    });
  });
});

test.each(optimizers.map(({ name }) => [name]))(
  '%s in float32 follows float64 and keeps its state in float32',
  async (name) => {
    const spec = { name, learningRate: 0.01 };
    const wide = await steps(objectives.himmelblau!, spec, Float64Array.of(-0.5, -1.2), 20);
    const narrow = await steps(objectives.himmelblau!, spec, Float32Array.of(-0.5, -1.2), 20);
    expect(narrow.flat()).toBeAllclose(wide.flat(), { rtol: 2e-4 });
    const state = createOptimizer(optimizerSchema.parse(spec)).init(new Float32Array(2));
    for (const vector of Object.values(state.vectors)) expect(vector).toBeInstanceOf(Float32Array);
  },
);

describe('rates of single parameters', () => {
  const adaptive = ['adagrad', 'rmsprop', 'rmspropNesterov', 'adadelta', 'adam', 'adamw', 'amsgrad', 'nadam'];
  /** What the rates multiply: the gradient, or the mean of it with its bias correction. */
  const averaged = new Set(['adam', 'adamw', 'amsgrad']);

  test.each(optimizers.map(({ name }) => [name]))('%s', (name) => {
    const parameters = { adamw: { decay: 0 }, rmspropNesterov: { momentum: 0 } }[name] ?? {};
    const schedule = { kind: 'exponential', gamma: 0.9 };
    const optimizer = createOptimizer(optimizerSchema.parse({ name, learningRate: 0.01, parameters, schedule }));
    const params = Float64Array.of(-0.5, -1.2);
    const state = optimizer.init(params);
    expect(optimizer.rates(state)).toBeNull();
    const gradient = new Float64Array(2);
    const mean = new Float64Array(2);
    for (let t = 0; t < 12; t++) {
      objectives.himmelblau!.gradient(params, gradient);
      const before = params.slice();
      gradient.forEach((g, i) => {
        mean[i] = 0.9 * mean[i]! + 0.1 * g;
      });
      const against = averaged.has(name) ? mean.map((m) => m / (1 - 0.9 ** (t + 1))) : gradient.slice();
      void optimizer.step(gradient, state, params);
      const rates = optimizer.rates(state);
      if (!adaptive.includes(name)) {
        expect(rates).toBeNull();
        continue;
      }
      // NAdam adds its gradient to the mean with weights of its own: only that its rates are Adam's is checked below.
      if (name === 'nadam') continue;
      const moved = params.map((value, i) => before[i]! - value);
      expect(moved).toBeAllclose(
        against.map((g, i) => rates![i]! * g),
        { rtol: 1e-8 },
      );
    }
  });

  test('NAdam’s are those of Adam on the same gradients', () => {
    const [nadam, adam] = ['nadam', 'adam'].map((name) => {
      const optimizer = createOptimizer(optimizerSchema.parse({ name, learningRate: 0.01 }));
      const params = Float64Array.of(1, 1);
      const state = optimizer.init(params);
      for (let t = 0; t < 5; t++) void optimizer.step(Float64Array.of(t - 2, 10), state, params);
      return optimizer.rates(state)!;
    });
    expect([...nadam!]).toBeAllclose([...adam!], { rtol: 1e-12 });
  });
});
