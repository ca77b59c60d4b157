import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { denseSpectrum } from '../../src/main/engine/curvature/dense';
import { empiricalFisher } from '../../src/main/engine/curvature/empiricalFisher';
import { everything, sampleOfBatches } from '../../src/main/engine/curvature/groups';
import { curvatureOperator } from '../../src/main/engine/curvature/operators';
import { measureSpectrum } from '../../src/main/engine/curvature/spectrum';
import type { Executor } from '../../src/main/engine/executors/executor';
import { createOnnxExecutor } from '../../src/main/engine/executors/onnx';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { functionObjective } from '../../src/main/engine/objectives/functions';
import type { LinearOperator, Objective } from '../../src/main/engine/objectives/objective';
import { addScaled, dot } from '../../src/main/engine/vectors';
import { makeCase, normalVector, relativeError } from './networks';

const classes = 3;
const examples = 24;
const item = makeCase({
  activation: 'tanh',
  loss: 'softmaxCrossEntropy',
  sizes: [4, 5, classes],
  examples,
});
let executor: Executor;
let objective: Objective;
beforeAll(async () => {
  executor = await createOnnxExecutor({ threads: 1 });
  objective = await executor.load(item.network, item.data);
});
afterAll(() => executor.dispose());

async function product(operator: LinearOperator, v: Float64Array): Promise<Float64Array> {
  const out = new Float64Array(operator.size);
  await operator.apply(v, out);
  return out;
}

/** Gradients of every example in float64, one by one, and their losses; the labels may be others than the data's. */
async function singleGradients(y: Float32Array) {
  const reference = await createReferenceExecutor().load(item.network, { ...item.data, y });
  const gradients: Float64Array[] = [];
  const losses: number[] = [];
  for (let i = 0; i < examples; i++) {
    const gradient = new Float64Array(reference.dimension);
    losses.push(await reference.gradient(item.params, gradient, Int32Array.of(i)));
    gradients.push(gradient);
  }
  return { gradients, losses };
}

describe('empirical Fisher products', () => {
  test('are the mean of the outer products of the examples’ gradients', async () => {
    const { gradients } = await singleGradients(item.data.y);
    const v = normalVector(objective.dimension, 3);
    const wanted = new Float64Array(objective.dimension);
    for (const gradient of gradients) addScaled(wanted, dot(gradient, v) / examples, gradient);
    const kept = await empiricalFisher(objective, item.params);
    expect(relativeError(await product(kept, v), wanted)).toBeLessThan(1e-6);
    // Three gradients at a time, computed again for every product.
    const memory = { kept: 0, chunk: 3 * 8 * objective.dimension };
    const again = await empiricalFisher(objective, item.params, undefined, undefined, memory);
    expect(relativeError(await product(again, v), wanted)).toBeLessThan(1e-6);
  });

  test('have a positive semidefinite matrix of rank at most the number of examples', async () => {
    const rows = Int32Array.of(0, 5, 9, 20);
    const { values } = await denseSpectrum(await empiricalFisher(objective, item.params, rows), 0);
    const largest = values.at(-1)!;
    expect(values[0]!).toBeGreaterThan(-1e-6 * largest);
    expect(values.filter((value) => value > 1e-5 * largest)).toHaveLength(rows.length);
  });

  test('weigh minibatches by their size', async () => {
    const sample = sampleOfBatches({ batches: 4, batchSize: 7, seed: 2 }, examples);
    expect(sample.groups.map(({ length }) => length)).toEqual([7, 7, 7, 3]);
    const v = normalVector(objective.dimension, 4);
    const mean = new Float64Array(objective.dimension);
    for (const rows of sample.groups) {
      addScaled(mean, rows.length / examples, await product(await empiricalFisher(objective, item.params, rows), v));
    }
    expect(relativeError(mean, await product(await empiricalFisher(objective, item.params), v))).toBeLessThan(1e-5);
  });

  test('give a spectrum beside the others; a function has none, and says why', async () => {
    const options = { top: 2, bottom: 0, method: 'lanczos', sample: everything } as const;
    const [hessian, gaussNewton, fisher] = [
      await measureSpectrum(objective, item.params, options),
      await measureSpectrum(objective, item.params, { ...options, matrix: 'gaussNewton' }),
      await measureSpectrum(objective, item.params, { ...options, matrix: 'empiricalFisher' }),
    ];
    expect(fisher.matrix).toBe('empiricalFisher');
    expect(fisher.gradientSquared).toBe(hessian.gradientSquared);
    expect(new Set([hessian, gaussNewton, fisher].map(({ eigenvalues }) => eigenvalues[0]!.value)).size).toBe(3);
    for (const { converged } of fisher.eigenvalues) expect(converged).toBe(true);
    const himmelblau = functionObjective('himmelblau');
    await expect(curvatureOperator(himmelblau, 'empiricalFisher', Float64Array.of(1, 1))).rejects.toMatchObject({
      code: 'badInput',
      message: expect.stringContaining('no gradients of single examples: a function is no loss of a network'),
    });
  });

  test('are cancelled between chunks', async () => {
    const aborted = AbortSignal.abort();
    await expect(empiricalFisher(objective, item.params, undefined, aborted)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

test('the Gauss–Newton matrix of cross-entropy is the Fisher information: labels drawn from the model', async () => {
  const v = normalVector(objective.dimension, 6);
  const fisher = new Float64Array(objective.dimension);
  for (let label = 0; label < classes; label++) {
    // The loss of a label is −log of the probability the model gives it.
    const { gradients, losses } = await singleGradients(new Float32Array(examples).fill(label));
    gradients.forEach((gradient, i) => {
      addScaled(fisher, (Math.exp(-losses[i]!) * dot(gradient, v)) / examples, gradient);
    });
  }
  expect(relativeError(await product(await objective.gaussNewton!(item.params), v), fisher)).toBeLessThan(1e-5);
});
