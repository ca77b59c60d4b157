import { describe, expect, it } from 'vitest';
import { probeSurface } from '../../../../src/renderer/scene/probe';

const n = 41;
const xs = Float64Array.from({ length: n }, (_, i) => -2 + (4 * i) / (n - 1));
const ys = Float64Array.from({ length: n }, (_, j) => (3 * j) / (n - 1));
const surface = (fn: (x: number, y: number) => number) => ({
  xs,
  ys,
  loss: Float64Array.from({ length: n * n }, (_, k) => fn(xs[k % n]!, ys[Math.floor(k / n)]!)),
});

describe('probeSurface', () => {
  it('is exact on a bilinear surface, at its edges too', () => {
    const plane = surface((x, y) => 1 + 2 * x - 3 * y + 0.5 * x * y);
    for (const [x, y] of [
      [0.33, 1.21],
      [-2, 0],
      [1.97, 2.99],
    ] as const) {
      const probe = probeSurface(plane, x, y)!;
      expect(probe.loss).toBeAllclose(1 + 2 * x - 3 * y + 0.5 * x * y, { atol: 1e-12 });
      expect(probe.gradient).toBeAllclose([2 + 0.5 * y, -3 + 0.5 * x], { atol: 1e-9 });
    }
  });

  it('has a second-order gradient on a smooth surface', () => {
    const probe = probeSurface(
      surface((x, y) => Math.sin(x) * y * y),
      0.4,
      1.5,
    )!;
    // Cells of 0.1 and 0.075: h²/6 of the third derivative, and the bilinear error of the values.
    expect(probe.gradient).toBeAllclose([Math.cos(0.4) * 2.25, Math.sin(0.4) * 3], { atol: 2e-2 });
  });

  it('is nothing in a gap and outside the window, one-sided beside a gap', () => {
    const torn = surface((x, y) => (x > 1 ? Number.NaN : 2 * x + y));
    expect(probeSurface(torn, 1.5, 1)).toBeNull();
    expect(probeSurface(torn, -2.5, 1)).toBeNull();
    expect(probeSurface(torn, 0.95, 1)!.gradient).toBeAllclose([2, 1], { atol: 1e-9 });
  });
});
