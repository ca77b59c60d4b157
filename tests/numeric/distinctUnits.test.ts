import { expect, test } from 'vitest';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { createRng } from '../../src/main/engine/random';
import { distinctUnits, unitSpread } from '../../src/main/engine/symmetries/distinctUnits';
import { hiddenUnits, permuteHiddenUnits } from '../../src/main/engine/symmetries/permutation';
import { modelSchema } from '../../src/shared/model/experiment';

const model = modelSchema.parse({
  inputShape: [3],
  layers: [
    { type: 'dense', units: 4, activation: 'tanh' },
    { type: 'dense', units: 2 },
  ],
  loss: 'softmaxCrossEntropy',
});
const { layout } = buildNetwork(model);
const [layer] = hiddenUnits(model, layout);
const size = layout.reduce((sum, block) => sum + block.size, 0);

test('equal parameters are one unit; one weight in or out tells units apart', () => {
  const theta = new Float64Array(size).fill(0.3);
  expect(distinctUnits(theta, layer!)).toBe(1);
  expect(unitSpread(theta, layer!)).toBe(0);
  for (const name of ['layers.0.weight', 'layers.0.bias', 'layers.1.weight']) {
    const changed = theta.slice();
    changed[layout.find((block) => block.name === name)!.offset]! += 0.1;
    expect(distinctUnits(changed, layer!)).toBe(2);
    // One of four units 0.1 away from the others: 0.1·√(¼·¾).
    expect(unitSpread(changed, layer!)).toBeAllclose(0.1 * Math.sqrt(3 / 16), { rtol: 1e-12 });
    expect(distinctUnits(changed, layer!, 0.5)).toBe(1);
  }
  // The next layer's bias belongs to no unit.
  const output = theta.slice();
  output[size - 1]! += 1;
  expect(distinctUnits(output, layer!)).toBe(1);
});

test('an exchange of units changes neither number nor spread', () => {
  const rng = createRng(0, 'test');
  const theta = new Float64Array(size).map(() => rng.normal());
  const permuted = permuteHiddenUnits(theta, [layer!], [[2, 0, 3, 1]]);
  expect(distinctUnits(permuted, layer!)).toBe(4);
  expect(unitSpread(permuted, layer!)).toBeAllclose(unitSpread(theta, layer!), { rtol: 1e-12 });
});
