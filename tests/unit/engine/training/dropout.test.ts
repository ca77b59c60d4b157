import { expect, test } from 'vitest';
import { createReferenceExecutor } from '../../../../src/main/engine/executors/reference';
import { buildNetwork } from '../../../../src/main/engine/graph/build';
import type { Objective } from '../../../../src/main/engine/objectives/objective';
import { withL2 } from '../../../../src/main/engine/objectives/withL2';
import { createOptimizer } from '../../../../src/main/engine/optimizers';
import { train } from '../../../../src/main/engine/training/train';
import { modelSchema, optimizerSchema, trainingSchema } from '../../../../src/shared/model/experiment';
import { normalVector } from '../../../numeric/networks';

const model = modelSchema.parse({
  inputShape: [3],
  layers: [
    { type: 'dense', units: 8, activation: 'tanh' },
    { type: 'dropout', rate: 0.4 },
    { type: 'dense', units: 2 },
  ],
  loss: 'softmaxCrossEntropy',
});
const examples = 24;
const data = {
  x: Float32Array.from(normalVector(3 * examples, 1)),
  y: Float32Array.from({ length: examples }, (_, i) => i % 2),
  examples,
};
const rate = 0.5;

async function load(dropout: boolean): Promise<Objective> {
  return withL2(await createReferenceExecutor().load(buildNetwork(model, { dropout }), data), {
    coefficient: 0.01,
    biases: false,
  });
}

async function run(seed: number, batchSize: number | 'full') {
  const objective = await load(false);
  const masked = await load(true);
  const draws: number[] = [];
  const stepping: Objective = {
    ...masked,
    redraw(draw) {
      draws.push(draw);
      masked.redraw!(draw);
    },
  };
  const params = normalVector(objective.dimension, 2);
  const batches = train({
    objective,
    stepping,
    params,
    optimizer: createOptimizer(optimizerSchema.parse({ name: 'sgd', learningRate: rate })),
    training: trainingSchema.parse({ batchSize, stop: { steps: 6 } }),
    seed,
    signal: new AbortController().signal,
    classify: true,
  });
  const theta: number[] = [];
  const loss: number[] = [];
  const batchLoss: number[] = [];
  for await (const batch of batches) {
    theta.push(...batch.theta);
    loss.push(...batch.metrics.loss);
    batchLoss.push(...batch.metrics.batchLoss);
  }
  return { objective, masked, draws, theta, loss, batchLoss, params };
}

test.each(['full', 7] as const)('batch size %s: one draw for each step, losses without dropout', async (batchSize) => {
  const { objective, draws, theta, loss, batchLoss } = await run(5, batchSize);
  expect(draws.length).toBe(6);
  expect(new Set(draws).size).toBe(6);
  const size = objective.dimension;
  for (let row = 0; row <= 6; row++) {
    const at = Float64Array.from(theta.slice(row * size, (row + 1) * size));
    expect(loss[row]).toBeAllclose(await objective.value(at), { rtol: 1e-6 });
    if (row < 6) expect(Math.abs(batchLoss[row]! - loss[row]!)).toBeGreaterThan(1e-4);
  }
});

test('a full-batch step follows the gradient of its draw', async () => {
  const { masked, draws, theta, batchLoss } = await run(5, 'full');
  const size = masked.dimension;
  const start = normalVector(size, 2);
  const gradient = new Float64Array(size);
  masked.redraw!(draws[0]!);
  expect(batchLoss[0]).toBe(await masked.gradient(start, gradient));
  const next = start.map((value, i) => value - rate * gradient[i]!);
  expect(theta.slice(size, 2 * size)).toBeAllclose(next, { rtol: 1e-6, atol: 1e-7 });
});

test('the seed decides the path', async () => {
  const first = await run(5, 'full');
  expect((await run(5, 'full')).params).toEqual(first.params);
  expect((await run(6, 'full')).params).not.toEqual(first.params);
});
