import { afterAll, describe, expect, it } from 'vitest';
import { generate } from '../../src/main/engine/datasets/generate';
import type { Fact, StudyResult } from '../../src/shared/model/study';
import { createTestEngine, ok } from './testEngine';

const { router, dispose } = createTestEngine();
afterAll(dispose);

const study = (name: string, parameters: Record<string, unknown> = {}): Promise<StudyResult> =>
  ok(router.call('study/run', { name, parameters }));
/** How many standard errors an estimate lies from its theory. */
const deviation = ({ value, standardError, theory }: Fact) => (value - theory!.value) / standardError!;

describe('empirical risk', () => {
  it.each([1, 3, 20])(
    'of least squares with %i weights agrees with theory over independent samples',
    async (features) => {
      const runs = [];
      for (const seed of [1, 2, 3])
        runs.push((await study('gapAgainstSize', { features, seed, repetitions: 60 })).facts);
      for (const name of ['empiricalRisk', 'risk', 'gapSmallest', 'gapLargest', 'gapFixed', 'spreadSmallest']) {
        const mean = runs.reduce((sum, facts) => sum + deviation(facts[name]!), 0) / Math.sqrt(runs.length);
        expect(Math.abs(mean), name).toBeLessThan(4);
      }
    },
  );

  it('scales with the variance of the noise and with nothing else', async () => {
    const [one, two] = [await study('gapAgainstSize', { noise: 1 }), await study('gapAgainstSize', { noise: 2 })];
    for (const name of ['empiricalRisk', 'risk', 'gapLargest']) {
      expect(two.facts[name]!.value).toBeAllclose(4 * one.facts[name]!.value, { rtol: 1e-9 });
    }
  });
});

describe('surrogate losses', () => {
  it('stand over the plane of weights where their formulas in the margin put them', async () => {
    const [examples, noise, seed] = [25, 0.3, 7];
    const { scenes } = await study('zeroOneSurface', { examples, noise, seed, grid: 11, steps: 10 });
    const { x, target } = generate({ name: 'moons', examples, noise, seed });
    if (target.kind !== 'class') throw new Error('moons have classes');
    const mean = (xs: Float64Array, ys: Float64Array, loss: (margin: number) => number) =>
      Float64Array.from({ length: xs.length * ys.length }, (_, cell) => {
        const [w1, w2] = [xs[cell % xs.length]!, ys[Math.floor(cell / xs.length)]!];
        return target.labels.reduce((sum, label, i) => {
          const z = w1 * Math.fround(x[2 * i]!) + w2 * Math.fround(x[2 * i + 1]!);
          return sum + loss(label === 1 ? z : -z) / examples;
        }, 0);
      });
    const formulas = {
      likelihood: (m: number) => Math.log1p(Math.exp(-m)),
      hinge: (m: number) => Math.max(0, 1 - m),
      zeroOne: (m: number) => Number(m < 0),
    };
    for (const [name, formula] of Object.entries(formulas)) {
      const { xs, ys, heights } = scenes[name]!;
      const expected = mean(xs, ys, formula);
      // At w = 0 every example is tied: the 0–1 error there is a matter of the rule for ties.
      const away = (_: number, cell: number) => name !== 'zeroOne' || cell !== (heights.length - 1) / 2;
      expect(heights.filter(away), name).toBeAllclose(expected.filter(away), { rtol: 1e-9, atol: 1e-12 });
    }
  });

  it('bound the 0–1 error and keep descents on the plane, mislabelled examples or not', async () => {
    for (const mislabelled of [0, 0.5, 1]) {
      const { facts, scenes } = await study('zeroOneSurface', { mislabelled, seed: 2, grid: 21, steps: 100 });
      expect(facts.likelihoodExcess!.value).toBeGreaterThanOrEqual(0);
      expect(facts.hingeExcess!.value).toBeGreaterThanOrEqual(0);
      expect(facts.zeroOneGradient!.value).toBe(0);
      // θ is recorded in float32.
      for (const { residual } of scenes.zeroOne!.paths) expect(Math.max(...residual!)).toBeLessThan(1e-5);
    }
  });

  it('are what the refusal of the 0–1 error names', async () => {
    const { tables } = await study('zeroOneSurface', { grid: 11, steps: 10 });
    const answer = tables.refusal!.rows[0]![1];
    for (const text of Object.values(answer as object)) {
      expect(text).toContain('softmaxCrossEntropy');
      expect(text).toContain('multiClassHinge');
    }
  });

  it('widen margins after the last error: the hinge up to 1, the log-likelihood on and on', async () => {
    const likelihood = await study('marginGrowth', { seed: 1, noise: 0.1 });
    const longer = await study('marginGrowth', { seed: 1, noise: 0.1, steps: 16_000 });
    const hinge = await study('marginGrowth', { seed: 1, noise: 0.1, loss: 'multiClassHinge' });
    for (const { facts } of [likelihood, longer, hinge]) expect(facts.errorEnd!.value).toBe(0);
    expect(longer.facts.leastEnd!.value).toBeGreaterThan(likelihood.facts.leastEnd!.value + 0.3);
    expect(hinge.facts.leastEnd!.value).toBeCloseTo(1, 1);
    // The margins are negative exactly as long as the training error is not 0.
    const { margins, errors } = likelihood.charts;
    const [least, error] = [margins!.lines[0]!, errors!.lines[0]!];
    for (const [i, at] of least.x.entries()) {
      expect(least.y[i]! > 0, `step ${at - 1}`).toBe(error.y[error.x.indexOf(at)] === 0);
    }
  });
});

describe('early stopping', () => {
  it('ends exactly the patience after the step it keeps, and not at all where it is longer than the run', async () => {
    for (const patience of [1, 20, 200]) {
      const { stopStep, keptStep, endedByPatience } = (await study('earlyStopping', { patience, steps: 400 })).facts;
      expect(endedByPatience!.value).toBe(1);
      expect(stopStep!.value - keptStep!.value).toBe(patience);
    }
    const { stopStep, keptStep, bestStep, endedByPatience } = (
      await study('earlyStopping', { patience: 200, steps: 100 })
    ).facts;
    expect([endedByPatience!.value, stopStep!.value]).toEqual([0, 100]);
    expect(keptStep!.value).toBe(bestStep!.value);
  });
});

it('the loss and the measure disagree about the best step where examples are few, and hardly where they are many', async () => {
  const few = (await study('lossAndMeasure', { examples: 40, grid: 5 })).facts;
  const many = (await study('lossAndMeasure', { examples: 2_000, grid: 5, steps: 200 })).facts;
  const lost = ({ finalError, bestError }: typeof few) => finalError!.value - bestError!.value;
  expect(lost(few)).toBeGreaterThan(3 * few.finalError!.standardError!);
  expect(lost(many)).toBeLessThan(2 * many.finalError!.standardError!);
});
