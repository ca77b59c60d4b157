import { describe, expect, it } from 'vitest';
import { paintOrder, type SlicePlane, trianglesWithin } from '../../../../src/renderer/scene/volume/paintOrder';
import { sliceImage } from '../../../../src/renderer/scene/volume/sliceImage';
import { spacePath } from '../../../../src/renderer/scene/volume/spacePath';
import { unitHeight, VolumeStage } from '../../../../src/renderer/scene/volume/volumeStage';
import { colorMap } from '../../../../src/shared/math/colorMaps';
import { heightTransform } from '../../../../src/shared/math/heightTransform';

const slices: SlicePlane[] = [
  { axis: 0, at: 0.4 },
  { axis: 1, at: 0.7 },
  { axis: 2, at: 0.5 },
];

describe('the order in which slices and cells are painted', () => {
  it('is from back to front along every ray from the eye', () => {
    // Evenly spread in the cube (Kronecker's sequence).
    const spread = (n: number) => [2, 3, 5].map((prime) => (n * Math.sqrt(prime)) % 1);
    const eyes: [number, number, number][] = [
      [3, -2, 2],
      [-2, 0.5, 0.6],
      [0.45, 0.2, 4],
      [-1, 3, -2],
    ];
    for (const eye of eyes) {
      const order = paintOrder(eye, slices);
      expect(order.filter(({ kind }) => kind === 'cell')).toHaveLength(8);
      expect(order.filter(({ kind }) => kind === 'slice')).toHaveLength(1 + 2 + 4);
      for (let ray = 0; ray < 200; ray++) {
        const target = spread(ray + 1);
        const point = (t: number) => eye.map((c, axis) => c + t * (target[axis]! - c));
        const holds = (part: (typeof order)[number], p: number[]) =>
          p.every((c, axis) => c >= part.box.from[axis]! - 1e-12 && c <= part.box.to[axis]! + 1e-12);
        // Along the ray: the cells between, and the slices at, its crossings.
        const cuts = slices
          .map(({ axis, at }) => ({ axis, t: (at - eye[axis]!) / (target[axis]! - eye[axis]!) }))
          .filter(({ t }) => t > 0 && point(t).every((c) => c > 0 && c < 1))
          .sort((a, b) => a.t - b.t);
        const met: number[] = [];
        const inside = Array.from({ length: 400 }, (_, k) => (k + 0.5) / 100).filter((t) =>
          point(t).every((c) => c > 0 && c < 1),
        );
        for (const t of inside) {
          const n = order.findIndex((part) => part.kind === 'cell' && holds(part, point(t)));
          if (met.at(-1) !== n) met.push(n);
        }
        expect(met).toEqual(met.toSorted((a, b) => b - a));
        const crossed = cuts.map(({ axis, t }) =>
          order.findIndex((part) => part.kind === 'slice' && part.axis === axis && holds(part, point(t))),
        );
        expect(crossed).toEqual(crossed.toSorted((a, b) => b - a));
      }
    }
  });

  it('without slices is one cell', () => {
    expect(paintOrder([2, 2, 2], [])).toEqual([{ kind: 'cell', box: { from: [0, 0, 0], to: [1, 1, 1] } }]);
  });

  it('gives every triangle to each cell it reaches into', () => {
    const positions = Float32Array.of(0.1, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.2, 0.1, 0.9, 0.1, 0.1);
    const index = Uint32Array.of(0, 1, 2, 0, 3, 2);
    const within = (from: [number, number, number], to: [number, number, number]) => [
      ...trianglesWithin(positions, index, { from, to }),
    ];
    expect(within([0, 0, 0], [0.5, 1, 1])).toEqual([0, 1, 2, 0, 3, 2]);
    expect(within([0.5, 0, 0], [1, 1, 1])).toEqual([0, 3, 2]);
    expect(within([0, 0.5, 0], [1, 1, 1])).toEqual([]);
  });
});

describe('a path in a volume', () => {
  const box = { from: [-1, 0, 0], to: [1, 2, 4] } as const;
  it('is cut where it leaves the box, at the fraction of a row', () => {
    const path = { x: Float64Array.of(-1, 0, 3, 0), y: Float64Array.of(1, 1, 1, 1), z: Float64Array.of(0, 2, 2, 4) };
    const points = spacePath(path, box);
    const rows = Array.from({ length: points.length / 4 }, (_, k) => [...points.subarray(4 * k, 4 * k + 4)]);
    expect(rows.map((row) => row[3]!)).toBeAllclose([0, 1, 1 + 1 / 3, -1, 2 + 2 / 3, 3], { atol: 1e-6 });
    expect(rows[1]).toBeAllclose([0.5, 0.5, unitHeight(0.5), 1], { atol: 1e-6 });
    expect(rows[2]!.slice(0, 2)).toBeAllclose([1, 0.5], { atol: 1e-6 });
  });

  it('has a gap where a coordinate is not finite', () => {
    const path = { x: Float64Array.of(0, Number.NaN, 0.5, 0.6), y: new Float64Array(4), z: new Float64Array(4) };
    const points = spacePath(path, box);
    expect([...points].filter((_, k) => k % 4 === 3)).toEqual([2, 3]);
  });
});

describe('a slice', () => {
  const axis = (n: number) => Float64Array.from({ length: n }, (_, k) => k / (n - 1));
  const [xs, ys, zs] = [axis(3), axis(4), axis(5)];
  const loss = new Float64Array(60);
  for (let k = 0; k < 5; k++)
    for (let j = 0; j < 4; j++)
      for (let i = 0; i < 3; i++) loss[(k * 4 + j) * 3 + i] = xs[i]! + 2 * ys[j]! + 4 * zs[k]!;
  const transform = heightTransform('linear', 0, 7);

  it.each([
    [0, (a: number, b: number, at: number) => at + 2 * a + 4 * b],
    [1, (a: number, b: number, at: number) => a + 2 * at + 4 * b],
    [2, (a: number, b: number, at: number) => a + 2 * b + 4 * at],
  ] as const)('across axis %i shows the trilinear interpolant in the map’s colours', (which, value) => {
    const size = 8;
    const image = sliceImage({ version: 0, xs, ys, zs, loss }, which, 0.37, transform, 'viridis', size);
    for (let b = 0; b < size; b++) {
      for (let a = 0; a < size; a++) {
        const wanted = colorMap('viridis')(value((a + 0.5) / size, (b + 0.5) / size, 0.37) / 7);
        const got = image.subarray(4 * (b * size + a), 4 * (b * size + a) + 4);
        expect([...got.subarray(0, 3)]).toBeAllclose(wanted, { atol: 1 });
        expect(got[3]).toBe(255);
      }
    }
  });

  it('is transparent beside a gap', () => {
    const holed = loss.slice();
    holed[(2 * 4 + 1) * 3 + 1] = Number.NaN;
    const image = sliceImage({ version: 0, xs, ys, zs, loss: holed }, 2, 0.5, transform, 'viridis', 6);
    const alpha = [...image].filter((_, k) => k % 4 === 3);
    // The four cells about the gap are two thirds of the height: 6 × 4 of 6 × 6 pixels.
    expect(alpha.filter((a) => a === 0)).toHaveLength(24);
  });
});

it('the stage of a volume has the third direction as its vertical axis', () => {
  const stage = new VolumeStage();
  const xs = Float64Array.of(0, 1);
  const volume = {
    version: 1,
    xs,
    ys: xs,
    zs: Float64Array.of(-2, 2),
    loss: Float64Array.from({ length: 8 }, (_, k) => k),
  };
  const revision = stage.show(volume, 'linear');
  expect(stage.show(volume, 'linear')).toBe(revision);
  expect(stage.lossAxis.flatMap(({ value, height }) => [value, height])).toBeAllclose(
    [-2, -1, 0, 1, 2].flatMap((z) => [z, unitHeight((z + 2) / 4)]),
    { atol: 1e-12 },
  );
  expect([stage.transform!.min, stage.transform!.max]).toEqual([0, 7]);
  stage.show(null, 'linear');
  expect(stage.transform).toBeNull();
});
