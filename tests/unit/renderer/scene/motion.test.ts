import { expect, it } from 'vitest';
import { buildHeightField, sampleHeight } from '../../../../src/renderer/scene/heightField';
import type { SceneMotion } from '../../../../src/renderer/scene/model';
import { arrowPoints, motionGlyphs } from '../../../../src/renderer/scene/motion/arrows';
import { heightTransform } from '../../../../src/shared/math/heightTransform';
import { type MotionColumns, motionNames } from '../../../../src/shared/model/motion';

const xs = Float64Array.from({ length: 33 }, (_, i) => -1 + i / 16);
const loss = Float64Array.from({ length: 33 * 33 }, (_, k) => xs[k % 33]! ** 2 + 0.5 * xs[Math.floor(k / 33)]!);
const domain: [number, number, number, number] = [-1, 1, -1, 1];
const field = buildHeightField({ xs, ys: xs, loss }, heightTransform('linear', -0.5, 1.5), 65, null)!;

const entries = (points: Float32Array) =>
  Array.from(
    { length: points.length / 4 },
    (_, k) => [...points.subarray(4 * k, 4 * k + 4)] as [number, number, number, number],
  );
const shaft = (points: Float32Array) => {
  const all = entries(points);
  return all.slice(
    0,
    all.findIndex(([, , , row]) => row < 0),
  );
};

it('an arrow lies on the surface, from its foot to its tip, with a head', () => {
  const points = arrowPoints(field, 0.3, 0.4, 0.2, -0.1);
  const line = shaft(points);
  expect(line[0]!.slice(0, 2)).toBeAllclose([0.3, 0.4], { atol: 1e-6 });
  expect(line.at(-1)!.slice(0, 2)).toBeAllclose([0.5, 0.3], { atol: 1e-6 });
  for (const [u, v, height] of line) expect(height).toBeAllclose(sampleHeight(field, u, v), { atol: 1e-6 });
  expect(entries(points).filter(([, , , row]) => row < 0)).toHaveLength(3);
});

it('an arrow ends at the edge of the window; one without length is nothing', () => {
  const line = shaft(arrowPoints(field, 0.9, 0.5, 0.3, 0));
  expect(line.at(-1)![0]).toBeLessThanOrEqual(1);
  expect(line.at(-1)![0]).toBeGreaterThan(0.98);
  expect(arrowPoints(field, 0.5, 0.5, 0, 0)).toHaveLength(0);
  expect(arrowPoints(field, 0.5, 0.5, Number.NaN, 0)).toHaveLength(0);
});

it('gradient and memory share a scale, the step is as it is or ten times that, rates are an ellipse', () => {
  const values: Record<string, number> = {
    ...{ descentX: 4, descentY: 0, velocityX: 0, velocityY: 2, stepX: 0.2, stepY: 0 },
    ...{ rate11: 0.3, rate12: 0, rate22: 0.1 },
  };
  const column = (row1: number) => Float64Array.of(row1, row1 === 0.2 ? 0.004 : row1);
  const columns = Object.fromEntries(motionNames.map((name) => [name, column(values[name]!)])) as MotionColumns;
  const motion: SceneMotion = { id: 'a', rows: 2, columns, norms: [1, 1], cosine: 0 };
  const tips = (row: number) => {
    const made = motionGlyphs(motion, row, domain, field, 0.5, 0.5);
    return (['descent', 'velocity', 'step'] as const).map((glyph) => {
      const [u, v] = shaft(made[glyph]).at(-1)!;
      return [u - 0.5, v - 0.5];
    });
  };
  expect(tips(0).flat()).toBeAllclose([0.15, 0, 0, 0.075, 0.1, 0], { atol: 1e-6 });
  // 0.004 of a window of width 2, times 100.
  expect(tips(1)[2]).toBeAllclose([0.2, 0], { atol: 1e-6 });
  const ellipse = entries(motionGlyphs(motion, 0, domain, field, 0.5, 0.5).rate).filter(([, , , row]) => row >= 0);
  const reach = (axis: 0 | 1) => Math.max(...ellipse.map((point) => Math.abs(point[axis] - 0.5)));
  expect([reach(0), reach(1)]).toBeAllclose([0.075, 0.025], { atol: 1e-6 });
});
