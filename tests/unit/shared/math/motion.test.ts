import { describe, expect, it } from 'vitest';
import { lengthOnPlane, rateEllipse, stepMagnification } from '../../../../src/shared/math/motion';
import { type MotionColumns, motionNames } from '../../../../src/shared/model/motion';

const columns = (rate11: number, rate12: number, rate22: number): MotionColumns => {
  const all = Object.fromEntries(motionNames.map((name) => [name, Float64Array.of(Number.NaN)])) as MotionColumns;
  return { ...all, rate11: Float64Array.of(rate11), rate12: Float64Array.of(rate12), rate22: Float64Array.of(rate22) };
};

describe('the ellipse of the rates', () => {
  it('has the rates as half axes where the plane’s axes are two parameters', () => {
    const rates = columns(0.3, 0, 0.05);
    expect(rateEllipse(rates, 0, [1, 1], 0, 0)).toBeAllclose([0.3, 0], { atol: 1e-15 });
    expect(rateEllipse(rates, 0, [1, 1], 0, Math.PI / 2)).toBeAllclose([0, 0.05], { atol: 1e-15 });
    expect(rateEllipse(rates, 0, [2, 5], 0, 0)).toBeAllclose([0.15, 0], { atol: 1e-15 });
  });

  it('is the projection of Dn, also in oblique axes', () => {
    // In the plane of the first two of three parameters, D = diag(0.3, 0.05, 7).
    const [d1, d2] = [
      [2, 0],
      [1, 3],
    ] as const;
    const norms: [number, number] = [2, Math.sqrt(10)];
    const cosine = 1 / Math.sqrt(10);
    const form = (a: readonly number[], b: readonly number[]) => 0.3 * a[0]! * b[0]! + 0.05 * a[1]! * b[1]!;
    const rates = columns(form(d1, d1) / 4, form(d1, d2) / (2 * norms[1]), form(d2, d2) / 10);
    for (let k = 0; k < 7; k++) {
      const [x, y] = rateEllipse(rates, 0, norms, cosine, k);
      expect([x * d1[0] + y * d2[0], x * d1[1] + y * d2[1]]).toBeAllclose([0.3 * Math.cos(k), 0.05 * Math.sin(k)], {
        atol: 1e-14,
      });
    }
  });
});

it('a step is magnified by the power of ten that makes it visible, and never shortened', () => {
  expect([0.5, 0.03, 0.029, 0.003, 2e-5, 0, Number.NaN].map(stepMagnification)).toEqual([1, 1, 10, 10, 10_000, 1, 1]);
});

it('lengths on a plane are those of parameter space', () => {
  expect(lengthOnPlane(1, 1, [3, 4], 0)).toBe(5);
  expect(lengthOnPlane(1, -1, [2, 2], 1)).toBe(0);
});
