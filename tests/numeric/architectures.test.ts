import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { layerTypes } from '../../src/shared/model/experiment';
import { randomArchitecture } from './architectures';
import { along, dot, gradientAt, productAt, unitVector } from './derivatives';
import { normalVector } from './networks';

const reference = createReferenceExecutor();
/** Small, because max pooling has kinks. */
const epsilon = 1e-5;

async function difference(f: (t: number) => Promise<number>): Promise<number> {
  const near = (await f(epsilon)) - (await f(-epsilon));
  const far = (await f(2 * epsilon)) - (await f(-2 * epsilon));
  return (8 * near - far) / (12 * epsilon);
}

test('200 random architectures: the gradient and the Hessian are the derivatives, and the Hessian is symmetric', async () => {
  const met = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.nat(1e9), async (seed) => {
      const { network, data, params, name } = randomArchitecture(seed);
      for (const layer of network.model.layers) met.add(layer.type);
      const objective = await reference.load(network, data);
      const u = unitVector(normalVector(params.length, seed));
      const v = unitVector(normalVector(params.length, seed + 1));
      const gradient = await gradientAt(objective, params);
      const hu = await productAt(objective, params, u);
      const hv = await productAt(objective, params, v);
      const size = Math.sqrt(dot(gradient, gradient));
      const curvature = Math.sqrt(dot(hv, hv));

      expect(dot(u, hv), name).toBeAllclose(dot(v, hu), { rtol: 1e-10, atol: 1e-12 * curvature });
      const slope = await difference(async (t) => objective.value(along(params, v, t)));
      expect(dot(gradient, v), name).toBeAllclose(slope, { rtol: 1e-6, atol: 1e-7 * size + 1e-9 });
      const change = await difference(async (t) => dot(await gradientAt(objective, along(params, v, t)), u));
      expect(dot(hv, u), name).toBeAllclose(change, { rtol: 1e-6, atol: 1e-7 * curvature + 1e-9 });
    }),
    { numRuns: 200, seed: 11 },
  );
  expect(layerTypes.filter((type) => !met.has(type))).toEqual([]);
});
