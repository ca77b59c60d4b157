import { expect, test } from 'vitest';
import { windowExit } from '../../../../src/shared/math/windowExit';

const window = [0, 2, 0, 1] as const;
const exit = (x: number[], y: number[]) => windowExit(Float64Array.from(x), Float64Array.from(y), [...window]);

test('a path that ends outside leaves where its last stretch crosses the edge', () => {
  expect(exit([1, 3], [0.5, 0.75])).toEqual({ x: 2, y: 0.625, dx: 2, dy: 0.25 });
  expect(exit([1, 1, 1], [0.5, 0.25, -0.75])).toEqual({ x: 1, y: 0, dx: 0, dy: -1 });
  // Out, in again, out for good.
  expect(exit([1, 5, 1, -1], [0.5, 0.5, 0.5, 0.5])).toMatchObject({ x: 0, y: 0.5 });
});

test.each([
  ['ends inside', [1, 3, 1], [0.5, 0.5, 0.5]],
  ['was never inside', [3, 4], [0.5, 0.5]],
  ['has no finite end', [1, Number.NaN], [0.5, 0.5]],
  ['is empty', [], []],
])('none for one that %s', (_, x, y) => {
  expect(exit(x, y)).toBeNull();
});
