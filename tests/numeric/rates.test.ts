import { describe, expect, test } from 'vitest';
import { generate } from '../../src/main/engine/datasets/generate';
import { prepareData } from '../../src/main/engine/datasets/prepareData';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { initialize } from '../../src/main/engine/initializers/initialize';
import { functionObjective } from '../../src/main/engine/objectives/functions';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { createOptimizer } from '../../src/main/engine/optimizers';
import { createRng } from '../../src/main/engine/random';
import { train } from '../../src/main/engine/training/train';
import { modelSchema, optimizerSchema, trainingSchema } from '../../src/shared/model/experiment';
import { metricNames } from '../../src/shared/model/run';

/** ‖θ_t‖ for t = 0 … steps on ½Σλᵢθᵢ², whose minimum is 0, from θ₀ = (1, …, 1). */
function distances(eigenvalues: number[], optimizerSpec: unknown, steps: number): number[] {
  const optimizer = createOptimizer(optimizerSchema.parse(optimizerSpec));
  const params = new Float64Array(eigenvalues.length).fill(1);
  const gradient = new Float64Array(eigenvalues.length);
  const state = optimizer.init(params);
  const out = [Math.hypot(...params)];
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < params.length; i++) gradient[i] = eigenvalues[i]! * params[i]!;
    optimizer.step(gradient, state, params);
    out.push(Math.hypot(...params));
  }
  return out;
}

const spectra = [
  [1, 10],
  [0.5, 3, 7, 50],
  [1, 2, 5, 400],
];

describe.each(spectra.map((eigenvalues) => [eigenvalues]))('quadratic with eigenvalues %j', (eigenvalues) => {
  const smallest = eigenvalues[0]!;
  const largest = eigenvalues.at(-1)!;
  const kappa = largest / smallest;

  test('the best gradient descent contracts by (κ − 1)/(κ + 1) per step', () => {
    const rate = (kappa - 1) / (kappa + 1);
    const steps = Math.ceil(40 / (1 - rate));
    const d = distances(eigenvalues, { name: 'sgd', learningRate: 2 / (smallest + largest) }, steps);
    expect(d[steps]! / d[steps - 1]!).toBeAllclose(rate, { rtol: 1e-9 });
  });

  test('another learning rate is slower', () => {
    const steps = Math.ceil(20 * kappa);
    const end = (factor: number) =>
      distances(eigenvalues, { name: 'sgd', learningRate: (factor * 2) / (smallest + largest) }, steps)[steps]!;
    expect(end(1)).toBeLessThan(end(0.9));
    expect(end(1)).toBeLessThan(end(1.002));
  });

  test('the best momentum contracts by (√κ − 1)/(√κ + 1) per step', () => {
    const rate = (Math.sqrt(kappa) - 1) / (Math.sqrt(kappa) + 1);
    const learningRate = (2 / (Math.sqrt(smallest) + Math.sqrt(largest))) ** 2;
    const steps = 2 * Math.ceil(100 / (1 - rate));
    const optimizer = { name: 'momentum', learningRate, parameters: { momentum: rate ** 2 } };
    const d = distances(eigenvalues, optimizer, steps);
    /** The slowest mode decays as t·rateᵗ (a double root), so the rate is approached as 1 + 1/t. */
    const measured = (d[steps]! / d[steps / 2]!) ** (2 / steps);
    expect(measured).toBeAllclose(rate, { rtol: 4 / steps });
  });

  test.each([
    ['sgd', 0, 2],
    ['momentum', 0.9, 2 + 2 * 0.9],
    ['momentum', 0.5, 2 + 2 * 0.5],
    ['nesterov', 0.9, (2 + 2 * 0.9) / (1 + 2 * 0.9)],
  ])('%s with momentum %d diverges just above %d/λ and not just below', (name, momentum, limit) => {
    const parameters = name === 'sgd' ? {} : { momentum };
    const growth = (factor: number) => {
      const learningRate = (factor * limit) / largest;
      const d = distances(eigenvalues.slice(-1), { name, learningRate, parameters }, 4_000);
      return d[4_000]! / d[2_000]!;
    };
    expect(growth(0.99)).toBeLessThan(1e-3);
    expect(growth(1.01)).toBeGreaterThan(1e3);
  });
});

test('a gradient step changes the cost by −εgᵀg + ½ε²gᵀHg up to third order', async () => {
  const objective = functionObjective('himmelblau');
  const at = Float64Array.of(-1.3, 2.2);
  const g = new Float64Array(2);
  const before = objective.gradient(at, g) as number;
  const hg = new Float64Array(2);
  (await objective.hessian(at)).apply(g, hg);
  const error = (epsilon: number) => {
    const after = objective.value(at.map((v, i) => v - epsilon * g[i]!)) as number;
    const gg = g[0]! ** 2 + g[1]! ** 2;
    return Math.abs(after - before - (-epsilon * gg + 0.5 * epsilon ** 2 * (g[0]! * hg[0]! + g[1]! * hg[1]!)));
  };
  expect(error(1e-3) / error(5e-4)).toBeAllclose(8, { rtol: 0.1 });
});

test('a network trained twice by minibatches from the same seed gives the same bytes', async () => {
  const model = modelSchema.parse({
    inputShape: [2],
    layers: [
      { type: 'dense', units: 8, activation: 'tanh' },
      { type: 'dense', units: 2 },
    ],
    loss: 'softmaxCrossEntropy',
  });
  const raw = generate({ name: 'moons', examples: 120, noise: 0.1, seed: 0 });
  const data = prepareData(raw, { validationFraction: 0.25, splitSeed: 0, standardize: true });
  const once = async (seed: number) => {
    const executor = createReferenceExecutor();
    const network = buildNetwork(model);
    const objective: Objective = await executor.load(network, data.train);
    const params = objective.allocate();
    const uniform = { weights: { name: 'glorotUniform' }, biases: { name: 'zeros' } } as const;
    initialize(objective.layout, uniform, createRng(seed, 'initialization'), params);
    /** Where the batches are cut depends on the clock; the columns do not. */
    const columns = ['theta' as const, ...metricNames].map((name) => ({ name, bytes: [] as Buffer[] }));
    const batches = train({
      objective,
      validation: await executor.load(network, data.validation),
      params,
      optimizer: createOptimizer(optimizerSchema.parse({ name: 'adam', learningRate: 0.01 })),
      training: trainingSchema.parse({ batchSize: 16, stop: { steps: 120 }, recordEvery: 3 }),
      seed,
      signal: new AbortController().signal,
      classify: true,
    });
    for await (const { theta, metrics } of batches) {
      for (const { name, bytes } of columns) bytes.push(Buffer.from((name === 'theta' ? theta : metrics[name]).buffer));
    }
    return Buffer.concat(columns.flatMap(({ bytes }) => bytes));
  };
  const first = await once(7);
  expect(first.length).toBeGreaterThan(41 * 4 * 42);
  expect(first.equals(await once(7))).toBe(true);
  expect(first.equals(await once(8))).toBe(false);
});
