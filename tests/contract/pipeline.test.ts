import { afterAll, expect, test } from 'vitest';
import type { RunBatch, Value } from '../../src/shared/contract';
import type { ExperimentInput } from '../../src/shared/model/experiment';
import type { PlaneRequest } from '../../src/shared/model/landscape';
import { createTestEngine, ok } from './testEngine';

const { services, router, trained, dispose } = createTestEngine();
afterAll(dispose);

const digits: ExperimentInput = {
  name: 'digits',
  objective: {
    kind: 'network',
    model: {
      inputShape: [64],
      layers: [
        { type: 'dense', units: 16, activation: 'tanh' },
        { type: 'dense', units: 10 },
      ],
      loss: 'softmaxCrossEntropy',
    },
    data: { source: { kind: 'builtin', name: 'digits' } },
  },
  optimizer: { name: 'adam', learningRate: 0.01 },
  training: { batchSize: 128, stop: { steps: 120 }, recordEvery: 4 },
};

const himmelblau: ExperimentInput = {
  name: 'himmelblau',
  objective: { kind: 'function', name: 'himmelblau', start: [0, 0] },
  optimizer: { name: 'sgd', learningRate: 0.01 },
  training: { stop: { steps: 400, gradientNorm: 1e-9 } },
};

const pca = (runId: string): PlaneRequest => ({
  source: { kind: 'runs', runIds: [runId] },
  plane: { kind: 'pca', biases: true },
});

test('digits: train, cut, measure, draw', async () => {
  const { run, batches } = await trained(digits);
  expect(run.outcome).toMatchObject({ kind: 'maxSteps', step: 120 });
  expect(run.rows).toBe(31);
  expect(batches.reduce((rows, batch) => rows + batch.rows, 0)).toBe(31);

  const opened = await ok(router.call('run/open', { runId: run.id }));
  const { loss, validationAccuracy, step } = opened.metrics;
  expect([...step]).toEqual(Array.from({ length: 31 }, (_, i) => 4 * i));
  expect(loss[30]!).toBeLessThan(0.5 * loss[0]!);
  expect(validationAccuracy[30]!).toBeGreaterThan(0.85);

  const plane = await ok(router.call('plane/create', pca(run.id)));
  const [ratio1, ratio2] = plane.explainedVarianceRatio!;
  expect(ratio1 + ratio2).toBeGreaterThan(0.5);
  expect(plane.paths[0]!.x).toHaveLength(31);
  expect(plane.paths[0]!.residual[30]!).toBeLessThan(1e-6);
  expect(plane.paths[0]!.loss).toEqual(loss);

  const tiles: number[] = [];
  const surface = await ok(
    router.call(
      'surface/compute',
      { ...pca(run.id), grid: [13, 11], save: true },
      { onPartial: ({ index }) => tiles.push(...index) },
    ),
  );
  expect(tiles.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 143 }, (_, i) => i));
  expect(surface.masked).toBe(0);

  const spectrum = await ok(router.call('curvature/spectrum', { runId: run.id, top: 3, bottom: 1, tolerance: 1e-3 }));
  expect(spectrum.eigenvalues).toHaveLength(3);
  expect(spectrum.eigenvalues[0]!.converged).toBe(true);
  expect(spectrum.eigenvalues[0]!.value).toBeGreaterThan(0);
  expect(spectrum.loss).toBeAllclose(loss[30]!, { rtol: 1e-5 });

  const figure = await ok(router.call('figure/export', { ...pca(run.id), grid: [13, 13] }));
  expect(new TextDecoder().decode(figure.bytes)).toContain('width="89mm"');
});

test('the slice through the end of the path has the loss of the end there', async () => {
  const { run } = await trained({ ...digits, training: { batchSize: 256, stop: { steps: 20 } } });
  const plane = await ok(router.call('plane/create', pca(run.id)));
  const last = plane.paths[0]!.x.length - 1;
  const probe = await ok(
    router.call('objective/probe', { ...pca(run.id), x: plane.paths[0]!.x[last]!, y: plane.paths[0]!.y[last]! }),
  );
  expect(probe.loss).toBeAllclose(plane.paths[0]!.loss[last]!, { rtol: 1e-5 });
});

test('himmelblau converges, and its end is a minimum', async () => {
  const { run } = await trained(himmelblau);
  expect(run.outcome.kind).toBe('converged');
  const spectrum = await ok(router.call('curvature/spectrum', { runId: run.id, top: 1, bottom: 1 }));
  expect(spectrum).toMatchObject({ kind: 'minimum', index: 0, parameters: 2 });
});

test('the same experiment gives the same bytes', async () => {
  const paths = await Promise.all([trained(digits), trained(digits)]);
  const [a, b] = paths.map(({ run }) => services.store.trajectory(run.id).read(0, run.rows));
  expect(a).toEqual(b);
});

// Timed because the promise is a time; tried again because others may hold the machine.
test('a run that is cancelled ends within 100 ms and keeps its rows', { retry: 3 }, async () => {
  const started = await ok(
    router.call('run/start', { experiment: { ...digits, training: { stop: { steps: 1_000_000 } } } }),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  const asked = performance.now();
  await ok(router.call('run/cancel', { runId: started.id }));
  expect(performance.now() - asked).toBeLessThan(100);
  const { run, metrics } = await ok<Value<'run/open'>>(router.call('run/open', { runId: started.id }));
  expect(run.outcome.kind).toBe('cancelled');
  expect(metrics.loss).toHaveLength(run.rows);
  expect(run.rows).toBeGreaterThan(1);
});

test('pausing holds the steps, resuming goes on', async () => {
  const { id: runId } = await ok(
    router.call('run/start', { experiment: { ...digits, training: { stop: { steps: 1_000_000 } } } }),
  );
  await ok(router.call('run/pause', { runId }));
  await new Promise((resolve) => setTimeout(resolve, 150));
  const held = services.store.get(runId).rows;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(services.store.get(runId).rows).toBe(held);
  await ok(router.call('run/resume', { runId }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(services.store.get(runId).rows).toBeGreaterThan(held);
  await ok(router.call('run/cancel', { runId }));
});

test('following a plane sends the rows since it was made, projected on it', async () => {
  const { id: runId } = await ok(
    router.call('run/start', { experiment: { ...digits, training: { stop: { steps: 1_000_000 } } } }),
  );
  const batches: RunBatch[] = [];
  const undo = services.events.subscribe('run/batch', (batch) => {
    batches.push(batch);
    void router.call('run/acknowledge', { runId, batches: 1 });
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const plane = await ok(router.call('plane/create', pca(runId)));
  const rows = plane.paths[0]!.x.length;
  await new Promise((resolve) => setTimeout(resolve, 200));
  await ok(router.call('run/follow', { runId, plane: pca(runId) }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  await ok(router.call('run/cancel', { runId }));
  undo();
  const projected = batches.filter(({ path }) => path !== null);
  expect(projected[0]!.firstRow).toBeLessThanOrEqual(rows);
  const covered = new Set(
    projected.flatMap(({ firstRow, rows: n }) => Array.from({ length: n }, (_, i) => firstRow + i)),
  );
  for (let row = rows; row < services.store.get(runId).rows; row++) expect(covered.has(row)).toBe(true);
});

test.each([
  ['an unknown optimizer', { ...himmelblau, optimizer: { name: 'sgdd', learningRate: 1 } }, /sgdd/, /momentum/],
  [
    'an unknown function',
    { ...himmelblau, objective: { kind: 'function', name: 'himmelbleu' } },
    /himmelbleu/,
    /rosenbrock/,
  ],
  ['a negative rate', { ...himmelblau, optimizer: { name: 'sgd', learningRate: -1 } }, /learningRate/, undefined],
  ['a word for a rate', { ...himmelblau, optimizer: { name: 'sgd', learningRate: 'abc' } }, /learningRate/, undefined],
  [
    'a model that does not fit',
    {
      ...digits,
      objective: {
        ...digits.objective,
        model: { inputShape: [63], layers: [{ type: 'dense', units: 10 }], loss: 'softmaxCrossEntropy' },
      },
    },
    /63/,
    undefined,
  ],
  [
    'an expression with an unknown name',
    { ...himmelblau, objective: { kind: 'expression', expression: 'x + foo' } },
    /foo/,
    undefined,
  ],
])('%s is refused with the value and leaves no run', async (_, experiment, message, cure) => {
  const before = services.store.list().length;
  const result = await router.call('run/start', { experiment: experiment as ExperimentInput });
  expect(result).toMatchObject({ ok: false, error: { code: 'badInput', message: expect.stringMatching(message) } });
  if (cure && !result.ok) expect(result.error.cure).toMatch(cure);
  expect(services.store.list()).toHaveLength(before);
});

test.each([
  [[0, 51], /grid/],
  [[1_000_000_000, 1], /grid/],
  [[4_096, 4_096], /cells/],
])('a grid of %j is refused', async (grid, message) => {
  const result = await router.call('surface/compute', {
    source: { kind: 'objective', objective: { kind: 'function', name: 'himmelblau' } },
    plane: { kind: 'parameters' },
    grid: grid as [number, number],
  });
  expect(result).toMatchObject({ ok: false, error: { code: 'badInput', message: expect.stringMatching(message) } });
});

test('a setting that is changed leaves the others as they are', async () => {
  await ok(router.call('settings/set', { theme: 'dark', executor: 'onnx' }));
  await ok(router.call('settings/set', { workspace: { version: 1 } }));
  expect(await ok(router.call('settings/get', {}))).toMatchObject({
    ...{ theme: 'dark', executor: 'onnx', language: 'system', workspace: { version: 1 } },
  });
  await ok(router.call('settings/set', { executor: 'auto' }));
  expect(await ok(router.call('settings/get', {}))).toMatchObject({ theme: 'dark', executor: 'auto' });
});
