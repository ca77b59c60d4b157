import { expect, test } from 'vitest';
import { conditionNumber } from '../../../../src/main/engine/curvature/conditionNumber';

const pair = (value: number, residual = 0, converged = true) => ({ value, residual, converged });

test('the interval is what the residuals leave', () => {
  const seen = { top: [pair(10, 0.1), pair(9, 0.1)], bottom: [pair(0.5, 0.02)], all: null };
  const { value, interval } = conditionNumber(seen, 1e-3)!;
  expect(value).toBeAllclose(20, { rtol: 1e-14 });
  expect(interval).toBeAllclose([9.9 / 0.52, 10.1 / 0.48], { rtol: 1e-14 });
});

test('a negative definite matrix has one too', () => {
  const seen = { top: [pair(-1)], bottom: [pair(-4)], all: null };
  expect(conditionNumber(seen, 1e-3)).toEqual({ value: 4, interval: [4, 4], least: 0, most: 1 });
});

test('both signs: known only where every eigenvalue is', () => {
  const seen = { top: [pair(8)], bottom: [pair(-2)] };
  expect(conditionNumber({ ...seen, all: null }, 1e-3)).toBeNull();
  const all = { values: [-2, 0.5, 8], errorBound: 0.1 };
  const { value, interval } = conditionNumber({ ...seen, all }, 1e-3)!;
  expect(value).toBe(16);
  expect(interval).toBeAllclose([7.9 / 0.6, 8.1 / 0.4], { rtol: 1e-12 });
});

test.each([
  ['nothing was seen', { top: [], bottom: [], all: null }],
  ['one has not converged', { top: [pair(3)], bottom: [pair(1, 0.1, false)], all: null }],
  ['one is zero within the tolerance', { top: [pair(3)], bottom: [pair(5e-4)], all: null }],
  ['the residual reaches zero', { top: [pair(3)], bottom: [pair(1, 2)], all: null }],
  ['the error bound reaches zero', { top: [], bottom: [], all: { values: [0.1, 3], errorBound: 0.2 } }],
])('not known where %s', (_, seen) => {
  expect(conditionNumber(seen, 1e-3)).toBeNull();
});
