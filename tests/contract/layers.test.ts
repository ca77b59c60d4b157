import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ParamsInput } from '../../src/shared/contract';
import { modelSchema } from '../../src/shared/model/experiment';
import type { RunInfo } from '../../src/shared/model/run';
import batchNorm from '../fixtures/torch/batch-norm/expected.json';
import cnn from '../fixtures/torch/cnn/expected.json';
import { createTestEngine, ok } from './testEngine';

/** Models beyond dense ones, through the router. */
const { router, trained, dispose } = createTestEngine();
afterAll(dispose);

/** The run of one row made from `weights.npz` in a folder of the fixtures, on its `data.npz`. */
async function imported(name: string, model: unknown): Promise<RunInfo> {
  const files = resolve('tests/fixtures/torch', name);
  const source = { kind: 'file', path: join(files, 'data.npz'), target: 'class' } as const;
  return ok(
    router.call('run/import', {
      experiment: {
        objective: {
          kind: 'network',
          model: modelSchema.parse(model),
          data: { source, validationFraction: 0, standardize: false },
        },
        optimizer: { name: 'sgd', learningRate: 1 },
        executor: 'reference',
      },
      weights: join(files, 'weights.npz'),
    }),
  );
}

test("weights of PyTorch's Sequential give PyTorch's numbers on images", async () => {
  const run = await imported('cnn', cnn.model);
  const { metrics } = await ok(router.call('run/open', { runId: run.id }));
  expect(metrics.loss[0]).toBeAllclose(cnn.loss, { rtol: 1e-12 });
  expect(metrics.accuracy[0]).toBe(cnn.accuracy);
  expect(metrics.gradientNorm[0]).toBeAllclose(cnn.gradientNorm, { rtol: 1e-12 });
});

test('running statistics come with the weights, and give the numbers of evaluation mode', async () => {
  const run = await imported('batch-norm', batchNorm.model);
  const { metrics } = await ok(router.call('run/open', { runId: run.id }));
  expect(metrics.loss[0]).toBeAllclose(batchNorm.loss, { rtol: 1e-12 });
  expect(metrics.gradientNorm[0]).toBeAllclose(batchNorm.gradientNorm, { rtol: 1e-12 });
  expect(run.experiment.objective).toMatchObject({ runningStatistics: { length: 14 } });
  const spectrum = await ok(router.call('curvature/spectrum', { runId: run.id, top: 1, bottom: 0 }));
  expect(spectrum.loss).toBeAllclose(batchNorm.loss, { rtol: 1e-6 });
});

test('a convolutional network with batch norm and dropout trains, is cut and measured', async () => {
  const { run } = await trained({
    name: 'small images',
    objective: {
      kind: 'network',
      model: {
        inputShape: [1, 8, 8],
        layers: [
          { type: 'conv2d', filters: 4, kernelSize: 3, bias: false },
          { type: 'batchNorm', activation: 'relu' },
          { type: 'maxPool2d', poolSize: 2 },
          { type: 'flatten' },
          { type: 'dropout', rate: 0.2 },
          { type: 'dense', units: 10 },
        ],
        loss: 'softmaxCrossEntropy',
      },
      data: { source: { kind: 'builtin', name: 'digits' } },
      weightInitializer: { name: 'heUniform' },
    },
    optimizer: { name: 'adam', learningRate: 0.03 },
    training: { batchSize: 64, stop: { steps: 30 }, recordEvery: 30 },
  });
  expect(run.outcome.kind).toBe('maxSteps');
  expect(run.parameters.map(({ name, role }) => `${name} ${role}`)).toEqual([
    'layers.0.weight weight',
    'layers.1.weight scale',
    'layers.1.bias bias',
    'layers.5.weight weight',
    'layers.5.bias bias',
  ]);

  const { metrics } = await ok(router.call('run/open', { runId: run.id }));
  expect(metrics.loss.at(-1)).toBeLessThan(0.6);
  expect(metrics.accuracy.at(-1)).toBeGreaterThan(0.85);
  // Statistics never updated would make the validation part guess.
  expect(metrics.validationAccuracy.at(-1)).toBeGreaterThan(0.8);

  const subset = { kind: 'random', examples: 64 } as const;
  const request: ParamsInput<'plane/create'> = {
    source: { kind: 'runs', runIds: [run.id] },
    plane: { kind: 'random' },
  };
  await ok(router.call('plane/create', request));
  for (const split of ['train', 'validation'] as const) {
    const surface = await ok(router.call('surface/compute', { ...request, grid: [3, 2], subset, split }));
    expect(surface.masked).toBe(0);
    expect(surface.executor).toBe(run.executor);
  }
  const spectrum = await ok(
    router.call('curvature/spectrum', { runId: run.id, top: 1, bottom: 1, tolerance: 1e-2, subset }),
  );
  expect(spectrum.eigenvalues[0]!.converged).toBe(true);
});

test('a model the data do not fit is refused with both shapes', async () => {
  const result = await router.call('run/start', {
    experiment: {
      objective: {
        kind: 'network',
        model: {
          inputShape: [3, 8, 8],
          layers: [{ type: 'conv2d', filters: 2, kernelSize: 3 }, { type: 'flatten' }, { type: 'dense', units: 10 }],
          loss: 'softmaxCrossEntropy',
        },
        data: { source: { kind: 'builtin', name: 'digits' } },
      },
      optimizer: { name: 'sgd', learningRate: 0.1 },
    },
  });
  expect(result).toMatchObject({ ok: false, error: { code: 'badInput' } });
  if (!result.ok)
    expect(result.error.message).toContain("The model's input is [3, 8, 8], 192 values; the data have 64");
});
