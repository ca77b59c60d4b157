import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeNpz } from '../../src/main/exchange/npz';
import type { Tensor } from '../../src/main/exchange/tensor';
import type { ExperimentInput } from '../../src/shared/model/experiment';
import { createTestEngine, ok } from './testEngine';

const { services, router, trained, dispose } = createTestEngine();
const folder = mkdtempSync(join(tmpdir(), 'loss-atlas-lint-'));
afterAll(async () => {
  await dispose();
  rmSync(folder, { recursive: true, force: true });
});

const experiment: ExperimentInput = {
  name: 'batch norm',
  objective: {
    kind: 'network',
    model: {
      inputShape: [4],
      layers: [
        { type: 'dense', units: 5 },
        { type: 'batchNorm', activation: 'tanh' },
        { type: 'dense', units: 3 },
      ],
      loss: 'softmaxCrossEntropy',
    },
    data: { source: { kind: 'builtin', name: 'iris' } },
  },
  optimizer: { name: 'adam', learningRate: 0.05 },
  training: { stop: { steps: 40 } },
  executor: 'reference',
};

test('stale statistics are objected to, and the cure recomputes them at every point', async () => {
  const { run } = await trained(experiment);
  const theta = services.store.theta(run.id, run.rows - 1);
  const arrays: Record<string, Tensor> = Object.fromEntries(
    run.parameters.map(({ name, shape, offset, size }) => [name, { shape, data: theta.slice(offset, offset + size) }]),
  );
  // Statistics of other weights: mean 1 and variance 4.
  arrays['layers.1.running_mean'] = { shape: [5], data: new Float32Array(5).fill(1) };
  arrays['layers.1.running_var'] = { shape: [5], data: new Float32Array(5).fill(4) };
  writeFileSync(join(folder, 'weights.npz'), writeNpz(arrays));
  const imported = await ok(router.call('run/import', { experiment, weights: join(folder, 'weights.npz') }));

  const request = {
    source: { kind: 'runs' as const, runIds: [imported.id] },
    plane: { kind: 'random' as const },
    grid: [5, 5] as [number, number],
  };
  const { findings } = await ok(router.call('plot/lint', request));
  expect(findings.map(({ rule }) => rule)).toEqual(['staleStatistics']);
  expect(findings[0]).toMatchObject({ severity: 'error', value: 10 });
  const cure = findings[0]!.cure!.request;
  expect((await ok(router.call('plot/lint', cure))).findings).toEqual([]);

  // With them recomputed the centre has the loss the run was trained to; with the wrong ones it does not.
  const { loss } = services.store.metrics(run.id);
  const cured = await ok(router.call('surface/compute', cure));
  const stale = await ok(router.call('surface/compute', request));
  expect(cured.loss[12]!).toBeAllclose(loss.at(-1)!, { rtol: 1e-5 });
  expect(stale.loss[12]!).toBeGreaterThan(1.05 * loss.at(-1)!);
});

test('a cure is a request without the objection it cures', async () => {
  const { run } = await trained(experiment);
  const bad = {
    source: { kind: 'runs' as const, runIds: [run.id] },
    plane: { kind: 'random' as const, normalization: 'none' as const },
    grid: [9, 9] as [number, number],
    range: [-0.01, 40, -0.01, 40] as [number, number, number, number],
    subset: { kind: 'random' as const, examples: 30 },
  };
  const { findings } = await ok(router.call('plot/lint', bad));
  const rules = findings.map(({ rule }) => rule);
  expect(rules).toEqual(expect.arrayContaining(['unnormalized', 'lowExplained', 'pathSmall', 'subsetWithoutBand']));
  for (const { rule, cure } of findings) {
    const cured = await ok(router.call('plot/lint', cure!.request));
    expect(cured.findings.map((finding) => finding.rule)).not.toContain(rule);
  }
});

test('the slice is compared with the true loss where the path is, row by row', async () => {
  const { run } = await trained({ ...experiment, seed: 3 });
  const request = {
    source: { kind: 'runs' as const, runIds: [run.id] },
    plane: { kind: 'random' as const },
    grid: [5, 5] as [number, number],
  };
  const { findings } = await ok(router.call('plot/lint', request));
  const found = findings.find(({ rule }) => rule === 'sliceFarFromPath')!;
  const { grid: _, ...plane } = request;
  const { paths } = await ok(router.call('plane/create', plane));
  const { x, y, loss } = paths[0]!;
  let worst = 0;
  for (let row = 0; row < loss.length; row++) {
    const probe = await ok(router.call('objective/probe', { ...plane, x: x[row]!, y: y[row]! }));
    worst = Math.max(worst, Math.abs(probe.loss - loss[row]!));
  }
  // The plot is computed in float32.
  expect(found.value).toBeAllclose(worst / (Math.max(...loss) - Math.min(...loss)), { rtol: 1e-6 });
});

test('linting and connecting can be cancelled', async () => {
  const { run } = await trained(experiment);
  const { run: other } = await trained({ ...experiment, seed: 1 });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 60);
  const source = { kind: 'runs' as const, runIds: [run.id] };
  const [linted, connected] = await Promise.all([
    router.call('plot/lint', { source, plane: { kind: 'pca' }, grid: [401, 401] }, { signal: controller.signal }),
    router.call('connection/compute', { runIds: [run.id, other.id], steps: 1_000_000 }, { signal: controller.signal }),
  ]);
  for (const result of [linted, connected]) expect(result).toMatchObject({ ok: false, error: { code: 'cancelled' } });
});
