import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Executor } from '../../src/main/engine/executors/executor';
import { createOnnxExecutor } from '../../src/main/engine/executors/onnx';
import { conformance } from './conformance';
import { makeCase, relativeError } from './networks';

conformance('onnx', () => createOnnxExecutor({ threads: 1 }));

let executor: Executor;
beforeAll(async () => {
  executor = await createOnnxExecutor({ threads: 2 });
});
afterAll(() => executor.dispose());

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
