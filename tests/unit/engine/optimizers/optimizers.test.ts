import { describe, expect, test } from 'vitest';
import { createOptimizer, optimizers } from '../../../../src/main/engine/optimizers';
import {
  chain,
  clipByGlobalNorm,
  clipByValue,
  type GradientTransform,
} from '../../../../src/main/engine/optimizers/transform';
import { createSchedule } from '../../../../src/main/engine/schedules/schedule';
import { UserError } from '../../../../src/shared/errors';
import { optimizerSchema } from '../../../../src/shared/model/experiment';

const create = (spec: unknown) => createOptimizer(optimizerSchema.parse(spec));

describe('refusals name the value, the field and the known ones', () => {
  test.each([
    [
      { name: 'adamm', learningRate: 1 },
      'Unknown optimizer "adamm"',
      'rmspropNesterov, adadelta, adam, adamw',
      ['optimizer', 'name'],
    ],
    [
      { name: 'adam', learningRate: 1, parameters: { momentum: 0.9 } },
      'Unknown hyperparameter "momentum" of adam',
      'Known: b1, b2, eps.',
      ['optimizer', 'parameters', 'momentum'],
    ],
    [
      { name: 'sgd', learningRate: 1, parameters: { momentum: 0.9 } },
      'Unknown hyperparameter "momentum" of sgd',
      'sgd has none',
      ['optimizer', 'parameters', 'momentum'],
    ],
    [
      { name: 'momentum', learningRate: 1, parameters: { momentum: 1 } },
      'momentum cannot use momentum = 1',
      'at least 0 and below 1',
      ['optimizer', 'parameters', 'momentum'],
    ],
    [
      { name: 'adagrad', learningRate: 1, parameters: { eps: -1 } },
      'eps = -1',
      'a number at least 0',
      ['optimizer', 'parameters', 'eps'],
    ],
    [
      { name: 'lbfgs', learningRate: 1, parameters: { history: 2.5 } },
      'lbfgs cannot use history = 2.5',
      'a whole number at least 1 and at most 1000',
      ['optimizer', 'parameters', 'history'],
    ],
    [
      { name: 'lbfgs', learningRate: 1, clip: { kind: 'norm', threshold: 1 } },
      'lbfgs cannot clip the gradient',
      'Leave clipping out',
      ['optimizer', 'clip'],
    ],
    [
      { name: 'newton', learningRate: 1, weightDecay: 0.1 },
      'newton cannot use weight decay',
      'the L2 term of the objective',
      ['optimizer', 'weightDecay'],
    ],
    [
      { name: 'rmsprop', learningRate: 1, parameters: { centered: 1 } },
      'centered = 1',
      'true or false',
      ['optimizer', 'parameters', 'centered'],
    ],
    [
      { name: 'rmsprop', learningRate: 1, parameters: { alpha: true } },
      'alpha = true',
      'at least 0 and below 1',
      ['optimizer', 'parameters', 'alpha'],
    ],
  ])('%j', (spec, message, cure, field) => {
    let error: unknown;
    try {
      create(spec);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(message);
    expect((error as UserError).cure).toContain(cure);
    expect((error as UserError).field).toEqual(field);
  });
});

test('the catalog is plain data', () => {
  expect(structuredClone(optimizers)).toEqual(optimizers);
  expect(optimizers.map(({ name }) => name).slice(0, 5)).toEqual(['sgd', 'momentum', 'nesterov', 'adagrad', 'rmsprop']);
  expect(new Set(optimizers.map(({ name }) => name)).size).toBe(optimizers.length);
});

test('the rule’s memory is readable by name', () => {
  const params = Float64Array.of(1, 2);
  const optimizer = create({
    name: 'momentum',
    learningRate: 0.1,
    clip: { kind: 'norm', threshold: 1 },
    weightDecay: 0.1,
  });
  const state = optimizer.init(params);
  const gradient = Float64Array.of(3, 4);
  const moved = optimizer.step(gradient, state, params);
  /** clipped to (0.6, 0.8), then + 0.1·θ */
  expect(state.vectors.velocity).toBeAllclose([0.7, 1.0], { rtol: 1e-6 });
  expect(gradient).toBeAllclose([0.7, 1.0], { rtol: 1e-6 });
  expect(params).toBeAllclose([0.93, 1.9], { rtol: 1e-6 });
  expect(moved).toBeAllclose(Math.hypot(0.07, 0.1), { rtol: 1e-6 });
});

test('links of a chain act in order', () => {
  const apply = (...links: GradientTransform[]) => {
    const transform = chain(...links);
    const g = Float64Array.of(3, -4);
    transform.update(g, transform.init(g), g);
    return [...g];
  };
  expect(apply(clipByValue(3), clipByGlobalNorm(1))).toBeAllclose([Math.SQRT1_2, -Math.SQRT1_2], { rtol: 1e-6 });
  expect(apply(clipByGlobalNorm(1), clipByValue(0.7))).toBeAllclose([0.6, -0.7], { rtol: 1e-6 });
  expect(apply(clipByGlobalNorm(5.1))).toEqual([3, -4]);
});

test.each([
  [{ kind: 'constant' }, [2, 2, 2, 2, 2]],
  [{ kind: 'step', every: 2, gamma: 0.5 }, [2, 2, 1, 1, 0.5]],
  [{ kind: 'exponential', gamma: 0.5 }, [2, 1, 0.5, 0.25, 0.125]],
  [{ kind: 'cosine', steps: 2, floor: 1 }, [2, 1.5, 1, 1, 1]],
] as const)('schedule %j', (spec, expected) => {
  const schedule = createSchedule(spec, 2);
  expect(expected.map((_, t) => schedule(t))).toBeAllclose([...expected], { rtol: 1e-15 });
  expect(create({ name: 'sgd', learningRate: 2, schedule: spec }).learningRate(1)).toBeAllclose(expected[1], {
    rtol: 1e-15,
  });
});
