import { expect, test } from 'vitest';
import { parameterLabel } from '../../../../src/shared/math/parameterLabel';
import type { ParameterLayout } from '../../../../src/shared/model/run';

const layout: ParameterLayout = [
  { name: 'x', shape: [1], offset: 0, size: 1, role: 'coordinate' },
  { name: 'kernel', shape: [2, 3, 4], offset: 1, size: 24, role: 'weight' },
];

test('a parameter is named by its block and its place in it', () => {
  expect(parameterLabel(layout, 0)).toBe('x');
  expect(parameterLabel(layout, 1)).toBe('kernel[0, 0, 0]');
  expect(parameterLabel(layout, 1 + 12 + 4 + 3)).toBe('kernel[1, 1, 3]');
});
