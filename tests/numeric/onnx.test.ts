import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Executor } from '../../src/main/engine/executors/executor';
import { createOnnxExecutor } from '../../src/main/engine/executors/onnx';
import { conformance } from './conformance';
import { dot } from './derivatives';
import { gaussNewtonForm } from './gaussNewton';
import { type CaseOptions, makeCase, normalVector, relativeError } from './networks';

conformance('onnx', () => createOnnxExecutor({ threads: 1 }));

let executor: Executor;
beforeAll(async () => {
  executor = await createOnnxExecutor({ threads: 2 });
});
afterAll(() => executor.dispose());

describe('Gauss–Newton products', () => {
  const cases: CaseOptions[] = [
    { activation: 'tanh', loss: 'softmaxCrossEntropy', sizes: [5, 7, 6, 3], examples: 37 },
    { activation: 'gelu', loss: 'meanSquaredError', sizes: [4, 9, 2], examples: 11 },
    { activation: 'silu', loss: 'binaryCrossEntropy', sizes: [4, 6, 1], examples: 23 },
  ];
  test.each(cases.map((options) => [`${options.activation} ${options.loss}`, options] as const))(
    'are those of the differenced Jacobian: %s',
    async (_, options) => {
      const item = makeCase(options);
      const objective = await executor.load(item.network, item.data);
      const matrix = await objective.gaussNewton!(item.params);
      const product = objective.allocate();
      for (const seed of [1, 2, 3]) {
        const [u, v] = [normalVector(matrix.size, seed), normalVector(matrix.size, 10 + seed)];
        await matrix.apply(v, product);
        expect(dot(u, product)).toBeAllclose(gaussNewtonForm(item, u, v), { rtol: 1e-5, atol: 1e-5 });
        expect(dot(v, product)).toBeGreaterThanOrEqual(0);
      }
    },
  );

  test('are Hessian products where the network is linear', async () => {
    const item = makeCase({ activation: 'identity', loss: 'softmaxCrossEntropy', sizes: [6, 4], examples: 50 });
    const objective = await executor.load(item.network, item.data);
    const [g, h] = [objective.allocate(), objective.allocate()];
    const v = normalVector(g.length, 3);
    await (await objective.gaussNewton!(item.params)).apply(v, g);
    await (await objective.hessian(item.params)).apply(v, h);
    expect(relativeError(g, h)).toBeLessThan(1e-6);
  });
});

test('gradients example by example are those of single rows', async () => {
  const item = makeCase({ activation: 'gelu', loss: 'softmaxCrossEntropy', sizes: [5, 6, 3], examples: 9 });
  const objective = await executor.load(item.network, item.data);
  const rows = Int32Array.of(4, 0, 4);
  const all = await objective.exampleGradients!(item.params, rows);
  const one = objective.allocate();
  for (const [i, row] of rows.entries()) {
    await objective.gradient(item.params, one, Int32Array.of(row));
    expect(relativeError(all.subarray(i * one.length, (i + 1) * one.length), one)).toBeLessThan(1e-6);
  }
});

test('two threads give what one gives, up to rounding', async () => {
  const item = makeCase({ activation: 'relu', loss: 'softmaxCrossEntropy', sizes: [200, 150, 10], examples: 600 });
  const one = await createOnnxExecutor({ threads: 1 });
  const [a, b] = [await one.load(item.network, item.data), await executor.load(item.network, item.data)];
  const [ga, gb] = [a.allocate(), b.allocate()];
  await a.gradient(item.params, ga);
  await b.gradient(item.params, gb);
  expect(relativeError(gb, ga)).toBeLessThan(1e-5);
  one.dispose();
});

test('a command of a disposed objective is refused', async () => {
  const { network, data, params } = makeCase({
    activation: 'tanh',
    loss: 'meanSquaredError',
    sizes: [2, 2],
    examples: 3,
  });
  const objective = await executor.load(network, data);
  await objective.value(params);
  objective.dispose();
  await expect(objective.value(params)).rejects.toThrow('disposed');
});
