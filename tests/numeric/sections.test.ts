import { describe, expect, it } from 'vitest';
import { computeAdaptiveSurface } from '../../src/main/engine/surface/adaptive';
import { computeSurface } from '../../src/main/engine/surface/compute';
import { surfaceDifference } from '../../src/main/engine/surface/difference';
import { computeProfile } from '../../src/main/engine/surface/profile';
import { computeVolume, thirdDirection } from '../../src/main/engine/surface/volume';
import { dot, norm } from '../../src/main/engine/vectors';
import { normalVector } from './networks';
import { drain, functionLandscape, networkLandscape } from './surfaces';

const net = () => networkLandscape('tanh', 'softmaxCrossEntropy', [2, 6, 3]);

describe('a profile', () => {
  it('is the objective at every point, not an interpolation', async () => {
    const { objective, axes } = await net();
    const { tiles, result } = await drain(
      computeProfile(objective, axes, { from: [-0.5, 0.2], to: [1, -0.7], points: 33 }),
    );
    expect([result.x[0], result.y[0], result.x[32], result.y[32]]).toEqual([-0.5, 0.2, 1, -0.7]);
    for (let k = 0; k < 33; k++) {
      const theta = axes.origin.map((o, i) => o + result.x[k]! * axes.d1[i]! + result.y[k]! * axes.d2[i]!);
      const { loss, accuracy } = await objective.measure(theta);
      expect([result.loss[k], result.accuracy![k]]).toBeAllclose([loss, accuracy], { rtol: 1e-12 });
    }
    expect(tiles.flatMap(({ index }) => [...index])).toEqual([...new Array(33).keys()]);
    expect([result.min, result.max]).toEqual([Math.min(...result.loss), Math.max(...result.loss)]);
  });

  it('along a line of the grid is that row of the surface', async () => {
    const { objective, axes, range } = functionLandscape('beale');
    const { result: surface } = await drain(computeSurface(objective, axes, { range, grid: [21, 11] }));
    const y = surface.ys[3]!;
    const { result } = await drain(
      computeProfile(objective, axes, { from: [range[0], y], to: [range[1], y], points: 21 }),
    );
    expect(result.loss).toEqual(surface.loss.slice(3 * 21, 4 * 21));
  });

  it('masks what is not finite and is cancelled', async () => {
    const { objective, axes } = functionLandscape('himmelblau');
    const { result } = await drain(computeProfile(objective, axes, { from: [0, 0], to: [1e200, 0], points: 5 }));
    expect(result.masked).toBe(4);
    expect(Number.isNaN(result.loss[4])).toBe(true);
    const aborted = { from: [0, 0], to: [1, 0], points: 5, signal: AbortSignal.abort() } as const;
    await expect(drain(computeProfile(objective, axes, aborted))).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a volume', () => {
  it('is made of surfaces: each slice is the surface through its origin, bit by bit', async () => {
    const { objective, axes, range } = await net();
    const d3 = thirdDirection(
      { d1: Float64Array.from(axes.d1), d2: Float64Array.from(axes.d2) },
      normalVector(axes.origin.length, 7),
    );
    const volumeAxes = {
      origin: Float64Array.from(axes.origin),
      d1: Float64Array.from(axes.d1),
      d2: Float64Array.from(axes.d2),
      d3,
    };
    let counted = 0;
    const { tiles, result } = await drain(
      computeVolume(objective, volumeAxes, { range, depth: [-1, 0.5], grid: [7, 6, 4] }, (count) => {
        counted += count;
      }),
    );
    expect([...result.zs]).toEqual([-1, -0.5, 0, 0.5]);
    expect([counted, result.evaluations, result.loss.length]).toEqual([168, 168, 168]);
    for (const [k, z] of result.zs.entries()) {
      const origin = volumeAxes.origin.map((o, i) => o + z * d3[i]!);
      const { result: surface } = await drain(computeSurface(objective, { ...axes, origin }, { range, grid: [7, 6] }));
      expect(result.loss.slice(k * 42, (k + 1) * 42)).toEqual(surface.loss);
      expect(tiles[k]).toMatchObject({ k, z });
      expect(tiles[k]!.loss).toEqual(surface.loss);
    }
    expect([result.min, result.max]).toEqual([Math.min(...result.loss), Math.max(...result.loss)]);
  });

  it('has a third direction at right angles, as long as it was, also above skew axes', () => {
    const d1 = normalVector(50, 1);
    const d2 = normalVector(50, 2).map((value, i) => value + 3 * d1[i]!);
    const given = normalVector(50, 3);
    const d3 = thirdDirection({ d1, d2 }, given);
    expect([dot(d1, d3), dot(d2, d3)]).toBeAllclose([0, 0], { atol: 1e-12 });
    expect(norm(d3)).toBeAllclose(norm(given), { rtol: 1e-12 });
    const within = d1.map((value, i) => value - 2 * d2[i]!);
    expect(() => thirdDirection({ d1, d2 }, within)).toThrow(/lies in the plane/);
  });

  it('is cancelled', async () => {
    const { objective, range } = functionLandscape('himmelblau');
    const axes = {
      origin: new Float64Array(2),
      d1: Float64Array.of(1, 0),
      d2: Float64Array.of(0, 1),
      d3: Float64Array.of(1, 1),
    };
    const options = { range, depth: [0, 1], grid: [4, 4, 4], signal: AbortSignal.abort() } as const;
    await expect(drain(computeVolume(objective, axes, options))).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a difference of surfaces', () => {
  it('is exact on the same grid and masks what either lacks', async () => {
    const { objective, axes, range } = functionLandscape('booth');
    const { result: a } = await drain(computeSurface(objective, axes, { range, grid: [9, 7] }));
    const b = { ...a, loss: a.loss.map((value, cell) => (cell === 5 ? Number.NaN : value - cell)) };
    const difference = surfaceDifference(a, b);
    expect(difference.difference[62]).toBe(62);
    expect(difference).toMatchObject({ resampled: false, masked: 1, min: 0, max: 62 });
    expect([...difference.exact].map((one, cell) => one === Number(cell !== 5))).not.toContain(false);
    expect(surfaceDifference(a, a)).toMatchObject({ min: 0, max: 0, rootMeanSquare: 0 });
  });

  it('resamples other grids bilinearly, masks beyond them, and says so', async () => {
    const plane = (xs: Float64Array, ys: Float64Array) => ({
      xs,
      ys,
      // Bilinear interpolation of a bilinear function is exact.
      loss: Float64Array.from(
        { length: xs.length * ys.length },
        (_, c) => 2 * xs[c % xs.length]! - ys[Math.floor(c / xs.length)]! * xs[c % xs.length]!,
      ),
    });
    const wide = plane(Float64Array.of(-1, 0, 1, 2), Float64Array.of(0, 1));
    const fine = plane(Float64Array.of(-1, -0.25, 0.5, 1), Float64Array.of(0, 0.3, 1));
    expect(surfaceDifference(fine, wide).difference).toBeAllclose(new Float64Array(12), { atol: 1e-15 });
    const back = surfaceDifference(wide, fine);
    expect(back).toMatchObject({ resampled: true, masked: 2 });
    expect([...back.exact]).toEqual(new Array(8).fill(0));
  });

  it('knows which values were interpolated', async () => {
    const { objective, axes, range } = functionLandscape('himmelblau');
    const grid = [33, 33] as const;
    const { result: a } = await drain(computeSurface(objective, axes, { range, grid }));
    const { result: b } = await drain(computeAdaptiveSurface(objective, axes, { range, grid, tolerance: 0.01 }));
    const { exact, difference } = surfaceDifference(a, b);
    expect(exact).toEqual(b.interpolation!.evaluated);
    exact.forEach((one, cell) => {
      if (one) expect(difference[cell]).toBe(0);
    });
  });
});
