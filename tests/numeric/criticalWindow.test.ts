import { describe, expect, it, test } from 'vitest';
import { jetsOf } from '../../src/main/engine/critical/jet';
import { windingNumber } from '../../src/main/engine/critical/winding';
import { findCriticalPoints } from '../../src/main/engine/critical/window';
import { compileExpression, expressionObjective } from '../../src/main/engine/objectives/expression';
import { functionObjective } from '../../src/main/engine/objectives/functions';
import { createRng } from '../../src/main/engine/random';
import type { Domain } from '../../src/shared/model/experiment';
import known from '../fixtures/critical-points.json';
import { quadratic, withSpectrum } from './quadratic';

const square: Domain = [-2, 2, -2, 2];
const inWindow = (expression: string, window: Domain = square) =>
  findCriticalPoints(expressionObjective(expression), window);
/** An independent search: plain Newton from 70 × 70 starts in the square. */
function newtonFromEverywhere(expression: string): { x: number; y: number }[] {
  const { derivatives } = compileExpression(expression);
  const out = new Float64Array(6);
  const found: { x: number; y: number }[] = [];
  for (let start = 0; start < 4_900; start++) {
    let x = -2 + (4 * ((start % 70) + 0.37)) / 70;
    let y = -2 + (4 * (Math.floor(start / 70) + 0.61)) / 70;
    let step = Infinity;
    for (let k = 0; k < 60 && step > 1e-13; k++) {
      derivatives(x, y, out);
      const [, gx, gy, xx, xy, yy] = out as unknown as [number, number, number, number, number, number];
      const determinant = xx * yy - xy * xy;
      const [dx, dy] = [(yy * gx - xy * gy) / determinant, (xx * gy - xy * gx) / determinant];
      [x, y, step] = [x - dx, y - dy, Math.hypot(dx, dy)];
    }
    if (step > 1e-9 || !(Math.abs(x) <= 2 && Math.abs(y) <= 2)) continue;
    if (!found.some((other) => Math.hypot(other.x - x, other.y - y) < 1e-6)) found.push({ x, y });
  }
  return found;
}

const byPlace = (a: { x: number; y: number }, b: { x: number; y: number }) =>
  Math.abs(a.x - b.x) > 1e-6 ? a.x - b.x : a.y - b.y;

describe('all critical points of a window', () => {
  test.each(Object.entries(known))(
    '%s: every known point and no other, from the window alone',
    async (name, fixture) => {
      const {
        points,
        verified,
        unresolved,
        maskedShare,
        windingNumber: index,
      } = await findCriticalPoints(functionObjective(name), fixture.domain as Domain);
      const wanted = fixture.criticalPoints.toSorted(byPlace);
      const found = points.toSorted(byPlace);
      expect(found.map(({ kind }) => kind)).toEqual(wanted.map(({ kind }) => kind));
      expect(found.flatMap(({ x, y }) => [x, y])).toBeAllclose(
        wanted.flatMap(({ x, y }) => [x, y]),
        { atol: 1e-10 },
      );
      expect(found.flatMap(({ eigenvalues }) => eigenvalues)).toBeAllclose(
        wanted.flatMap(({ hessianEigenvalues }) => hessianEigenvalues),
        { atol: 1e-7, rtol: 1e-9 },
      );
      for (const { residual } of found) expect(residual).toBeLessThanOrEqual(1e-10);
      expect({ verified, unresolved, maskedShare }).toEqual({ verified: true, unresolved: [], maskedShare: 0 });
      expect(index.inside).toBe(index.edge);
    },
  );

  it('counts what is known in closed form', async () => {
    // Products of sines: zeros of both cosines, and of both sines.
    const waves = await inWindow('sin(3*x)*sin(3*y)');
    const kinds = waves.points.map(({ kind }) => kind);
    expect([kinds.filter((kind) => kind === 'saddle').length, kinds.length]).toEqual([9, 25]);
    expect(waves).toMatchObject({ verified: true, windingNumber: { edge: 7, inside: 7 } });
    // 20·sin(2πx)·π + 2x has 21 zeros in the domain: 11 minima and 10 maxima of the one-dimensional function.
    const { points, verified } = await findCriticalPoints(functionObjective('rastrigin'), [-5.12, 5.12, -5.12, 5.12]);
    const count = (wanted: string) => points.filter(({ kind }) => kind === wanted).length;
    expect([count('minimum'), count('saddle'), count('maximum'), verified]).toEqual([121, 220, 100, true]);
  });

  it('finds the zeros of random polynomials wherever they lie', async () => {
    const rng = createRng(3, 'polynomials');
    for (let attempt = 0; attempt < 6; attempt++) {
      // f(x) = Σ∫Π(x − r): critical where x is a root, so all nine pairs of roots and no other point.
      const roots = (): number[] => {
        const drawn = Array.from({ length: 3 }, () => 3.6 * rng.uniform() - 1.8).sort((a, b) => a - b);
        return drawn[1]! - drawn[0]! > 0.01 && drawn[2]! - drawn[1]! > 0.01 ? drawn : roots();
      };
      const [rx, ry] = [roots(), roots()];
      const integral = (v: string, [a, b, c]: number[]) =>
        `${v}^4/4 - (${a! + b! + c!})*${v}^3/3 + (${a! * b! + a! * c! + b! * c!})*${v}^2/2 - (${a! * b! * c!})*${v}`;
      const { points, verified } = await inWindow(`${integral('x', rx)} + ${integral('y', ry)}`);
      const wanted = rx.flatMap((x) => ry.map((y) => ({ x, y }))).sort(byPlace);
      const found = points.toSorted(byPlace);
      expect(found).toHaveLength(9);
      expect(found.flatMap(({ x, y }) => [x, y])).toBeAllclose(
        wanted.flatMap(({ x, y }) => [x, y]),
        { atol: 1e-10 },
      );
      expect(verified).toBe(true);
    }
  });

  it.each([1, 2, 3, 5, 6, 8])('agrees with Newton from everywhere on random function %i', async (seed) => {
    const rng = createRng(seed, 'random functions');
    const number = (scale = 1) => `(${(scale * rng.normal()).toFixed(3)})`;
    const powers = Array.from({ length: 4 }, (_, i) =>
      Array.from({ length: 5 - i }, (__, j) => [i, j] as const),
    ).flat();
    const terms =
      seed % 2 === 0
        ? powers.map(([i, j]) => `${number()}*x^${i}*y^${j}`)
        : Array.from({ length: 5 }, () => `${number()}*sin(${number(2.5)}*x + ${number(2.5)}*y + ${number()})`);
    const expression = terms.join(' + ');
    const { points, verified } = await inWindow(expression);
    const wanted = newtonFromEverywhere(expression).sort(byPlace);
    const found = points.toSorted(byPlace);
    expect(wanted.length).toBeGreaterThan(0);
    expect(found.flatMap(({ x, y }) => [x, y])).toBeAllclose(
      wanted.flatMap(({ x, y }) => [x, y]),
      { atol: 1e-8 },
    );
    expect(verified).toBe(true);
  });

  it('separates near points, calls double ones degenerate, and sees a spike', async () => {
    const pair = await inWindow('x^3 - 1e-6*x + y^2');
    expect(pair.points.map(({ kind }) => kind)).toEqual(['minimum', 'saddle']);
    expect(pair.points.map(({ x }) => x)).toBeAllclose([Math.sqrt(1e-6 / 3), -Math.sqrt(1e-6 / 3)], { rtol: 1e-9 });
    const quartic = await inWindow('(x - 1)^4 + (y - 0.3)^2');
    expect(quartic.points).toMatchObject([{ kind: 'degenerate', index: null }]);
    expect([quartic.points[0]!.x, quartic.points[0]!.y]).toBeAllclose([1, 0.3], { atol: 1e-10 });
    const spike = await inWindow('exp(-1000*((x - 0.123)^2 + (y - 0.456)^2)) + x^2 + y^2');
    expect(spike.points.map(({ kind }) => kind)).toEqual(['minimum', 'saddle', 'maximum']);
  });

  it('finds points on the edge of the window and none outside it', async () => {
    const { points } = await inWindow('(x^2 - 1)^2 + y^2', [-1, 0.5, 0, 2]);
    expect(points.map(({ kind }) => kind)).toEqual(['minimum', 'saddle']);
    expect(points.flatMap(({ x, y }) => [x, y])).toBeAllclose([-1, 0, 0, 0], { atol: 1e-10 });
    expect(await inWindow('x + 2*y')).toMatchObject({
      points: [],
      verified: true,
      windingNumber: { edge: 0, inside: 0 },
    });
  });

  it.each([
    ['a plane', '3', 'flat', square],
    ['a trough', 'x^2', 'flat', [0, 0, -2, 2]],
    ['too many waves', 'sin(300*x)*sin(300*y)', 'crowded', square],
    ['half a plane', 'relu(x)^2 + y^2', 'flat', [-2, 0, 0, 0]],
    ['a roof', 'abs(x)', 'kink', [0, 0, -2, 2]],
    ['a pyramid', 'abs(x) + abs(y)', 'kink', [0, 0, 0, 0]],
    ['a cone', 'sqrt(x^2 + y^2)', 'kink', [0, 0, 0, 0]],
  ] as const)('says where it cannot tell: %s', async (_, expression, kind, box) => {
    const { points, unresolved, verified } = await inWindow(expression);
    expect(points).toEqual([]);
    expect(unresolved).toMatchObject([{ kind }]);
    expect(unresolved[0]!.box).toBeAllclose([...box], { atol: 0.01 });
    expect(verified).toBe(false);
  });

  it('counts the tip of a cone in the sum of the indices', async () => {
    const cone = await inWindow('sqrt(x^2 + y^2)');
    expect([cone.unresolved[0]!.index, cone.windingNumber]).toEqual([1, { edge: 1, inside: 1 }]);
    const ring = await inWindow('(x^2 + y^2 - 1)^2');
    expect(ring).toMatchObject({ points: [{ kind: 'maximum' }], unresolved: [{ kind: 'flat' }], verified: false });
  });

  it('masks poles and logarithms of negative numbers, and finds what is beside them', async () => {
    const half = await inWindow('log(x) + x*y^2 - x');
    expect(half.points).toMatchObject([{ kind: 'saddle' }]);
    expect([half.points[0]!.x, half.points[0]!.y]).toBeAllclose([1, 0], { atol: 1e-10 });
    expect(half.maskedShare).toBeAllclose(0.5, { atol: 0.02 });
    expect(half.verified).toBe(false);
    const pole = await inWindow('1/x + x + y^2');
    expect(pole.points.map(({ x, kind }) => [Math.round(x), kind])).toEqual([
      [1, 'minimum'],
      [-1, 'saddle'],
    ]);
    expect(pole.maskedShare).toBeGreaterThan(0);
    expect(pole.maskedShare).toBeLessThan(0.02);
    await expect(inWindow('log(-1 - x^2)')).rejects.toMatchObject({
      code: 'badInput',
      message: expect.stringContaining('finite nowhere in the window -2, 2, -2, 2'),
    });
  });

  it('refuses other numbers of parameters and windows that are none', async () => {
    await expect(findCriticalPoints(quadratic(withSpectrum([1, 2, 3], 1), [0, 0, 0]), square)).rejects.toMatchObject({
      code: 'badInput',
      message: expect.stringContaining('3 parameters'),
    });
    for (const window of [
      [-Infinity, 1, 0, 1],
      [0, Number.NaN, 0, 1],
      [1, 1, 0, 1],
      [0, 1, 2, 1],
      [-1e308, 1e308, 0, 1],
      [1e9, 1e9 + 1e-3, 0, 1],
    ] satisfies Domain[]) {
      await expect(inWindow('x^2 + y^2', window)).rejects.toMatchObject({
        code: 'badInput',
        message: expect.stringContaining(String(window[1])),
      });
    }
  });

  it('stops when it is told to', async () => {
    const abort = new AbortController();
    const search = findCriticalPoints(functionObjective('rastrigin'), [-5.12, 5.12, -5.12, 5.12], {
      signal: abort.signal,
    });
    abort.abort();
    await expect(search).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('winding number', () => {
  it.each([
    ['x^2 + y^2', 1],
    ['-x^2 - y^2', 1],
    ['x^2 - y^2', -1],
    ['x^3 - 3*x*y^2', -2],
    ['x^4 - 6*x^2*y^2 + y^4', -3],
    ['x + y', 0],
  ])('of %s around its point is %i', async (expression, wanted) => {
    expect(await windingNumber(jetsOf(expressionObjective(expression)), [-0.3, 0.4, -0.5, 0.2])).toBe(wanted);
  });

  it('is none where the gradient vanishes on the way', async () => {
    expect(await windingNumber(jetsOf(expressionObjective('x^2 + y^2')), [0, 1, -1, 1])).toBeNull();
    expect(await windingNumber(jetsOf(expressionObjective('sqrt(x)')), [-1, 1, -1, 1])).toBeNull();
  });
});
