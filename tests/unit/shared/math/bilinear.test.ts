import { expect, test } from 'vitest';
import { type Grid, sampleBilinear } from '../../../../src/shared/math/bilinear';

/** f(x, y) = 2 + 3x − y + ½xy is its own bilinear interpolant. */
const f = (x: number, y: number) => 2 + 3 * x - y + 0.5 * x * y;

function grid(): Grid {
  const xs = Float64Array.of(-1, 0, 0.5, 3);
  const ys = Float64Array.of(0, 2, 5);
  return { xs, ys, values: Float64Array.from([...ys].flatMap((y) => [...xs].map((x) => f(x, y)))) };
}

test('value and gradient are exact for a bilinear function on an uneven grid', () => {
  for (const [x, y] of [
    [-0.3, 0.7],
    [0.2, 4.9],
    [2.7, 1.1],
    [-1, 0],
    [3, 5],
    [0.5, 2],
  ] as const) {
    const sample = sampleBilinear(grid(), x, y)!;
    expect(sample.value).toBeAllclose(f(x, y), { atol: 1e-12 });
    expect(sample.gradient).toBeAllclose([3 + 0.5 * y, -1 + 0.5 * x], { atol: 1e-12 });
  }
});

test('nothing outside, and nothing in a cell with a gap', () => {
  expect(sampleBilinear(grid(), 3.01, 1)).toBeNull();
  expect(sampleBilinear(grid(), 0, -0.01)).toBeNull();
  expect(sampleBilinear(grid(), Number.NaN, 1)).toBeNull();
  const gap = grid();
  gap.values[0] = Number.NaN;
  expect(sampleBilinear(gap, -0.5, 1)).toBeNull();
  expect(sampleBilinear(gap, 0.25, 1)).not.toBeNull();
});
