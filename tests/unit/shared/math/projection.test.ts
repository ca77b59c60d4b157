import { expect, test } from 'vitest';
import { axisCosine, planeCoordinates } from '../../../../src/shared/math/projection';

test('coordinates on oblique axes solve the normal equations', () => {
  // d₁ = (2, 0, 0), d₂ = (3, 1, 0); δ = 1.5·d₁ − 2·d₂ + (0, 0, 7).
  const gram = { d11: 4, d12: 6, d22: 10 };
  const delta = [1.5 * 2 - 2 * 3, -2, 7] as const;
  expect(planeCoordinates(gram, 2 * delta[0], 3 * delta[0] + delta[1])).toBeAllclose([1.5, -2], { atol: 1e-13 });
  expect(axisCosine(gram)).toBeAllclose(3 / Math.sqrt(10), { rtol: 1e-15 });
});

test('parallel and zero axes have no coordinates', () => {
  expect(() => planeCoordinates({ d11: 1, d12: 2, d22: 4 }, 1, 2)).toThrow(RangeError);
  expect(() => planeCoordinates({ d11: 1, d12: 0, d22: 0 }, 1, 0)).toThrow(RangeError);
});
