import { describe, expect, it } from 'vitest';
import {
  buildHeightField,
  cellDiagonal,
  type HeightField,
  intersectHeightField,
  sampleHeight,
} from '../../../../src/renderer/scene/heightField';
import { fillNormals, fillTriangles } from '../../../../src/renderer/scene/surfaceGeometry';
import { surfaceRim } from '../../../../src/renderer/scene/surfaceRim';
import { boxHeight } from '../../../../src/renderer/scene/world';
import { heightTransform } from '../../../../src/shared/math/heightTransform';
import { fieldOf, mulberry } from './fields';

const identity = heightTransform('linear', 0, 1);

/** Height on the drawn triangles at (u, v), by barycentric coordinates: the independent answer. */
function heightOnMesh(field: HeightField, u: number, v: number): number {
  const index = new Uint32Array(6 * (field.nx - 1) * (field.ny - 1));
  const count = fillTriangles(field, index);
  for (let k = 0; k < count; k += 3) {
    const [a, b, c] = [0, 1, 2].map((corner) => {
      const at = index[k + corner]!;
      return { u: field.us[at % field.nx]!, v: field.vs[Math.floor(at / field.nx)]!, h: field.heights[at]! };
    }) as [Vertex, Vertex, Vertex];
    const det = (b.u - a.u) * (c.v - a.v) - (c.u - a.u) * (b.v - a.v);
    const s = ((u - a.u) * (c.v - a.v) - (c.u - a.u) * (v - a.v)) / det;
    const t = ((b.u - a.u) * (v - a.v) - (u - a.u) * (b.v - a.v)) / det;
    if (s >= -1e-9 && t >= -1e-9 && s + t <= 1 + 1e-9) return a.h + s * (b.h - a.h) + t * (c.h - a.h);
  }
  return Number.NaN;
}
interface Vertex {
  u: number;
  v: number;
  h: number;
}

describe('sampleHeight', () => {
  it('is the height of the drawn triangles, everywhere', () => {
    const random = mulberry(1);
    const field = fieldOf(7, 5, () => random());
    const points = Array.from({ length: 200 }, () => [random(), random()] as const);
    expect(points.map(([u, v]) => sampleHeight(field, u, v))).toBeAllclose(
      points.map(([u, v]) => heightOnMesh(field, u, v)),
      { atol: 1e-6 },
    );
  });

  it('is a gap exactly where no triangle is drawn', () => {
    const random = mulberry(2);
    const field = fieldOf(8, 8, () => (random() < 0.25 ? Number.NaN : random()));
    let gaps = 0;
    for (let k = 0; k < 300; k++) {
      const u = random();
      const v = random();
      const drawn = heightOnMesh(field, u, v);
      const sampled = sampleHeight(field, u, v);
      expect(Number.isNaN(sampled)).toBe(Number.isNaN(drawn));
      if (Number.isNaN(drawn)) gaps++;
      else expect(sampled).toBeAllclose(drawn, { atol: 1e-6 });
    }
    expect(gaps).toBeGreaterThan(50);
  });

  it('is NaN outside the window', () => {
    const field = fieldOf(3, 3, () => 0.5);
    expect(sampleHeight(field, -0.01, 0.5)).toBeNaN();
    expect(sampleHeight(field, 0.5, 1.01)).toBeNaN();
    expect(sampleHeight(field, 1, 1)).toBe(0.5);
  });
});

describe('fillTriangles', () => {
  it('draws two triangles a cell, facing up', () => {
    const field = fieldOf(5, 4, (u, v) => u * v);
    const index = new Uint32Array(6 * 4 * 3);
    expect(fillTriangles(field, index)).toBe(72);
    for (let k = 0; k < index.length; k += 3) {
      const [a, b, c] = [index[k]!, index[k + 1]!, index[k + 2]!].map(
        (at) => [at % 5, Math.floor(at / 5)] as const,
      ) as [readonly [number, number], readonly [number, number], readonly [number, number]];
      // Counterclockwise in (u, v) is upward in the world.
      expect((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])).toBe(1);
    }
  });

  it('leaves out every triangle with a corner in a gap and no other', () => {
    // One gap in the middle of 3 × 3 points: each of the four cells keeps the triangle away from it.
    const field = fieldOf(3, 3, (u, v) => (u === 0.5 && v === 0.5 ? Number.NaN : 0.3));
    const index = new Uint32Array(24);
    const count = fillTriangles(field, index);
    expect(count).toBe(12);
    expect([...index.slice(0, count)]).not.toContain(4);
  });

  it('keeps to the coarser lattice with a stride', () => {
    const field = fieldOf(5, 5, (u, v) => u + v);
    const index = new Uint32Array(24);
    expect(fillTriangles(field, index, 2)).toBe(24);
    expect([...index].every((at) => (at % 5) % 2 === 0 && Math.floor(at / 5) % 2 === 0)).toBe(true);
  });
});

describe('cellDiagonal', () => {
  it('takes the flatter diagonal', () => {
    expect(cellDiagonal(0, 1, 1, 0)).toBe(0);
    expect(cellDiagonal(1, 0, 0, 2)).toBe(1);
  });
  it('keeps a triangle beside a gap', () => {
    expect(cellDiagonal(Number.NaN, 0, 0, 0)).toBe(1);
    expect(cellDiagonal(0, Number.NaN, 0, 9)).toBe(0);
  });
});

describe('buildHeightField', () => {
  const axis = (n: number, from: number, to: number) =>
    Float64Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));
  const grid = (n: number, fn: (x: number, y: number) => number) => {
    const xs = axis(n, -1, 1);
    const ys = axis(n, -1, 1);
    return { xs, ys, loss: Float64Array.from({ length: n * n }, (_, k) => fn(xs[k % n]!, ys[Math.floor(k / n)]!)) };
  };

  it('passes through the known points', () => {
    const surface = grid(9, (x, y) => 0.5 + 0.4 * Math.sin(2 * x + y));
    const field = buildHeightField(surface, identity, 33);
    expect([field.nx, field.ny]).toEqual([33, 33]);
    const known = Array.from({ length: 81 }, (_, k) => field.heights[4 * Math.floor(k / 9) * 33 + 4 * (k % 9)]!);
    expect(known).toBeAllclose(surface.loss, { atol: 1e-6 });
  });

  it('reproduces quadratics between them, inside the outermost cells', () => {
    const fn = (x: number, y: number) => 0.1 + 0.3 * x * x + 0.2 * y * y - 0.15 * x * y;
    const field = buildHeightField(grid(9, fn), identity, 33);
    for (let j = 4; j <= 28; j++) {
      for (let i = 4; i <= 28; i++) {
        const exact = fn(2 * field.us[i]! - 1, 2 * field.vs[j]! - 1);
        expect(field.heights[j * 33 + i]).toBeAllclose(exact, { atol: 1e-6 });
      }
    }
  });

  it('invents nothing in a gap', () => {
    const surface = grid(9, (x, y) => (Math.hypot(x, y) < 0.3 ? Number.NaN : x > 0.9 ? Infinity : 0.5));
    const field = buildHeightField(surface, identity, 33);
    for (let j = 0; j < 33; j++) {
      for (let i = 0; i < 33; i++) {
        const u = Math.floor(i / 4);
        const v = Math.floor(j / 4);
        const corners = [0, 1, 9, 10]
          .filter((offset) => (i % 4 !== 0 || offset % 9 === 0) && (j % 4 !== 0 || offset < 9))
          .map((offset) => surface.loss[v * 9 + u + offset]);
        // A value needs the corners it lies between: all of them, or three of four on their triangle.
        const missing = corners.filter((loss) => !Number.isFinite(loss)).length;
        if (missing > (corners.length === 4 ? 1 : 0)) expect(field.heights[j * 33 + i]).toBeNaN();
        if (missing === 0) expect(field.heights[j * 33 + i]).toBeCloseTo(0.5, 6);
      }
    }
  });

  it('writes into the field it is given when the size is equal', () => {
    const first = buildHeightField(
      grid(9, () => 0.2),
      identity,
      33,
    );
    const { heights } = first;
    const again = buildHeightField(
      grid(9, () => 0.7),
      identity,
      33,
      first,
    );
    expect(again.heights).toBe(heights);
    expect(heights[100]).toBeCloseTo(0.7, 6);
    expect(
      buildHeightField(
        grid(5, () => 0.7),
        identity,
        9,
        first,
      ).heights,
    ).not.toBe(heights);
  });

  it('thins grids that are too fine to draw, keeping the window', () => {
    const surface = grid(601, (x) => 0.5 + 0.5 * x);
    const field = buildHeightField(surface, identity, 33);
    expect(field.nx).toBe(385);
    expect([field.us[0], field.us[384]]).toEqual([0, 1]);
    expect([field.heights[0], field.heights[384]]).toEqual([0, 1]);
  });
});

describe('fillNormals', () => {
  it('is the normal of the surface', () => {
    const field = fieldOf(33, 33, (u, v) => 0.5 + 0.2 * u - 0.4 * v);
    const normals = new Float32Array(3 * 33 * 33);
    fillNormals(field, normals);
    // World height is boxHeight·h over (u, −v).
    const expected = [-0.2 * boxHeight, 1, -0.4 * boxHeight];
    const length = Math.hypot(...expected);
    for (const at of [0, 16 * 33 + 16, 33 * 33 - 1]) {
      expect(normals.slice(3 * at, 3 * at + 3)).toBeAllclose(
        expected.map((c) => c / length),
        { atol: 1e-4 },
      );
    }
  });
});

describe('intersectHeightField', () => {
  it('finds the first point of the mesh on the ray', () => {
    const random = mulberry(3);
    const field = fieldOf(13, 17, (u, v) => 0.5 + 0.3 * Math.sin(7 * u) * Math.cos(5 * v));
    let hits = 0;
    for (let k = 0; k < 200; k++) {
      const origin = [random() * 3 - 1, random() * 3 - 1, 1.5 + random()] as const;
      const target = [random(), random(), 0.5] as const;
      const direction = target.map((c, axis) => c - origin[axis]!) as [number, number, number];
      const t = intersectHeightField(field, ...origin, ...direction);
      // Slow march along the same ray: the first change of side above the window.
      let marched = Number.NaN;
      let before = Number.NaN;
      for (let step = 0; step <= 4000 && Number.isNaN(marched); step++) {
        const s = (2 * step) / 4000;
        const above =
          origin[2] +
          s * direction[2] -
          sampleHeight(field, origin[0] + s * direction[0], origin[1] + s * direction[1]);
        if (above * before <= 0) marched = s;
        before = above;
      }
      if (Number.isNaN(marched) || marched > 1.9) continue;
      hits++;
      expect(t).toBeAllclose(marched, { atol: 1e-3 });
      const height = sampleHeight(field, origin[0] + t * direction[0], origin[1] + t * direction[1]);
      expect(origin[2] + t * direction[2]).toBeAllclose(height, { atol: 1e-6 });
    }
    expect(hits).toBeGreaterThan(100);
  });

  it('hits straight from above and misses beside the window and through a gap', () => {
    const field = fieldOf(9, 9, (u) => (u > 0.6 ? Number.NaN : 0.25));
    expect(intersectHeightField(field, 0.3, 0.4, 2, 0, 0, -1)).toBeAllclose(1.75, { atol: 1e-6 });
    expect(intersectHeightField(field, 0.8, 0.4, 2, 0, 0, -1)).toBeNaN();
    expect(intersectHeightField(field, 1.2, 0.4, 2, 0, 0, -1)).toBeNaN();
  });
});

describe('surfaceRim', () => {
  it('runs once round a whole surface', () => {
    const points = surfaceRim(fieldOf(5, 4, () => 0.5));
    expect(points.length / 4).toBe(2 * (5 - 1) + 2 * (4 - 1) + 1);
    expect([...points.slice(0, 4)]).toEqual([...points.slice(-4)]);
  });

  it('outlines a gap', () => {
    const field = fieldOf(5, 5, (u, v) => (u === 0.5 && v === 0.5 ? Number.NaN : 0.5));
    const points = surfaceRim(field);
    // 16 edges outside; inside, the four edges that cut the corners off the missing triangles.
    expect(points.length / 4).toBe(3 * (16 + 4));
  });
});
