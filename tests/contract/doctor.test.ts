import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { appFolders } from '../../src/main/folders';
import { createServices } from '../../src/main/services';
import {
  type DoctorReport,
  executorReportSchema,
  executorSelectionSchema,
  representativeNets,
} from '../../src/shared/model/executors';
import { executorNames, experimentSchema } from '../../src/shared/model/experiment';
import { commandLine } from './commandLine';

const folder = mkdtempSync(join(tmpdir(), 'loss-atlas-doctor-'));
const dataFolder = join(folder, 'data');
const kept = join(dataFolder, 'executors.json');
afterAll(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  const { probe } = appFolders();
  if (!existsSync(probe)) throw new Error(`There is no ${probe}: run "npm run build".`);
});

const { atlas, json } = commandLine(dataFolder);

const choice = z.strictObject({
  executor: z.enum(executorNames),
  description: z.string(),
  selection: executorSelectionSchema,
});
const reportSchema = z.strictObject({
  machine: z.strictObject({
    cpu: z.string().min(1),
    cores: z.int().min(1),
    memoryBytes: z.number().positive(),
    platform: z.string().min(1),
    node: z.string().regex(/^\d+\./),
    v8: z.string().min(1),
    electron: z.null(),
    version: z.string().regex(/^\d+\./),
    dataFolder: z.string(),
    dataFolderWritable: z.literal(true),
    kernels: z.enum(['SIMD', 'relaxed SIMD']),
  }),
  executors: z.array(executorReportSchema),
  choices: z.array(
    z.strictObject({
      net: z.enum(representativeNets),
      model: z.string(),
      parameters: z.int().min(1),
      examples: z.int().min(1),
      gradient: choice,
      point: choice,
    }),
  ),
  measuredAt: z.iso.datetime(),
});

const experiment = (change: object) => ({
  name: 'iris',
  objective: {
    kind: 'network',
    model: { inputShape: [4], layers: [{ type: 'dense', units: 3 }], loss: 'softmaxCrossEntropy' },
    data: { source: { kind: 'builtin', name: 'iris' } },
  },
  optimizer: { name: 'sgd', learningRate: 0.1 },
  training: { stop: { steps: 5 } },
  ...change,
});
async function selectionOf(change: object, ...args: string[]) {
  writeFileSync(join(folder, 'iris.json'), JSON.stringify(experiment(change)));
  const out = join(folder, 'iris.lossrun');
  rmSync(out, { recursive: true, force: true });
  await json('train', join(folder, 'iris.json'), '--out', out, ...args);
  const run = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')) as {
    executor: string;
    executorSelection: unknown;
  };
  return { executor: run.executor, selection: executorSelectionSchema.parse(run.executorSelection) };
}

test('before anything was measured a run says that the built-in table chose', async () => {
  expect((await selectionOf({})).selection).toMatchObject({ by: 'typical', per: 'gradient' });
});

// Shaders compiled in software take their time.
test('atlas doctor --json: every executor checked and timed, and what auto takes', { timeout: 240_000 }, async () => {
  const report = reportSchema.parse(await json('doctor'));
  expect(report.executors.map(({ name }) => name).sort()).toEqual([...executorNames].sort());
  for (const name of ['wasm', 'onnx', 'reference']) {
    const executor = report.executors.find((each) => each.name === name)!;
    expect([name, executor.state]).toEqual([name, 'available']);
    expect(executor.checks.length).toBeGreaterThanOrEqual(2);
    for (const { passed, error, tolerance } of executor.checks)
      expect([passed, error! <= tolerance]).toEqual([true, true]);
    // What is not checked is said.
    expect(new Set([...executor.checks, ...executor.unchecked].map(({ net }) => net)).size).toBe(2);
  }
  for (const { state, reason, cure } of report.executors)
    if (state === 'unavailable') expect(reason && cure).toBeTruthy();
  // A graphics card that is imitated is checked like any other, and never taken.
  const webgpu = report.executors.find(({ name }) => name === 'webgpu')!;
  if (process.env.VK_ICD_FILENAMES?.includes('swiftshader')) {
    expect(webgpu).toMatchObject({
      state: 'available',
      software: true,
      devices: [expect.stringContaining('SwiftShader')],
    });
    expect(webgpu.checks.map(({ passed }) => passed)).toEqual([true, true, true, true]);
  } else console.warn(`webgpu on a software adapter is not tested: ${webgpu.reason}`);
  expect(report.choices.map(({ net }) => net)).toEqual(representativeNets);
  for (const { gradient, point } of report.choices) {
    for (const { executor, selection } of [gradient, point]) {
      expect(selection.by).toBe('measured');
      // The one taken is the first of the estimates, which ascend.
      expect(selection.estimates[0]!.executor).toBe(executor);
      const seconds = selection.estimates.map((each) => each.seconds);
      expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    }
  }
});

test('the speeds are kept for the next look, and measured anew on request', async () => {
  // From here on without the software adapter, which takes so long.
  vi.stubEnv('VK_ICD_FILENAMES', '/nowhere');
  const speeds = ({ executors }: DoctorReport) => executors.map((each) => each.speeds);
  const before = JSON.parse(readFileSync(kept, 'utf8')) as { measuredAt: string };
  const again = await json<DoctorReport>('doctor');
  expect(again.measuredAt).toBe(before.measuredAt);
  const anew = await json<DoctorReport>('doctor', '--remeasure');
  expect(anew.measuredAt! > before.measuredAt).toBe(true);
  expect(speeds(anew)).not.toEqual(speeds(again));
});

test('experiment and command come before the settings, the settings before auto; each result says which', async () => {
  expect((await selectionOf({})).selection.by).toBe('measured');
  writeFileSync(join(dataFolder, 'settings.json'), JSON.stringify({ executor: 'onnx' }));
  const preferred = await selectionOf({});
  expect(preferred.executor).toMatch(/^onnx/);
  expect(preferred.selection.by).toBe('preferred');
  const named = await selectionOf({ executor: 'reference' });
  expect(named).toEqual({
    executor: 'reference (float64)',
    selection: { by: 'asked', per: 'gradient', estimates: [], passedOver: [] },
  });
  const commanded = await selectionOf({ executor: 'reference' }, '--executor', 'wasm');
  expect(commanded.executor).toMatch(/^wasm/);
  // A surface of a run follows the experiment that named its executor.
  await selectionOf({ executor: 'reference' });
  const surface = await json<{ executor: string }>('surface', join(folder, 'iris.lossrun'), '--grid', '3');
  expect(surface.executor).toMatch(/^reference/);
  rmSync(join(dataFolder, 'settings.json'));
});

test('the page in words', async () => {
  const { code, out } = await atlas('doctor');
  expect(code).toBe(0);
  expect(out).toMatch(/passed {2}dense gradient: relative error \d/);
  expect(out).toMatch(/gradients: .* — about [\d.]+ .s per gradient by what was measured here/);
});

test('a host that is left alone measures in the background, and its next run says so', async () => {
  const { resources, kernels, probe } = appFolders();
  const services = createServices({
    dataFolder: join(folder, 'fresh'),
    ...{ resourcesFolder: resources, kernelsFolder: kernels, probeFile: probe, host: 'browser', version: '0' },
  });
  try {
    const spec = experimentSchema.parse(experiment({})).objective;
    const lease = await services.objectives.lease(spec, 'auto');
    expect(lease.selection?.by).toBe('typical');
    lease.release();
    await expect.poll(() => services.measurements.complete?.length, { timeout: 50_000 }).toBe(executorNames.length);
    const next = await services.objectives.lease(spec, 'auto');
    expect(next.selection?.by).toBe('measured');
    next.release();
  } finally {
    await services.dispose();
  }
});
