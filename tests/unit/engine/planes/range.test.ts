import { expect, test } from 'vitest';
import { suggestRange } from '../../../../src/main/engine/planes/range';

const unit = { norms: [1, 1] as const };

test('a window holds the paths with a fifth of their extent on each side', () => {
  expect(suggestRange([{ x: [0, 10], y: [5, -5] }], unit)).toBeAllclose([-2, 12, -7, 7], { atol: 1e-12 });
  expect(
    suggestRange(
      [
        { x: [0, 1], y: [0, 1] },
        { x: [9, 10], y: [9, 10] },
      ],
      unit,
    ),
  ).toBeAllclose([-2, 12, -2, 12], { atol: 1e-12 });
});

test('an axis that hardly moves does not make a sliver, measured in lengths of parameter space', () => {
  const [x0, x1, y0, y1] = suggestRange([{ x: [0, 10], y: [1, 1] }], unit);
  expect([x0, x1]).toBeAllclose([-2, 12], { atol: 1e-12 });
  expect(y1 - y0).toBeAllclose(0.4 * 14, { atol: 1e-12 });
  expect((y0 + y1) / 2).toBeAllclose(1, { atol: 1e-12 });
  const scaled = suggestRange([{ x: [0, 10], y: [1, 1] }], { norms: [1, 100] });
  expect(scaled[3] - scaled[2]).toBeAllclose((0.4 * 14) / 100, { atol: 1e-12 });
});

test('a single point gets room around it', () => {
  expect(suggestRange([{ x: [0], y: [0] }], unit)).toEqual([-1, 1, -1, 1]);
  expect(suggestRange([{ x: [5], y: [-0.5] }], unit)).toEqual([0, 10, -1.5, 0.5]);
});

test('a domain stays as it is until a path leaves it, and a diverged path cannot blow it up', () => {
  const base: [number, number, number, number] = [-2, 2, -1, 3];
  const options = { ...unit, base };
  expect(suggestRange([{ x: [0, 1], y: [0, 1] }], options)).toEqual(base);
  expect(suggestRange([{ x: [0, 3], y: [0, 1] }], options)).toBeAllclose([-2, 3.2, -1, 3], { atol: 1e-12 });
  expect(suggestRange([{ x: [0, 1e30, Number.NaN], y: [0, -Infinity, 1] }], options)).toBeAllclose([-2, 10, -1, 3], {
    atol: 1e-12,
  });
});
