import { Matrix, solve } from 'ml-matrix';
import { expect, test } from 'vitest';
import { leastSquares } from '../../src/main/engine/objectives/leastSquares';
import { createRng } from '../../src/main/engine/random';

test('QR gives the solution of the normal equations, a vanishing gradient and the condition number of XᵀX', () => {
  const rng = createRng(3, 'least squares');
  const n = 40;
  const p = 5;
  const X = Float64Array.from({ length: n * p }, () => rng.normal());
  const y = Float64Array.from({ length: n }, () => rng.normal());
  const { theta, loss, gradientNorm, conditionNumber } = leastSquares(X, y);
  const design = Matrix.from1DArray(n, p, X);
  const gram = design.transpose().mmul(design);
  const normal = solve(gram, design.transpose().mmul(Matrix.columnVector(Array.from(y))));
  for (let j = 0; j < p; j++) expect(theta[j]).toBeCloseTo(normal.get(j, 0), 12);
  expect(gradientNorm).toBeLessThan(1e-14);
  const residual = design.mmul(normal).sub(Matrix.columnVector(Array.from(y)));
  expect(loss).toBeCloseTo(residual.norm() ** 2 / (2 * n), 12);
  // Power iteration on the Gram matrix and on its inverse, for its extreme eigenvalues.
  const largest = (apply: (v: Matrix) => Matrix) => {
    let v = Matrix.ones(p, 1);
    let value = 0;
    for (let k = 0; k < 2_000; k++) {
      const next = apply(v);
      value = next.norm() / v.norm();
      v = next.div(next.norm());
    }
    return value;
  };
  const kappa = largest((v) => gram.mmul(v)) * largest((v) => solve(gram, v));
  expect(conditionNumber / kappa).toBeCloseTo(1, 8);
});
