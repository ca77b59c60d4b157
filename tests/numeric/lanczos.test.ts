import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { type LanczosResult, lanczosExtremes } from '../../src/main/engine/curvature/lanczos';
import { tridiagonalEigen } from '../../src/main/engine/curvature/tridiagonal';
import { tridiagonalize } from '../../src/main/engine/curvature/tridiagonalize';
import type { LinearOperator } from '../../src/main/engine/objectives/objective';
import { createRng } from '../../src/main/engine/random';
import { denseEigenvalues, diagonalOperator, matrixOperator, randomSymmetric, withSpectrum } from './quadratic';

const values = (pairs: { value: number }[]) => pairs.map(({ value }) => value);
const allConverged = ({ top, bottom }: LanczosResult) => [...top, ...bottom].every(({ converged }) => converged);

test('the tridiagonal solver agrees with a dense decomposition, vectors included', () => {
  const rng = createRng(3, 'tests');
  const m = 60;
  const diagonal = Float64Array.from({ length: m }, () => rng.normal());
  const off = Float64Array.from({ length: m - 1 }, () => rng.normal());
  off[20] = 0;
  const matrix = new Matrix(m, m);
  for (let i = 0; i < m; i++) {
    matrix.set(i, i, diagonal[i]!);
    if (i < m - 1) {
      matrix.set(i, i + 1, off[i]!);
      matrix.set(i + 1, i, off[i]!);
    }
  }
  const eigen = tridiagonalEigen(diagonal, off);
  expect(eigen.values).toBeAllclose(denseEigenvalues(matrix), { atol: 1e-12 });
  for (let k = 0; k < m; k++) {
    const vector = eigen.vector(k);
    const product = matrix.mmul(Matrix.columnVector([...vector])).to1DArray();
    expect(product).toBeAllclose(
      vector.map((entry) => entry * eigen.values[k]!),
      { atol: 1e-12 },
    );
    expect(eigen.last[k]!).toBeAllclose(vector[m - 1]!, { atol: 1e-12 });
    expect(Math.hypot(...vector)).toBeAllclose(1, { atol: 1e-12 });
  }
});

test('Householder tridiagonalization keeps the spectrum and the last basis vector', () => {
  const n = 12;
  const matrix = randomSymmetric(n, 8);
  const { diagonal, offDiagonal, q } = tridiagonalize(Float64Array.from(matrix.to1DArray()), n);
  expect(tridiagonalEigen(diagonal, offDiagonal).values).toBeAllclose(denseEigenvalues(matrix), { atol: 1e-12 });
  const rotation = Matrix.from1DArray(n, n, [...q]);
  const reduced = rotation.transpose().mmul(matrix).mmul(rotation);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const wanted = i === j ? diagonal[i]! : Math.abs(i - j) === 1 ? offDiagonal[Math.min(i, j)]! : 0;
      expect(reduced.get(i, j)).toBeAllclose(wanted, { atol: 1e-12 });
    }
  }
  expect(rotation.getColumn(n - 1)).toBeAllclose([...new Array(n - 1).fill(0), 1], { atol: 0 });
});

test('random symmetric matrix: both ends, to 1e-9, with residuals that are true', async () => {
  const matrix = randomSymmetric(300, 1);
  const dense = denseEigenvalues(matrix);
  const result = await lanczosExtremes(matrixOperator(matrix), {
    top: 6,
    bottom: 4,
    tolerance: 1e-9,
    maxIterations: 300,
  });
  expect(allConverged(result)).toBe(true);
  expect(values(result.top)).toBeAllclose(dense.toReversed().slice(0, 6), { rtol: 1e-9 });
  expect(values(result.bottom)).toBeAllclose(dense.slice(0, 4), { rtol: 1e-9 });
  for (const { value, vector, residual } of [...result.top, ...result.bottom]) {
    const product = matrix.mmul(Matrix.columnVector([...vector])).to1DArray();
    const measured = Math.hypot(...product.map((entry, i) => entry - value * vector[i]!));
    expect(residual).toBeAllclose(measured, { rtol: 1e-2, atol: 1e-12 });
    expect(Math.hypot(...vector)).toBeAllclose(1, { atol: 1e-12 });
  }
});

test('the eigenvectors are orthonormal', async () => {
  const { top, bottom } = await lanczosExtremes(matrixOperator(randomSymmetric(200, 5)), {
    top: 5,
    bottom: 5,
    tolerance: 1e-10,
  });
  const vectors = [...top, ...bottom].map(({ vector }) => vector);
  vectors.forEach((a, i) => {
    vectors.forEach((b, j) => {
      const inner = a.reduce((sum, entry, k) => sum + entry * b[k]!, 0);
      expect(inner).toBeAllclose(i === j ? 1 : 0, { atol: 1e-8 });
    });
  });
});

test.each([
  ['a double largest eigenvalue', [100, 100, 50, 40, ...Array.from({ length: 196 }, (_, i) => i / 200)]],
  ['a sixfold largest eigenvalue', [...new Array(6).fill(3), ...Array.from({ length: 150 }, (_, i) => i / 150)]],
  ['a tight cluster at the top', [10, 10 - 1e-6, 10 - 2e-6, 9, ...Array.from({ length: 150 }, (_, i) => i / 30)]],
  ['a null space of dimension 30', [...new Array(30).fill(0), ...Array.from({ length: 100 }, (_, i) => 1 + i)]],
  ['an indefinite spectrum', [-70, -69, -3, 80, ...Array.from({ length: 120 }, (_, i) => i / 100 - 0.6)]],
])('%s is found with its multiplicity', async (_, spectrum) => {
  const sorted = spectrum.toSorted((a, b) => a - b);
  const largest = Math.max(...spectrum.map(Math.abs));
  const result = await lanczosExtremes(matrixOperator(withSpectrum(spectrum, 4)), {
    top: 4,
    bottom: 3,
    tolerance: 1e-9,
    maxIterations: 600,
  });
  expect(values(result.top)).toBeAllclose(sorted.toReversed().slice(0, 4), { atol: 1e-8 * largest });
  expect(values(result.bottom)).toBeAllclose(sorted.slice(0, 3), { atol: 1e-8 * largest });
  expect(allConverged(result)).toBe(true);
});

test('low rank, the identity and zero end early, by the Krylov space running out', async () => {
  const lowRank = await lanczosExtremes(diagonalOperator([5, -2, ...new Array(400).fill(0)]), { top: 3, bottom: 3 });
  expect(values(lowRank.top)).toBeAllclose([5, 0, 0], { atol: 1e-10 });
  expect(values(lowRank.bottom)).toBeAllclose([-2, 0, 0], { atol: 1e-10 });
  expect(lowRank.iterations).toBeLessThan(60);

  const identity = await lanczosExtremes(diagonalOperator(new Array(80).fill(1)), { top: 3, bottom: 2 });
  expect(values([...identity.top, ...identity.bottom])).toBeAllclose([1, 1, 1, 1, 1], { atol: 1e-12 });

  const zero = await lanczosExtremes(diagonalOperator(new Array(50).fill(0)), { top: 2, bottom: 2 });
  expect(values([...zero.top, ...zero.bottom])).toEqual([0, 0, 0, 0]);
  expect(allConverged(zero)).toBe(true);
});

test('a small operator gives its whole spectrum exactly', async () => {
  const matrix = randomSymmetric(7, 2);
  const dense = denseEigenvalues(matrix);
  const { top, bottom } = await lanczosExtremes(matrixOperator(matrix), { top: 10, bottom: 3 });
  expect(values(top)).toBeAllclose(dense.toReversed(), { atol: 1e-12 });
  expect(values(bottom)).toBeAllclose(dense.slice(0, 3), { atol: 1e-12 });
});

test('a basis that may hold only 24 vectors restarts and gets there all the same', async () => {
  const spectrum = Array.from({ length: 2_000 }, (_, i) => Math.sqrt(i / 2_000));
  spectrum.push(1.5, 1.7, 2, -0.4, -0.8);
  const options = { top: 3, bottom: 2, tolerance: 1e-8, maxIterations: 400 };
  const operator = diagonalOperator(spectrum);
  const result = await lanczosExtremes(operator, { ...options, basisBytes: 24 * 8 * spectrum.length });
  expect(values(result.top)).toBeAllclose([2, 1.7, 1.5], { atol: 1e-9 });
  expect(values(result.bottom)).toBeAllclose([-0.8, -0.4], { atol: 1e-9 });
  expect(allConverged(result)).toBe(true);
  // One product per returned pair for its residual.
  expect(operator.products).toBe(result.iterations + 5);
  const free = await lanczosExtremes(diagonalOperator(spectrum), options);
  expect(result.iterations).toBeLessThan(3 * free.iterations);
});

test('pairs that ran out of products say so, with their residual', async () => {
  const matrix = randomSymmetric(200, 6);
  const { top, bottom, iterations } = await lanczosExtremes(matrixOperator(matrix), {
    top: 3,
    bottom: 1,
    tolerance: 1e-10,
    maxIterations: 12,
  });
  expect(iterations).toBe(12);
  expect([...top, ...bottom].every(({ converged, residual }) => !converged && residual > 1e-6)).toBe(true);
  // Ritz values lie inside the spectrum.
  const dense = denseEigenvalues(matrix);
  expect(top[0]!.value).toBeLessThan(dense.at(-1)!);
  expect(bottom[0]!.value).toBeGreaterThan(dense[0]!);
});

test('an operator in float32 has a residual floor that is measured, not estimated', async () => {
  const matrix = withSpectrum(
    Array.from({ length: 250 }, (_, i) => 30 * 0.9 ** i - 1),
    9,
  );
  const rounding = (inner: LinearOperator): LinearOperator => ({
    ...inner,
    apply(v, out) {
      const single = new Float32Array(v.length);
      inner.apply(Float32Array.from(v), single);
      out.set(single);
    },
  });
  const { top, bottom } = await lanczosExtremes(rounding(matrixOperator(matrix)), {
    top: 3,
    bottom: 1,
    tolerance: 1e-12,
    maxIterations: 260,
  });
  const dense = denseEigenvalues(matrix);
  expect(values(top)).toBeAllclose(dense.toReversed().slice(0, 3), { rtol: 1e-6 });
  expect(values(bottom)).toBeAllclose(dense.slice(0, 1), { atol: 30 * 1e-6 });
  for (const { residual, converged } of top) {
    expect(converged).toBe(false);
    expect(residual).toBeGreaterThan(1e-9);
    expect(residual).toBeLessThan(1e-4);
  }
});

test('the seed repeats the bits; another seed gives the same values', async () => {
  const operator = () => matrixOperator(randomSymmetric(150, 7));
  const first = await lanczosExtremes(operator(), { top: 2, bottom: 1, seed: 1, tolerance: 1e-9 });
  const again = await lanczosExtremes(operator(), { top: 2, bottom: 1, seed: 1, tolerance: 1e-9 });
  const other = await lanczosExtremes(operator(), { top: 2, bottom: 1, seed: 2, tolerance: 1e-9 });
  expect(again).toEqual(first);
  expect(values(other.top)).toBeAllclose(values(first.top), { rtol: 1e-9 });
  expect(other.top[0]!.vector).not.toEqual(first.top[0]!.vector);
});

test('a product that is not finite is told to the person', async () => {
  const broken = diagonalOperator([1, Number.NaN, 2, 3]);
  await expect(lanczosExtremes(broken, { top: 1, bottom: 1 })).rejects.toMatchObject({
    code: 'engine',
    message: expect.stringContaining('not finite'),
  });
});

// Timed because the promise is a time; tried again because others may hold the machine.
test('a cancel is seen within 100 ms', { retry: 3 }, async () => {
  const spectrum = Array.from({ length: 40_000 }, (_, i) => Math.sin(i));
  const abort = new AbortController();
  let at = 0;
  setTimeout(() => {
    at = performance.now();
    abort.abort();
  }, 200);
  await expect(
    lanczosExtremes(diagonalOperator(spectrum), {
      top: 20,
      bottom: 20,
      tolerance: 1e-14,
      maxIterations: 10_000,
      signal: abort.signal,
    }),
  ).rejects.toMatchObject({ code: 'cancelled' });
  expect(at).toBeGreaterThan(0);
  expect(performance.now() - at).toBeLessThan(100);
});
