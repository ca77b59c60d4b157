import { expect, test } from 'vitest';
import { compileExpression } from '../../src/main/engine/objectives/expression';
import { smoothed } from '../../src/main/engine/objectives/smoothed';

const jetOf = (f: ReturnType<typeof smoothed>, x: number, y: number) => {
  const out = new Float64Array(6);
  f.derivatives(x, y, out);
  return out;
};

test('a blurred polynomial is its heat expansion: E(x + σξ)⁴ = x⁴ + 6σ²x² + 3σ⁴', () => {
  const sigma = 0.8;
  const blurred = smoothed(compileExpression('x^4 + 2*x*y^2'), sigma);
  for (const [x, y] of [
    [0.3, -1.2],
    [-2, 0.5],
  ] as const) {
    const value = x ** 4 + 6 * sigma ** 2 * x ** 2 + 3 * sigma ** 4 + 2 * x * (y ** 2 + sigma ** 2);
    expect(blurred.value(x, y)).toBeAllclose(value, { rtol: 1e-12 });
    expect(jetOf(blurred, x, y)).toBeAllclose(
      [
        value,
        4 * x ** 3 + 12 * sigma ** 2 * x + 2 * (y ** 2 + sigma ** 2),
        4 * x * y,
        12 * x ** 2 + 12 * sigma ** 2,
        4 * y,
        4 * x,
      ],
      { rtol: 1e-11, atol: 1e-11 },
    );
  }
});

test.each([
  [4, 1e-6],
  [6, 1e-2],
])('a blurred cosine is e^(−a²/2)·cos: a = %d to %d', (a, tolerance) => {
  const blurred = smoothed(compileExpression(`cos(${a}*x)`), 1);
  for (const x of [0, 0.2, 0.7]) {
    expect(Math.abs(blurred.value(x, 3) - Math.exp(-(a ** 2) / 2) * Math.cos(a * x))).toBeLessThan(tolerance);
  }
});

test('without width it is the function itself', () => {
  const f = compileExpression('x*y');
  expect(smoothed(f, 0)).toBe(f);
});
