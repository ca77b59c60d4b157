import { expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { createRng } from '../../src/main/engine/random';
import { gradientError } from '../../src/main/engine/training/gradientError';
import { norm } from '../../src/main/engine/vectors';
import { type InexactGradientSpec, inexactGradientSchema } from '../../src/shared/model/experiment';
import { makeCase } from './networks';

const examples = 40;
const { network, data, params } = makeCase({
  activation: 'tanh',
  loss: 'softmaxCrossEntropy',
  sizes: [5, 7, 3],
  examples,
});
const objective = await createReferenceExecutor().load(network, data);
const theta = Float64Array.from(params);
const gradient = new Float64Array(theta.length);
await objective.gradient(theta, gradient);
const length = norm(gradient);
const measure = (spec: unknown, draws = 2_000) =>
  gradientError(objective, theta, inexactGradientSchema.parse(spec) as InexactGradientSpec, {
    draws,
    rng: createRng(5, 'test'),
  });

test('relative noise: no bias, the stated spread, the cosine of a vector with so much noise', async () => {
  const found = await measure({ kind: 'noise', deviation: 0.5, relative: true });
  expect(found.deviation).toBeAllclose(0.5, { rtol: 0.02 });
  expect(found.bias).toBeLessThan(2 * found.resolution);
  expect(found.cosine).toBeAllclose(1 / Math.sqrt(1.25), { rtol: 0.02 });
});

test('a sample without replacement: the variance of a mean of m of n, (1/m − 1/n) n/(n − 1) times that of one', async () => {
  const each = await objective.exampleGradients!(theta);
  const size = theta.length;
  let variance = 0;
  for (let n = 0; n < examples; n++) {
    for (let i = 0; i < size; i++) variance += (each[n * size + i]! - gradient[i]!) ** 2 / examples;
  }
  const m = 8;
  const expected = Math.sqrt(variance * (1 / m - 1 / examples) * (examples / (examples - 1))) / length;
  const found = await measure({ kind: 'sample', examples: m });
  expect(found.deviation).toBeAllclose(expected, { rtol: 0.03 });
  expect(found.bias).toBeLessThan(2 * found.resolution);
});

test('truncation and bias have no spread and exactly their error', async () => {
  const keep = 0.25;
  const kept = Math.max(1, Math.round(keep * theta.length));
  const left = gradient
    .map(Math.abs)
    .toSorted((a, b) => b - a)
    .subarray(kept);
  expect(await measure({ kind: 'truncate', keep }, 3)).toMatchObject({
    bias: expect.closeTo(norm(left) / length, 10),
    resolution: expect.closeTo(0, 10),
    deviation: expect.closeTo(0, 8),
    cosine: expect.closeTo(Math.sqrt(1 - (norm(left) / length) ** 2), 10),
  });
  const halved = await measure({ kind: 'bias', factor: 0.5 }, 3);
  expect(halved.bias).toBeAllclose(0.5, { rtol: 1e-10 });
  expect(halved.cosine).toBeAllclose(1, { rtol: 1e-12 });
});

test('rounding to the nearest is biased, stochastic rounding is not', async () => {
  const nearest = await measure({ kind: 'quantize', bits: 2 }, 3);
  const stochastic = await measure({ kind: 'quantize', bits: 2, stochastic: true });
  expect(nearest.deviation).toBeLessThan(1e-8);
  expect(nearest.bias).toBeGreaterThan(0.1);
  expect(stochastic.bias).toBeLessThan(2 * stochastic.resolution);
  expect(stochastic.deviation).toBeGreaterThan(nearest.bias);
});
