import { afterAll, expect, test } from 'vitest';
import type { ExperimentInput } from '../../src/shared/model/experiment';
import { createTestEngine, ok } from './testEngine';

const { router, trained, dispose } = createTestEngine();
afterAll(dispose);

const blobs = (loss: string, outputs: number, name = 'blobs'): ExperimentInput =>
  ({
    name: `${name} ${loss}`,
    objective: {
      kind: 'network',
      model: {
        inputShape: [2],
        layers: [
          { type: 'dense', units: 8, activation: 'tanh' },
          { type: 'dense', units: outputs },
        ],
        loss,
      },
      data: { source: { kind: 'generated', name, examples: 90, noise: 0.15 } },
    },
    optimizer: { name: 'adam', learningRate: 0.05 },
    training: { stop: { steps: 200 } },
    executor: 'reference',
  }) as ExperimentInput;

test.each([
  ['softmaxCrossEntropy', 3, 'blobs'],
  ['multiClassHinge', 3, 'blobs'],
  ['binaryCrossEntropy', 1, 'moons'],
])(
  '%s: positive margins are the accuracy, and the minimum is positive once all are right',
  async (loss, outputs, name) => {
    const { run } = await trained(blobs(loss, outputs, name));
    const { metrics } = await ok(router.call('run/open', { runId: run.id }));
    for (const part of ['train', 'validation'] as const) {
      const margins = await ok(router.call('run/margins', { runId: run.id, part, every: 30 }));
      expect([...margins.row]).toEqual([0, 30, 60, 90, 120, 150, 180, 200]);
      expect([...margins.step]).toEqual([...margins.row]);
      const accuracy = metrics[part === 'train' ? 'accuracy' : 'validationAccuracy'];
      expect(margins.right).toBeAllclose(
        [...margins.row].map((row) => accuracy[row]!),
        { rtol: 1e-12 },
      );
      margins.minimum.forEach((minimum, i) => {
        expect(minimum > 0).toBe(margins.right[i] === 1);
        expect(minimum).toBeLessThan(margins.mean[i]!);
      });
      expect(margins.mean.at(-1)!).toBeGreaterThan(margins.mean[1]!);
    }
  },
);

test('softmax: the loss of each example lies between log(1 + e^−m) and log(1 + (K − 1)e^−m)', async () => {
  const { run } = await trained(blobs('softmaxCrossEntropy', 3));
  const { metrics } = await ok(router.call('run/open', { runId: run.id }));
  const { minimum, mean } = await ok(router.call('run/margins', { runId: run.id, every: 200 }));
  const loss = metrics.loss[200]!;
  // Convexity in m below, the smallest margin above.
  expect(loss).toBeGreaterThan(Math.log1p(Math.exp(-mean[1]!)));
  expect(loss).toBeLessThan(Math.log1p(2 * Math.exp(-minimum[1]!)));
});

const regression: ExperimentInput['objective'] = {
  kind: 'network',
  model: { inputShape: [1], layers: [{ type: 'dense', units: 1 }], loss: 'meanSquaredError' },
  data: { source: { kind: 'generated', name: 'sine', examples: 20 } },
};

test('what has no margins says so', async () => {
  const { run: curve } = await trained({ ...blobs('huber', 1), objective: regression });
  const answer = await router.call('run/margins', { runId: curve.id });
  expect(answer).toMatchObject({
    ok: false,
    error: { code: 'badInput', message: expect.stringContaining('no margins') },
  });
});

test('a curriculum begins with the examples of the largest margins under the run it names', async () => {
  const { run: judge } = await trained(blobs('softmaxCrossEntropy', 3));
  const easy = (rankedBy?: string): ExperimentInput => ({
    ...blobs('softmaxCrossEntropy', 3),
    optimizer: { name: 'sgd', learningRate: 1e-9 },
    training: { stop: { steps: 3 }, curriculum: { share: 0.2, steps: 1_000, ...(rankedBy && { rankedBy }) } },
    start: { kind: 'run', runId: judge.id },
  });
  const batchLoss = async (experiment: ExperimentInput) => {
    const { run } = await trained(experiment);
    const { metrics } = await ok(router.call('run/open', { runId: run.id }));
    return { batch: metrics.batchLoss[0]!, all: metrics.loss[0]! };
  };
  const ranked = await batchLoss(easy(judge.id));
  const unranked = await batchLoss(easy());
  expect(ranked.batch).toBeLessThan(0.5 * ranked.all);
  expect(ranked.batch).toBeLessThan(unranked.batch);
  const other = { ...easy(judge.id), ...{ objective: regression, start: undefined } };
  expect(await router.call('run/start', { experiment: other as never })).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining('other data') },
  });
});
