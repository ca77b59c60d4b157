import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { denseLimit, measureSpectrum } from '../../src/main/engine/curvature/spectrum';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { functionObjective } from '../../src/main/engine/objectives/functions';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { makeCase } from './networks';
import { denseEigenvalues, quadratic, withSpectrum } from './quadratic';

const values = (pairs: { value: number }[]) => pairs.map(({ value }) => value);

/** Central differences of the gradient: an oracle that knows nothing of Hessian products. */
async function hessianByDifferences(objective: Objective, params: Float64Array): Promise<Matrix> {
  const size = objective.dimension;
  const matrix = new Matrix(size, size);
  const h = 1e-5;
  for (let j = 0; j < size; j++) {
    const [above, below] = [objective.allocate(), objective.allocate()];
    await objective.gradient(
      params.map((value, i) => (i === j ? value + h : value)),
      above,
    );
    await objective.gradient(
      params.map((value, i) => (i === j ? value - h : value)),
      below,
    );
    for (let i = 0; i < size; i++) matrix.set(i, j, (above[i]! - below[i]!) / (2 * h));
  }
  return matrix.add(matrix.transpose()).div(2);
}

test('a quadratic: eigenvalues, condition number, gᵀg and gᵀHg by hand', async () => {
  const spectrum = [0.5, 1, 2, 4, 8, 10];
  const matrix = withSpectrum(spectrum, 3);
  const objective = quadratic(matrix, [1, 2, 3, 4, 5, 6]);
  const params = Float64Array.of(1, 2, 3, 4, 5, 7);
  const measured = await measureSpectrum(objective, params, { top: 3, bottom: 2 });
  // θ − c = e₆: g = A e₆, L = ½A₆₆.
  const g = Matrix.columnVector(matrix.getColumn(5));
  expect(measured.loss).toBeAllclose(matrix.get(5, 5) / 2, { rtol: 1e-12 });
  expect(measured.gradientSquared).toBeAllclose(g.dot(g), { rtol: 1e-12 });
  expect(measured.gradientNorm).toBeAllclose(Math.sqrt(g.dot(g)), { rtol: 1e-12 });
  expect(measured.gradientHessianGradient).toBeAllclose(g.dot(matrix.mmul(g)), { rtol: 1e-12 });
  expect(values(measured.eigenvalues)).toBeAllclose([10, 8, 4], { rtol: 1e-12 });
  expect(values(measured.bottom)).toBeAllclose([0.5, 1], { rtol: 1e-12 });
  expect(measured.conditionNumber!).toBeAllclose(20, { rtol: 1e-12 });
  expect(measured).toMatchObject({ kind: 'notCritical', index: null, parameters: 6, iterations: 6, samples: 0 });

  // The second-order model of a gradient step is exact on a quadratic.
  const epsilon = 0.07;
  const after = await objective.value(params.map((value, i) => value - epsilon * g.get(i, 0)));
  const change = -epsilon * measured.gradientSquared + 0.5 * epsilon ** 2 * measured.gradientHessianGradient;
  expect(after - measured.loss).toBeAllclose(change, { rtol: 1e-10 });
});

test.each([
  [[1, 2, 3], 'minimum', 0],
  [[-1, -2, 3], 'saddle', 2],
  [[-1, -2, -3], 'maximum', 3],
  [[0, 1, 2], 'degenerate', null],
] as const)('the centre of a quadratic with eigenvalues %j is a %s', async (spectrum, kind, index) => {
  const objective = quadratic(withSpectrum([...spectrum], 1), [1, 1, 1]);
  const measured = await measureSpectrum(objective, Float64Array.of(1, 1, 1), { top: 1, bottom: 1 });
  expect(measured).toMatchObject({ kind, index, gradientNorm: 0 });
  expect(measured.conditionNumber === null).toBe(kind === 'degenerate');
});

test('above the dense limit Lanczos takes over and names the same point the same way', async () => {
  const size = denseLimit + 60;
  const spectrum = [0.2, 0.5, ...Array.from({ length: size - 4 }, (_, i) => 1 + (4 * i) / size), 9, 10];
  const center = new Float64Array(size).fill(0.25);
  const minimum = quadratic(withSpectrum(spectrum, 2), center);
  const options = { top: 2, bottom: 2, tolerance: 1e-8, maxIterations: 250 };
  const measured = await measureSpectrum(minimum, center, options);
  expect(values(measured.eigenvalues)).toBeAllclose(spectrum.toReversed().slice(0, 2), { rtol: 1e-9 });
  expect(values(measured.bottom)).toBeAllclose(spectrum.slice(0, 2), { rtol: 1e-9 });
  expect(measured).toMatchObject({ kind: 'minimum', index: 0 });
  expect(measured.iterations).toBeLessThan(200);

  const saddle = quadratic(withSpectrum([-5, -4, ...spectrum.slice(2)], 2), center);
  expect(await measureSpectrum(saddle, center, options)).toMatchObject({ kind: 'saddle', index: 2 });
  // Named by its ends although none was asked for.
  const bare = await measureSpectrum(saddle, center, { ...options, top: 0, bottom: 0 });
  expect(bare).toMatchObject({ kind: 'saddle', index: 1, eigenvalues: [], bottom: [] });
  const hurried = await measureSpectrum(minimum, center, { ...options, maxIterations: 5 });
  expect(hurried).toMatchObject({ kind: 'degenerate', conditionNumber: null });
});

test.each([
  ['dense', [4, 6, 3], 'softmaxCrossEntropy'],
  ['Lanczos', [6, 16, 8, 3], 'softmaxCrossEntropy'],
  ['Lanczos', [6, 20, 6, 2], 'meanSquaredError'],
] as const)('%s on a %j tanh network agrees with a Hessian made of gradient differences', async (by, sizes, loss) => {
  const { network, data, params } = makeCase({ activation: 'tanh', loss, sizes: [...sizes], examples: 20 });
  const objective = await createReferenceExecutor().load(network, data);
  expect(objective.dimension > denseLimit).toBe(by === 'Lanczos');
  const dense = denseEigenvalues(await hessianByDifferences(objective, params));
  const measured = await measureSpectrum(objective, params, {
    top: 4,
    bottom: 3,
    tolerance: 1e-7,
    maxIterations: objective.dimension,
  });
  const largest = Math.max(...dense.map(Math.abs));
  expect(values(measured.eigenvalues)).toBeAllclose(dense.toReversed().slice(0, 4), { atol: 1e-6 * largest });
  expect(values(measured.bottom)).toBeAllclose(dense.slice(0, 3), { atol: 1e-6 * largest });
  for (const { residual, converged } of [...measured.eigenvalues, ...measured.bottom]) {
    expect(converged).toBe(true);
    expect(residual).toBeLessThanOrEqual(1e-7 * largest);
  }
  expect(measured.samples).toBe(20);
  objective.dispose();
});

test('rows restrict loss and curvature to the same examples', async () => {
  const { network, data, params } = makeCase({
    activation: 'tanh',
    loss: 'softmaxCrossEntropy',
    sizes: [4, 6, 3],
    examples: 20,
  });
  const objective = await createReferenceExecutor().load(network, data);
  const rows = Int32Array.of(3, 4, 11);
  const measured = await measureSpectrum(objective, params, {
    top: 2,
    bottom: 1,
    sample: { rows, groups: [], correction: 1 },
  });
  expect(measured.samples).toBe(3);
  expect(measured.loss).toBeAllclose(await objective.value(params, rows), { rtol: 1e-14 });
  const full = await measureSpectrum(objective, params, { top: 2, bottom: 1 });
  expect(Math.abs(full.eigenvalues[0]!.value - measured.eigenvalues[0]!.value)).toBeGreaterThan(1e-3);
  objective.dispose();
});

test('test functions are named at their known points', async () => {
  const himmelblau = await measureSpectrum(functionObjective('himmelblau'), Float64Array.of(3, 2), {
    top: 5,
    bottom: 2,
  });
  expect(values(himmelblau.eigenvalues)).toBeAllclose([82.2842712474619, 25.715728752538098], { rtol: 1e-12 });
  expect(himmelblau).toMatchObject({ kind: 'minimum', index: 0 });
  const monkey = await measureSpectrum(functionObjective('monkeySaddle'), Float64Array.of(0, 0), { top: 1, bottom: 1 });
  expect(monkey).toMatchObject({ kind: 'degenerate', index: null, conditionNumber: null });
});

test('a loss that is not finite is told to the person', async () => {
  const objective = quadratic(withSpectrum([1, 2], 1), [0, 0]);
  await expect(measureSpectrum(objective, Float64Array.of(Number.NaN, 1), { top: 1, bottom: 1 })).rejects.toMatchObject(
    {
      code: 'engine',
      message: expect.stringContaining('NaN'),
    },
  );
});
