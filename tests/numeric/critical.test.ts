import { expect, test } from 'vitest';
import { refineCriticalPoint } from '../../src/main/engine/critical/refine';
import { expressionObjective } from '../../src/main/engine/objectives/expression';
import { functionObjective } from '../../src/main/engine/objectives/functions';
import { createRng } from '../../src/main/engine/random';
import known from '../fixtures/critical-points.json';
import { quadratic, withSpectrum } from './quadratic';

const cases = Object.entries(known).flatMap(([name, { criticalPoints }]) =>
  criticalPoints.map((point) => ({ name, ...point })),
);

test.each(cases)('$name at ($x, $y) is found again from its neighbourhood: $kind', async (wanted) => {
  const objective = functionObjective(wanted.name);
  const rng = createRng(1, `${wanted.name}/${wanted.x}/${wanted.y}`);
  for (let attempt = 0; attempt < 4; attempt++) {
    const start = [wanted.x + 0.01 * (2 * rng.uniform() - 1), wanted.y + 0.01 * (2 * rng.uniform() - 1)] as const;
    const { outcome, point } = await refineCriticalPoint(objective, start);
    expect(outcome).toBe('converged');
    expect(point.kind).toBe(wanted.kind);
    expect(point.residual).toBeLessThanOrEqual(1e-10);
    expect([point.x, point.y]).toBeAllclose([wanted.x, wanted.y], { atol: 1e-9 });
    expect(point.value).toBeAllclose(wanted.value, { atol: 1e-12, rtol: 1e-12 });
    expect(point.eigenvalues).toBeAllclose(wanted.hessianEigenvalues, { atol: 1e-7, rtol: 1e-9 });
    const index = { minimum: 0, saddle: 1, maximum: 2, degenerate: null }[wanted.kind];
    expect(point.index).toBe(index);
  }
});

test('every known point of every function has been tried', () => {
  expect(cases).toHaveLength(9 + 1 + 9 + 3 + 15 + 3 + 1 + 1);
});

test('far starts end at some critical point or say that they did not', async () => {
  const objective = functionObjective('himmelblau');
  const rng = createRng(2, 'starts');
  for (let attempt = 0; attempt < 40; attempt++) {
    const start = [12 * rng.uniform() - 6, 12 * rng.uniform() - 6] as const;
    const { outcome, point } = await refineCriticalPoint(objective, start);
    if (outcome === 'converged') {
      const nearest = known.himmelblau.criticalPoints.map(({ x, y }) => Math.hypot(x - point.x, y - point.y));
      expect(Math.min(...nearest)).toBeLessThan(1e-8);
    } else {
      expect(point.kind).toBe('notCritical');
      expect(point.residual).toBeGreaterThan(1e-6);
    }
  }
});

test('a slope without stationary points ends as not critical, with its gradient', async () => {
  const { outcome, point } = await refineCriticalPoint(expressionObjective('x + 2*y'), [0.3, 0.4]);
  expect(outcome).not.toBe('converged');
  expect(point.kind).toBe('notCritical');
  expect(point.residual).toBeAllclose(Math.sqrt(5), { rtol: 1e-12 });
  const away = await refineCriticalPoint(expressionObjective('exp(x) + y^2'), [0, 1], { maxIterations: 20 });
  expect(away.point.kind).toBe('notCritical');
});

test.each([
  ['a flat plane', '3', [0.2, 0.1]],
  ['a trough', 'x^2', [0.2, 0.1]],
  ['a quartic bowl', 'x^4 + y^4', [0.3, -0.2]],
] as const)('%s is degenerate', async (_, expression, start) => {
  const { outcome, point } = await refineCriticalPoint(expressionObjective(expression), start);
  expect(outcome).toBe('converged');
  expect(point.kind).toBe('degenerate');
  expect(point.index).toBeNull();
});

test('other numbers of parameters and starts outside the domain are refused', async () => {
  const bowl = quadratic(withSpectrum([1, 2, 3], 1), [0, 0, 0]);
  await expect(refineCriticalPoint(bowl, [0, 0])).rejects.toMatchObject({
    code: 'badInput',
    message: expect.stringContaining('3 parameters'),
  });
  await expect(refineCriticalPoint(expressionObjective('log(x) + y^2'), [-1, 0])).rejects.toMatchObject({
    code: 'badInput',
    message: expect.stringContaining('(-1, 0)'),
  });
});
