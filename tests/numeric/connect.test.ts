import { expect, test } from 'vitest';
import { alignHiddenUnits } from '../../src/main/engine/connect/align';
import { nodeWeights, pointOn, straightCurve } from '../../src/main/engine/connect/curve';
import { profileOf } from '../../src/main/engine/connect/profile';
import { trainCurve } from '../../src/main/engine/connect/train';
import { everything, sampleOfSubset } from '../../src/main/engine/curvature/groups';
import { generate } from '../../src/main/engine/datasets/generate';
import { prepareData } from '../../src/main/engine/datasets/prepareData';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { initialize } from '../../src/main/engine/initializers/initialize';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { createOptimizer } from '../../src/main/engine/optimizers';
import { createRng } from '../../src/main/engine/random';
import { hiddenUnits, permuteHiddenUnits } from '../../src/main/engine/symmetries/permutation';
import { scaleUnits } from '../../src/main/engine/symmetries/scaling';
import { addScaled, norm } from '../../src/main/engine/vectors';
import { dataSchema, type ModelSpec, modelSchema, optimizerSchema } from '../../src/shared/model/experiment';
import { quadratic, withSpectrum } from './quadratic';

const adam = (steps: number) =>
  optimizerSchema.parse({ name: 'adam', learningRate: 0.02, schedule: { kind: 'cosine', steps } });

/** The moons and two independently trained 2-8-8-2 networks on them. */
const model = modelSchema.parse({
  inputShape: [2],
  layers: [
    { type: 'dense', units: 8, activation: 'tanh' },
    { type: 'dense', units: 8, activation: 'tanh' },
    { type: 'dense', units: 2 },
  ],
  loss: 'softmaxCrossEntropy',
});
const data = dataSchema.parse({ source: { kind: 'generated', name: 'moons', examples: 80 }, validationFraction: 0 });
if (data.source.kind !== 'generated') throw new Error('unreachable');
const moons = prepareData(generate(data.source), data);
const network = buildNetwork(model);
const objective: Objective = await createReferenceExecutor().load(network, moons.train);

function drawn(spec: ModelSpec, seed: number): Float64Array {
  const { layout } = buildNetwork(spec);
  const theta = new Float64Array(layout.reduce((sum, { size }) => sum + size, 0));
  const initializers = { weights: { name: 'glorotUniform' }, biases: { name: 'normal', scale: 0.3 } } as const;
  initialize(layout, initializers, createRng(seed, 'initialization'), theta);
  return theta;
}

async function solution(seed: number, steps = 300): Promise<Float64Array> {
  const theta = drawn(model, seed);
  const optimizer = createOptimizer(adam(steps));
  const state = optimizer.init(theta);
  const gradient = objective.allocate() as Float64Array;
  for (let step = 0; step < steps; step++) {
    await objective.gradient(theta, gradient);
    optimizer.step(gradient, state, theta);
  }
  return theta;
}

const layers = hiddenUnits(model, network.layout);
const [a, b] = [await solution(1), await solution(2)];
const profile = (from: Float64Array, to: Float64Array, options = {}) =>
  profileOf(objective, { kind: 'line', nodes: [from, to] }, { points: 41, sample: everything, seed: 0, ...options });

function scrambled(theta: Float64Array, seed: number) {
  const rng = createRng(seed, 'tests/scramble');
  const orders = layers.map(({ units }) => rng.shuffle(Int32Array.from({ length: units }, (_, u) => u)));
  return { theta: permuteHiddenUnits(theta, layers, orders), orders };
}

test('two permuted copies of a network have a barrier, and alignment removes it', async () => {
  const { theta } = scrambled(a, 3);
  const before = await profile(a, theta);
  expect(before.loss[0]!).toBeAllclose(before.loss.at(-1)!, { rtol: 1e-12 });
  expect(before.barrier.height).toBeGreaterThan(0.2);
  // Ten groups of the same paired difference: the error is well below so high a barrier.
  expect(before.barrier.standardError!).toBeGreaterThan(0);
  expect(before.barrier.standardError!).toBeLessThan(0.3 * before.barrier.height);
  const aligned = await alignHiddenUnits(a, theta, layers, { seed: 0 });
  const after = await profile(a, aligned.theta);
  expect(after.barrier.height).toBeLessThan(1e-5);
  expect(aligned.distance[0]).toBeGreaterThan(1);
  expect(aligned.distance[1]).toBe(0);
});

test('alignment recovers a random permutation exactly, whatever the seed', async () => {
  for (let seed = 0; seed < 12; seed++) {
    const { theta, orders } = scrambled(seed % 2 ? a : b, seed);
    const { permutations } = await alignHiddenUnits(seed % 2 ? a : b, theta, layers, { seed });
    permutations.forEach((found, k) => {
      // The unit at place u came from where the scrambling put it.
      for (let u = 0; u < found.length; u++) expect(orders[k]![found[u]!]).toBe(u);
    });
  }
});

test('signs of tanh units and scales of relu units are undone with their order, and the barrier goes', async () => {
  const rng = createRng(5, 'tests/flips');
  const { theta } = scrambled(a, 4);
  for (const layer of layers) {
    scaleUnits(
      theta,
      layer,
      Float64Array.from({ length: layer.units }, () => (rng.uniform() < 0.5 ? -1 : 1)),
    );
  }
  expect(await objective.value(theta)).toBeAllclose(await objective.value(a), { rtol: 1e-12 });
  expect((await profile(a, theta)).barrier.height).toBeGreaterThan(0.2);
  const aligned = await alignHiddenUnits(a, theta, layers, { seed: 0 });
  expect([aligned.distance[1], aligned.rescaled]).toEqual([0, false]);
  expect(aligned.flipped).toBeGreaterThan(0);
  expect((await profile(a, aligned.theta)).barrier.height).toBeLessThan(1e-5);

  const relu = modelSchema.parse({
    ...model,
    layers: model.layers.map((layer) =>
      layer.type === 'dense' && layer.activation === 'tanh' ? { ...layer, activation: 'relu' } : layer,
    ),
  });
  const built = buildNetwork(relu);
  const reluLayers = hiddenUnits(relu, built.layout);
  const original = drawn(relu, 6);
  const orders = reluLayers.map(({ units }) => rng.shuffle(Int32Array.from({ length: units }, (_, u) => u)));
  const copy = permuteHiddenUnits(original, reluLayers, orders);
  for (const layer of reluLayers) {
    scaleUnits(
      copy,
      layer,
      Float64Array.from({ length: layer.units }, () => Math.exp(1.5 * rng.normal())),
    );
  }
  const reluObjective = await createReferenceExecutor().load(built, moons.train);
  expect(await reluObjective.value(copy)).toBeAllclose(await reluObjective.value(original), { rtol: 1e-12 });
  const found = await alignHiddenUnits(original, copy, reluLayers, { seed: 0 });
  expect(found.rescaled).toBe(true);
  expect(found.distance[1]).toBeLessThan(1e-9 * found.distance[0]);
  // Where scales matter they are left: the function is kept, the copy stays apart.
  const kept = await alignHiddenUnits(original, copy, reluLayers, { seed: 0, rescale: false });
  expect([kept.rescaled, kept.distance[1] > 1]).toEqual([false, true]);
  expect(await reluObjective.value(kept.theta)).toBeAllclose(await reluObjective.value(original), { rtol: 1e-12 });
});

test('alignment of two solutions is never farther than they were, and keeps the function', async () => {
  const aligned = await alignHiddenUnits(a, b, layers, { seed: 0 });
  expect(aligned.distance[1]).toBeLessThan(aligned.distance[0]);
  const apart = aligned.theta.slice();
  addScaled(apart, -1, a);
  expect(aligned.distance[1]).toBeAllclose(norm(apart), { rtol: 1e-12 });
  expect(await objective.value(aligned.theta)).toBeAllclose(await objective.value(b), { rtol: 1e-12 });
});

test('permuted channels of convolutions, norms and flattened images compute the same loss', async () => {
  const images = modelSchema.parse({
    inputShape: [1, 6, 6],
    layers: [
      { type: 'conv2d', filters: 4, kernelSize: 3 },
      { type: 'batchNorm', activation: 'relu' },
      { type: 'conv2d', filters: 3, kernelSize: 2, activation: 'tanh' },
      { type: 'flatten' },
      { type: 'dense', units: 5 },
      { type: 'layerNorm' },
      { type: 'linearChain', units: 4, depth: 2 },
      { type: 'dense', units: 3 },
    ],
    loss: 'softmaxCrossEntropy',
  });
  const built = buildNetwork(images);
  const rng = createRng(5, 'tests/images');
  const loaded = await createReferenceExecutor().load(built, {
    x: Float32Array.from({ length: 10 * 36 }, () => rng.normal()),
    y: Float32Array.from({ length: 10 }, () => rng.integer(3)),
    examples: 10,
  });
  const theta = drawn(images, 4);
  const units = hiddenUnits(images, built.layout);
  expect(units.map(({ layer, units: count }) => [layer, count])).toEqual([
    ['layers.0', 4],
    ['layers.2', 3],
    ['layers.4', 5],
    ['layers.6.0', 4],
    ['layers.6.1', 4],
  ]);
  const orders = units.map(({ units: count }) => rng.shuffle(Int32Array.from({ length: count }, (_, u) => u)));
  const permuted = permuteHiddenUnits(theta, units, orders);
  expect(permuted).not.toEqual(theta);
  expect(await loaded.value(permuted)).toBeAllclose(await loaded.value(theta), { rtol: 1e-12 });
});

test('units whose order something else reads are left alone', () => {
  const residual = modelSchema.parse({
    inputShape: [4],
    layers: [
      { type: 'dense', units: 6, activation: 'relu' },
      { type: 'dense', units: 6, activation: 'relu' },
      { type: 'dense', units: 6 },
      { type: 'residualAdd', from: 0 },
      { type: 'dense', units: 2 },
    ],
    loss: 'softmaxCrossEntropy',
  });
  expect(hiddenUnits(residual, buildNetwork(residual).layout).map(({ layer }) => layer)).toEqual(['layers.1']);
});

test.each(['bezier', 'polygon'] as const)(
  'a trained %s keeps its ends and runs below the straight line',
  async (kind) => {
    const line = await profile(a, b);
    const start = straightCurve(kind, a, b, 1);
    const trained = await trainCurve(objective, start, {
      steps: 400,
      batchSize: 'full',
      optimizer: adam(400),
      seed: 1,
    });
    expect(trained.nodes[0]).toEqual(a);
    expect(trained.nodes[2]).toEqual(b);
    const curve = await profileOf(objective, trained, { points: 41, sample: everything, seed: 0 });
    expect([curve.loss[0], curve.loss.at(-1)]).toBeAllclose([line.loss[0]!, line.loss.at(-1)!], { rtol: 1e-12 });
    // The line's barrier is 0.3 and more; the curve takes off at least four fifths of the line's highest loss.
    expect(line.barrier.height).toBeGreaterThan(0.3);
    expect(curve.maximum).toBeLessThan(0.2 * line.maximum);
    expect(curve.length).toBeGreaterThan(line.length);
    const again = await trainCurve(objective, start, { steps: 5, batchSize: 16, optimizer: adam(400), seed: 1 });
    const same = await trainCurve(objective, start, { steps: 5, batchSize: 16, optimizer: adam(400), seed: 1 });
    expect(again.nodes[1]).toEqual(same.nodes[1]);
  },
);

test('curves of more bends are measured point by point to the same losses', async () => {
  const curve = straightCurve('polygon', a, b, 3);
  const many = await profileOf(objective, curve, { points: 9, sample: everything, seed: 0 });
  const line = await profile(a, b, { points: 9 });
  expect(many.loss).toBeAllclose(line.loss, { rtol: 1e-12 });
  expect(many.barrier.height).toBeAllclose(line.barrier.height, { rtol: 1e-9 });
});

test('weights of the nodes add up to 1, and the curve meets its ends', () => {
  for (const kind of ['polygon', 'bezier'] as const) {
    for (const n of [2, 3, 6]) {
      for (const t of [0, 0.2, 0.5, 0.99, 1]) {
        const weights = nodeWeights(kind, n, t);
        expect(weights.reduce((sum, w) => sum + w, 0)).toBeAllclose(1, { atol: 1e-14 });
      }
      expect(nodeWeights(kind, n, 0)[0]).toBe(1);
      expect(nodeWeights(kind, n, 1)[n - 1]).toBe(1);
    }
  }
  expect([...nodeWeights('bezier', 3, 0.5)]).toEqual([0.25, 0.5, 0.25]);
  const out = new Float64Array(1);
  pointOn({ kind: 'polygon', nodes: [[0], [10], [4]].map((x) => Float64Array.from(x)) }, 0.75, out);
  expect(out[0]).toBe(7);
});

test('the barrier of a concave line is its height above the chord; a convex one has none', async () => {
  const up = quadratic(withSpectrum([2, 2], 1), [0, 0]);
  const down = quadratic(withSpectrum([-2, -2], 1), [0, 0]);
  const line = { kind: 'line', nodes: [Float64Array.of(-1, 0), Float64Array.of(1, 0)] } as const;
  const options = { points: 21, sample: everything, seed: 0 };
  expect((await profileOf(up, line, options)).barrier).toMatchObject({ height: 0, t: 0, standardError: null });
  const { barrier } = await profileOf(down, line, options);
  expect([barrier.height, barrier.t]).toBeAllclose([1, 0.5], { atol: 1e-12 });
});

test('the barrier of subsets varies as its standard error says', async () => {
  const exact = await profile(a, b);
  let within = 0;
  const draws = 24;
  for (let seed = 0; seed < draws; seed++) {
    const rows = createRng(seed, 'tests/subset')
      .shuffle(Int32Array.from({ length: 80 }, (_, i) => i))
      .slice(0, 40)
      .sort();
    const { barrier, standardError } = await profile(a, b, { points: 21, sample: sampleOfSubset(rows, 80, seed) });
    expect(standardError).not.toBeNull();
    if (Math.abs(barrier.height - exact.barrier.height) < 2 * barrier.standardError!) within++;
  }
  // Half of the data, drawn without replacement: the spread is √½ of the stated error, so 2 errors hold all but 0.5 %.
  expect(within).toBeGreaterThanOrEqual(draws - 2);
});
