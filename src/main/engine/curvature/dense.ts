import { badInput } from '../../../shared/errors';
import { cooperate } from '../cooperate';
import type { LinearOperator } from '../objectives/objective';
import { addScaled, norm } from '../vectors';
import type { EigenPair } from './lanczos';
import { productNotFinite } from './productNotFinite';
import { rowStart, symmetricEigen } from './symmetricEigen';

export interface DenseSpectrum {
  /** All P, ascending. */
  values: Float64Array;
  /**
   * How far a value may be from an eigenvalue of the exact operator: ‖(A − Aᵀ)/2‖_F, the asymmetry that rounding leaves
   * in the products, plus P·ε·‖A‖_F of the decomposition. By Weyl the symmetric part of the rounding error moves no
   * value by more than its own norm, which is as large as the asymmetric part's where A_ij and A_ji are rounded apart.
   */
  errorBound: number;
  /** values[i] with its eigenvector and its residual ‖Av − λv‖, A as the products gave it. O(P²). */
  pair(i: number): EigenPair;
}

/** Largest P whose dense Hessian is made when asked for: 2,000² numbers are 48 MB here, their decomposition about 6 s. */
export const exactLimit = 2_000;

/** @throws badInput above the limit */
export function checkDenseSize(dimension: number): void {
  if (dimension <= exactLimit) return;
  throw badInput(
    `The whole spectrum of ${dimension} parameters is too large.`,
    `Ask for it up to ${exactLimit} parameters; above, Lanczos finds its ends and estimates the density.`,
    ['method'],
  );
}

/**
 * The whole spectrum of a small symmetric operator: P products with the unit vectors make the matrix, whose symmetric
 * part is decomposed.
 *
 * @param tolerance a pair is converged when its residual ≤ tolerance·max|λ|
 * @param onProgress half of the total are the products, half the decomposition
 * @throws UserError where a product is not finite; `cancelled` within 100 ms of the signal (or after the product under way)
 */
export async function denseSpectrum(
  operator: LinearOperator,
  tolerance: number,
  signal?: AbortSignal,
  onProgress?: (done: number, total: number) => void,
): Promise<DenseSpectrum> {
  const { size } = operator;
  const turn = cooperate(signal);
  const columns: Float64Array[] = [];
  for (let j = 0; j < size; j++) {
    const unit = new Float64Array(size);
    unit[j] = 1;
    const column = new Float64Array(size);
    await turn();
    await operator.apply(unit, column);
    if (!column.every(Number.isFinite)) throw productNotFinite();
    columns.push(column);
    onProgress?.(j + 1, 2 * size);
  }
  const lower = new Float64Array(rowStart(size));
  let squares = 0;
  let asymmetry = 0;
  for (let i = 0; i < size; i++) {
    await turn();
    for (let j = 0; j <= i; j++) {
      const [above, below] = [columns[i]![j]!, columns[j]![i]!];
      lower[rowStart(i) + j] = (above + below) / 2;
      squares += i === j ? above * above : above * above + below * below;
      asymmetry += 2 * ((above - below) / 2) ** 2;
    }
  }
  let steps = 0;
  const { values, vector } = await symmetricEigen(lower, size, () => {
    // About one step of the reduction and two sweeps of the iteration per eigenvalue.
    if (steps++ % 3 === 0) onProgress?.(size + Math.min(Math.floor(steps / 3), size), 2 * size);
    return turn();
  });
  onProgress?.(2 * size, 2 * size);
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values[size - 1]!));
  return {
    values,
    errorBound: Math.sqrt(asymmetry) + size * Number.EPSILON * Math.sqrt(squares),
    pair(i) {
      const value = values[i]!;
      const v = vector(i);
      const product = new Float64Array(size);
      columns.forEach((column, j) => {
        addScaled(product, v[j]!, column);
      });
      addScaled(product, -value, v);
      const residual = norm(product);
      return { value, residual, converged: residual <= tolerance * largest, vector: v };
    },
  };
}
