import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { createRng } from '../../src/main/engine/random';
import { computeAdaptiveSurface } from '../../src/main/engine/surface/adaptive';
import { computeSurface, type SurfaceResult } from '../../src/main/engine/surface/compute';
import type { KnownPoints } from '../../src/main/engine/surface/points';
import { readUnfinished, writeUnfinished } from '../../src/main/store/surfaceFiles';
import { temporaryFolder } from '../unit/store/sample';
import { drain, functionLandscape, type Landscape, networkLandscape } from './surfaces';

const tolerance = 0.01;
const grid = [101, 101] as const;

const full = async ({ objective, axes, range }: Landscape, size: readonly [number, number] = grid) =>
  (await drain(computeSurface(objective, axes, { range, grid: size }))).result;
const adaptive = ({ objective, axes, range }: Landscape, size: readonly [number, number] = grid) =>
  drain(computeAdaptiveSurface(objective, axes, { range, grid: size, tolerance }));

/** max|adaptive − full| over the cells, as a share of the full surface's range; Infinity where a mask differs. */
function largestError(refined: SurfaceResult, { loss, min, max }: SurfaceResult): number {
  let worst = 0;
  loss.forEach((value, cell) => {
    const guess = refined.loss[cell]!;
    if (Number.isNaN(value) && Number.isNaN(guess)) return;
    const error = Math.abs(guess - value);
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  });
  return worst / (max - min);
}

/** What was measured at 101 × 101: the share of points computed may be a little above that, the error never above 1 %. */
const surfaces: [landscape: () => Landscape | Promise<Landscape>, share: number][] = [
  [() => functionLandscape('himmelblau'), 0.09],
  [() => functionLandscape('rosenbrock'), 0.09],
  [() => functionLandscape('styblinskiTang'), 0.09],
  [() => functionLandscape('beale'), 0.09],
  [() => functionLandscape('sixHumpCamel'), 0.09],
  // A hole in a plain, and a cliff.
  [() => functionLandscape('easom'), 0.13],
  [() => functionLandscape('cliff'), 0.22],
  [() => functionLandscape('mountain'), 0.18],
  // The recurrent unit's wall, a step of the loss between neighbours.
  [() => functionLandscape('recurrentUnit'), 0.3],
  [() => networkLandscape('tanh', 'softmaxCrossEntropy', [2, 8, 8, 3]), 0.13],
  // Ten points a wave, along the axes and not: sums of few products u(x)·v(y).
  [() => functionLandscape('rastrigin'), 0.18],
  [() => functionLandscape('ackley'), 0.22],
  [() => functionLandscape('griewank'), 0.18],
  [() => turned('rastrigin'), 0.24],
  [() => turned('griewank'), 0.22],
  // Kinks.
  [() => networkLandscape('relu', 'softmaxCrossEntropy', [4, 16, 3]), 0.09],
  [() => networkLandscape('relu', 'meanSquaredError', [1, 16, 1]), 0.09],
];

describe('an adaptive surface', () => {
  it.each(surfaces)('is within 1 %% for 40 %% of the evaluations: surface %#', async (make, share) => {
    const landscape = await make();
    const { result } = await adaptive(landscape);
    const exact = await full(landscape);
    expect(largestError(result, exact), landscape.name).toBeLessThanOrEqual(tolerance);
    expect(result.evaluations / 101 ** 2, landscape.name).toBeLessThanOrEqual(share);
    expect(share).toBeLessThanOrEqual(0.4);
    // Computed points are those of the full surface, the mask says which.
    const { evaluated, checks, largestError: seen } = result.interpolation!;
    expect(evaluated.reduce((sum, one) => sum + one, 0)).toBe(result.evaluations);
    evaluated.forEach((one, cell) => {
      if (one) expect(Object.is(result.loss[cell], exact.loss[cell])).toBe(true);
    });
    expect(checks).toBeGreaterThan(100);
    expect(seen).toBeLessThanOrEqual(tolerance * (exact.max - exact.min));
    expect(result.loss.every((value) => value >= result.min && value <= result.max)).toBe(true);
  });

  // Steps everywhere leave little to interpolate, and of waves around a point few products know. The error is kept.
  it.each([
    ['terraces', functionLandscape('terraces'), 0.45],
    ['ackley turned', turned('ackley'), 0.8],
  ] as const)('computes more than 40 %% of %s, where it has to, and keeps the error', async (_, landscape, atLeast) => {
    const { result } = await adaptive(landscape);
    expect(largestError(result, await full(landscape))).toBeLessThanOrEqual(tolerance);
    expect(result.evaluations / 101 ** 2).toBeGreaterThan(atLeast);
  });

  it.each(['rastrigin', 'ackley', 'griewank', 'cliff', 'mountain'])(
    'knows %s from rows and columns at five points a wave',
    async (name) => {
      const landscape = functionLandscape(name);
      const { result } = await adaptive(landscape, [51, 51]);
      expect(largestError(result, await full(landscape, [51, 51]))).toBeLessThanOrEqual(tolerance);
      expect(result.evaluations / 51 ** 2).toBeLessThan(0.3);
    },
  );

  it('gives rows and columns up where the checks find what they do not know, and goes on by the lattice', async () => {
    const rng = createRng(3, 'grains');
    const grains = Float64Array.from({ length: 101 ** 2 }, () => rng.normal());
    // Waves on every 4th point, grains in between: the lattice at which rows and columns are tried sees the waves only.
    const at = (x: number) => Math.round(50 * (x + 1));
    const grained = made((x, y) => {
      const [i, j] = [at(x), at(y)];
      return Math.cos(20 * x) + Math.cos(23 * y) + (i % 4 && j % 4 ? 0.2 * grains[101 * j + i]! : 0);
    });
    const { result } = await adaptive(grained);
    expect(largestError(result, await full(grained))).toBeLessThanOrEqual(tolerance);
    expect(result.evaluations / 101 ** 2).toBeGreaterThan(0.6);
  });

  it('tries no rows and columns where a value is masked', async () => {
    const hole = made((x, y) => (Math.hypot(x, y) < 0.2 ? Number.NaN : Math.cos(30 * x) + Math.cos(30 * y)));
    const { result } = await adaptive(hole);
    expect(largestError(result, await full(hole))).toBeLessThanOrEqual(tolerance);
  });

  it('computes a jump throughout: no error at a cliff of one cell', async () => {
    const step = made((x, y) => (x + 0.3 * y > 0.12 ? 1 : 0) + 0.1 * x);
    const { result } = await adaptive(step);
    expect(largestError(result, await full(step))).toBeLessThanOrEqual(tolerance);
    expect(result.evaluations / 101 ** 2).toBeLessThan(0.4);
  });

  // The honest side of it: what lies between all points looked at is not there.
  it('misses a pit of one cell between its points, and its checks may say nothing of it', async () => {
    const pit = made((x, y) => 0.1 * x - Math.exp(-(x ** 2 + y ** 2) / 2e-4));
    const { result } = await adaptive(pit);
    const exact = await full(pit);
    expect(result.interpolation!.evaluated[50 * 101 + 50]).toBe(0);
    expect(largestError(result, exact)).toBeGreaterThan(0.8);
    expect(result.interpolation!.largestError).toBeLessThanOrEqual(tolerance);
  });

  it('interpolates nothing beside masked points and masks nothing that is not', async () => {
    const hole = made((x, y) => (Math.hypot(x - 0.2, y) < 0.4 ? Number.NaN : x * x + y));
    const { result } = await adaptive(hole);
    const exact = await full(hole);
    expect(largestError(result, exact)).toBeLessThanOrEqual(tolerance);
    expect(result.evaluations / 101 ** 2).toBeLessThan(0.4);
    expect(result.masked).toBeLessThan(exact.masked);
  });

  it.each([
    [5, 5],
    [2, 2],
    [3, 40],
    [52, 39],
  ])('covers a grid of %i × %i, first and last points included', async (nx, ny) => {
    const landscape = functionLandscape('himmelblau');
    const { result, tiles } = await adaptive(landscape, [nx, ny]);
    expect(largestError(result, await full(landscape, [nx, ny]))).toBeLessThanOrEqual(tolerance);
    const last = new Float64Array(nx * ny).fill(Number.NaN);
    const computed = new Uint8Array(nx * ny);
    for (const { index, loss, interpolated } of tiles) {
      index.forEach((cell, k) => {
        last[cell] = loss[k]!;
        // A computed point never becomes an interpolated one.
        if (interpolated) expect(computed[cell]).toBe(0);
        else computed[cell] = 1;
      });
    }
    expect(last).toEqual(result.loss);
    expect(computed).toEqual(result.interpolation!.evaluated);
  });

  it('is cancelled', async () => {
    const { objective, axes, range } = functionLandscape('himmelblau');
    const abort = new AbortController();
    const surface = computeAdaptiveSurface(objective, axes, { range, grid, tolerance, signal: abort.signal });
    await surface.next();
    abort.abort();
    await expect(drain(surface)).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a surface cut off', () => {
  const key = 'c0ffee'.padEnd(64, '0');
  /** At most 40 points a tile, so that there are many tiles to be cut off after, whatever the pace. */
  const small = slowed(functionLandscape('easom'));
  const waves = slowed(functionLandscape('rastrigin'));
  const size = [33, 29] as const;
  type Compute = (known?: KnownPoints, onStart?: (points: KnownPoints) => void) => ReturnType<typeof computeSurface>;
  const kinds: [string, Compute][] = [
    [
      'whole',
      (known, onStart) =>
        computeSurface(small.objective, small.axes, {
          range: small.range,
          grid: size,
          ...(known && { known }),
          ...(onStart && { onStart }),
        }),
    ],
    [
      'adaptive',
      (known, onStart) =>
        computeAdaptiveSurface(small.objective, small.axes, {
          range: small.range,
          grid: size,
          tolerance,
          ...(known && { known }),
          ...(onStart && { onStart }),
        }),
    ],
    [
      'by rows and columns',
      (known, onStart) =>
        computeAdaptiveSurface(waves.objective, waves.axes, {
          range: waves.range,
          grid: size,
          tolerance,
          ...(known && { known }),
          ...(onStart && { onStart }),
        }),
    ],
  ];

  it.each(kinds)('after any tile goes on to the same bytes (%s)', async (_, compute) => {
    vi.spyOn(performance, 'now').mockImplementation(() => clock);
    onTestFinished(() => void vi.restoreAllMocks());
    const { tiles, result } = await drain(compute());
    expect(tiles.length).toBeGreaterThan(8);
    const folder = temporaryFolder();
    for (let cut = 1; cut < tiles.length; cut++) {
      let points: KnownPoints | null = null;
      const killed = compute(undefined, (values) => {
        points = values;
      });
      for (let k = 0; k < cut; k++) await killed.next();
      writeUnfinished(folder, 'surfaces', 'half', key, points!);
      const before = points!.done.reduce((sum, done) => sum + done, 0);
      const found = readUnfinished(folder, 'surfaces', 'half', key, size[0] * size[1]);
      expect(found.refused).toBeNull();
      evaluated = 0;
      const { result: resumed } = await drain(compute(found.value!));
      const { seconds: __, ...rest } = resumed;
      const { seconds: ___, ...wanted } = result;
      expect(rest).toEqual(wanted);
      expect(evaluated).toBe(result.evaluations - before);
    }
  });
});

let evaluated = 0;
let clock = 0;
/** A millisecond a point by a clock of its own, so that tiles stay small on any machine. */
function slowed(landscape: Landscape): Landscape {
  const { objective } = landscape;
  const plane: Objective['plane'] = (tile, rows) => {
    clock += tile.coordinates.length / 2;
    evaluated += tile.coordinates.length / 2;
    return objective.plane(tile, rows);
  };
  return { ...landscape, objective: { ...objective, plane } };
}

/** A function on axes turned by half a radian. */
function turned(name: string): Landscape {
  const landscape = functionLandscape(name);
  const [cos, sin] = [Math.cos(0.5), Math.sin(0.5)];
  const axes = { ...landscape.axes, d1: Float64Array.of(cos, sin), d2: Float64Array.of(-sin, cos) };
  return { ...landscape, axes, name: `${name} turned` };
}

/** Any heights over [−1, 1]². */
function made(f: (x: number, y: number) => number): Landscape {
  const { objective, axes } = functionLandscape('himmelblau');
  const plane: Objective['plane'] = ({ coordinates }) => {
    const gaps = new Float64Array(coordinates.length / 2).fill(Number.NaN);
    const loss = gaps.map((_, k) => f(coordinates[2 * k]!, coordinates[2 * k + 1]!));
    return { loss, standardError: gaps, accuracy: gaps };
  };
  return { name: 'made', objective: { ...objective, plane }, axes, range: [-1, 1, -1, 1] };
}
