import { orthogonal } from '../initializers/orthogonal';
import type { Rng } from '../random';
import { scale } from '../vectors';
import { eigenPowers } from './eigenPowers';

export const matrixKinds = ['symmetric', 'gaussian', 'orthogonal'] as const;
export type MatrixKind = (typeof matrixKinds)[number];

/**
 * A random [n, n] matrix, row-major, whose largest |λ| is `radius`: Gaussian entries, (G + Gᵀ)/√2 of such, or an
 * orthogonal matrix uniform over all of them, each then multiplied.
 */
export function squareMatrix(kind: MatrixKind, n: number, radius: number, rng: Rng): Float64Array {
  const matrix = new Float64Array(n * n);
  if (kind === 'orthogonal') {
    orthogonal(n, n, radius, rng, matrix);
    return matrix;
  }
  const gaussian = matrix.map(() => rng.normal());
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const at = i * n + j;
      matrix[at] = kind === 'symmetric' ? (gaussian[at]! + gaussian[j * n + i]!) / Math.SQRT2 : gaussian[at]!;
    }
  }
  scale(matrix, radius / eigenPowers(matrix, n).radius);
  return matrix;
}
