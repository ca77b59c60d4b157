import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ExperimentInput } from '../../src/shared/model/experiment';
import { createTestEngine, ok } from './testEngine';

const { services, router, trained, dispose } = createTestEngine();
afterAll(dispose);

const network = (hidden: number, changes: object = {}): ExperimentInput => ({
  name: `moons ${hidden}`,
  objective: {
    kind: 'network',
    model: {
      inputShape: [2],
      layers: [
        { type: 'dense', units: hidden, activation: 'tanh' },
        { type: 'dense', units: 2 },
      ],
      loss: 'softmaxCrossEntropy',
    },
    data: { source: { kind: 'generated', name: 'moons', examples: 120, freshValidation: 300 } },
  },
  optimizer: { name: 'adam', learningRate: 0.05 },
  training: { stop: { steps: 30 } },
  ...changes,
});
const opened = async (runId: string) => ok(router.call('run/open', { runId }));

describe('means of the iterates', () => {
  test.each([['reference'], ['wasm']] as const)(
    'on %s: average.npz opens as a run whose loss is the last averageLoss',
    async (executor) => {
      const optimizer = { name: 'sgd', learningRate: 0.5, averaging: { kind: 'uniform', start: 10 } } as const;
      const { run } = await trained(network(6, { optimizer, executor }));
      const { metrics } = await opened(run.id);
      const weights = join(services.store.path(run.id), 'average.npz');
      const imported = await ok(router.call('run/import', { experiment: run.experiment, weights }));
      const mean = (await opened(imported.id)).metrics;
      // The file holds float32.
      expect(mean.loss[0]!).toBeAllclose(metrics.averageLoss.at(-1)!, { rtol: 1e-5 });
      expect(mean.validationLoss[0]!).toBeAllclose(metrics.averageValidationLoss.at(-1)!, { rtol: 1e-5 });
      expect(mean.loss[0]).not.toBe(metrics.loss.at(-1));
      expect(run.examples).toEqual({ train: 120, validation: 300 });
    },
  );
});

describe('a start from elsewhere', () => {
  test('is the recorded row of a run: going on without momentum gives the numbers of one longer run', async () => {
    const optimizer = { name: 'sgd', learningRate: 0.2 };
    const executor = 'reference';
    const whole = (await trained(network(6, { optimizer, executor, training: { stop: { steps: 40 } } }))).run;
    const first = (await trained(network(6, { optimizer, executor, training: { stop: { steps: 15 } } }))).run;
    const again = (
      await trained(
        network(6, {
          ...{ optimizer, executor, seed: 9 },
          ...{ training: { stop: { steps: 25 } }, start: { kind: 'run', runId: first.id } },
        }),
      )
    ).run;
    const [long, short] = [await opened(whole.id), await opened(again.id)];
    // θ was rounded to float32 in between.
    expect(short.metrics.loss).toBeAllclose(long.metrics.loss.subarray(15), { rtol: 1e-5 });
    const fromRow = (await trained(network(6, { executor, start: { kind: 'run', runId: whole.id, row: 3 } }))).run;
    expect((await opened(fromRow.id)).metrics.loss[0]!).toBeAllclose(long.metrics.loss[3]!, { rtol: 1e-5 });
  });

  test('or single layers of it, the others initialized; another model is refused with both shapes', async () => {
    const { run: source } = await trained(network(6));
    const plain = (await trained(network(6, { seed: 4 }))).run;
    const { run } = await trained(network(6, { seed: 4, start: { kind: 'run', runId: source.id, layers: [0] } }));
    const [theta, from, initial] = [
      services.store.theta(run.id, 0),
      services.store.theta(source.id, source.rows - 1),
      services.store.theta(plain.id, 0),
    ];
    const first = 2 * 6 + 6;
    expect([...theta.subarray(0, first)]).toEqual([...from.subarray(0, first)]);
    expect([...theta.subarray(first)]).toEqual([...initial.subarray(first)]);
    expect([...initial.subarray(0, first)]).not.toEqual([...from.subarray(0, first)]);

    for (const [experiment, message] of [
      [network(7, { start: { kind: 'run', runId: source.id } }), 'layers.0.weight is [7, 2], "moons 6" has [6, 2]'],
      [network(6, { start: { kind: 'run', runId: source.id, layers: [5] } }), 'Layer 5 has no parameters'],
      [network(6, { start: { kind: 'run', runId: 'nobody' } }), 'nobody'],
    ] as const) {
      const answer = await router.call('run/start', { experiment });
      expect(answer).toMatchObject({ ok: false, error: { message: expect.stringContaining(message) } });
    }
  });

  test('or a file of weights, whole or by layer', async () => {
    const optimizer = { name: 'adam', learningRate: 0.05, averaging: { kind: 'exponential', decay: 0.9 } };
    const { run: source } = await trained(network(6, { optimizer }));
    const path = join(services.store.path(source.id), 'average.npz');
    const { metrics } = await opened(source.id);
    const { run } = await trained(network(6, { start: { kind: 'weights', path } }));
    expect((await opened(run.id)).metrics.loss[0]!).toBeAllclose(metrics.averageLoss.at(-1)!, { rtol: 1e-5 });
    const { run: part } = await trained(network(6, { start: { kind: 'weights', path, layers: [1] } }));
    const last = (id: string) => [...services.store.theta(id, 0).subarray(2 * 6 + 6)];
    expect(last(part.id)).toEqual(last(run.id));
  });
});
