import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { initialize } from '../../../../src/main/engine/initializers/initialize';
import { createRng } from '../../../../src/main/engine/random';
import { type InitializerSpec, initializerNames } from '../../../../src/shared/model/experiment';
import type { ParameterLayout } from '../../../../src/shared/model/run';

const units = 120;
const inputs = 80;
const layout: ParameterLayout = [
  { name: 'layers.0.weight', shape: [units, inputs], offset: 0, size: units * inputs, role: 'weight' },
  { name: 'layers.0.bias', shape: [units], offset: units * inputs, size: units, role: 'bias' },
];
const size = units * inputs + units;

function draw(weights: InitializerSpec, biases: InitializerSpec = { name: 'zeros' }, seed = 5): Float64Array {
  const out = new Float64Array(size).fill(Number.NaN);
  initialize(layout, { weights, biases }, createRng(seed, 'initialization'), out);
  return out;
}
const weightsOf = (params: Float64Array): Float64Array => params.subarray(0, units * inputs);
const deviation = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

// The standard error of s is s/√(2n) for a normal, less for a uniform distribution.
const fiveErrors = 5 / Math.sqrt(2 * units * inputs);

describe('uniform', () => {
  test.each<[InitializerSpec, number]>([
    [{ name: 'uniform' }, 0.05],
    [{ name: 'uniform', scale: 2 }, 2],
    [{ name: 'glorotUniform' }, Math.sqrt(6 / (inputs + units))],
    [{ name: 'glorotUniform', scale: 2 }, 2 * Math.sqrt(6 / (inputs + units))],
    [{ name: 'heUniform' }, Math.sqrt(6 / inputs)],
  ])('%o lies within ±%d and fills it', (spec, halfWidth) => {
    const weights = weightsOf(draw(spec));
    expect(Math.max(...weights.map(Math.abs))).toBeAllclose(halfWidth, { rtol: 2e-3 });
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(halfWidth);
    expect(deviation(weights)).toBeAllclose(halfWidth / Math.sqrt(3), { rtol: fiveErrors });
  });
});

describe('normal', () => {
  test.each<[InitializerSpec, number]>([
    [{ name: 'normal' }, 0.05],
    [{ name: 'normal', scale: 3 }, 3],
    [{ name: 'glorotNormal' }, Math.sqrt(2 / (inputs + units))],
    [{ name: 'heNormal' }, Math.sqrt(2 / inputs)],
  ])('%o has standard deviation %d', (spec, expected) => {
    const weights = weightsOf(draw(spec));
    expect(deviation(weights)).toBeAllclose(expected, { rtol: fiveErrors });
    expect(Math.max(...weights)).toBeGreaterThan(3 * expected);
  });
});

test.each([
  ['wide', [6, 11]],
  ['tall', [11, 6]],
  ['square', [8, 8]],
] as const)('orthogonal, %s: the shorter side is orthonormal times the gain', (_, [rows, columns]) => {
  const block = { name: 'w', shape: [rows, columns], offset: 0, size: rows * columns, role: 'weight' } as const;
  const out = new Float64Array(rows * columns);
  const gain = 1.5;
  initialize(
    [{ ...block, shape: [rows, columns] }],
    { weights: { name: 'orthogonal', scale: gain }, biases: { name: 'zeros' } },
    createRng(1, 'q'),
    out,
  );
  const q = Matrix.from1DArray(rows, columns, out);
  const gram = rows <= columns ? q.mmul(q.transpose()) : q.transpose().mmul(q);
  const n = Math.min(rows, columns);
  expect(gram.to1DArray()).toBeAllclose(
    Matrix.eye(n, n)
      .mul(gain ** 2)
      .to1DArray(),
    { atol: 1e-13 },
  );
});

test('orthogonal is uniform: without the choice of signs the first entry would always be negative', () => {
  const layout2: ParameterLayout = [{ name: 'w', shape: [3, 3], offset: 0, size: 9, role: 'weight' }];
  const rng = createRng(2, 'q');
  const out = new Float64Array(9);
  let positive = 0;
  for (let i = 0; i < 400; i++) {
    initialize(layout2, { weights: { name: 'orthogonal' }, biases: { name: 'zeros' } }, rng, out);
    if (out[0]! > 0) positive += 1;
  }
  expect(positive).toBeAllclose(200, { atol: 5 * Math.sqrt(400 / 4) });
});

test('weights and biases each have their own initializer', () => {
  const params = draw({ name: 'constant', scale: 0.5 }, { name: 'constant', scale: -1 });
  expect(new Set(weightsOf(params))).toEqual(new Set([0.5]));
  expect(new Set(params.subarray(units * inputs))).toEqual(new Set([-1]));
  expect(new Set(draw({ name: 'zeros' }))).toEqual(new Set([0]));
});

test.each(initializerNames)('%s repeats with its seed and fills every place', (name) => {
  const params = draw({ name });
  expect(params.some(Number.isNaN)).toBe(false);
  expect(draw({ name })).toEqual(params);
  if (name !== 'zeros' && name !== 'constant') expect(draw({ name }, { name: 'zeros' }, 6)).not.toEqual(params);
});

test.each(['glorotUniform', 'heNormal', 'orthogonal'] as const)('%s is refused for biases', (name) => {
  expect(() => draw({ name: 'zeros' }, { name })).toThrow(`${name} needs a matrix; layers.0.bias has shape [120]`);
});
