import { expect, test } from 'vitest';
import { createOptimizer } from '../../../../src/main/engine/optimizers';
import { stabilityLimit } from '../../../../src/shared/math/stability';
import { optimizerSchema } from '../../../../src/shared/model/experiment';

/** |θ| after 400 steps on ½λθ² from θ = 1. */
function after(spec: Parameters<typeof createOptimizer>[0], curvature: number): number {
  const optimizer = createOptimizer(spec);
  const theta = Float64Array.of(1);
  const state = optimizer.init(theta);
  for (let step = 0; step < 400; step++) {
    const gradient = Float64Array.of(curvature * theta[0]!);
    optimizer.step(gradient, state, theta);
  }
  return Math.abs(theta[0]!);
}

test.each([
  { name: 'sgd' },
  { name: 'sgd', weightDecay: 0.5 },
  { name: 'momentum', parameters: { momentum: 0.6 } },
  { name: 'momentum' },
  { name: 'nesterov', parameters: { momentum: 0.8 } },
])('steps of $name shrink just below the limit and grow just above', (input) => {
  const spec = optimizerSchema.parse({ learningRate: 0.1, ...input });
  const limit = stabilityLimit(spec)!.at(0.1);
  expect(after(spec, 0.99 * limit)).toBeLessThan(1);
  expect(after(spec, 1.01 * limit)).toBeGreaterThan(1);
});

test('an optimizer that rescales its coordinates has none in this Hessian', () => {
  expect(stabilityLimit(optimizerSchema.parse({ name: 'adam', learningRate: 0.1 }))).toBeNull();
});
