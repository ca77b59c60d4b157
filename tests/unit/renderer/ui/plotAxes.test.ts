import { expect, test } from 'vitest';
import { logSplits } from '../../../../src/renderer/ui/plotAxes';

test.each([
  ['decades', 1e-8, 1e8, 8, [1e-6, 1e-3, 1, 1e3, 1e6]],
  ['two powers', 0.08, 1.2, 6, [0.1, 0.2, 0.5, 1]],
  ['less than a decade', 0.41, 1, 6, [0.5, 1]],
  ['little more than a point', 0.61, 0.69, 4, [0.62, 0.64, 0.66, 0.68]],
])('a logarithmic axis over %s has lines to read values by', (_, min, max, count, expected) => {
  expect(logSplits(min, max, count)).toEqual(expected);
});
