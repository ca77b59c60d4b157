import { describe, expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { buildNetwork } from '../../src/main/engine/graph/build';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { modelSchema } from '../../src/shared/model/experiment';
import fixture from '../fixtures/torch/layers.json';
import { dot, gradientAt, gradientDifferences, productAt, productDifferences, unitVector } from './derivatives';
import { normalVector, relativeError } from './networks';

const reference = createReferenceExecutor();
const cases = fixture.cases.map((item): [string, (typeof fixture.cases)[number]] => [item.name, item]);

async function load(item: (typeof fixture.cases)[number]): Promise<Objective> {
  const network = buildNetwork(modelSchema.parse(item.model));
  return reference.load(network, {
    x: Float32Array.from(item.x),
    y: Float32Array.from(item.y),
    examples: fixture.examples,
  });
}

describe.each(cases)('%s', (_, item) => {
  const params = Float64Array.from(item.params);
  // A kink within 2ε of where it stands would spoil a difference: ε is small, these seeds have none.
  const epsilon = /relu|elu|maxPool/i.test(JSON.stringify(item.model).replace(/gelu/g, '')) ? 1e-5 : 1e-3;

  test("loss, gradient and Hessian product are PyTorch's, in its order, shapes and names", async () => {
    const objective = await load(item);
    expect(objective.layout.map(({ name, shape }) => ({ name, shape }))).toEqual(item.parameters);
    expect(await objective.value(params)).toBeAllclose(item.value, { rtol: 1e-13 });
    expect(relativeError(await gradientAt(objective, params), item.gradient)).toBeLessThan(1e-12);
    const product = await productAt(objective, params, Float64Array.from(item.direction));
    expect(relativeError(product, item.product)).toBeLessThan(1e-11);
  });

  test('the gradient is the central difference of the value', async () => {
    const objective = await load(item);
    const differences = await gradientDifferences(objective, params, epsilon);
    expect(relativeError(await gradientAt(objective, params), differences)).toBeLessThan(1e-7);
  });

  test('the Hessian product is the central difference of the gradient, and symmetric', async () => {
    const objective = await load(item);
    const u = unitVector(normalVector(params.length, 31));
    const v = unitVector(normalVector(params.length, 32));
    const hv = await productAt(objective, params, v);
    expect(relativeError(hv, await productDifferences(objective, params, v, epsilon))).toBeLessThan(1e-7);
    const hu = await productAt(objective, params, u);
    expect(dot(u, hv)).toBeAllclose(dot(v, hu), { atol: 1e-13 * Math.sqrt(dot(hv, hv)) });
  });
});
