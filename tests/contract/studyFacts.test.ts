import { afterAll, describe, expect, it } from 'vitest';
import type { Fact } from '../../src/shared/model/study';
import { createTestEngine, ok } from './testEngine';

/** Facts away from the defaults, whose theory must hold wherever a slider is. */

const { router, dispose } = createTestEngine();
afterAll(dispose);

async function facts(name: string, parameters: Record<string, unknown>): Promise<Record<string, Fact>> {
  return (await ok(router.call('study/run', { name, parameters }))).facts;
}

/** |value − theory|/theory */
const deviation = ({ value, theory }: Fact): number => Math.abs(value / theory!.value - 1);

describe('second-order methods', () => {
  it.each([
    [20, 2],
    [3_000, 4],
  ])('end on a quadratic as theory says: κ = %d, %d eigenvalues', async (kappa, distinct) => {
    const found = await facts('quadraticSteps', { kappa, distinct, seed: 3 });
    expect(found.newton!.value).toBe(1);
    expect(found.conjugateGradient!.value).toBe(distinct);
    expect(found.bfgs!.value).toBe(distinct);
    // ½κ ln(10⁶), for the worst start.
    expect(found.gradientDescent!.value).toBeLessThan(0.5 * (kappa + 1) * Math.log(1e6) + 2);
  });

  it.each([
    [0, 2.5],
    [1.5, -0.5],
  ])('reach the minimum of the curved valley from (%d, %d)', async (startX, startY) => {
    const found = await facts('valley', { startX, startY });
    for (const name of ['newton', 'bfgs', 'lbfgs', 'polakRibiere']) {
      expect(found[name]!.value, name).toBeLessThan(100);
    }
    expect(deviation(found.gradientDescentRatio!)).toBeLessThan(1e-4);
  });
});

describe('strategies', () => {
  it.each([0.02, 1, 7])('coordinate and gradient descent keep what theory says at α = %d', async (alpha) => {
    const found = await facts('coordinates', { alpha });
    expect(deviation(found.coordinate!)).toBeLessThan(1e-3);
    expect(deviation(found.gradient!)).toBeLessThan(1e-3);
  });

  it.each([0.125, 0.5, 8])('the loss does not see a factor %d before a batch normalization', async (factor) => {
    const found = await facts('batchNormScale', { factor });
    expect(found.normalizedChange!.value).toBeLessThan(1e-3);
    expect(deviation(found.normalizedGradient!)).toBeLessThan(5e-3);
  });

  it.each([0.03, 0.15])(
    'iterates and their mean spread as theory says, within four standard errors: ε = %d',
    async (learningRate) => {
      const found = await facts('polyak', { learningRate, steps: 500, seed: 5 });
      for (const { value, standardError, theory } of [found.last!, found.mean!]) {
        expect(Math.abs(value - theory!.value)).toBeLessThan(4 * standardError!);
      }
    },
  );

  it.each([0.06, 0.15])('the sharpness ends at 2/ε: ε = %d', async (learningRate) => {
    const found = await facts('edgeOfStability', { learningRate });
    expect(deviation(found.last!)).toBeLessThan(0.06);
  });

  it('continuation needs a blur that leaves one minimum', async () => {
    expect((await facts('continuation', { landscape: 'rastrigin', sigma: 0.7 })).continued!.value).toBe(1);
    expect((await facts('continuation', { landscape: 'rastrigin', sigma: 0.1 })).continued!.value).toBeLessThan(0.1);
  });

  it('without wrong labels a curriculum is no gain: easy first ends behind random order', async () => {
    const { random, easyFirst } = await facts('curriculum', { noise: 0, seeds: 2 });
    expect(easyFirst!.value).toBeLessThan(random!.value);
  });
});
