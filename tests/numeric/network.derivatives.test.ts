import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { chunkRows } from '../../src/main/engine/executors/reference/objective';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { activationNames, lossNames } from '../../src/shared/model/experiment';
import { along, dot, gradientAt, productAt } from './derivatives';
import { activationLossPairs, type Case, makeCase, normalVector, relativeError } from './networks';

const reference = createReferenceExecutor();
const load = async ({ network, data }: Case): Promise<Objective> => reference.load(network, data);

/** Fourth-order central difference of f at 0: error O(ε⁴) + O(1e-16/ε). */
async function difference<T extends number | Float64Array>(
  f: (t: number) => Promise<T>,
  epsilon: number,
  combine: (near: [T, T], far: [T, T]) => T,
): Promise<T> {
  return combine([await f(-epsilon), await f(epsilon)], [await f(-2 * epsilon), await f(2 * epsilon)]);
}
const stencil = (epsilon: number, near: [number, number], far: [number, number]): number =>
  (8 * (near[1] - near[0]) - (far[1] - far[0])) / (12 * epsilon);

// A kink of relu, leakyRelu or elu'' within 2ε of a pre-activation would spoil a difference: ε is small, this seed has none.
describe.each(activationLossPairs)('%s with %s', (activation, loss) => {
  const kinked = ['relu', 'leakyRelu', 'elu'].includes(activation) || ['multiClassHinge', 'huber'].includes(loss);
  const epsilon = kinked ? 1e-5 : 1e-3;
  const item = makeCase({ activation, loss, sizes: [4, 5, 6, 3], examples: 11, seed: 4 });

  test('the gradient is the central difference of the value in every coordinate', async () => {
    const objective = await load(item);
    const gradient = await gradientAt(objective, item.params);
    const differences = new Float64Array(item.params.length);
    for (let i = 0; i < differences.length; i++) {
      const unit = new Float64Array(differences.length);
      unit[i] = 1;
      differences[i] = await difference(
        async (t) => objective.value(along(item.params, unit, t)),
        epsilon,
        (near, far) => stencil(epsilon, near, far),
      );
    }
    expect(relativeError(gradient, differences)).toBeLessThan(1e-8);
  });

  test('the Hessian product is the central difference of the gradient', async () => {
    const objective = await load(item);
    const v = normalVector(item.params.length, 9);
    const length = Math.sqrt(dot(v, v));
    const unit = v.map((value) => value / length);
    const differences = await difference(
      (t) => gradientAt(objective, along(item.params, unit, t)),
      epsilon,
      (near, far) => near[0].map((_, i) => stencil(epsilon, [near[0][i]!, near[1][i]!], [far[0][i]!, far[1][i]!])),
    );
    expect(relativeError(await productAt(objective, item.params, unit), differences)).toBeLessThan(1e-8);
  });

  test('the Hessian is symmetric and linear', async () => {
    const objective = await load(item);
    const u = normalVector(item.params.length, 10);
    const v = normalVector(item.params.length, 11);
    const hu = await productAt(objective, item.params, u);
    const hv = await productAt(objective, item.params, v);
    const scale = Math.sqrt(dot(u, u) * dot(hv, hv));
    expect(dot(u, hv)).toBeAllclose(dot(v, hu), { atol: 1e-13 * scale });
    const combined = await productAt(
      objective,
      item.params,
      u.map((value, i) => 2 * value - 3 * v[i]!),
    );
    expect(
      relativeError(
        combined,
        hu.map((value, i) => 2 * value - 3 * hv[i]!),
      ),
    ).toBeLessThan(1e-12);
  });
});

test('any architecture: the gradient and the Hessian are the derivatives along a direction', async () => {
  const smooth = activationNames.filter((name) => !['relu', 'leakyRelu', 'elu'].includes(name));
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        activation: fc.constantFrom(...smooth),
        loss: fc.constantFrom(...lossNames.filter((name) => name !== 'multiClassHinge' && name !== 'huber')),
        sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        outputs: fc.integer({ min: 2, max: 5 }),
        examples: fc.integer({ min: 1, max: 12 }),
        bias: fc.boolean(),
        seed: fc.nat(1000),
      }),
      async ({ sizes, outputs, ...options }) => {
        const item = makeCase({ ...options, sizes: [...sizes, outputs] });
        const objective = await load(item);
        const v = normalVector(item.params.length, options.seed);
        const u = normalVector(item.params.length, options.seed + 1);
        const length = Math.sqrt(dot(v, v));
        const unit = v.map((value) => value / length);
        const epsilon = 1e-3;
        const slope = await difference(
          async (t) => objective.value(along(item.params, unit, t)),
          epsilon,
          (near, far) => stencil(epsilon, near, far),
        );
        const curvature = await difference(
          async (t) => dot(await gradientAt(objective, along(item.params, unit, t)), u),
          epsilon,
          (near, far) => stencil(epsilon, near, far),
        );
        const gradient = await gradientAt(objective, item.params);
        const hv = await productAt(objective, item.params, unit);
        expect(dot(gradient, unit)).toBeAllclose(slope, {
          rtol: 1e-6,
          atol: 1e-8 * Math.sqrt(dot(gradient, gradient)) + 1e-11,
        });
        expect(dot(hv, u)).toBeAllclose(curvature, {
          rtol: 1e-6,
          atol: 1e-8 * Math.sqrt(dot(hv, hv) * dot(u, u)) + 1e-9,
        });
      },
    ),
    { numRuns: 100, seed: 7 },
  );
});

describe('means and chunks', () => {
  const item = makeCase({
    activation: 'tanh',
    loss: 'softmaxCrossEntropy',
    sizes: [3, 4, 3],
    examples: 2 * chunkRows + 5,
  });
  const n = item.data.examples;

  test.each([1, 2, chunkRows - 1, chunkRows, chunkRows + 1, n])(
    '%d rows are the mean of their examples',
    async (count) => {
      const objective = await load(item);
      const rows = Int32Array.from({ length: count }, (_, i) => (7 * i + 3) % n);
      const v = normalVector(item.params.length, 12);
      const gradient = new Float64Array(item.params.length);
      const curvature = new Float64Array(item.params.length);
      const losses: number[] = [];
      for (const row of rows) {
        const one = Int32Array.of(row);
        losses.push(await objective.value(item.params, one));
        (await gradientAt(objective, item.params, one)).forEach((value, i) => {
          gradient[i]! += value / count;
        });
        (await productAt(objective, item.params, v, one)).forEach((value, i) => {
          curvature[i]! += value / count;
        });
      }
      const mean = losses.reduce((a, b) => a + b, 0) / count;
      expect(await objective.value(item.params, rows)).toBeAllclose(mean, { rtol: 1e-13 });
      expect(relativeError(await gradientAt(objective, item.params, rows), gradient)).toBeLessThan(1e-12);
      expect(relativeError(await productAt(objective, item.params, v, rows), curvature)).toBeLessThan(1e-12);

      const { loss, standardError } = await objective.measure(item.params, rows);
      expect(loss).toBeAllclose(mean, { rtol: 1e-13 });
      const variance = losses.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
      if (count === 1) expect(standardError).toBeNaN();
      else expect(standardError).toBeAllclose(Math.sqrt(variance / count), { rtol: 1e-10 });
    },
  );

  test('all rows named are all rows', async () => {
    const objective = await load(item);
    const every = Int32Array.from({ length: n }, (_, i) => i);
    expect(await objective.value(item.params, every)).toBe(await objective.value(item.params));
    expect(await gradientAt(objective, item.params, every)).toEqual(await gradientAt(objective, item.params));
  });

  test('a Hessian keeps the parameters it was made at', async () => {
    const objective = await load(item);
    const v = normalVector(item.params.length, 13);
    const params = item.params.slice();
    const hessian = await objective.hessian(params);
    params.fill(0);
    const out = new Float64Array(v.length);
    await hessian.apply(v, out);
    expect(out).toEqual(await productAt(objective, item.params, v));
  });

  test('a Hessian that may keep nothing gives the same products', async () => {
    const frugal = await createReferenceExecutor({ keptBytes: 0 }).load(item.network, item.data);
    const hessian = await frugal.hessian(item.params);
    const objective = await load(item);
    for (const seed of [16, 17]) {
      const v = normalVector(item.params.length, seed);
      const out = new Float64Array(v.length);
      await hessian.apply(v, out);
      expect(out).toEqual(await productAt(objective, item.params, v));
    }
  });

  test('no rows and rows that do not exist are refused', async () => {
    const objective = await load(item);
    expect(() => objective.value(item.params, Int32Array.of())).toThrow('at least one example');
    expect(() => objective.value(item.params, Int32Array.of(n))).toThrow(`example ${n} of ${n}`);
  });
});

test('a plane is the measure at each of its points', async () => {
  const item = makeCase({ activation: 'gelu', loss: 'binaryCrossEntropy', sizes: [3, 5, 1], examples: 40 });
  const objective = await load(item);
  const d1 = normalVector(item.params.length, 14);
  const d2 = normalVector(item.params.length, 15);
  const coordinates = Float64Array.of(0, 0, 0.5, -0.25, -1, 2);
  const values = await objective.plane({ origin: item.params, d1, d2, coordinates });
  for (let point = 0; point < 3; point++) {
    const params = along(along(item.params, d1, coordinates[2 * point]!), d2, coordinates[2 * point + 1]!);
    const { loss, standardError, accuracy } = await objective.measure(params);
    expect([values.loss[point], values.standardError[point], values.accuracy[point]]).toEqual([
      loss,
      standardError,
      accuracy,
    ]);
  }
});

test('the accuracy of a linear classifier is counted by hand', async () => {
  const softmax = makeCase({
    activation: 'identity',
    loss: 'softmaxCrossEntropy',
    sizes: [2, 2],
    examples: 4,
    bias: false,
  });
  const identity = Float64Array.of(1, 0, 0, 1);
  const x = Float32Array.of(3, 1, 0, 2, 5, 4, 1, 1);
  const objective = await reference.load(softmax.network, { x, y: Float32Array.of(0, 1, 1, 0), examples: 4 });
  expect((await objective.measure(identity)).accuracy).toBe(0.75);

  const binary = makeCase({
    activation: 'identity',
    loss: 'binaryCrossEntropy',
    sizes: [2, 1],
    examples: 4,
    bias: false,
  });
  const difference = await reference.load(binary.network, { x, y: Float32Array.of(1, 0, 0, 0), examples: 4 });
  expect((await difference.measure(Float64Array.of(1, -1))).accuracy).toBe(0.75);
});

test('losses stay finite and exact far from the decision', async () => {
  const softmax = makeCase({
    activation: 'identity',
    loss: 'softmaxCrossEntropy',
    sizes: [1, 2],
    examples: 1,
    bias: false,
  });
  const at = async (item: Case, y: number, params: number[]) =>
    (await reference.load(item.network, { x: Float32Array.of(1), y: Float32Array.of(y), examples: 1 })).value(
      Float64Array.from(params),
    );
  expect(await at(softmax, 0, [1000, 0])).toBe(0);
  expect(await at(softmax, 1, [1000, 0])).toBe(1000);
  expect(await at(softmax, 0, [40, 0])).toBeAllclose(Math.exp(-40), { rtol: 1e-14 });
  const binary = makeCase({
    activation: 'identity',
    loss: 'binaryCrossEntropy',
    sizes: [1, 1],
    examples: 1,
    bias: false,
  });
  expect(await at(binary, 1, [-1000])).toBe(1000);
  expect(await at(binary, 1, [40])).toBeAllclose(Math.exp(-40), { rtol: 1e-14 });
  expect(await at(binary, 0, [-1000])).toBe(0);
});
