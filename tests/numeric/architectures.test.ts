import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { createWasmExecutor, type LoadKernel } from '../../src/main/engine/executors/wasm';
import type { Objective, Vector } from '../../src/main/engine/objectives/objective';
import { layerTypes } from '../../src/shared/model/experiment';
import { randomArchitecture } from './architectures';
import { along, dot, gradientAt, productAt, unitVector } from './derivatives';
import { type Case, normalVector, relativeError } from './networks';

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

const load: LoadKernel = (kernel) => readFile(new URL(`../../out/kernels/kernels.${kernel}.wasm`, import.meta.url));

/** Every array of every command at θ, by name. */
async function everything(objective: Objective, { params }: Case, seed: number): Promise<Map<string, Vector>> {
  const results = new Map<string, Vector>();
  const gradient = objective.allocate();
  const loss = await objective.gradient(params, gradient);
  results.set('loss', Float64Array.of(loss, await objective.value(params), (await objective.measure(params)).loss));
  results.set('gradient', gradient);
  const v = normalVector(params.length, seed);
  for (const matrix of ['hessian', 'gaussNewton'] as const) {
    const operator = await objective[matrix]!(params);
    const product = objective.allocate();
    await operator.apply(v, product);
    operator.dispose();
    results.set(matrix, product);
  }
  const d1 = v.map((value) => value / 8);
  const d2 = normalVector(params.length, seed + 1).map((value) => value / 8);
  const plane = await objective.plane({ origin: params, d1, d2, coordinates: Float64Array.of(0, 0, 1, -0.5) });
  results.set('plane', plane.loss);
  if (objective.exampleGradients) results.set('exampleGradients', await objective.exampleGradients(params));
  if (objective.statistics) results.set('statistics', await objective.statistics(params));
  return results;
}

test('200 random architectures: wasm gives what the reference gives, in both builds and with two threads', async () => {
  const executors = await Promise.all(
    (['simd', 'relaxed'] as const).flatMap((kernels) =>
      [1, 2].map((threads) => createWasmExecutor({ load, kernels, threads })),
    ),
  );
  onTestFinished(() => {
    for (const executor of executors) executor.dispose();
  });
  let normalized = 0;
  let cancelled = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(1e9), async (seed) => {
      const item = randomArchitecture(seed);
      const expected = await everything(await reference.load(item.network, item.data), item, seed);
      const normalizes = item.network.model.layers.some(({ type }) => type === 'layerNorm' || type === 'batchNorm');
      let worst = 0;
      for (const executor of executors) {
        const objective = await executor.load(item.network, item.data);
        const actual = await everything(objective, item, seed);
        objective.dispose();
        expect([...actual.keys()]).toEqual([...expected.keys()]);
        for (const [name, want] of expected) {
          const error = relativeError(actual.get(name)!, want);
          // Of two or three values the Jacobian of x̂ is a difference of nearly equal numbers.
          expect(error, `${name} of ${item.name}`).toBeLessThan(normalizes ? 1e-3 : 1e-5);
          worst = Math.max(worst, error);
        }
      }
      if (normalizes) normalized++;
      if (worst > 1e-5) cancelled++;
    }),
    { numRuns: 200, seed: 12 },
  );
  expect(normalized).toBeGreaterThan(50);
  expect(cancelled / normalized).toBeLessThan(0.15);
});
