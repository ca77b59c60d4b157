import { describe, expect, test } from 'vitest';
import { lanczosAround } from '../../src/main/engine/curvature/interior';
import { denseEigenvalues, diagonalOperator, matrixOperator, randomSymmetric, withSpectrum } from './quadratic';

const nearest = (spectrum: readonly number[], shift: number, count: number) =>
  spectrum.toSorted((a, b) => Math.abs(a - shift) - Math.abs(b - shift)).slice(0, count);
const values = (pairs: { value: number }[]) => pairs.map(({ value }) => value);

describe('eigenvalues around a shift', () => {
  const matrix = randomSymmetric(220, 21);
  const dense = denseEigenvalues(matrix);

  test.each([0, 5.03, -11, 40])('%d, of a random matrix', async (shift) => {
    const operator = matrixOperator(matrix);
    const { pairs, iterations } = await lanczosAround(operator, {
      shift,
      count: 3,
      tolerance: 1e-8,
      maxIterations: 900,
    });
    expect(values(pairs)).toBeAllclose(nearest(dense, shift, 3), { atol: 1e-9 * 30 });
    expect(operator.products).toBe(iterations + 3);
    for (const { residual, converged, vector, value } of pairs) {
      expect(converged).toBe(true);
      const product = new Float64Array(220);
      operator.apply(vector, product);
      expect(residual).toBeAllclose(Math.hypot(...product.map((entry, i) => entry - value * vector[i]!)), {
        rtol: 1e-6,
        atol: 1e-12,
      });
    }
  });

  test('outliers between the bulk and the top of a large operator, in far fewer products than parameters', async () => {
    const spectrum = [...Array.from({ length: 5_000 }, (_, i) => Math.abs(Math.sin(i))), 3, 7, 7.5, 12, 20, 41];
    const { pairs, iterations } = await lanczosAround(diagonalOperator(spectrum), {
      shift: 8,
      count: 3,
      tolerance: 1e-6,
    });
    expect(values(pairs)).toBeAllclose([7.5, 7, 12], { rtol: 1e-9 });
    expect(iterations).toBeLessThan(150);
  });

  test('values at equal distances on both sides are told apart', async () => {
    const spectrum = [...Array.from({ length: 300 }, (_, i) => 30 + i), -2, 2, -5, 5];
    const { pairs } = await lanczosAround(diagonalOperator(spectrum), { shift: 0, count: 4, tolerance: 1e-9 });
    expect(values(pairs).sort((a, b) => a - b)).toBeAllclose([-5, -2, 2, 5], { atol: 1e-7 });
  });

  test('a double eigenvalue is found twice', async () => {
    const matrix = withSpectrum([4, 4, 4.5, 9, 10, ...Array.from({ length: 150 }, (_, i) => 20 + i / 10)], 2);
    const { pairs } = await lanczosAround(matrixOperator(matrix), { shift: 4.1, count: 3, tolerance: 1e-8 });
    expect(values(pairs)).toBeAllclose([4, 4, 4.5], { atol: 1e-6 });
    expect(Math.abs(pairs[0]!.vector.reduce((sum, entry, i) => sum + entry * pairs[1]!.vector[i]!, 0))).toBeLessThan(
      1e-6,
    );
  });

  test('a small basis restarts and gets there', async () => {
    const spectrum = [...Array.from({ length: 1_000 }, (_, i) => 100 + i / 50), 1, 2, 3, 4, 5, 6, 7, 8, -60, -50];
    const { pairs } = await lanczosAround(diagonalOperator(spectrum), {
      shift: 4.6,
      count: 2,
      tolerance: 1e-7,
      basisBytes: 24 * 8 * spectrum.length,
    });
    expect(values(pairs)).toBeAllclose([5, 4], { atol: 1e-5 });
  });

  test('what has not converged says so, and there is an eigenvalue within its residual', async () => {
    const { pairs, iterations } = await lanczosAround(matrixOperator(matrix), {
      shift: 1,
      count: 2,
      tolerance: 1e-8,
      maxIterations: 40,
    });
    expect(iterations).toBe(40);
    for (const { value, residual, converged } of pairs) {
      expect(converged).toBe(false);
      expect(Math.min(...dense.map((exact) => Math.abs(exact - value)))).toBeLessThanOrEqual(residual);
    }
  });

  test('an operator smaller than the count gives all it has; a cancel is seen', async () => {
    const { pairs } = await lanczosAround(diagonalOperator([3, 1, 2]), { shift: 2.2, count: 9 });
    expect(values(pairs)).toBeAllclose([2, 3, 1], { atol: 1e-10 });
    await expect(
      lanczosAround(matrixOperator(matrix), { shift: 0, count: 1, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});
