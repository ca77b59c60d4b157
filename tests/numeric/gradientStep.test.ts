import { expect, test } from 'vitest';
import { gradientStep } from '../../src/main/engine/curvature/gradientStep';
import { expressionObjective } from '../../src/main/engine/objectives/expression';

test('on a quadratic the series is exact, and its best rate the one of the exact line search', async () => {
  const objective = expressionObjective('(3*x^2 + 2*x*y + 20*y^2)/2');
  const params = Float64Array.of(1.5, -0.7);
  const rate = 0.07;
  const { loss, squaredGradient, curvature, predicted, bestRate } = await gradientStep(objective, params, rate);
  const g = [3 * 1.5 - 0.7, 1.5 - 14];
  expect(squaredGradient).toBeCloseTo(g[0]! ** 2 + g[1]! ** 2, 12);
  expect(curvature).toBeCloseTo(3 * g[0]! ** 2 + 2 * g[0]! * g[1]! + 20 * g[1]! ** 2, 10);
  const after = async (epsilon: number) =>
    objective.value(Float64Array.of(1.5 - epsilon * g[0]!, -0.7 - epsilon * g[1]!));
  expect((await after(rate)) - loss).toBeCloseTo(predicted, 11);
  expect(await after(bestRate)).toBeLessThan(await after(bestRate * 1.001));
  expect(await after(bestRate)).toBeLessThan(await after(bestRate * 0.999));
});

test('the error of the series is of third order in the rate', async () => {
  const objective = expressionObjective('exp(x) + x*y^2 + y^4');
  const params = Float64Array.of(0.4, 0.9);
  const gradient = objective.allocate();
  const loss = await objective.gradient(params, gradient);
  const error = async (rate: number) => {
    const moved = params.map((value, i) => value - rate * gradient[i]!);
    return Math.abs((await objective.value(moved)) - loss - (await gradientStep(objective, params, rate)).predicted);
  };
  expect((await error(0.01)) / (await error(0.005))).toBeCloseTo(8, 0);
});

test('downward curvature has no best rate', async () => {
  const { bestRate } = await gradientStep(expressionObjective('-x^2 - y^2'), Float64Array.of(1, 1), 0.1);
  expect(bestRate).toBe(Number.POSITIVE_INFINITY);
});
