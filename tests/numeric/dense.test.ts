import { expect, test } from 'vitest';
import { denseSpectrum } from '../../src/main/engine/curvature/dense';
import { measureSpectrum } from '../../src/main/engine/curvature/spectrum';
import type { LinearOperator } from '../../src/main/engine/objectives/objective';
import { createRng } from '../../src/main/engine/random';
import {
  denseEigenvalues,
  diagonalOperator,
  matrixOperator,
  quadratic,
  randomSymmetric,
  withSpectrum,
} from './quadratic';

test('every eigenvalue, and any pair with its measured residual', async () => {
  const matrix = randomSymmetric(90, 3);
  const operator = matrixOperator(matrix);
  const seen: number[] = [];
  const { values, errorBound, pair } = await denseSpectrum(operator, 1e-8, undefined, (done) => void seen.push(done));
  expect(values).toBeAllclose(denseEigenvalues(matrix), { atol: 1e-11 });
  expect(errorBound).toBeLessThan(1e-10);
  expect([operator.products, seen.at(-1)]).toEqual([90, 180]);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  // Moves on while the matrix is decomposed.
  expect(seen.filter((done) => done > 90 && done < 180).length).toBeGreaterThan(30);
  for (const i of [0, 41, 89]) {
    const { value, vector, residual, converged } = pair(i);
    const product = new Float64Array(90);
    operator.apply(vector, product);
    const measured = Math.hypot(...product.map((entry, k) => entry - value * vector[k]!));
    expect([value, converged]).toEqual([values[i], true]);
    expect(residual).toBeAllclose(measured, { atol: 1e-12 });
  }
});

test('the bound tells what rounding of the products does to the values', async () => {
  const matrix = withSpectrum(
    Array.from({ length: 60 }, (_, i) => 20 * 0.8 ** i - 0.5),
    4,
  );
  const exact = matrixOperator(matrix);
  const rng = createRng(1, 'tests/rounding');
  const rounding: LinearOperator = {
    ...exact,
    apply(v, out) {
      exact.apply(v, out);
      for (let i = 0; i < out.length; i++) out[i]! += 1e-7 * rng.normal();
    },
  };
  const { values, errorBound } = await denseSpectrum(rounding, 1e-8);
  const worst = Math.max(...denseEigenvalues(matrix).map((value, i) => Math.abs(value - values[i]!)));
  expect(worst).toBeGreaterThan(1e-8);
  expect(worst).toBeLessThan(errorBound);
  expect(errorBound).toBeLessThan(100 * worst);
});

test('asked for, the whole spectrum replaces Lanczos up to 2,000 parameters', async () => {
  const size = 230;
  const spectrum = [-2, ...Array.from({ length: size - 2 }, (_, i) => 0.1 + i / 40), 30];
  const center = new Float64Array(size);
  const objective = quadratic(withSpectrum(spectrum, 2), center);
  const options = { top: 2, bottom: 1, around: { shift: 3.005, count: 2 }, tolerance: 1e-8 };
  const measured = await measureSpectrum(objective, center, { ...options, method: 'dense' });
  const sorted = spectrum.toSorted((a, b) => a - b);
  expect(measured).toMatchObject({ method: 'dense', kind: 'saddle', index: 1, iterations: size });
  expect(measured.all!.values).toBeAllclose(sorted, { atol: 1e-11 });
  expect(measured.conditionNumber!).toBeAllclose(30 / 0.1, { rtol: 1e-9 });
  const [low, high] = measured.conditionNumberInterval!;
  expect(low).toBeLessThanOrEqual(300);
  expect(high).toBeGreaterThanOrEqual(300);

  const byLanczos = await measureSpectrum(objective, center, { ...options, maxIterations: 600 });
  expect(byLanczos).toMatchObject({ method: 'lanczos', all: null, kind: 'saddle', index: 1, conditionNumber: null });
  for (const found of [measured, byLanczos]) {
    expect(found.eigenvalues.map(({ value }) => value)).toBeAllclose([30, sorted.at(-2)!], { atol: 1e-8 });
    expect(found.around!.eigenvalues.map(({ value }) => value)).toBeAllclose([3, 3.025], { atol: 1e-7 });
  }
  const small = quadratic(withSpectrum([1, 2, 4], 1), [0, 0, 0]);
  expect(await measureSpectrum(small, new Float64Array(3), { top: 1, bottom: 1, method: 'lanczos' })).toMatchObject({
    method: 'lanczos',
    all: null,
  });
});

test('more than 2,000 parameters are refused with the number', async () => {
  const size = 2_001;
  const objective = { ...quadratic(withSpectrum([1], 1), [0]), dimension: size };
  await expect(
    measureSpectrum(objective, new Float64Array(size), { top: 1, bottom: 1, method: 'dense' }),
  ).rejects.toMatchObject({
    code: 'badInput',
    message: expect.stringContaining('2001'),
    cure: expect.stringContaining('2000'),
  });
});

test('a Gauss–Newton spectrum names no point, whatever its eigenvalues', async () => {
  const saddle = quadratic(withSpectrum([-1, 2, 3], 1), [0, 0, 0]);
  const objective = { ...saddle, gaussNewton: () => diagonalOperator([1, 2, 3]) };
  const options = { top: 3, bottom: 0 };
  expect(await measureSpectrum(objective, new Float64Array(3), options)).toMatchObject({ kind: 'saddle', index: 1 });
  const measured = await measureSpectrum(objective, new Float64Array(3), { ...options, matrix: 'gaussNewton' });
  expect(measured).toMatchObject({ kind: 'degenerate', index: null, matrix: 'gaussNewton', conditionNumber: 3 });
});

test('the gradient along each eigenvector, and how many parameters it lives on', async () => {
  // g = A(θ − c) with A diagonal: along the axes.
  const matrix = randomSymmetric(3, 1).mul(0);
  [1, 2, 4].forEach((value, i) => {
    matrix.set(i, i, value);
  });
  const { eigenvalues } = await measureSpectrum(quadratic(matrix, [0, 0, 0]), Float64Array.of(2, 1, 0.25), {
    top: 3,
    bottom: 0,
  });
  // g = (2, 2, 1), ‖g‖² = 9.
  expect(eigenvalues.map(({ gradientAlignment }) => gradientAlignment)).toBeAllclose([1 / 9, 4 / 9, 4 / 9], {
    rtol: 1e-12,
  });
  expect(eigenvalues.map(({ participationRatio }) => participationRatio)).toBeAllclose([1, 1, 1], { rtol: 1e-12 });
});

// Timed because the promise is a time; tried again because others may hold the machine.
test('a cancel is seen in the middle of the decomposition', { retry: 3 }, async () => {
  const size = 800;
  const abort = new AbortController();
  let cancelledAt = 0;
  // A full matrix: a sparse one would need no reduction.
  const work = denseSpectrum(
    {
      size,
      apply: (v, out) => void out.set(v.map((_, i) => Math.sin(v.indexOf(1) * i))),
      dispose() {},
    },
    1e-8,
    abort.signal,
    (done) => {
      if (done !== size + 10) return;
      setTimeout(() => {
        cancelledAt = performance.now();
        abort.abort();
      });
    },
  );
  await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  expect(performance.now() - cancelledAt).toBeLessThan(100);
});
