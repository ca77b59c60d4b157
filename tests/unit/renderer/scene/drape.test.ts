import { describe, expect, it } from 'vitest';
import { breakRow, DrapedPath, type MarkerPosition, markerAt } from '../../../../src/renderer/scene/drape';
import { sampleHeight } from '../../../../src/renderer/scene/heightField';
import type { PathBuffers } from '../../../../src/renderer/scene/model';
import type { Domain } from '../../../../src/shared/model/experiment';
import { fieldOf, mulberry } from './fields';

const domain: Domain = [-2, 2, 0, 10];
const hills = fieldOf(33, 33, (u, v) => 0.5 + 0.4 * Math.sin(5 * u) * Math.cos(4 * v));

function pathOf(points: readonly (readonly [number, number])[]): PathBuffers {
  const column = (values: number[]) => Float64Array.from(values);
  return {
    x: column(points.map(([x]) => x)),
    y: column(points.map(([, y]) => y)),
    loss: column(points.map((_, row) => 100 - row)),
    residual: column(points.map(() => 0)),
  };
}

interface Point {
  u: number;
  v: number;
  height: number;
  row: number;
}
function pointsOf(path: DrapedPath): Point[] {
  return Array.from({ length: path.length }, (_, k) => {
    const [u = 0, v = 0, height = 0, row = 0] = path.points.slice(4 * k, 4 * k + 4);
    return { u, v, height, row };
  });
}

describe('DrapedPath', () => {
  it('lies on the mesh, also between its points', () => {
    const path = new DrapedPath();
    path.append(
      hills,
      domain,
      pathOf([
        [-1.9, 0.5],
        [1.8, 9],
        [0, 2],
      ]),
      3,
    );
    const points = pointsOf(path);
    expect(points.map(({ height }) => height)).toBeAllclose(
      points.map(({ u, v }) => sampleHeight(hills, u, v)),
      { atol: 1e-6 },
    );
    for (let k = 1; k < points.length; k++) {
      const a = points[k - 1]!;
      const b = points[k]!;
      const middle = sampleHeight(hills, (a.u + b.u) / 2, (a.v + b.v) / 2);
      // Less than a pixel of a thousand.
      expect((a.height + b.height) / 2).toBeAllclose(middle, { atol: 1e-3 });
    }
  });

  it('carries fractional rows in order', () => {
    const path = new DrapedPath();
    path.append(
      hills,
      domain,
      pathOf([
        [-1, 1],
        [1, 1],
        [1, 9],
      ]),
      3,
    );
    const rows = pointsOf(path).map(({ row }) => row);
    expect(rows[0]).toBe(0);
    expect(rows.at(-1)).toBe(2);
    expect(rows.every((row, k) => k === 0 || row >= rows[k - 1]!)).toBe(true);
    const turn = pointsOf(path).find(({ row }) => row === 1)!;
    expect([turn.u, turn.v]).toBeAllclose([0.75, 0.1], { atol: 1e-6 });
  });

  it('is the same laid at once or as it grows', () => {
    const random = mulberry(4);
    const buffers = pathOf(Array.from({ length: 400 }, () => [4 * random() - 2, 10 * random()] as const));
    const whole = new DrapedPath();
    whole.append(hills, domain, buffers, 400);
    const grown = new DrapedPath();
    for (const count of [1, 2, 50, 51, 399, 400]) grown.append(hills, domain, buffers, count);
    expect(grown.length).toBe(whole.length);
    expect(grown.points.slice(0, 4 * grown.length)).toEqual(whole.points.slice(0, 4 * whole.length));
  });

  it('stops at the edge of the window and goes on where it comes back', () => {
    const path = new DrapedPath();
    path.append(
      hills,
      domain,
      pathOf([
        [0, 5],
        [4, 5],
        [4, 9],
        [0, 9],
      ]),
      4,
    );
    const points = pointsOf(path);
    const real = points.filter(({ row }) => row !== breakRow);
    expect(Math.max(...real.map(({ u }) => u))).toBeCloseTo(1, 6);
    expect(points.some(({ row }) => row === breakRow)).toBe(true);
    // Half way out on the first step, half way back in on the last.
    expect(real.find(({ u }) => u > 1 - 1e-6)?.row).toBeCloseTo(0.5, 5);
    expect(real.some(({ row }) => row > 0.51 && row < 2.49)).toBe(false);
  });

  it('is interrupted over a gap and by a point that is not finite', () => {
    const torn = fieldOf(33, 33, (u) => (u > 0.4 && u < 0.6 ? Number.NaN : 0.5));
    const path = new DrapedPath();
    path.append(
      torn,
      domain,
      pathOf([
        [-2, 5],
        [2, 5],
        [Number.NaN, 5],
        [2, 6],
        [1, 6],
      ]),
      5,
    );
    const real = pointsOf(path).filter(({ row }) => row !== breakRow);
    expect(real.some(({ u }) => u > 0.41 && u < 0.59)).toBe(false);
    expect(real.every(({ u, v, height }) => [u, v, height].every(Number.isFinite))).toBe(true);
    expect(real.some(({ row }) => row > 3 && row <= 4)).toBe(true);
  });

  it('leaves out steps too small to see', () => {
    const path = new DrapedPath();
    path.append(hills, domain, pathOf(Array.from({ length: 1000 }, (_, k) => [1e-6 * k, 5] as const)), 1000);
    expect(path.length).toBeLessThan(5);
    expect(path.rows).toBe(1000);
  });
});

describe('markerAt', () => {
  const out: MarkerPosition = { u: 0, v: 0, height: 0, loss: 0, inside: true };
  const buffers = pathOf([
    [-1, 2],
    [1, 4],
    [9, 4],
  ]);

  it('stands between rows, on the mesh, with a recorded loss', () => {
    expect(markerAt(hills, domain, buffers, 3, 0.25, out)).toBe(true);
    expect([out.u, out.v]).toBeAllclose([0.375, 0.25], { atol: 1e-12 });
    expect(out.height).toBe(sampleHeight(hills, out.u, out.v));
    expect(out.loss).toBe(100);
    expect(out.inside).toBe(true);
  });

  it('waits at the last row and at the edge of the window', () => {
    markerAt(hills, domain, buffers, 2, 50, out);
    expect([out.u, out.v, out.loss]).toEqual([0.75, 0.4, 99]);
    markerAt(hills, domain, buffers, 3, 2, out);
    expect(out).toMatchObject({ u: 1, inside: false, loss: 98 });
  });

  it('is nowhere without a row', () => {
    expect(markerAt(hills, domain, buffers, 0, 0, out)).toBe(false);
  });
});
