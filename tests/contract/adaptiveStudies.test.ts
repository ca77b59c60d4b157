import { afterAll, describe, expect, it } from 'vitest';
import type { Fact } from '../../src/shared/model/study';
import { createTestEngine, ok } from './testEngine';

const { router, dispose } = createTestEngine();
afterAll(dispose);

const study = (name: string, parameters: Record<string, unknown> = {}) =>
  ok(router.call('study/run', { name, parameters }));
/** How many standard errors an estimate lies from its theory. */
const deviation = ({ value, standardError, theory }: Fact) => (value - theory!.value) / standardError!;

describe('adaptive rules', () => {
  it.each(['adagrad', 'rmsprop', 'rmspropNesterov', 'adam', 'adamw', 'amsgrad', 'nadam'])(
    '%s does not see the condition number along the axes',
    async (rule) => {
      for (const kappa of [1, 30, 3_000]) {
        const { rateRatio, apart } = (await study('adaptiveRules', { rule, kappa, steps: 40 })).facts;
        // δ beside √s is what sets the two apart.
        expect(rateRatio!.value).toBeAllclose(kappa, { rtol: 1e-5 });
        expect(apart!.value).toBeLessThan(1e-5);
      }
    },
  );

  it('lose that on a turned ravine, which gradient descent does not notice', async () => {
    const along = (await study('adaptiveRules', { angle: 0 })).facts;
    const turned = (await study('adaptiveRules', { angle: 45 })).facts;
    expect(turned.descentLoss!.value).toBeAllclose(along.descentLoss!.value, { rtol: 1e-9 });
    expect(turned.rateRatio!.value).toBeLessThan(2);
    expect(turned.finalLoss!.value).toBeGreaterThan(1e6 * along.finalLoss!.value);
  });

  it('begin as their corrections say, whatever the gradient', async () => {
    for (const parameters of [
      { decay: 0.9, gradient: 0.01 },
      { decay: 0.99, gradient: 100 },
    ]) {
      const [uncorrected, corrected, theory] = (await study('biasCorrection', { ...parameters, steps: 50 })).charts
        .lengths!.lines;
      // Adam's 1e-8 beside √s = 0.01.
      expect(uncorrected!.y).toBeAllclose(theory!.y, { rtol: 1e-5 });
      expect(corrected!.y).toBeAllclose(new Float64Array(50).fill(1), { rtol: 1e-5 });
    }
  });

  it('walk the way the steady state of the counterexample predicts, on both sides of where Adam turns', async () => {
    for (const [b2, sign] of [
      [0.05, 1],
      [0.2, 1],
      [0.5, -1],
      [0.9, -1],
    ] as const) {
      const { adamDrift, amsgradDrift, amsgradEnd } = (await study('amsgradExample', { b2, steps: 3_000 })).facts;
      expect(Math.sign(adamDrift!.value)).toBe(sign);
      expect(adamDrift!.value).toBeAllclose(adamDrift!.theory!.value, { rtol: 1e-3 });
      expect(amsgradDrift!.value).toBeAllclose(amsgradDrift!.theory!.value, { rtol: 1e-3 });
      expect(amsgradEnd!.value).toBeLessThan(-0.5);
    }
  });

  it('shrink weights under AdamW alike, and under an L2 term by their noise', async () => {
    const runs = [];
    for (const seed of [1, 2, 3]) runs.push((await study('decayAgainstL2', { seed })).facts);
    for (const name of ['decoupledSmall', 'decoupledLarge']) {
      const mean = runs.reduce((sum, facts) => sum + deviation(facts[name]!), 0) / Math.sqrt(runs.length);
      expect(Math.abs(mean), name).toBeLessThan(4);
    }
    // The exponent is an approximation: √s is not quite σ.
    for (const { l2Small, l2Large } of runs) {
      expect(Math.abs(l2Small!.value - l2Small!.theory!.value)).toBeLessThan(0.03);
      expect(Math.abs(l2Large!.value - l2Large!.theory!.value)).toBeLessThan(0.03);
    }
  });

  it('give a network’s parameters rates orders of magnitude apart, the largest to weights of rare inputs', async () => {
    for (const rule of ['adagrad', 'rmsprop', 'adam', 'amsgrad', 'nadam']) {
      const { facts, charts } = await study('networkRates', { rule, steps: 30 });
      expect(facts.spread!.value, rule).toBeGreaterThan(50);
      expect(facts.inkOfLargest!.value, rule).toBeLessThan(0.1 * facts.ink!.value);
      for (const { y } of charts.rates!.lines) expect(y.every((rate, i) => i === 0 || rate >= y[i - 1]!)).toBe(true);
    }
  });
});
