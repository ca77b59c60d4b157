import { expect, test } from 'vitest';
import { sharpnessAlongPath } from '../../src/main/engine/curvature/alongPath';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { initialize } from '../../src/main/engine/initializers/initialize';
import { createRng } from '../../src/main/engine/random';
import { modelSchema } from '../../src/shared/model/experiment';

/** 20 Chebyshev points x = cos(π(j + ½)/20) with T₄(x) = 8x⁴ − 8x² + 1. */
const x = Float32Array.from({ length: 20 }, (_, j) => Math.cos((Math.PI * (j + 0.5)) / 20));
const data = { x, y: x.map((value) => 8 * value ** 4 - 8 * value ** 2 + 1), examples: 20 };
const network = buildNetwork(
  modelSchema.parse({
    inputShape: [1],
    layers: [
      { type: 'dense', units: 100, activation: 'tanh' },
      { type: 'dense', units: 1 },
    ],
    loss: 'meanSquaredError',
  }),
);

/**
 * Full-batch gradient descent drives the sharpness of ½(f − y)² up to 2/η, where it hovers, and the loss falls although
 * it rises on many steps (Cohen et al. 2021). Our mean squared error is twice that loss: half the rate, half the λ.
 * Larger biases start sharper, so that the smaller rate gets to its edge in as many steps.
 */
test.each([
  { learningRate: 0.4, biases: 0.1 },
  { learningRate: 0.2, biases: 0.3 },
])('the edge of stability at η = $learningRate is 2/η', async ({ learningRate, biases }) => {
  const objective = await createReferenceExecutor().load(network, data);
  const params = new Float64Array(objective.dimension);
  initialize(
    objective.layout,
    { weights: { name: 'glorotUniform' }, biases: { name: 'normal', scale: biases } },
    createRng(1, 'initialization'),
    params,
  );
  const [steps, every] = [20_000, 250];
  const gradient = new Float64Array(params.length);
  const path: Float64Array[] = [];
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    if (step % every === 0) path.push(params.slice());
    losses.push(await objective.gradient(params, gradient));
    for (let i = 0; i < params.length; i++) params[i]! -= (learningRate / 2) * gradient[i]!;
  }
  const sharpness: number[] = [];
  for await (const { value, converged } of sharpnessAlongPath(objective, path)) {
    expect(converged).toBe(true);
    sharpness.push(value / 2);
  }
  const edge = 2 / learningRate;
  const lastQuarter = sharpness.slice(-sharpness.length / 4);
  // Below the edge for most of the way, then at it.
  expect(sharpness[10]!).toBeLessThan(0.95 * edge);
  expect(lastQuarter.reduce((sum, value) => sum + value) / lastQuarter.length).toBeAllclose(edge, { rtol: 0.05 });
  const last = losses.slice(-steps / 4);
  const rises = last.filter((loss, i) => i > 0 && loss > last[i - 1]!).length / last.length;
  expect(rises).toBeGreaterThan(0.25);
  expect(last.at(-1)!).toBeLessThan(0.02 * losses[0]!);
});
