import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { compileExpression } from '../../src/main/engine/objectives/expression';
import { functions } from '../../src/main/engine/objectives/functions';
import { createRng } from '../../src/main/engine/random';
import { buildMergeTree } from '../../src/main/engine/topology/mergeTree';
import { planeMetric } from '../../src/main/engine/topology/metric';
import { findRegions } from '../../src/main/engine/topology/regions';
import { basinsOf, simplify } from '../../src/shared/math/mergeTree';
import type { Domain } from '../../src/shared/model/experiment';
import { maskedKind, type RegionMap, regionCriteriaSchema, regionKinds } from '../../src/shared/model/topology';

const euclidean = { norms: [1, 1] as [number, number], axisCosine: 0 };
const line = (from: number, to: number, n: number) =>
  Float64Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));

/** Heights written as they lie, the first row on top. */
function field(rows: number[][]) {
  return {
    xs: Float64Array.from(rows[0]!.keys()),
    ys: Float64Array.from(rows.keys()),
    values: Float64Array.from(rows.flat()),
  };
}

function sampled(f: (x: number, y: number) => number, [x0, x1, y0, y1]: Domain, nx = 51, ny = nx) {
  const [xs, ys] = [line(x0, x1, nx), line(y0, y1, ny)];
  return { xs, ys, loss: Float64Array.from({ length: nx * ny }, (_, c) => f(xs[c % nx]!, ys[Math.floor(c / nx)]!)) };
}
type Sampled = ReturnType<typeof sampled>;

const regionsOf = (surface: Sampled, criteria: object = {}, axes = euclidean) =>
  findRegions(surface, axes, regionCriteriaSchema.parse(criteria));
const treeOf = (grid: { xs: Float64Array; ys: Float64Array; values: Float64Array }, axes = euclidean) =>
  buildMergeTree(grid, planeMetric(axes));
const count = (map: RegionMap, kind: (typeof regionKinds)[number]) =>
  map.kinds.reduce((sum, one) => sum + Number(one === regionKinds.indexOf(kind)), 0);
const kindAt = (map: RegionMap, { xs, ys }: Sampled, x: number, y: number) => {
  const nearest = (values: Float64Array, at: number) =>
    values.reduce((best, value, i) => (Math.abs(value - at) < Math.abs(values[best]! - at) ? i : best), 0);
  const kind = map.kinds[nearest(ys, y) * xs.length + nearest(xs, x)]!;
  return kind === maskedKind ? 'masked' : regionKinds[kind];
};

describe('a cancel', () => {
  it('ends the search for regions at the next look at the signal, wherever that is', async () => {
    // Flat halves and waves: every kind of work is done. The clock leaps, so that every look gives the event loop a turn.
    const { f } = named('rastrigin');
    const surface = sampled((x, y) => (x < 0 ? 1 : f(x, y)), [-3, 3, -3, 3], 65);
    let now = 0;
    let looks = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      looks++;
      now += 1_000;
      return now;
    });
    try {
      await regionsOf(surface);
      const whole = looks;
      expect(whole).toBeGreaterThan(500);
      for (let share = 0; share < 1; share += 0.04) {
        const abort = new AbortController();
        const end = Math.floor(share * (whole - 4)) + 2;
        looks = 0;
        clock.mockImplementation(() => {
          if (++looks === end) abort.abort();
          now += 1_000;
          return now;
        });
        const pending = findRegions(surface, euclidean, regionCriteriaSchema.parse({}), abort.signal);
        await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
        expect(looks - end).toBeLessThanOrEqual(1);
      }
    } finally {
      clock.mockRestore();
    }
  });
});

describe('the merge tree', () => {
  it('pairs the shallower of two pits with the pass between them', async () => {
    // A rim of 9; pits of height 0 and 2, a pass of height 4: the pit at 2 has persistence 2.
    const grid = field([
      [9, 9, 9, 9, 9, 9, 9],
      [9, 0, 1, 4, 3, 2, 9],
      [9, 9, 9, 9, 9, 9, 9],
    ]);
    const tree = await treeOf(grid);
    expect([...tree.minima]).toEqual([8, 12]);
    expect([...tree.persistence]).toEqual([Infinity, 2]);
    expect([...tree.saddles]).toEqual([-1, 10]);
    expect([...tree.elders]).toEqual([-1, 0]);
    expect([...tree.across]).toEqual([-1, 0]);
    expect([...simplify(tree, 1.9).survivors]).toEqual([0, 1]);
    expect([...simplify(tree, 2).survivors]).toEqual([0]);
    expect([...simplify(tree, Infinity).survivors]).toEqual([0]);
    expect(new Set(basinsOf(tree, simplify(tree, 2)))).toEqual(new Set([0]));
  });

  it('tells maxima and their hills of the negated heights: the split tree', async () => {
    // Peaks of 9 and 5 on a plain of 0, a saddle of 3 between them, noise of 0.5 on the flank of the higher one.
    const { xs, ys, values } = field([
      [0, 0, 0, 0, 0, 0, 0, 0, 0],
      [0, 9, 2, 2.5, 2, 3, 4, 5, 0],
      [0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]);
    const map = await regionsOf({ xs, ys, loss: values }, { persistence: 0.06 });
    const { hills, peaks, hillOf } = map;
    expect([...hills.minima]).toEqual([10, 16, 12]);
    // The lower peak ends at 2, the pass to the higher one; the noise at 2 too, half above.
    expect([...hills.persistence]).toEqual([Infinity, 3, 0.5]);
    expect(peaks.map(({ highest, persistence, saddle }) => [highest.cell, persistence, saddle?.loss])).toEqual(
      expect.arrayContaining([
        [10, Infinity, undefined],
        [16, 3, 2],
      ]),
    );
    expect(peaks).toHaveLength(2);
    expect(new Set(hillOf)).toEqual(new Set([0, 1]));
    expect(peaks.reduce((sum, { area }) => sum + area, 0)).toBeAllclose(1, { rtol: 1e-12 });
  });

  it('of −f has the maxima of −f where f has minima, with the same persistence', async () => {
    const { f, domain } = named('himmelblau');
    const surface = sampled(f, domain, 61);
    const upside = { ...surface, loss: surface.loss.map((value) => -value) };
    const [right, turned] = [await regionsOf(surface), await regionsOf(upside)];
    expect(turned.peaks.map(({ highest, persistence, cells }) => [highest.cell, persistence, cells])).toEqual(
      right.basins.map(({ lowest, persistence, cells }) => [lowest.cell, persistence, cells]),
    );
    // Himmelblau's one maximum inside, and corners of the window.
    const inside = right.peaks.filter(({ atEdge }) => !atEdge);
    expect(inside).toHaveLength(1);
    expect([inside[0]!.highest.x, inside[0]!.highest.y]).toBeAllclose([-0.2, -1], { atol: 0.11 });
    expect(inside[0]!.highest.loss).toBeAllclose(181.6, { rtol: 2e-3 });
  });

  it('lets the elder live: pits of depths 1 and 3 below a plain leave the pair 1', async () => {
    const { values, xs, ys } = field(new Array(5).fill(new Array(11).fill(0)));
    values[2 * 11 + 2] = -1;
    values[2 * 11 + 8] = -3;
    const tree = await treeOf({ xs, ys, values });
    expect([...tree.minima].slice(0, 2)).toEqual([30, 24]);
    expect(tree.persistence[0]).toBe(Infinity);
    expect(tree.persistence[1]).toBe(1);
    // What equal heights make up has persistence 0 and is hidden by the threshold 0.
    expect([...tree.persistence.slice(2)].every((value) => value === 0)).toBe(true);
    expect([...simplify(tree, 0).survivors]).toEqual([0, 1]);
  });

  it('breaks ties of equal minima by the smaller index, whatever the order of the cells', async () => {
    const tree = await treeOf(field([[5, 1, 3, 1, 4, 1, 5]]));
    expect([...tree.minima]).toEqual([1, 3, 5]);
    expect([...tree.persistence]).toEqual([Infinity, 2, 3]);
    expect([...tree.elders]).toEqual([-1, 0, 0]);
    // The third basin lies across from the second, which is hidden first: the chain ends at the first.
    expect([...tree.across]).toEqual([-1, 0, 1]);
    expect([...simplify(tree, 2).representative]).toEqual([0, 0, 2]);
    expect([...simplify(tree, 3).representative]).toEqual([0, 0, 0]);
  });

  it('ends all but the eldest where three basins meet in one cell', async () => {
    const tree = await treeOf(
      field([
        [0, 9, 9, 9, 1],
        [9, 8, 9, 8, 9],
        [9, 9, 9, 9, 9],
        [9, 8, 7, 9, 9],
        [9, 9, 2, 9, 9],
      ]),
    );
    expect(tree.minima.length).toBe(3);
    expect([...tree.elders]).toEqual([-1, 0, 0]);
    expect([...simplify(tree, 100).representative]).toEqual([0, 0, 0]);
  });

  it('orders negative heights, zeros of both signs and infinities like numbers', async () => {
    const tree = await treeOf(field([[Infinity, -1e-300, 7, -5, 7, -0, 0, 7, -Infinity]]));
    expect([...tree.minima]).toEqual([8, 3, 1, 5]);
  });

  it('keeps masked cells out, and parts they divide apart', async () => {
    const tree = await treeOf(
      field([
        [3, Number.NaN, 1, 4],
        [2, Number.NaN, 5, 0],
      ]),
    );
    expect([...tree.minima].map((cell, k) => [cell, tree.saddles[k]])).toEqual([
      [7, -1],
      [4, -1],
    ]);
    expect([...tree.basins].map((basin) => basin < 0)).toEqual([false, true, false, false, false, true, false, false]);
    expect([...tree.persistence]).toEqual([Infinity, Infinity]);
  });

  it('follows a diagonal valley without false minima', async () => {
    const { xs, ys, loss } = sampled((x, y) => 100 * (x - y) ** 2 + 0.1 * (x + y), [-1, 1, -1, 1], 41);
    expect((await treeOf({ xs, ys, values: loss })).minima).toHaveLength(1);
  });

  it('measures slopes by lengths of parameter space', async () => {
    // From the 5 the fall is 1.2 straight to the left, 1.5 across the corner: gentler, unless y is short.
    const walls = field([
      [9, 9, 9, 9],
      [3.8, 5, 9, 9],
      [9, 9, 3.5, 9],
    ]);
    const cell = 5;
    const wide = await treeOf(walls);
    const narrow = await treeOf(walls, { norms: [1, 0.2], axisCosine: 0 });
    expect(wide.minima[wide.basins[cell]!]).toBe(4);
    expect(narrow.minima[narrow.basins[cell]!]).toBe(10);
  });

  it('hides noise below the threshold and keeps the wells, with every basin connected', async () => {
    const rng = createRng(3, 'noise');
    const { xs, ys, loss } = sampled(
      (x, y) => (x * x - 1) ** 2 + y * y + 0.1 * rng.uniform(),
      [-1.6, 1.6, -0.5, 0.5],
      61,
    );
    const tree = await treeOf({ xs, ys, values: loss });
    expect(tree.minima.length).toBeGreaterThan(20);
    // Noise of width 0.1 makes no pair more persistent than that; the wells are 1 deep.
    const simplified = simplify(tree, 0.1);
    expect(simplified.survivors).toHaveLength(2);
    expect(tree.persistence[simplified.survivors[1]!]).toBeAllclose(1, { atol: 0.1 });
    for (const threshold of [0.01, 0.05, 0.1]) {
      const after = simplify(tree, threshold);
      const basins = basinsOf(tree, after);
      for (const basin of after.survivors) {
        expect(reached(basins, 61, tree.minima[basin]!, basin)).toBe(
          basins.reduce((sum, one) => sum + Number(one === basin), 0),
        );
        // Its minimum is its lowest cell.
        expect(loss[tree.minima[basin]!]).toBe(
          loss.reduce((least, value, cell) => (basins[cell] === basin ? Math.min(least, value) : least), Infinity),
        );
      }
    }
  });

  it('is cancelled', async () => {
    const { xs, ys, loss } = sampled((x, y) => x * y, [-1, 1, -1, 1], 30);
    const pending = buildMergeTree({ xs, ys, values: loss }, planeMetric(euclidean), AbortSignal.abort());
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
  });
});

/** Cells of one basin that can be walked to from a cell. */
function reached(basins: Int32Array, nx: number, from: number, basin: number): number {
  const seen = new Set([from]);
  for (const cell of seen) {
    const [i, j] = [cell % nx, Math.floor(cell / nx)];
    for (const [x, y] of [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [i + dx, j + dy] as const))) {
      if (x < 0 || x >= nx || y < 0 || y * nx >= basins.length || basins[y * nx + x] !== basin) continue;
      seen.add(y * nx + x);
    }
  }
  return seen.size;
}

describe('regions', () => {
  it('lists basins and regions of noise the largest first, equal ones in the order of the grid', async () => {
    const rng = createRng(5, 'noise');
    const map = await regionsOf(
      sampled(() => rng.normal(), [0, 1, 0, 1], 96),
      { persistence: 0, minimumCells: 1 },
    );
    expect(map.basins.length).toBeGreaterThan(500);
    expect(map.basins).toEqual(map.basins.toSorted((a, b) => b.cells - a.cells || a.minimum - b.minimum));
    expect(map.basins.reduce((sum, { cells }) => sum + cells, 0)).toBe(96 ** 2);
    expect(map.regions.length).toBeGreaterThan(100);
    expect(map.regions).toEqual(map.regions.toSorted((a, b) => b.cells - a.cells));
  });

  it('is cancelled whenever it looks at the signal, at its last look too', async () => {
    const rng = createRng(6, 'noise');
    const noise = sampled(() => rng.normal(), [0, 1, 0, 1], 40);
    // By this clock every look gives the event loop a turn.
    let now = 0;
    let looks = 0;
    let abortAt = Number.POSITIVE_INFINITY;
    let abort = new AbortController();
    vi.spyOn(performance, 'now').mockImplementation(() => {
      if (++looks === abortAt) abort.abort();
      now += 1_000;
      return now;
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const criteria = regionCriteriaSchema.parse({ persistence: 0, minimumCells: 1 });
    await findRegions(noise, euclidean, criteria, abort.signal);
    const last = looks;
    expect(last).toBeGreaterThan(100);
    for (const at of [1, 2, Math.floor(last / 3), Math.floor(last / 2), last]) {
      [looks, abortAt, abort] = [0, at, new AbortController()];
      const pending = findRegions(noise, euclidean, criteria, abort.signal);
      await expect(pending, `look ${at} of ${last}`).rejects.toMatchObject({ code: 'cancelled' });
    }
  });

  it('calls a flat disc a plateau and the step around it a cliff', async () => {
    const mesa = sampled((x, y) => (Math.hypot(x, y) < 0.6 ? 1 : 0), [-1, 1, -1, 1], 81);
    const map = await regionsOf(mesa);
    expect(kindAt(map, mesa, 0, 0)).toBe('plateau');
    expect(kindAt(map, mesa, 0.9, 0.9)).toBe('plateau');
    for (const angle of [0, 0.7, 1.6, 3, 5]) {
      expect(kindAt(map, mesa, 0.6 * Math.cos(angle), 0.6 * Math.sin(angle))).toBe('cliff');
    }
    expect(map.regions.slice(0, 3).map(({ kind }) => kind)).toEqual(['plateau', 'plateau', 'cliff']);
    // πr² of the window, less the rim that the stencils blur.
    const disc = map.regions.find(({ kind, highest }) => kind === 'plateau' && highest.loss === 1)!;
    expect(disc.area).toBeAllclose((Math.PI * 0.6 ** 2) / 4, { rtol: 0.25 });
  });

  it('needs extent: a flat spot smaller than the extent is no plateau', async () => {
    const spot = sampled((x, y) => Math.max(0, Math.hypot(x, y) - 0.05) ** 2 * 30, [-1, 1, -1, 1], 101);
    expect(count(await regionsOf(spot), 'plateau')).toBe(0);
    expect(count(await regionsOf(spot, { extent: 0.01 }), 'plateau')).toBeGreaterThan(0);
  });

  it('calls an elongated quadratic a ravine along its floor, a round one not', async () => {
    const long = sampled((x, y) => x * x + 100 * y * y, [-1, 1, -1, 1]);
    const map = await regionsOf(long);
    // The floor within reach (0.1 of the side of 2) along the whole length, nothing beyond.
    for (const x of [-1, -0.3, 0, 1]) {
      expect(kindAt(map, long, x, 0.16)).toBe('ravine');
      expect(kindAt(map, long, x, 0.4)).toBe('slope');
    }
    expect(map.regions.map(({ kind, bounds }) => [kind, bounds[0], bounds[1]])).toEqual([['ravine', -1, 1]]);
    expect(count(await regionsOf(sampled((x, y) => x * x + 9 * y * y, [-1, 1, -1, 1])), 'ravine')).toBe(0);
    expect(count(await regionsOf(long, { conditionNumber: 101 }), 'ravine')).toBe(0);
    // The mirror image is a ridge.
    expect((await regionsOf(sampled((x, y) => -x * x - 100 * y * y, [-1, 1, -1, 1]))).regions).toMatchObject([
      { kind: 'ridge' },
    ]);
  });

  it('sees curvature in parameter space: axes that are not orthonormal change nothing', async () => {
    // f(u, v) = u² + 100v² with u = 2x + 3·0.6·y, v = 3·0.8·y.
    const axes = { norms: [2, 3] as [number, number], axisCosine: 0.6 };
    const skew = sampled((x, y) => (2 * x + 1.8 * y) ** 2 + 100 * (2.4 * y) ** 2, [-1, 1, -0.5, 0.5], 61, 41);
    const found = await regionsOf(skew, {}, axes);
    expect(found.regions.map(({ kind }) => kind)).toEqual(['ravine']);
    expect(count(await regionsOf(skew, { conditionNumber: 99 }, axes), 'ravine')).toBeGreaterThan(100);
    expect(count(await regionsOf(skew, { conditionNumber: 101 }, axes), 'ravine')).toBe(0);
  });

  it('calls a saddle a saddle within reach, and a parabola or a cone no cliff', async () => {
    const saddle = sampled((x, y) => x * x - y * y, [-1, 1, -1, 1]);
    const map = await regionsOf(saddle);
    expect(kindAt(map, saddle, 0.05, -0.05)).toBe('saddle');
    expect(kindAt(map, saddle, 0.5, 0)).toBe('slope');
    for (const f of [(x: number, y: number) => x * x + y * y, Math.hypot]) {
      expect(count(await regionsOf(sampled(f, [-1, 1, -1, 1], 101)), 'cliff')).toBe(0);
    }
  });

  it('does not depend on units: loss, parameters and shift', async () => {
    const { f, domain } = named('terraces');
    const one = await regionsOf(sampled(f, domain));
    const other = await regionsOf(
      sampled((x, y) => 1e-4 * f(x / 8, y / 8) + 2 ** -6, domain.map((side) => 8 * side) as Domain),
    );
    expect(other.kinds).toEqual(one.kinds);
    expect(other.thresholds.extent).toBeAllclose(8 * one.thresholds.extent, { rtol: 1e-12 });
  });

  it('gives masked cells no region and says what their neighbours lack', async () => {
    const hole = sampled((x, y) => (Math.hypot(x, y) < 0.3 ? Number.NaN : x * x + y * y), [-1, 1, -1, 1]);
    const map = await regionsOf(hole);
    hole.loss.forEach((value, cell) => {
      expect(Number.isNaN(value)).toBe(map.kinds[cell] === maskedKind);
      expect(Number.isNaN(value)).toBe(map.basinOf[cell] === -1);
    });
    expect(map.undecided).toBeGreaterThan(20);
    await expect(regionsOf(sampled(() => Number.NaN, [0, 1, 0, 1], 5))).rejects.toMatchObject({ code: 'badInput' });
    await expect(regionsOf(sampled(() => 1, [0, 1, 0, 1], 2))).rejects.toMatchObject({ code: 'badInput' });
  });

  it('finds a constant surface one plateau and one basin', async () => {
    const map = await regionsOf(sampled(() => 4, [0, 1, 0, 1], 11));
    expect(map.basins).toMatchObject([{ cells: 121, persistence: Infinity, saddle: null }]);
    expect(map.regions).toMatchObject([{ kind: 'plateau', cells: 121 }]);
  });

  it('finds the basins of the test functions, their minima at the known places', async () => {
    for (const [name, minima] of [
      [
        'himmelblau',
        [
          [3, 2],
          [3.584, -1.848],
          [-3.779, -3.283],
          [-2.805, 3.131],
        ],
      ],
      [
        'styblinskiTang',
        [
          [-2.904, -2.904],
          [2.747, -2.904],
          [-2.904, 2.747],
          [2.747, 2.747],
        ],
      ],
      [
        'doubleWell',
        [
          [-1, 0],
          [1, 0],
        ],
      ],
    ] as const) {
      const { f, domain } = named(name);
      const surface = sampled(f, domain, 101);
      const { basins } = await regionsOf(surface);
      expect(basins).toHaveLength(minima.length);
      const cell = surface.xs[1]! - surface.xs[0]!;
      for (const [x, y] of minima) {
        expect(basins.some(({ lowest }) => Math.hypot(lowest.x - x, lowest.y - y) <= cell)).toBe(true);
      }
      expect(basins.reduce((sum, { area }) => sum + area, 0)).toBeAllclose(1, { rtol: 1e-12 });
      expect(basins.every(({ atEdge }) => !atEdge)).toBe(true);
    }
    const rosenbrock = named('rosenbrock');
    const bent = await regionsOf(sampled(rosenbrock.f, rosenbrock.domain));
    // False minima of the bent ravine stay below the default threshold, the only true one is left.
    const largest = Math.max(...bent.tree.persistence.filter(Number.isFinite));
    expect(largest / bent.thresholds.range).toBeAllclose(0.00052, { rtol: 0.01 });
    expect(bent.basins).toHaveLength(1);
    const { f, domain } = named('classicalSaddle');
    expect((await regionsOf(sampled(f, domain))).basins.every(({ atEdge }) => atEdge)).toBe(true);
  });

  it('finds what the notes of the functions promise', async () => {
    for (const [name, kinds] of [
      ['terraces', ['cliff']],
      ['cliff', ['cliff']],
      ['rosenbrock', ['ravine']],
      ['classicalSaddle', ['saddle']],
    ] as const) {
      const { f, domain } = named(name);
      const map = await regionsOf(sampled(f, domain, 101));
      for (const kind of kinds) expect([name, kind, count(map, kind) > 0]).toEqual([name, kind, true]);
      // A surface that only falls has no saddle, and the foot of its cliff is no ravine.
      if (name === 'terraces' || name === 'cliff') {
        expect([count(map, 'saddle'), count(map, 'ravine'), count(map, 'ridge')]).toEqual([0, 0, 0]);
      }
    }
    const { f, domain } = named('himmelblau');
    const { regions } = await regionsOf(sampled(f, domain, 101));
    const saddles = regions.filter(({ kind }) => kind === 'saddle');
    for (const [x, y] of [
      [3.385, 0.074],
      [0.087, 2.884],
      [-3.073, -0.081],
      [-0.128, -1.954],
    ] as const) {
      expect(saddles.some(({ bounds: [x0, x1, y0, y1] }) => x0 < x && x < x1 && y0 < y && y < y1)).toBe(true);
    }
    expect(saddles).toHaveLength(4);
  });
});

function named(name: string): { f: (x: number, y: number) => number; domain: Domain } {
  const { expression, domain } = functions.find((one) => one.name === name)!;
  const compiled = compileExpression(expression);
  return { f: (x, y) => compiled.value(x, y), domain };
}
