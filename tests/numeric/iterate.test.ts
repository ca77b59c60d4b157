import { describe, expect, test } from 'vitest';
import { diagonalQuadratic } from '../../src/main/engine/objectives/quadratic';
import { createRng } from '../../src/main/engine/random';
import { iterate } from '../../src/main/engine/studies/iterate';
import { norm } from '../../src/main/engine/vectors';
import { dot, gradientAt, productAt } from './derivatives';

const { signal } = new AbortController();
const rng = createRng(0, 'tests/iterate');
const normal = (size: number) => Float64Array.from({ length: size }, () => rng.normal());

test('a diagonal quadratic has the gradient Λθ, the products Λv and on a plane the values of its points', async () => {
  const eigenvalues = Float64Array.of(1, 3, 0.5, 20);
  const objective = diagonalQuadratic(eigenvalues);
  const [theta, v, d2] = [normal(4), normal(4), normal(4)];
  const gradient = await gradientAt(objective, theta);
  expect(gradient).toBeAllclose(
    eigenvalues.map((value, i) => value * theta[i]!),
    { rtol: 1e-15 },
  );
  expect(await productAt(objective, theta, v)).toBeAllclose(
    eigenvalues.map((value, i) => value * v[i]!),
    { rtol: 1e-15 },
  );
  expect(await objective.value(theta)).toBeAllclose(0.5 * dot(theta, gradient), { rtol: 1e-14 });
  const { loss } = await objective.plane({ origin: theta, d1: v, d2, coordinates: Float64Array.of(0.4, -2) });
  const point = theta.map((value, i) => value + 0.4 * v[i]! - 2 * d2[i]!);
  expect(loss[0]).toBeAllclose(await objective.value(point), { rtol: 1e-14 });
});

test('gradient descent shrinks each component by 1 − ελ, and counts one gradient per step', async () => {
  const objective = diagonalQuadratic(Float64Array.of(1, 8));
  const seen: number[][] = [];
  const found = await iterate(objective, { name: 'sgd', learningRate: 0.1 }, [3, -2], {
    steps: 30,
    until: (params) => seen.push([...params]) > 30,
    signal,
  });
  expect(found.evaluations).toEqual(Array.from({ length: 31 }, (_, t) => t));
  for (const [t, params] of seen.entries()) {
    expect(Float64Array.from(params)).toBeAllclose([3 * 0.9 ** t, -2 * 0.2 ** t], { rtol: 1e-12 });
  }
  expect(found.loss[30]).toBeAllclose(0.5 * (3 * 0.9 ** 30) ** 2, { rtol: 1e-6 });
});

test('Newton pays a product for every parameter and is there after one step', async () => {
  const objective = diagonalQuadratic(Float64Array.of(1, 10, 1_000));
  const { loss, evaluations } = await iterate(objective, { name: 'newton', learningRate: 1 }, [1, 1, 1], {
    steps: 5,
    until: (_, gradientNorm) => gradientNorm < 1e-9,
    signal,
  });
  expect(loss).toHaveLength(2);
  expect(evaluations).toEqual([0, 4]);
});

describe.each(['conjugateGradient', 'bfgs'])('%s with exact line searches', (name) => {
  test.each([
    [2, 10],
    [3, 1_000],
    [8, 50],
  ])('ends after as many steps as there are different eigenvalues: %d, κ = %d', async (distinct, kappa) => {
    const eigenvalues = Float64Array.from({ length: 24 }, (_, i) => kappa ** ((i % distinct) / (distinct - 1)));
    const objective = diagonalQuadratic(eigenvalues);
    const start = normal(24);
    const enough = 1e-6 * norm(await gradientAt(objective, start));
    const { gradientNorm } = await iterate(objective, { name, learningRate: 1, parameters: { c2: 1e-7 } }, start, {
      ...{ steps: 50, signal },
      until: (_, now) => now <= enough,
    });
    expect(gradientNorm.length - 1).toBe(distinct);
  });
});
