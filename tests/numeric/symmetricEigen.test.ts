import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { rowStart, symmetricEigen } from '../../src/main/engine/curvature/symmetricEigen';
import { denseEigenvalues, randomSymmetric, withSpectrum } from './quadratic';

const never = () => undefined;

function lowerOf(matrix: Matrix): Float64Array {
  const n = matrix.rows;
  const lower = new Float64Array(rowStart(n));
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) lower[rowStart(i) + j] = matrix.get(i, j);
  return lower;
}

const cases: [string, Matrix][] = [
  ['one number', new Matrix([[-3]])],
  [
    '2 × 2',
    new Matrix([
      [2, 1],
      [1, -1],
    ]),
  ],
  ['zero', Matrix.zeros(6, 6)],
  ['diagonal', Matrix.diag([3, 1, 2, 1])],
  ['random', randomSymmetric(61, 1)],
  ['multiple eigenvalues', withSpectrum([5, 5, 5, 1, 1, 0, 0, 0, 0, -2], 3)],
  ['block diagonal', Matrix.diag([1, 2, 3, 4, 5, 6]).add(Matrix.zeros(6, 6).set(4, 5, 2).set(5, 4, 2))],
];

test.each(cases)('%s: values as ml-matrix, orthonormal vectors, AV = VΛ', async (_, matrix) => {
  const n = matrix.rows;
  const { values, vector } = await symmetricEigen(lowerOf(matrix), n, never);
  const scale = Math.max(...matrix.to1DArray().map(Math.abs));
  expect(values).toBeAllclose(denseEigenvalues(matrix), { atol: 1e-13 * n * scale });
  const vectors = Matrix.zeros(n, n);
  for (let k = 0; k < n; k++) vectors.setColumn(k, [...vector(k)]);
  expect(vectors.transpose().mmul(vectors).to1DArray()).toBeAllclose(Matrix.eye(n).to1DArray(), { atol: 1e-13 * n });
  const left = matrix.mmul(vectors).to1DArray();
  const right = vectors.mmul(Matrix.diag([...values])).to1DArray();
  expect(left).toBeAllclose(right, { atol: 1e-13 * n * scale });
});

test.each([1e-160, 1e150])('a matrix times %d has its eigenvalues times that', async (factor) => {
  const matrix = randomSymmetric(9, 2);
  const { values } = await symmetricEigen(lowerOf(Matrix.mul(matrix, factor)), 9, never);
  expect(values).toBeAllclose(
    denseEigenvalues(matrix).map((value) => value * factor),
    { atol: 1e-13 * 9 * factor },
  );
});

test('gives way at least once per step of the reduction and per sweep', async () => {
  const n = 120;
  let turns = 0;
  await symmetricEigen(lowerOf(randomSymmetric(n, 4)), n, () => {
    turns++;
    return undefined;
  });
  expect(turns).toBeGreaterThan(2 * n);
});
