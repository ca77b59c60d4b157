import { expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { createRng } from '../../src/main/engine/random';
import { logCopies, symmetricCopy } from '../../src/main/engine/symmetries/copies';
import { matchUpToSymmetry } from '../../src/main/engine/symmetries/equivalence';
import { type Case, makeCase } from './networks';

const cases: [string, Case][] = (['tanh', 'relu', 'sigmoid'] as const).map((activation) => [
  activation,
  makeCase({ activation, loss: 'softmaxCrossEntropy', sizes: [5, 6, 4, 3], examples: 20 }),
]);

test.each(cases)('a copy of a %s network is the same function and is found equal again', async (activation, item) => {
  const executor = createReferenceExecutor();
  const objective = await executor.load(item.network, item.data);
  const { model, layout } = item.network;
  const rng = createRng(1, 'copies');
  const { params, moved, flipped, rescaled } = symmetricCopy(model, layout, item.params, { scale: 5, rng });
  expect(moved).toBeGreaterThan(0);
  expect(flipped > 0).toBe(activation === 'tanh');
  expect(rescaled > 0).toBe(activation === 'relu');
  const [before, after] = [await objective.value(item.params), await objective.value(params)];
  expect(Math.abs(after - before) / before).toBeLessThan(1e-13);
  expect(matchUpToSymmetry(model, layout, params, item.params).distance).toBeLessThan(1e-12);
});

test('copies are counted: n! orders of each layer, two signs of a tanh unit', () => {
  const count = (activation: 'tanh' | 'relu') => {
    const { model, layout } = makeCase({
      activation,
      loss: 'softmaxCrossEntropy',
      sizes: [5, 6, 4, 3],
      examples: 2,
    }).network;
    return 10 ** logCopies(model, layout);
  };
  expect(count('relu')).toBeCloseTo(720 * 24, 6);
  expect(count('tanh') / (720 * 24 * 2 ** 10)).toBeCloseTo(1, 10);
});
