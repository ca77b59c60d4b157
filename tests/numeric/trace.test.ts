import type { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { estimateTrace } from '../../src/main/engine/curvature/trace';
import { diagonalOperator, matrixOperator, randomSymmetric, withSpectrum } from './quadratic';

/** Variance of zᵀAz for Rademacher z: 2(‖A‖²_F − Σ A_ii²). */
function rademacherVariance(matrix: Matrix): number {
  const squares = matrix.to1DArray().reduce((sum, entry) => sum + entry ** 2, 0);
  return 2 * (squares - matrix.diag().reduce((sum, entry) => sum + entry ** 2, 0));
}

test('Hutchinson: unbiased, of the variance of the formula, within three standard errors as often as it should be', async () => {
  const matrix = randomSymmetric(80, 11);
  const [seeds, products] = [300, 12];
  const variance = rademacherVariance(matrix) / products;
  let within = 0;
  let covered = 0;
  let sum = 0;
  let squares = 0;
  let estimatedVariance = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const estimate = await estimateTrace(matrixOperator(matrix), { method: 'hutchinson', products, seed });
    expect(estimate).toMatchObject({ method: 'hutchinson', products, samplingStandardError: null });
    const off = estimate.value - matrix.trace();
    if (Math.abs(off) <= 3 * Math.sqrt(variance)) within++;
    if (estimate.interval[0] <= matrix.trace() && matrix.trace() <= estimate.interval[1]) covered++;
    sum += off;
    squares += off ** 2;
    estimatedVariance += estimate.standardError ** 2;
  }
  expect(within / seeds).toBeGreaterThan(0.985);
  // 95 % intervals: 0.95 ± 3·√(0.95·0.05/300).
  expect(covered / seeds).toBeGreaterThan(0.912);
  expect(covered / seeds).toBeLessThan(0.988);
  expect(Math.abs(sum / seeds)).toBeLessThan(3 * Math.sqrt(variance / seeds));
  // A variance from n samples has a relative error of about √(2/n) = 8 %.
  expect(squares / seeds / variance).toBeAllclose(1, { atol: 0.25 });
  expect(estimatedVariance / seeds / variance).toBeAllclose(1, { atol: 0.1 });
});

test('a diagonal matrix has no variance: one product is exact', async () => {
  const estimate = await estimateTrace(diagonalOperator(Array.from({ length: 300 }, (_, i) => i)), {
    method: 'hutchinson',
    products: 6,
  });
  expect(estimate.value).toBeAllclose(44_850, { rtol: 1e-12 });
  expect(estimate.standardError).toBeAllclose(0, { atol: 1e-9 });
});

test('Hutch++ on a decaying spectrum: within 5 % always, and far better than Hutchinson', async () => {
  const spectrum = Array.from({ length: 180 }, (_, i) => 100 / (1 + i) ** 1.5 - (i % 3 === 0 ? 0.01 : 0));
  const trace = spectrum.reduce((sum, value) => sum + value);
  const matrix = withSpectrum(spectrum, 12);
  const errors = { hutchinson: 0, 'hutch++': 0 };
  let covered = 0;
  const seeds = 40;
  for (let seed = 0; seed < seeds; seed++) {
    for (const method of ['hutchinson', 'hutch++'] as const) {
      const operator = matrixOperator(matrix);
      const estimate = await estimateTrace(operator, { method, products: 60, seed });
      expect([estimate.products, operator.products]).toEqual([60, 60]);
      const off = Math.abs(estimate.value - trace) / trace;
      errors[method] += off ** 2 / seeds;
      if (method === 'hutch++') {
        expect(off).toBeLessThan(0.05);
        if (estimate.interval[0] <= trace && trace <= estimate.interval[1]) covered++;
      }
    }
  }
  expect(Math.sqrt(errors['hutch++'])).toBeLessThan(0.15 * Math.sqrt(errors.hutchinson));
  expect(covered).toBeGreaterThanOrEqual(34);
});

test('a matrix of low rank is exact: nothing is left beside the sketch', async () => {
  const matrix = withSpectrum([9, -4, 2, ...new Array(120).fill(0)], 3);
  const { value, standardError, method } = await estimateTrace(matrixOperator(matrix), { products: 30 });
  expect(method).toBe('hutch++');
  expect(value).toBeAllclose(7, { rtol: 1e-9 });
  expect(standardError).toBeLessThan(1e-9);
});

test('with as many products as parameters it is summed exactly', async () => {
  const matrix = randomSymmetric(25, 4);
  const operator = matrixOperator(matrix);
  const estimate = await estimateTrace(operator, { products: 30 });
  expect(estimate).toMatchObject({ method: 'exact', products: 25, standardError: 0 });
  expect(estimate.value).toBeAllclose(matrix.trace(), { atol: 1e-12 });
  expect(estimate.interval).toEqual([estimate.value, estimate.value]);
  expect(operator.products).toBe(25);
});

test('the confidence widens the interval as Student has it', async () => {
  const operator = matrixOperator(randomSymmetric(60, 1));
  const at = (confidence: number) => estimateTrace(operator, { method: 'hutchinson', products: 11, confidence });
  for (const [confidence, t] of [
    [0.9, 1.812461],
    [0.95, 2.228139],
    [0.99, 3.169273],
  ] as const) {
    const { interval, standardError, value } = await at(confidence);
    expect(interval).toBeAllclose([value - t * standardError, value + t * standardError], { rtol: 1e-5 });
  }
});

test('products that are not finite and a cancel are told; the seed repeats the bits', async () => {
  await expect(estimateTrace(diagonalOperator([1, Number.NaN]))).rejects.toMatchObject({ code: 'engine' });
  const operator = matrixOperator(randomSymmetric(100, 2));
  for (const method of ['hutchinson', 'hutch++'] as const) {
    await expect(estimateTrace(operator, { method, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
    const options = { method, seed: 5 };
    expect(await estimateTrace(operator, options)).toEqual(await estimateTrace(operator, options));
  }
});
