import { expect, test } from 'vitest';
import type { Objective, PlaneTile, PlaneValues } from '../../src/main/engine/objectives/objective';
import { computeSurface, type SurfaceOptions, type SurfaceResult } from '../../src/main/engine/surface/compute';
import type { SurfaceTile } from '../../src/shared/model/landscape';
import { quadratic, withSpectrum } from './quadratic';

const bowl = () => quadratic(withSpectrum([1, 4, 9], 1), [0.5, -1, 2]);
const axes = {
  origin: Float64Array.of(0, 1, 0),
  d1: Float64Array.of(1, 0.5, 0),
  d2: Float64Array.of(0, 1, -1),
};

async function collect(
  objective: Objective,
  options: SurfaceOptions,
  plane = axes,
): Promise<{ tiles: SurfaceTile[]; result: SurfaceResult }> {
  const tiles: SurfaceTile[] = [];
  const generator = computeSurface(objective, plane, options);
  for (;;) {
    const next = await generator.next();
    if (next.done) return { tiles, result: next.value };
    tiles.push(next.value);
  }
}

/** An objective whose tiles are made by `at`, the rest being the bowl's. */
function replaced(at: (a: number, b: number) => number, changes: Partial<Objective> = {}): Objective {
  return {
    ...bowl(),
    plane({ coordinates }: PlaneTile): PlaneValues {
      const points = coordinates.length / 2;
      const loss = Float64Array.from({ length: points }, (_, k) => at(coordinates[2 * k]!, coordinates[2 * k + 1]!));
      return { loss, standardError: new Float64Array(points).fill(0.25), accuracy: new Float64Array(points).fill(0.5) };
    },
    ...changes,
  };
}

test('a quadratic is exact at every point of a grid that is not square', async () => {
  const objective = bowl();
  const { result } = await collect(objective, { range: [-2, 3, -1, 1.5], grid: [21, 13] });
  const { xs, ys, loss } = result;
  expect([xs[0], xs[20], ys[0], ys[12]]).toEqual([-2, 3, -1, 1.5]);
  for (let j = 0; j < 13; j++) {
    for (let i = 0; i < 21; i++) {
      const theta = axes.origin.map((o, k) => o + xs[i]! * axes.d1[k]! + ys[j]! * axes.d2[k]!);
      expect(loss[j * 21 + i]!).toBeAllclose(await objective.value(theta), { rtol: 1e-12, atol: 1e-12 });
    }
  }
  expect(result.min).toBe(Math.min(...loss));
  expect(result.max).toBe(Math.max(...loss));
  expect(result).toMatchObject({ masked: 0, evaluations: 273, standardError: null, accuracy: null, examples: 0 });
});

test('every point comes once, coarse to fine, and tiles hold what the result holds', async () => {
  const { tiles, result } = await collect(bowl(), { range: [-1, 1, -1, 1], grid: [51, 37] });
  const seen = new Uint8Array(51 * 37);
  let previous = 8;
  for (const { stride, index, loss } of tiles) {
    expect(stride).toBeLessThanOrEqual(previous);
    previous = stride;
    index.forEach((cell, k) => {
      seen[cell]!++;
      expect([(cell % 51) % stride, Math.floor(cell / 51) % stride]).toEqual([0, 0]);
      expect(loss[k]).toBe(result.loss[cell]);
    });
  }
  expect(seen.every((count) => count === 1)).toBe(true);
  expect(new Set(tiles.map(({ stride }) => stride))).toEqual(new Set([8, 4, 2, 1]));
});

test('NaN and infinity stay gaps, counted, and do not reach min and max', async () => {
  const objective = replaced((a, b) => (a > 0.5 ? Number.NaN : b > 0.5 ? Infinity : a + b));
  const { result } = await collect(objective, { range: [-1, 1, -1, 1], grid: [9, 9] });
  const gaps = result.loss.reduce((count, value) => count + Number(Number.isNaN(value)), 0);
  // Two of nine columns, and of the seven others two of nine rows.
  expect(result.masked).toBe(18 + 14);
  expect(gaps).toBe(32);
  expect([result.min, result.max]).toEqual([-2, 1]);
  const nowhere = await collect(
    replaced(() => Number.NaN),
    { range: [-1, 1, -1, 1], grid: [4, 4] },
  );
  expect(nowhere.result).toMatchObject({ masked: 16, min: Number.NaN, max: Number.NaN });
});

test('a subset has a standard error, full data has none', async () => {
  const objective = replaced((a) => a, { examples: 10 });
  const options = { range: [-1, 1, -1, 1] as [number, number, number, number], grid: [3, 3] as const };
  const subset = await collect(objective, { ...options, rows: Int32Array.of(1, 5, 7) });
  expect(subset.result.standardError).toEqual(new Float64Array(9).fill(0.25));
  expect(subset.result.accuracy).toEqual(new Float64Array(9).fill(0.5));
  expect(subset.result.examples).toBe(3);
  const full = await collect(objective, options);
  expect(full.result.standardError).toBeNull();
  expect(full.result.examples).toBe(10);
});

// Timed because the promise is a time; tried again because others may hold the machine.
test('tiles grow to the pace of the objective: a cancel is seen within 100 ms', { retry: 3 }, async () => {
  const slow = replaced((a, b) => {
    const until = performance.now() + 0.4;
    while (performance.now() < until);
    return a * b;
  });
  const abort = new AbortController();
  let at = 0;
  setTimeout(() => {
    at = performance.now();
    abort.abort();
  }, 300);
  const work = collect(slow, { range: [-1, 1, -1, 1], grid: [101, 101], signal: abort.signal });
  await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  expect(at).toBeGreaterThan(0);
  expect(performance.now() - at).toBeLessThan(100);
});

test('the plane is handed over in the objective’s precision and stays the same object', async () => {
  const planes = new Set<unknown>();
  const single: Objective = {
    ...replaced((a) => a),
    precision: 'float32',
    allocate: () => new Float32Array(3),
    plane(tile) {
      planes.add(tile.origin).add(tile.d1).add(tile.d2);
      return replaced((a) => a).plane(tile);
    },
  };
  await collect(single, { range: [-1, 1, -1, 1], grid: [17, 17] });
  expect(planes.size).toBe(3);
  expect([...planes].every((values) => values instanceof Float32Array)).toBe(true);
});
