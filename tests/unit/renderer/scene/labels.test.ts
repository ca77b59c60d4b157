import { describe, expect, it } from 'vitest';
import { placeContourLabels } from '../../../../src/renderer/scene/contourLabels';
import { fillLevelTable, levelTableSize } from '../../../../src/renderer/scene/contourTable';
import { sampleHeight } from '../../../../src/renderer/scene/heightField';
import { type LabelBox, type LabelRequest, placeLabels } from '../../../../src/renderer/scene/labelPlacement';
import { heightTransform } from '../../../../src/shared/math/heightTransform';
import { lossTicks } from '../../../../src/shared/math/ticks';
import { fieldOf, mulberry } from './fields';

const none = { points: new Float32Array(0), count: 0 };
const label = (x: number, y: number, previous = -1): LabelRequest => ({ x, y, width: 110, height: 23, previous });
const boxesFor = (labels: LabelRequest[]): LabelBox[] => labels.map(() => ({ left: 0, top: 0, placement: -1 }));

function overlaps(labels: LabelRequest[], boxes: LabelBox[]): number {
  let count = 0;
  for (let a = 0; a < labels.length; a++) {
    for (let b = 0; b < a; b++) {
      const dx = Math.abs(boxes[a]!.left - boxes[b]!.left);
      const dy = Math.abs(boxes[a]!.top - boxes[b]!.top);
      if (dx < labels[a]!.width && dy < labels[a]!.height) count++;
    }
  }
  return count;
}

describe('placeLabels', () => {
  it('separates markers that stand on one spot', () => {
    const labels = [label(400, 300), label(402, 301), label(401, 303), label(399, 299)];
    const boxes = boxesFor(labels);
    placeLabels(labels, 4, none, 800, 600, boxes);
    expect(overlaps(labels, boxes)).toBe(0);
  });

  it('never overlaps with three optimizers anywhere, inside the canvas', () => {
    const random = mulberry(5);
    for (let trial = 0; trial < 300; trial++) {
      const x = 580 * random();
      const y = 420 * random();
      const labels = [0, 1, 2].map(() => label(x + 60 * random(), y + 60 * random()));
      const boxes = boxesFor(labels);
      placeLabels(labels, 3, none, 640, 480, boxes);
      expect(overlaps(labels, boxes)).toBe(0);
      for (const box of boxes) {
        expect(box.left).toBeGreaterThanOrEqual(0);
        expect(box.left + 110).toBeLessThanOrEqual(640);
        expect(box.top).toBeGreaterThanOrEqual(0);
        expect(box.top + 23).toBeLessThanOrEqual(480);
      }
    }
  });

  it('stays where it was while that is nearly as good, and leaves when it is not', () => {
    const labels = [label(300, 300, 2)];
    const boxes = boxesFor(labels);
    placeLabels(labels, 1, none, 800, 600, boxes);
    expect(boxes[0]!.placement).toBe(2);
    // The same direction now points out of the canvas and over the marker.
    const moved = [label(300, 300, 2), label(350, 312)];
    const two = boxesFor(moved);
    placeLabels(moved, 2, none, 800, 600, two);
    expect(two[0]!.placement).not.toBe(2);
  });

  it('keeps off the points it is shown', () => {
    const labels = [label(300, 300)];
    const boxes = boxesFor(labels);
    placeLabels(labels, 1, none, 800, 600, boxes);
    expect(boxes[0]!.placement).toBe(0);
    // A path that runs to the right of the marker.
    const points = Float32Array.from({ length: 40 }, (_, k) => (k % 2 === 0 ? 305 + 5 * (k / 2) : 295));
    placeLabels(labels, 1, { points, count: 20 }, 800, 600, boxes);
    const { left, top } = boxes[0]!;
    const covered = Array.from({ length: 20 }, (_, k) => [points[2 * k]!, points[2 * k + 1]!] as const).filter(
      ([x, y]) => x > left && x < left + 110 && y > top && y < top + 23,
    );
    expect(covered).toEqual([]);
  });
});

describe('placeContourLabels', () => {
  const transform = heightTransform('linear', 0, 1);
  const levels = lossTicks(transform, 8);

  it('stands on the line it names, along it, apart from the others and from the edge', () => {
    const field = fieldOf(65, 65, (u, v) => Math.min(1, (2 * (u - 0.5)) ** 2 + (1.4 * (v - 0.4)) ** 2));
    const labels = placeContourLabels(field, levels);
    expect(labels.length).toBeGreaterThan(3);
    for (const [k, { u, v, du, dv, height, text }] of labels.entries()) {
      expect(sampleHeight(field, u, v)).toBeAllclose(height, { atol: 0.01 });
      expect(Number(text)).toBeCloseTo(transform.toLoss(height), 9);
      // Along the line the height does not change.
      const step = 0.01;
      expect(sampleHeight(field, u + step * du, v + step * dv)).toBeAllclose(height, { atol: 0.02 });
      expect(du).toBeGreaterThanOrEqual(0);
      expect(Math.min(u, v, 1 - u, 1 - v)).toBeGreaterThan(0.05);
      for (const other of labels.slice(0, k)) expect(Math.hypot(u - other.u, v - other.v)).toBeGreaterThan(0.1);
    }
  });

  it('does not follow the edge of a gap', () => {
    const field = fieldOf(65, 65, (u, v) => (Math.hypot(u - 0.5, v - 0.5) < 0.25 ? Number.NaN : u));
    for (const { u, v, height } of placeContourLabels(field, levels)) {
      expect(Math.hypot(u - 0.5, v - 0.5)).toBeGreaterThan(0.25);
      expect(u).toBeAllclose(height, { atol: 0.02 });
    }
  });
});

describe('fillLevelTable', () => {
  it('names the nearest level for every height', () => {
    const levels = lossTicks(heightTransform('log', 0.01, 1_000), 16);
    const table = new Float32Array(4 * levelTableSize);
    fillLevelTable(levels, table);
    for (let i = 0; i < levelTableSize; i++) {
      const height = i / (levelTableSize - 1);
      const nearest = Math.min(...levels.map((level) => Math.abs(level.height - height)));
      expect(Math.abs(table[4 * i]! - height)).toBeAllclose(nearest, { atol: 1e-6 });
    }
  });

  it('is far from everything without levels', () => {
    const table = new Float32Array(4 * levelTableSize);
    fillLevelTable([], table);
    expect(table[0]).toBeLessThan(-1);
  });
});
