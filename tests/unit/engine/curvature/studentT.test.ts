import { expect, test } from 'vitest';
import { studentT } from '../../../../src/main/engine/curvature/studentT';

// scipy.stats.t.ppf((1 + confidence)/2, ν)
test.each([
  [0.5, 1, 1],
  [0.95, 1, 12.706205],
  [0.95, 2, 4.302653],
  [0.99, 3, 5.840909],
  [0.95, 4.5, 2.658912],
  [0.95, 9, 2.262157],
  [0.9, 30, 1.697261],
  [0.999, 10, 4.586894],
  [0.95, 1_000, 1.962339],
  [0.95, 100_000, 1.959988],
])('P(|T| ≤ t) = %d with %d degrees of freedom at t = %d', (confidence, degrees, t) => {
  expect(studentT(confidence, degrees)).toBeAllclose(t, { rtol: 1e-5 });
});

test.each([
  [0, 5],
  [1, 5],
  [0.95, 0.5],
])('confidence %d with %d degrees of freedom is refused', (confidence, degrees) => {
  expect(() => studentT(confidence, degrees)).toThrow(RangeError);
});
