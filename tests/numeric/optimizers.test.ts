import { describe, expect, test } from 'vitest';
import { expressionObjective } from '../../src/main/engine/objectives/expression';
import { functionObjective } from '../../src/main/engine/objectives/functions';
import type { Objective, Vector } from '../../src/main/engine/objectives/objective';
import { createOptimizer, optimizers as everyOptimizer } from '../../src/main/engine/optimizers';
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

function steps(objective: Objective, spec: unknown, params: Vector, count: number): number[][] {
  const optimizer = createOptimizer(optimizerSchema.parse(spec));
  const state = optimizer.init(params);
  const gradient = params.slice();
  const rows = [[...params]];
  for (let t = 0; t < count; t++) {
    objective.gradient(params, gradient);
    optimizer.step(gradient, state, params);
    rows.push([...params]);
  }
  return rows;
}

describe(`step by step against torch ${fixtures.torch} in float64`, () => {
  test.each(fixtures.cases.map((entry) => [`${entry.objective}: ${JSON.stringify(entry.optimizer)}`, entry] as const))(
    '%s',
    (_, { objective, optimizer, trajectory }) => {
      const start = Float64Array.from(trajectory[0]!);
      const rows = steps(objectives[objective]!, optimizer, start, trajectory.length - 1);
      expect(rows.flat()).toBeAllclose(trajectory.flat(), { rtol: 1e-10, atol: 1e-13 });
      expect(rows.at(-1)).not.toEqual(rows[0]);
    },
  );

  test('every optimizer and every kind of clipping and schedule is among them', () => {
    const seen = fixtures.cases.map(({ optimizer }) => optimizer as Record<string, unknown>);
    expect(new Set(seen.map(({ name }) => name))).toEqual(new Set(optimizers.map(({ name }) => name)));
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
    const rates = Object.fromEntries(optimizers.map((info) => [info.name, info.defaultLearningRate]));
    expect(rates).toEqual(Object.fromEntries(Object.entries(theirs).map(([name, { lr }]) => [name, lr])));
    expect(ours.adam).toEqual({ b1: theirs.adam.betas[0], b2: theirs.adam.betas[1], eps: theirs.adam.eps });
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
  (name) => {
    const spec = { name, learningRate: 0.01 };
    const wide = steps(objectives.himmelblau!, spec, Float64Array.of(-0.5, -1.2), 20);
    const narrow = steps(objectives.himmelblau!, spec, Float32Array.of(-0.5, -1.2), 20);
    expect(narrow.flat()).toBeAllclose(wide.flat(), { rtol: 2e-4 });
    const state = createOptimizer(optimizerSchema.parse(spec)).init(new Float32Array(2));
    for (const vector of Object.values(state.vectors)) expect(vector).toBeInstanceOf(Float32Array);
  },
);
