import { afterAll, expect, it } from 'vitest';
import type { Fact } from '../../src/shared/model/study';
import { createTestEngine, ok } from './testEngine';

const { router, dispose } = createTestEngine();
afterAll(dispose);

const factsOf = async (name: string, parameters: Record<string, unknown>) =>
  (await ok(router.call('study/run', { name, parameters }))).facts;
/** How many standard errors an estimate lies from its theory. */
const deviation = ({ value, standardError, theory }: Fact) => (value - theory!.value) / standardError!;

it('gradients of the first pass are unbiased over many streams, those of later passes are not', async () => {
  const runs = [];
  for (const seed of [11, 12, 13, 14]) {
    runs.push(await factsOf('onlineStream', { seed, passes: 4, repetitions: 80 }));
  }
  for (const name of ['firstPass', 'lastOfStream', 'gapFirst']) {
    const mean = runs.reduce((sum, facts) => sum + deviation(facts[name]!), 0) / Math.sqrt(runs.length);
    expect(Math.abs(mean), name).toBeLessThan(4);
  }
  for (const facts of runs) expect(facts.lastPass!.value + 10 * facts.lastPass!.standardError!).toBeLessThan(1);
});

it('the noise of minibatches has the slope −½ from any seed', async () => {
  for (const seed of [1, 2, 3]) {
    const { slope } = await factsOf('gradientNoise', { seed, largest: 64, draws: 200 });
    expect(Math.abs(deviation(slope!))).toBeLessThan(5);
    expect(slope!.standardError).toBeLessThan(0.02);
  }
});

it('Newton steps amplify noise as its covariance says at every condition number', async () => {
  for (const kappa of [1, 10, 10_000]) {
    const { worst, amplification, neededByGradient, neededByStep } = await factsOf('newtonNoise', {
      kappa,
      draws: 200,
    });
    expect(worst!.value).toBeAllclose(worst!.theory!.value, { rtol: 1e-6 });
    expect(amplification!.value).toBeAllclose(amplification!.theory!.value, { rtol: 0.12 });
    // The ratio of the batches needed is the square of the amplification, by the definition of both.
    const ratio = neededByStep!.value / neededByGradient!.value;
    expect(ratio).toBeAllclose(amplification!.theory!.value ** 2, { rtol: 1e-9 });
  }
});

it('samples that are alike are worth one another, samples that differ are worth themselves', async () => {
  const alike = await factsOf('shuffling', { within: 0, batchSize: 4, epochs: 4 });
  const apart = await factsOf('shuffling', { within: 3, batchSize: 4, epochs: 4 });
  expect(alike.worth!.value).toBeLessThan(1.6);
  expect(apart.worth!.value).toBeGreaterThan(3);
  for (const { varianceShuffled } of [alike, apart]) expect(Math.abs(deviation(varianceShuffled!))).toBeLessThan(4.5);
});

it('random labels are memorized, and the gap closes with more examples', async () => {
  const memorized = [];
  for (const seed of [1, 2, 3, 4]) memorized.push(await factsOf('empiricalRisk', { wrong: 1, seed }));
  for (const { trainingError } of memorized) expect(trainingError!.value).toBeLessThan(0.05);
  // 40 labels agree with the truth by chance, give or take 0.08; four such draws on average give or take 0.04.
  const freshError = memorized.reduce((sum, facts) => sum + facts.freshError!.value / memorized.length, 0);
  expect(Math.abs(freshError - 0.5)).toBeLessThan(0.16);
  const few = await factsOf('empiricalRisk', { examples: 20, seed: 1 });
  const many = await factsOf('empiricalRisk', { examples: 500, seed: 1 });
  expect(many.gap!.value).toBeLessThan(0.6 * few.gap!.value);
  for (const { gap, risk, trainingLoss } of [...memorized, few, many]) {
    expect(gap!.value).toBeAllclose(risk!.value - trainingLoss!.value, { rtol: 1e-12 });
  }
});

it('studies end when cancelled', async () => {
  const controller = new AbortController();
  const call = router.call(
    'study/run',
    { name: 'batchSharpness', parameters: { steps: 20_000, seeds: 20 } },
    { signal: controller.signal },
  );
  controller.abort();
  const result = await call;
  expect(result.ok ? null : result.error.code).toBe('cancelled');
});
