import { Matrix, QrDecomposition, SingularValueDecomposition } from 'ml-matrix';

export interface LeastSquaresSolution {
  /** θ* = argmin ‖Xθ − y‖² */
  theta: Float64Array;
  /** (1/2n)‖Xθ* − y‖² */
  loss: number;
  /** ‖Xᵀ(Xθ* − y)‖/n, zero but for rounding. */
  gradientNorm: number;
  /** λmax/λmin of the Hessian XᵀX/n. */
  conditionNumber: number;
}

/**
 * Least squares in closed form by a QR decomposition of X, which does not square its condition number as the normal
 * equations do (Golub and Van Loan 2013, section 5.3).
 *
 * @param X n × p row-major, n ≥ p, of full rank
 */
export function leastSquares(X: Float64Array, y: Float64Array): LeastSquaresSolution {
  const n = y.length;
  const design = new Matrix(n, X.length / n);
  for (let i = 0; i < n; i++) for (let j = 0; j < design.columns; j++) design.set(i, j, X[i * design.columns + j]!);
  const target = Matrix.columnVector(Array.from(y));
  const qr = new QrDecomposition(design);
  const solution = qr.solve(target);
  const residual = design.mmul(solution).sub(target);
  return {
    theta: Float64Array.from(solution.to1DArray()),
    loss: residual.norm() ** 2 / (2 * n),
    gradientNorm: design.transpose().mmul(residual).norm() / n,
    // The singular values of X are those of R.
    conditionNumber: singularValueRatio(qr.upperTriangularMatrix) ** 2,
  };
}

function singularValueRatio(matrix: Matrix): number {
  const { diagonal } = new SingularValueDecomposition(matrix);
  return Math.max(...diagonal) / Math.min(...diagonal);
}
