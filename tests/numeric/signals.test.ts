import { describe, expect, test } from 'vitest';
import { layerSignals } from '../../src/main/engine/executors/reference/signals';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { type Initializers, initialize } from '../../src/main/engine/initializers/initialize';
import { createRng } from '../../src/main/engine/random';
import { modelSchema } from '../../src/shared/model/experiment';
import fixture from '../fixtures/torch/signals.json';

test(`moments of signal and gradient are those of torch ${fixture.torch}`, async () => {
  const model = modelSchema.parse({
    inputShape: [fixture.sizes[0]],
    layers: fixture.activations.map((activation, i) => ({ type: 'dense', units: fixture.sizes[i + 1], activation })),
    loss: 'softmaxCrossEntropy',
  });
  const data = { x: Float32Array.from(fixture.x), y: Float32Array.from(fixture.y), examples: fixture.y.length };
  const signals = await layerSignals(buildNetwork(model), data, Float64Array.from(fixture.theta));
  expect(signals).toHaveLength(fixture.expected.length);
  signals.forEach((signal, i) => {
    const expected = fixture.expected[i]!;
    for (const [ours, theirs] of [
      [signal.output, expected.output],
      [signal.gradient!, expected.gradient],
      [signal.weights!, expected.weights],
    ]) {
      expect(Object.values(ours!)).toBeAllclose(Object.values(theirs!), { rtol: 1e-10, atol: 1e-15 });
    }
  });
  const some = await layerSignals(buildNetwork(model), data, Float64Array.from(fixture.theta), Int32Array.of(3, 8));
  expect(some[0]!.output.mean).not.toBeCloseTo(signals[0]!.output.mean, 6);
});

describe('ten relu layers of 100 units', () => {
  const width = 100;
  const depth = 10;
  const model = modelSchema.parse({
    inputShape: [width],
    layers: [
      ...Array.from({ length: depth }, () => ({ type: 'dense', units: width, activation: 'relu' })),
      { type: 'dense', units: 2 },
    ],
    loss: 'softmaxCrossEntropy',
  });
  const network = buildNetwork(model);
  const rng = createRng(0, 'examples');
  const examples = 200;
  const x = Float32Array.from({ length: examples * width }, () => rng.normal());
  const data = { x, y: Float32Array.from({ length: examples }, (_, i) => i % 2), examples };
  const at = (initializers: Initializers) => {
    const params = new Float64Array(network.layout.reduce((sum, { size }) => sum + size, 0));
    initialize(network.layout, initializers, createRng(1, 'initialization'), params);
    return layerSignals(network, data, params);
  };
  const growth = async (initializers: Initializers) => {
    const signals = await at(initializers);
    return signals[depth - 1]!.output.std / signals[0]!.output.std;
  };

  test('He keeps the scale within a factor of 3; half of it, twice of it: (½)⁹ and 2⁹ times that', async () => {
    const zeros = { name: 'zeros' } as const;
    const kept = await growth({ weights: { name: 'heNormal' }, biases: zeros });
    expect(Math.abs(Math.log(kept))).toBeLessThan(Math.log(3));
    // Without biases a relu network is homogeneous in each layer's weights: exact.
    expect(await growth({ weights: { name: 'heNormal', scale: 0.5 }, biases: zeros })).toBeAllclose(kept / 2 ** 9, {
      rtol: 1e-9,
    });
    expect(await growth({ weights: { name: 'heNormal', scale: 2 }, biases: zeros })).toBeAllclose(kept * 2 ** 9, {
      rtol: 1e-9,
    });
  });

  test('zeros let nothing through, forward or backward', async () => {
    const signals = await at({ weights: { name: 'zeros' }, biases: { name: 'zeros' } });
    expect(signals[depth - 1]!.output).toEqual({ mean: 0, std: 0, zeros: 1 });
    expect(signals[0]!.weights).toEqual({ norm: 0, gradientNorm: 0 });
  });
});
