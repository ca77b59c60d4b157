import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { activations } from '../../src/main/engine/executors/reference/activations';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { type ActivationName, type LossName, modelSchema } from '../../src/shared/model/experiment';
import fixture from '../fixtures/torch/networks.json';
import { relativeError } from './networks';

const reference = createReferenceExecutor();
const cases = fixture.networks.map((item): [string, (typeof fixture.networks)[number]] => [
  `${item.activation} ${item.loss}`,
  item,
]);

test.each(cases)('loss, gradient, Hessian product and eigenvalues are those of PyTorch: %s', async (_, item) => {
  const [inputs, ...units] = item.sizes as [number, ...number[]];
  const model = modelSchema.parse({
    inputShape: [inputs],
    layers: units.map((count, i) => ({
      type: 'dense',
      units: count,
      activation: i < units.length - 1 ? item.activation : 'identity',
    })),
    loss: item.loss as LossName,
  });
  const objective = await reference.load(buildNetwork(model), {
    x: Float32Array.from(item.x),
    y: Float32Array.from(item.y),
    examples: item.x.length / inputs,
  });
  const params = Float64Array.from(item.params);
  const size = params.length;
  expect(objective.dimension).toBe(size);
  const kinds = (names: string[]) => names.map((name) => name.split('.').at(-1));
  expect(kinds(objective.layout.map((block) => block.name))).toEqual(kinds(item.names));

  const gradient = new Float64Array(size);
  expect(await objective.value(params)).toBeAllclose(item.value, { rtol: 1e-13 });
  expect(await objective.gradient(params, gradient)).toBeAllclose(item.value, { rtol: 1e-13 });
  expect(relativeError(gradient, item.gradient)).toBeLessThan(1e-12);

  const hessian = await objective.hessian(params);
  const product = new Float64Array(size);
  await hessian.apply(Float64Array.from(item.direction), product);
  expect(relativeError(product, item.product)).toBeLessThan(1e-12);

  const dense = Matrix.zeros(size, size);
  for (let i = 0; i < size; i++) {
    const unit = new Float64Array(size);
    unit[i] = 1;
    await hessian.apply(unit, product);
    dense.setRow(i, Array.from(product));
  }
  const { realEigenvalues } = new EigenvalueDecomposition(dense, { assumeSymmetric: true });
  expect(relativeError(realEigenvalues, item.eigenvalues)).toBeLessThan(1e-11);
});

test('every activation and loss is in the fixture', () => {
  expect(new Set(fixture.networks.map((item) => `${item.activation} ${item.loss}`)).size).toBe(27);
});

test.each(fixture.activations.map((item): [string, typeof item] => [item.name, item]))(
  '%s and its two derivatives are those of PyTorch',
  (name, item) => {
    const { value, derivative, secondDerivative } = activations[name as ActivationName];
    // PyTorch's own gelu and sigmoid lose relative accuracy in the tails, hence the absolute part.
    const tolerance = { rtol: 1e-13, atol: 5e-15 };
    expect(item.x.map(value)).toBeAllclose(item.value, tolerance);
    expect(item.x.map(derivative)).toBeAllclose(item.derivative, tolerance);
    expect(item.x.map(secondDerivative)).toBeAllclose(item.secondDerivative, tolerance);
  },
);
