import { expect, test } from 'vitest';
import { heightTransform } from '../../../../src/shared/math/heightTransform';
import { formatNumber, formatTicks } from '../../../../src/shared/math/numbers';
import { axisTicks, lossTicks } from '../../../../src/shared/math/ticks';

const labels = (ticks: { label: string }[]) => ticks.map(({ label }) => label);

test('axis ticks are round numbers with labels of equal precision and a true minus', () => {
  expect(labels(axisTicks(-1.1, 1.1, 5))).toEqual(['−1.0', '−0.5', '0.0', '0.5', '1.0']);
  expect(labels(axisTicks(0, 30_000, 3))).toEqual(['0', '10000', '20000', '30000']);
});

test('labels of neighbours differ, however narrow the range', () => {
  for (const [from, to] of [
    [1, 1.000_1],
    [-5e-7, 5e-7],
    [2e6, 2.001e6],
    [123_456.1, 123_456.9],
  ] as const) {
    const found = labels(axisTicks(from, to, 6));
    expect(found.length).toBeGreaterThan(2);
    expect(new Set(found).size).toBe(found.length);
  }
  expect(formatTicks([])).toEqual([]);
  // Rounded to whole numbers they would lie.
  expect(formatTicks([0, 2.5, 5, 7.5, 10])).toEqual(['0.0', '2.5', '5.0', '7.5', '10.0']);
  expect(formatTicks([0, 0.25, 0.5])).toEqual(['0.00', '0.25', '0.50']);
});

test.each([
  [0.003, 250],
  [0, 2186],
  [0.5, 40_000],
])('log loss ticks of [%d, %d] lie inside, in order, apart from each other', (min, max) => {
  const transform = heightTransform('log', min, max);
  const ticks = lossTicks(transform, 6);
  expect(ticks.length).toBeGreaterThanOrEqual(3);
  ticks.forEach(({ value, height }, i) => {
    expect(value).toBeGreaterThanOrEqual(min);
    expect(value).toBeLessThanOrEqual(max);
    expect(height).toBeAllclose(transform.toHeight(value), { atol: 1e-12 });
    if (i > 0) expect(height - ticks[i - 1]!.height).toBeGreaterThan(0.85 / 6 - 1e-9);
  });
});

test('whole decades are labelled as such', () => {
  expect(labels(lossTicks(heightTransform('log', 1e-4, 5), 6))).toEqual(
    expect.arrayContaining(['10⁻⁴', '0.001', '0.01', '0.1', '1']),
  );
  expect(labels(lossTicks(heightTransform('linear', 0, 10), 5))).toEqual(['0', '2', '4', '6', '8', '10']);
  expect(lossTicks(heightTransform('linear', 3, 3), 5)).toEqual([]);
});

test('numbers for reading', () => {
  expect(formatNumber(Math.PI)).toBe('3.142');
  expect(formatNumber(-0.5)).toBe('−0.5');
  expect(formatNumber(12_345.678)).toBe('12346');
  expect(formatNumber(0.000_012_3)).toBe('1.23×10⁻⁵');
  expect(formatNumber(-2.5e8, 2)).toBe('−2.5×10⁸');
  expect(formatNumber(0)).toBe('0');
  expect(formatNumber(Number.NaN)).toBe('–');
  expect(formatNumber(-Infinity)).toBe('−∞');
});
