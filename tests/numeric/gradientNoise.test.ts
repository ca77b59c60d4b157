import { inverse, Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { keptForBackward } from '../../src/main/engine/graph/activationMemory';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { lineFit } from '../../src/main/engine/lineFit';
import { linearRegression } from '../../src/main/engine/objectives/linearRegression';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { createRng } from '../../src/main/engine/random';
import { gradientSpread, minibatchNoise, minibatchVariance } from '../../src/main/engine/training/gradientNoise';
import { dot } from '../../src/main/engine/vectors';
import { modelSchema } from '../../src/shared/model/experiment';
import { makeCase, normalVector } from './networks';

const examples = 24;
const item = makeCase({ activation: 'tanh', loss: 'softmaxCrossEntropy', sizes: [4, 5, 3], examples });
const load = async (): Promise<Objective> => createReferenceExecutor().load(item.network, item.data);
const scaled = (factors: Float64Array) => (g: Float64Array, out: Float64Array) => {
  for (let j = 0; j < g.length; j++) out[j] = factors[j]! * g[j]!;
};

describe('the spread of the examples’ gradients', () => {
  test('mean and variance are those of the matrix of gradients, mapped or not', async () => {
    const objective = await load();
    const { dimension } = objective;
    const all = await objective.exampleGradients!(item.params);
    const factors = normalVector(dimension, 3);
    for (const factor of [new Float64Array(dimension).fill(1), factors]) {
      const column = (j: number) => Array.from({ length: examples }, (_, i) => factor[j]! * all[i * dimension + j]!);
      let variance = 0;
      const mean = Float64Array.from({ length: dimension }, (_, j) => {
        const values = column(j);
        const average = values.reduce((sum, value) => sum + value, 0) / examples;
        variance += values.reduce((sum, value) => sum + (value - average) ** 2, 0) / examples;
        return average;
      });
      const spread = await gradientSpread(objective, item.params, { map: scaled(factor) });
      expect(spread.mean).toBeAllclose(mean, { rtol: 1e-10, atol: 1e-14 });
      expect(spread.variance).toBeAllclose(variance, { rtol: 1e-10 });
    }
    const plain = await gradientSpread(objective, item.params);
    const whole = new Float64Array(dimension);
    await objective.gradient(item.params, whole);
    expect(plain.mean).toBeAllclose(whole, { rtol: 1e-10, atol: 1e-14 });
  });

  test('ends when cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(gradientSpread(await load(), item.params, { signal: controller.signal })).rejects.toThrow('ancel');
  });
});

describe('the noise of minibatches', () => {
  test.each([
    { batchSize: 1, replacement: true },
    { batchSize: 6, replacement: true },
    { batchSize: 40, replacement: true },
    { batchSize: 6, replacement: false },
    { batchSize: 20, replacement: false },
  ])('is σ²/m, corrected without replacement: $batchSize, $replacement', async ({ batchSize, replacement }) => {
    const objective = await load();
    const { mean, variance } = await gradientSpread(objective, item.params);
    const noise = await minibatchNoise(objective, item.params, mean, {
      ...{ batchSize, replacement, draws: 3_000 },
      rng: createRng(7, 'minibatches'),
    });
    const theory = Math.sqrt(minibatchVariance(variance, batchSize, examples, replacement));
    // The uncertainty is that of 3,000 draws: a few percent at most, or the bound would hold for anything.
    expect(noise.uncertainty).toBeLessThan(0.03 * theory);
    expect(Math.abs(noise.standardError - theory)).toBeLessThan(4.5 * noise.uncertainty);
  });

  test('all examples without replacement are the full gradient', async () => {
    const objective = await load();
    const { mean } = await gradientSpread(objective, item.params);
    const rng = createRng(7, 'minibatches');
    const options = { batchSize: examples, replacement: false, draws: 5, rng };
    const { variance } = await minibatchNoise(objective, item.params, mean, options);
    expect(variance).toBeLessThan(1e-28 * dot(mean, mean) * 1e4);
    expect(minibatchVariance(1, examples, examples, false)).toBe(0);
  });
});

test('a fitted line is the weighted normal equations’, with their covariance', () => {
  const x = [0, 1, 2, 3.5, 5];
  const y = [1.1, 2.7, 5.2, 8.1, 10.9];
  const errors = [0.1, 0.2, 0.1, 0.4, 0.3];
  const design = new Matrix(x.map((value) => [1, value]));
  const solve = (weights: readonly number[]) => {
    const weighted = new Matrix(x.map((value, i) => [weights[i]!, weights[i]! * value]));
    const covariance = inverse(weighted.transpose().mmul(design));
    const coefficients = covariance.mmul(weighted.transpose()).mmul(Matrix.columnVector(y));
    return { intercept: coefficients.get(0, 0), slope: coefficients.get(1, 0), variance: covariance.get(1, 1) };
  };
  const weighted = solve(errors.map((error) => error ** -2));
  const fit = lineFit(x, y, errors);
  expect([fit.slope, fit.intercept]).toBeAllclose([weighted.slope, weighted.intercept], { rtol: 1e-12 });
  expect(fit.slopeError).toBeAllclose(Math.sqrt(weighted.variance), { rtol: 1e-12 });

  const plain = solve(x.map(() => 1));
  const unweighted = lineFit(x, y);
  const residuals = y.reduce((sum, value, i) => sum + (value - plain.intercept - plain.slope * x[i]!) ** 2, 0);
  expect([unweighted.slope, unweighted.intercept]).toBeAllclose([plain.slope, plain.intercept], { rtol: 1e-12 });
  expect(unweighted.slopeError).toBeAllclose(Math.sqrt((residuals / 3) * plain.variance), { rtol: 1e-12 });
  expect(lineFit([1, 1], [2, 3]).slope).toBeNaN();
});

test('kept for the backward pass are inputs, targets, activations and predictions, each once', () => {
  const kept = (units: number, activation: string) =>
    keptForBackward(
      buildNetwork(
        modelSchema.parse({
          inputShape: [64],
          layers: [
            { type: 'dense', units, activation },
            { type: 'dense', units: 10 },
          ],
          loss: 'softmaxCrossEntropy',
        }),
      ),
    );
  // x, the class, before and after the activation, the logits.
  expect(kept(32, 'tanh')).toBe(64 + 1 + 2 * 32 + 10);
  expect(kept(7, 'tanh')).toBe(64 + 1 + 2 * 7 + 10);
  expect(kept(32, 'identity')).toBe(64 + 1 + 32 + 10);
});

describe('a linear regression of known generalization error', () => {
  const variances = [1, 4, 25];
  const weights = [0.5, -1, 2];
  const objective = linearRegression({ examples: 20_000, variances, weights, noise: 0.7, seed: 3 });

  test('value, gradient and Hessian tend to (w − w*)ᵀS(w − w*) + σ², 2S(w − w*) and 2S', async () => {
    const at = await objective.measure(Float64Array.from(weights));
    expect(Math.abs(at.loss - 0.49)).toBeLessThan(4.5 * at.standardError);
    expect(at.standardError).toBeLessThan(0.01);
    const offset = [0.3, -0.2, 0.1];
    const w = Float64Array.from(weights, (value, j) => value + offset[j]!);
    const away = await objective.measure(w);
    const exact = offset.reduce((sum, d, j) => sum + variances[j]! * d * d, 0.49);
    expect(Math.abs(away.loss - exact)).toBeLessThan(4.5 * away.standardError);
    const { mean, variance } = await gradientSpread(objective, w);
    const bound = 4.5 * Math.sqrt(variance / objective.examples);
    for (const [j, d] of offset.entries()) expect(Math.abs(mean[j]! - 2 * variances[j]! * d)).toBeLessThan(bound);
    const hessian = await objective.hessian(w);
    for (const [j, s] of variances.entries()) {
      const out = new Float64Array(3);
      await hessian.apply(
        Float64Array.from(variances, (_, i) => Number(i === j)),
        out,
      );
      // The variance of x² is 2s², that of 2·mean(x²) 8s²/n.
      expect(Math.abs(out[j]! - 2 * s)).toBeLessThan(4.5 * s * Math.sqrt(8 / 20_000));
    }
  });
});
