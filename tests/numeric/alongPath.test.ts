import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { type Sharpness, sharpnessAlongPath } from '../../src/main/engine/curvature/alongPath';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { makeCase } from './networks';
import { matrixOperator, quadratic, withSpectrum } from './quadratic';

async function collect(points: AsyncIterable<Sharpness>): Promise<Sharpness[]> {
  const all: Sharpness[] = [];
  for await (const point of points) all.push(point);
  return all;
}

/** Gradient descent on a network: a path of small steps. */
async function descent(steps: number) {
  const { network, data, params } = makeCase({
    activation: 'tanh',
    loss: 'softmaxCrossEntropy',
    sizes: [6, 20, 12, 3],
    examples: 60,
  });
  const objective = await createReferenceExecutor().load(network, data);
  const path: Float64Array[] = [];
  const gradient = objective.allocate();
  for (let step = 0; step < steps; step++) {
    path.push(params.slice());
    await objective.gradient(params, gradient);
    for (let i = 0; i < params.length; i++) params[i]! -= 0.1 * gradient[i]!;
  }
  return { objective, path };
}

test('starting from the eigenvector before gives the same sharpness with fewer products', async () => {
  const { objective, path } = await descent(12);
  const warm = await collect(sharpnessAlongPath(objective, path, { tolerance: 1e-5 }));
  const cold: Sharpness[] = [];
  for (const params of path)
    cold.push(...(await collect(sharpnessAlongPath(objective, [params], { tolerance: 1e-5 }))));
  expect(warm.every(({ converged }) => converged)).toBe(true);
  expect(warm.map(({ value }) => value)).toBeAllclose(
    cold.map(({ value }) => value),
    { rtol: 1e-5 },
  );
  const products = (points: Sharpness[]) => points.slice(1).reduce((sum, point) => sum + point.products, 0);
  expect(products(warm)).toBeLessThan(0.8 * products(cold));
});

test('an eigenvalue that overtakes is noticed although the start is orthogonal to it', async () => {
  // diag(5, t, 1, 1, …): the second direction takes over at t = 9, exactly orthogonal to the one before.
  const size = 60;
  const at = (t: number) => Matrix.diag([5, t, ...Array.from({ length: size - 2 }, (_, i) => i / size)]);
  const bowl = quadratic(at(2), new Float64Array(size));
  const objective: Objective = { ...bowl, hessian: (params) => matrixOperator(at(params[0]!)) };
  const path = [2, 4, 9, 12].map((t) => new Float64Array(size).fill(t));
  const points = await collect(sharpnessAlongPath(objective, path));
  expect(points.map(({ value }) => value)).toBeAllclose([5, 5, 9, 12], { rtol: 1e-6 });
});

test('a path that diverged has NaN where it did, and goes on', async () => {
  const objective = quadratic(withSpectrum([1, 2, 3], 1), [0, 0, 0]);
  const path = [1, Number.NaN, 2].map((value) => new Float64Array(3).fill(value));
  const points = await collect(sharpnessAlongPath(objective, path));
  expect(points.map(({ value }) => value)).toEqual([expect.closeTo(3, 9), Number.NaN, expect.closeTo(3, 9)]);
  expect(points[1]).toMatchObject({ converged: false, residual: Number.NaN });
});

test('Gauss–Newton products that are not there are a reason, and a cancel ends the path', async () => {
  const objective = quadratic(withSpectrum([1, 2], 1), [0, 0]);
  const path = [Float64Array.of(1, 1)];
  await expect(collect(sharpnessAlongPath(objective, path, { matrix: 'gaussNewton' }))).rejects.toMatchObject({
    code: 'badInput',
    message: expect.stringContaining('"quadratic" has no Gauss–Newton products'),
  });
  await expect(collect(sharpnessAlongPath(objective, path, { signal: AbortSignal.abort() }))).rejects.toMatchObject({
    code: 'cancelled',
  });
});
