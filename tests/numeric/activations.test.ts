import { erf as mathjsErf } from 'mathjs';
import { expect, test } from 'vitest';
import { activations } from '../../src/main/engine/executors/reference/activations';
import { erf, erfc } from '../../src/main/engine/executors/reference/erf';
import type { ActivationName } from '../../src/shared/model/experiment';

test('erf agrees with the rational approximation of Cody in mathjs', () => {
  for (let x = -6; x <= 6; x += 0.01) expect(erf(x)).toBeAllclose(mathjsErf(x), { rtol: 4e-15, atol: 1e-300 });
});

test('erfc keeps its digits in the tail', () => {
  // Python's math.erfc.
  expect(erfc(0.5)).toBeAllclose(0.4795001221869535, { rtol: 1e-14 });
  expect(erfc(1)).toBeAllclose(0.15729920705028513, { rtol: 1e-14 });
  expect(erfc(2)).toBeAllclose(0.004677734981047266, { rtol: 1e-14 });
  expect(erfc(6)).toBeAllclose(2.1519736712498913e-17, { rtol: 1e-14 });
  expect(erfc(-2)).toBeAllclose(1.9953222650189528, { rtol: 1e-15 });
});

test('the ends', () => {
  expect([erf(Infinity), erf(-Infinity), erf(0), erf(Number.NaN)]).toEqual([1, -1, 0, Number.NaN]);
  expect([erfc(Infinity), erfc(-Infinity), erfc(Number.NaN)]).toEqual([0, 2, Number.NaN]);
});

test.each<[ActivationName, number, number]>([
  ['identity', 1, 1],
  ['relu', 0, 1],
  ['leakyRelu', 0.01, 1],
  ['tanh', 0, 0],
  ['sigmoid', 0, 0],
  ['softplus', 0, 1],
  ['elu', 0, 1],
  ['gelu', 0, 1],
  ['silu', 0, 1],
])('far out the slope of %s is %d on the left and %d on the right', (name, left, right) => {
  const { value, derivative, secondDerivative } = activations[name];
  for (const x of [40, 800, 1e4]) {
    expect([value(-x), value(x)].every(Number.isFinite)).toBe(true);
    expect([derivative(-x), derivative(x)]).toBeAllclose([left, right], { atol: 1e-15 });
    expect([secondDerivative(-x), secondDerivative(x)]).toBeAllclose([0, 0], { atol: 1e-15 });
  }
  expect(value(Number.NaN)).toBeNaN();
});
