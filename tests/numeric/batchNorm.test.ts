import { expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { withStatistics } from '../../src/main/engine/objectives/withStatistics';
import { modelSchema } from '../../src/shared/model/experiment';
import { along } from './derivatives';
import { normalVector } from './networks';

/**
 * Weights before a batchNorm may be scaled without a change of the network: α·W gives the same outputs as W, as long as
 * the statistics are those at α·W. Stale ones draw a cliff that is not there.
 */
const model = modelSchema.parse({
  inputShape: [3],
  layers: [{ type: 'dense', units: 5 }, { type: 'batchNorm' }, { type: 'dense', units: 3 }],
  loss: 'softmaxCrossEntropy',
});
const data = {
  x: Float32Array.from(normalVector(3 * 40, 1)),
  y: Float32Array.from({ length: 40 }, (_, i) => i % 3),
  examples: 40,
};
const reference = createReferenceExecutor();
const batch = await reference.load(buildNetwork(model), data);
const stale = await reference.load(buildNetwork(model, { statistics: 'running' }), data);
const params = normalVector(batch.dimension, 2);
stale.buffers!.set(await batch.statistics!(params));
const renewed = withStatistics(await reference.load(buildNetwork(model, { statistics: 'running' }), data), batch);

/** The weights and biases before the normalization; zero elsewhere. */
const direction = new Float64Array(batch.dimension);
for (const { name, offset, size } of batch.layout) {
  if (name.startsWith('layers.0.')) direction.set(params.subarray(offset, offset + size), offset);
}
/** ε in the denominator of the normalization is all that breaks the invariance: 1e-5 against variances of order one. */
const invariance = 1e-3;

test('a cliff with stale statistics, none where they are those of the point', async () => {
  const here = await batch.value(params);
  expect(await stale.value(params)).toBeAllclose(here, { rtol: 0.05 });
  for (const alpha of [-0.5, 0.5, 3]) {
    const there = along(params, direction, alpha);
    expect(await batch.value(there)).toBeAllclose(here, { rtol: invariance });
    expect(await renewed.value(there)).toBeAllclose(await renewed.value(params), { rtol: invariance });
    expect(Math.abs((await stale.value(there)) - here)).toBeGreaterThan(0.2 * here);
  }
});

test('a plane shows the same: flat along the scale, and not with stale statistics', async () => {
  const tile = {
    origin: params,
    d1: direction,
    d2: normalVector(batch.dimension, 5),
    coordinates: Float64Array.of(0, 0, 0.5, 0, 2, 0),
  };
  const flat = (await batch.plane(tile)).loss;
  const cliff = (await stale.plane(tile)).loss;
  for (const i of [1, 2]) {
    expect(flat[i]!).toBeAllclose(flat[0]!, { rtol: invariance });
    expect(Math.abs(cliff[i]! - cliff[0]!)).toBeGreaterThan(0.1 * cliff[0]!);
  }
});

test('the Hessian knows the scale: Hw = −g on the weights before the normalization', async () => {
  const errors = await Promise.all(
    [batch, stale].map(async (objective) => {
      const gradient = new Float64Array(params.length);
      await objective.gradient(params, gradient);
      const product = new Float64Array(params.length);
      await (await objective.hessian(params)).apply(direction, product);
      // L(αw) = L(w) differentiated at α = 1: wᵀg = 0, and once more in w: Hw + g = 0 there, Hw = 0 elsewhere.
      const wanted = gradient.map((value, i) => (direction[i] === 0 ? 0 : -value));
      return Math.hypot(...product.map((value, i) => value - wanted[i]!)) / Math.hypot(...gradient);
    }),
  );
  expect(errors[0]!).toBeLessThan(invariance);
  expect(errors[1]!).toBeGreaterThan(0.1);
});
