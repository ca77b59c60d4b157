import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { UserError } from '../../../shared/errors';
import { cooperate } from '../cooperate';
import type { LinearOperator } from '../objectives/objective';
import type { EigenPair } from './lanczos';
import { addScaled, norm } from './vectors';

/**
 * All eigenpairs of a small symmetric operator, largest first: P products with the unit vectors make the matrix, whose
 * symmetric part is decomposed. Residuals ‖Av − λv‖ are taken with the matrix as the products gave it.
 *
 * @throws UserError where a product is not finite
 */
export async function denseEigenpairs(
  operator: LinearOperator,
  tolerance: number,
  signal?: AbortSignal,
  onProgress?: (done: number, total: number) => void,
): Promise<EigenPair[]> {
  const { size } = operator;
  const turn = cooperate(signal);
  const columns: Float64Array[] = [];
  for (let j = 0; j < size; j++) {
    const unit = new Float64Array(size);
    unit[j] = 1;
    const column = new Float64Array(size);
    await turn();
    await operator.apply(unit, column);
    if (!column.every(Number.isFinite)) {
      throw new UserError('engine', 'A Hessian product is not finite.', {
        cure: 'Measure the curvature at an earlier step, before the loss overflows.',
      });
    }
    columns.push(column);
    onProgress?.(j + 1, size);
  }
  const matrix = new Matrix(size, size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) matrix.set(i, j, (columns[j]![i]! + columns[i]![j]!) / 2);
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const largest = realEigenvalues.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const pairs = realEigenvalues.map((value, k) => {
    const vector = Float64Array.from(eigenvectorMatrix.getColumn(k));
    const product = new Float64Array(size);
    columns.forEach((column, j) => {
      addScaled(product, vector[j]!, column);
    });
    addScaled(product, -value, vector);
    const residual = norm(product);
    return { value, residual, converged: residual <= tolerance * largest, vector };
  });
  return pairs.sort((a, b) => b.value - a.value);
}
