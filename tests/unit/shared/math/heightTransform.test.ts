import { expect, test } from 'vitest';
import { finiteExtent, heightTransform, preferredHeightScale } from '../../../../src/shared/math/heightTransform';

test.each([
  ['linear', 3, 11],
  ['log', 0.02, 40],
  ['log', 0, 2186],
  ['log', -78.3, 250],
] as const)('%s on [%d, %d]: ends at 0 and 1, increasing, and back again', (scale, min, max) => {
  const { toHeight, toLoss } = heightTransform(scale, min, max);
  expect([toHeight(min), toHeight(max)]).toBeAllclose([0, 1], { atol: 1e-12 });
  let previous = -1;
  for (let i = 0; i <= 20; i++) {
    const height = i / 20;
    const loss = toLoss(height);
    expect(toHeight(loss)).toBeAllclose(height, { atol: 1e-9 });
    expect(loss).toBeGreaterThan(previous === -1 ? -Infinity : previous);
    previous = loss;
  }
});

test('a positive range is the plain logarithm; gaps stay gaps; a constant has height 0', () => {
  const { toHeight, shift } = heightTransform('log', 0.1, 100);
  expect(shift).toBe(0);
  expect(toHeight(1)).toBeAllclose(1 / 3, { rtol: 1e-12 });
  expect(toHeight(Number.NaN)).toBeNaN();
  expect(toHeight(Infinity)).toBeNaN();
  expect(heightTransform('log', 5, 5).toHeight(5)).toBe(0);
  expect(heightTransform('linear', 5, 5).toLoss(0.3)).toBe(5);
});

test('the log scale is preferred where the bulk of the surface spans decades', () => {
  const bowl: number[] = [];
  const ravine: number[] = [];
  for (let y = -20; y <= 20; y++) {
    for (let x = -20; x <= 20; x++) {
      const [u, v] = [x / 10, y / 10];
      bowl.push(u * u + v * v + 1);
      ravine.push((1 - u) ** 2 + 100 * (v - u * u) ** 2);
    }
  }
  expect(preferredHeightScale(bowl)).toBe('linear');
  expect(preferredHeightScale(ravine)).toBe('log');
  expect(preferredHeightScale([2, 2, 2])).toBe('linear');
  expect(preferredHeightScale([Number.NaN, Infinity])).toBe('linear');
  expect(finiteExtent([Number.NaN, 3, -Infinity, -1])).toEqual([-1, 3]);
  expect(finiteExtent([Number.NaN])).toBeNull();
});
