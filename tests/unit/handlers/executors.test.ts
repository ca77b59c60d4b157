import { expect, test } from 'vitest';
import type { Executor } from '../../../src/main/engine/executors/executor';
import { createReferenceExecutor } from '../../../src/main/engine/executors/reference';
import { buildNetwork } from '../../../src/main/engine/graph/build';
import {
  chooseAutomatically,
  createExecutors,
  type KnownCosts,
  measuredCosts,
  requireSupport,
} from '../../../src/main/handlers/executors';
import { absentReport } from '../../../src/main/handlers/probeChild';
import { UserError } from '../../../src/shared/errors';
import { type ExecutorReport, representativeNets } from '../../../src/shared/model/executors';
import { type ExecutorName, modelSchema } from '../../../src/shared/model/experiment';

const { load, dispose } = createReferenceExecutor();
/** One that runs dense networks alone. */
const wasm: Executor = {
  name: 'wasm',
  description: 'wasm (2 threads)',
  precision: 'float32',
  supports: ({ model }) =>
    model.layers.some(({ type }) => type === 'conv2d') ? { ok: false, reason: 'has no conv2d' } : { ok: true },
  load,
  dispose,
};
/** One that says nothing of what it lacks runs everything. */
const able = (name: ExecutorName): Executor => ({ name, description: name, precision: 'float32', load, dispose });

const network = (...layers: unknown[]) =>
  buildNetwork(
    modelSchema.parse({
      inputShape: [1, 4, 4],
      layers: [...layers, { type: 'dense', units: 2 }],
      loss: 'softmaxCrossEntropy',
    }),
  );
const dense = network();
const convolution = network({ type: 'conv2d', filters: 1, kernelSize: 3 }, { type: 'flatten' });

const flat = { commands: 0, denseFlops: 0, convolutionFlops: 0, values: 0 };
/** So many seconds for each op. */
const costs = (byName: Partial<Record<ExecutorName, number | string>>): KnownCosts => ({
  by: 'measured',
  executors: new Map(
    (Object.entries(byName) as [ExecutorName, number | string][]).map(([name, known]) => [
      name,
      typeof known === 'string'
        ? { reason: known }
        : { costs: { gradient: { operations: known, ...flat }, point: { operations: 10 / known, ...flat } } },
    ]),
  ),
});

test('auto takes the fastest that is there and able, and makes no executor it does not need', async () => {
  const made: ExecutorName[] = [];
  const make = async (name: ExecutorName) => {
    made.push(name);
    return name === 'wasm' ? wasm : able(name);
  };
  const known = costs({ reference: 3, wasm: 1, onnx: 2, webgpu: 'imitated' });
  const base = { use: { rows: 10, purpose: 'gradient' as const }, costs: known, preferred: null, make };
  const ops = (await chooseAutomatically({ ...base, network: dense })).selection.estimates[0]!.seconds;
  expect(made).toEqual(['wasm']);
  const { executor, selection } = await chooseAutomatically({ ...base, network: dense });
  expect(executor).toBe(wasm);
  expect(selection).toEqual({
    by: 'measured',
    per: 'gradient',
    estimates: [
      { executor: 'wasm', seconds: ops },
      { executor: 'onnx', seconds: 2 * ops },
      { executor: 'reference', seconds: 3 * ops },
    ],
    passedOver: [],
  });
  // What is slow at gradients may be fast at surfaces.
  const surface = await chooseAutomatically({ ...base, use: { rows: 10, purpose: 'point' }, network: dense });
  expect([surface.executor.name, surface.selection.per]).toEqual(['reference', 'point']);
  made.length = 0;
  const other = await chooseAutomatically({ ...base, network: convolution });
  expect(other.executor.name).toBe('onnx');
  expect(made).toEqual(['wasm', 'onnx']);
  expect(other.selection.passedOver).toContainEqual({ executor: 'wasm', reason: 'has no conv2d' });
  expect(other.selection.estimates.map((each) => each.executor)).toEqual(['onnx', 'reference']);
});

test('auto goes on to the next where the fastest is not there, down to the reference', async () => {
  const make = async (name: ExecutorName) => {
    if (name === 'reference') return createReferenceExecutor();
    throw new UserError('engine', `${name} is not installed`);
  };
  const known = costs({ onnx: 1, wasm: 2, webgpu: 'imitated' });
  const { executor, selection } = await chooseAutomatically({
    ...{ network: dense, use: { rows: 1, purpose: 'gradient' as const }, costs: known, preferred: null, make },
  });
  expect(executor.name).toBe('reference');
  expect(selection.passedOver).toEqual([
    { executor: 'onnx', reason: 'onnx is not installed' },
    { executor: 'wasm', reason: 'wasm is not installed' },
    { executor: 'webgpu', reason: 'imitated' },
  ]);
});

test('the preferred executor comes before the fastest where it can, and is said where it cannot', async () => {
  const make = async (name: ExecutorName) => (name === 'wasm' ? wasm : able(name));
  const base = {
    use: { rows: 1, purpose: 'gradient' as const },
    costs: costs({ onnx: 1, wasm: 2 }),
    preferred: 'wasm' as const,
    make,
  };
  const preferred = await chooseAutomatically({ ...base, network: dense });
  expect([preferred.executor.name, preferred.selection.by]).toEqual(['wasm', 'preferred']);
  const unable = await chooseAutomatically({ ...base, network: convolution });
  expect([unable.executor.name, unable.selection.by]).toEqual(['onnx', 'measured']);
  expect(unable.selection.passedOver).toEqual([{ executor: 'wasm', reason: 'has no conv2d' }]);
});

test('an executor asked for by name comes before the settings and is never replaced', async () => {
  const executors = createExecutors({
    make: (name) => (name === 'wasm' ? wasm : able(name)),
    preferred: () => 'webgpu',
    measurements: { complete: null, revision: 0 },
  });
  const asked = await executors.choose('onnx', dense, { rows: 1, purpose: 'gradient' });
  expect([asked.executor.name, asked.selection.by]).toEqual(['onnx', 'asked']);
  expect((await executors.choose('auto', dense, { rows: 1, purpose: 'gradient' })).executor.name).toBe('webgpu');
  await expect(executors.choose('wasm', convolution, { rows: 1, purpose: 'gradient' })).rejects.toThrow(
    /executor wasm has no conv2d.*cannot run/,
  );
  expect(() => requireSupport(wasm, dense)).not.toThrow();
});

test('before anything is measured the built-in table decides, without graphics cards', async () => {
  const executors = createExecutors({
    make: (name) => (name === 'wasm' ? wasm : able(name)),
    preferred: () => 'auto',
    measurements: { complete: null, revision: 0 },
  });
  const { executor, selection } = await executors.choose('auto', dense, { rows: 100, purpose: 'gradient' });
  expect(executor.name).toBe('wasm');
  expect(selection.by).toBe('typical');
  expect(selection.estimates.map((each) => each.executor).sort()).toEqual(['onnx', 'reference', 'wasm']);
  expect((await executors.choose('auto', convolution, { rows: 10_000, purpose: 'gradient' })).executor.name).toBe(
    'onnx',
  );
});

test('a measurement names who may take part: not the missing, the crashed, the wrong or the imitated', () => {
  const there = (name: ExecutorName, change: Partial<ExecutorReport>): ExecutorReport => ({
    ...absentReport(name, 'unavailable', { text: '', cure: null }),
    ...{ state: 'available', reason: null },
    speeds: representativeNets.map((net, i) => ({
      net,
      gradient: 1e-3 * (i + 1),
      point: 1e-4 * (i + 1),
      examples: 100,
      measured: 100,
    })),
    ...change,
  });
  const wrong = { net: 'dense', quantity: 'gradient', error: 0.5, tolerance: 1e-5, passed: false } as const;
  const known = measuredCosts([
    there('wasm', {}),
    there('onnx', { checks: [wrong] }),
    there('webgpu', { software: true, devices: ['SwiftShader'] }),
    absentReport('reference', 'crashed', { text: 'signal SIGSEGV', cure: null }),
  ]).executors;
  expect(known.get('wasm')).toHaveProperty('costs.point.operations');
  expect(known.get('onnx')).toMatchObject({ reason: 'its numbers failed their check', said: { key: 'checkFailed' } });
  expect(known.get('webgpu')).toMatchObject({
    reason: 'its graphics card is imitated: SwiftShader',
    said: { key: 'cardImitated', values: { devices: 'SwiftShader' } },
  });
  expect(known.get('reference')).toEqual({ reason: 'signal SIGSEGV' });
});
