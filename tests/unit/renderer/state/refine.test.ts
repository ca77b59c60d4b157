import { expect, test } from 'vitest';
import { applyTile, fillBetween, type Refinement, startRefinement } from '../../../../src/renderer/state/refine';
import type { SurfaceTile } from '../../../../src/shared/model/landscape';

const nx = 11;
const ny = 7;
const xs = Float64Array.from({ length: nx }, (_, i) => i);
const ys = Float64Array.from({ length: ny }, (_, j) => j);
const bilinear = (i: number, j: number) => 3 + 2 * i - j + 0.5 * i * j;

/** The points of one pass: those on the lattice of `stride` (and the last lines), without the ones known before. */
function tile(stride: number, known: Set<number>, value: (i: number, j: number) => number): SurfaceTile {
  const index: number[] = [];
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const onLattice = (i % stride === 0 || i === nx - 1) && (j % stride === 0 || j === ny - 1);
      if (onLattice && !known.has(j * nx + i)) index.push(j * nx + i);
    }
  }
  for (const cell of index) known.add(cell);
  const loss = Float64Array.from(index, (cell) => value(cell % nx, Math.floor(cell / nx)));
  return { xs, ys, stride, index: Int32Array.from(index), loss };
}

function pass(refinement: Refinement, points: SurfaceTile): void {
  applyTile(refinement, points);
  fillBetween(refinement, points.stride);
}

test('a bilinear surface stands exactly after the first coarse pass', () => {
  const refinement = startRefinement(xs, ys);
  pass(refinement, tile(4, new Set(), bilinear));
  const expected = Float64Array.from({ length: nx * ny }, (_, k) => bilinear(k % nx, Math.floor(k / nx)));
  expect(refinement.loss).toBeAllclose(expected, { atol: 1e-12 });
});

test('later passes correct what was interpolated', () => {
  const refinement = startRefinement(xs, ys);
  const known = new Set<number>();
  const bump = (i: number, j: number) => (i === 5 && j === 3 ? 100 : 0);
  pass(refinement, tile(4, known, bump));
  expect(refinement.loss[3 * nx + 5]).toBe(0);
  pass(refinement, tile(2, known, bump));
  pass(refinement, tile(1, known, bump));
  expect(refinement.loss[3 * nx + 5]).toBe(100);
  expect(refinement.loss.filter((v) => v !== 0)).toHaveLength(1);
});

test('nothing is invented beside a value that is not finite', () => {
  const refinement = startRefinement(xs, ys);
  pass(
    refinement,
    tile(4, new Set(), (i, j) => (i === 4 && j === 4 ? Number.NaN : 1)),
  );
  expect(refinement.loss[3 * nx + 3]).toBeNaN();
  expect(refinement.loss[0]).toBe(1);
  expect(refinement.loss[9]).toBe(1);
});
