import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createActivity } from '../../../src/main/handlers/activity';
import { listedExecutors } from '../../../src/main/handlers/executorList';
import { createMeasurements, type MeasurementOptions, machineKey } from '../../../src/main/handlers/measurements';
import { absentReport } from '../../../src/main/handlers/probeChild';
import { cancelled } from '../../../src/shared/errors';
import type { ExecutorReport } from '../../../src/shared/model/executors';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loss-atlas-measurements-'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const signal = new AbortController().signal;

/** Probes that answer when told to. */
function setUp(change: Partial<MeasurementOptions> = {}) {
  const activity = createActivity();
  const started: { name: string; nets: number }[] = [];
  const waiting: (() => void)[] = [];
  const run: MeasurementOptions['run'] = ({ executor: name, nets }, control) =>
    new Promise((resolve, reject) => {
      started.push({ name, nets: nets.length });
      control.signal.addEventListener('abort', () => reject(cancelled()));
      waiting.push(() => {
        const speeds = nets.map((net) => ({ net, gradient: 1e-3, point: 1e-3, examples: 1, measured: 1 }));
        resolve({
          ...absentReport(name, 'unknown', { text: '', cure: null }),
          state: 'available',
          reason: null,
          speeds,
        });
      });
    });
  const options = { file: join(folder, 'executors.json'), key: { cpu: 'A' }, kernelsFolder: 'k', run, activity };
  const measurements = createMeasurements({ ...options, idleMs: 1_000, ...change });
  /** Lets the probe that runs answer, and what follows start. */
  const answer = async () => {
    waiting.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { activity, measurements, started, answer, options };
}

async function measuredFile(): Promise<void> {
  const { answer, measurements } = setUp();
  await vi.advanceTimersByTimeAsync(1_000);
  for (const _ of listedExecutors) await answer();
  expect(measurements.complete).toHaveLength(listedExecutors.length);
  measurements.dispose();
}

test('measuring begins once the engine is idle, one executor after the other, and is kept', async () => {
  const { measurements, started, answer, activity } = setUp();
  await vi.advanceTimersByTimeAsync(999);
  expect(started).toEqual([]);
  const end = activity.begin();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(started).toEqual([]);
  end();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(started).toEqual([{ name: listedExecutors[0], nets: 5 }]);
  for (const _ of listedExecutors) {
    expect(measurements.complete).toBeNull();
    await answer();
  }
  expect(measurements.complete?.map(({ name }) => name)).toEqual(listedExecutors);
  expect(measurements.measuredAt).not.toBeNull();
  expect(vi.getTimerCount()).toBe(0);

  // The next start has it at once.
  const again = setUp();
  expect(again.measurements.complete).toEqual(measurements.complete);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(again.started).toEqual([]);
});

test('work that begins ends the measuring; it goes on later with what is missing', async () => {
  const { activity, started, answer, measurements } = setUp();
  await vi.advanceTimersByTimeAsync(1_000);
  await answer();
  expect(started).toHaveLength(2);
  const end = activity.begin();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(started).toHaveLength(2);
  end();
  await vi.advanceTimersByTimeAsync(1_000);
  // The one that was ended is begun again, the one that was done is not.
  expect(started.map(({ name }) => name)).toEqual([listedExecutors[0], listedExecutors[1], listedExecutors[1]]);
  measurements.dispose();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(started).toHaveLength(3);
  expect(vi.getTimerCount()).toBe(0);
});

test('anything about the machine that changes makes it stale, as does a file that cannot be read', async () => {
  await measuredFile();
  const file = join(folder, 'executors.json');
  const content = readFileSync(file, 'utf8');
  for (const key of [{ cpu: 'B' }, { cpu: 'A', cores: '2' }, {}] as Record<string, string>[]) {
    expect(setUp({ key, idleMs: null }).measurements.complete).toBeNull();
  }
  expect(setUp({ idleMs: null }).measurements.complete).not.toBeNull();
  for (const broken of ['', '{}', content.slice(0, -20), content.replace('"wasm"', '"wasp"')]) {
    writeFileSync(file, broken);
    expect(setUp({ idleMs: null }).measurements.complete).toBeNull();
  }
});

test('the key holds version, processor, cores, Node, kernels and libraries', () => {
  const key = machineKey(folder, '1.2.3');
  expect(Object.keys(key).sort()).toEqual(
    expect.arrayContaining(['cores', 'cpu', 'electron', 'executors', 'kernels', 'node', 'onnxruntime-node', 'version']),
  );
  expect(key).toMatchObject({ version: '1.2.3', node: process.versions.node, kernels: 'none, none' });
  expect(key['onnxruntime-node']).toMatch(/^\d+\./);
  writeFileSync(join(folder, 'kernels.simd.wasm'), 'new');
  expect(machineKey(folder, '1.2.3').kernels).not.toBe(key.kernels);
});

test('a look at an executor that was measured checks it again and keeps its speeds, unless asked to measure', async () => {
  await measuredFile();
  const { measurements, started, answer } = setUp();
  const looked = measurements.probe('wasm', { remeasure: false, thorough: true, signal });
  await answer();
  expect((await looked).speeds).toHaveLength(5);
  expect(started).toEqual([{ name: 'wasm', nets: 0 }]);
  const remeasured = measurements.probe('wasm', { remeasure: true, thorough: true, signal });
  await answer();
  await remeasured;
  expect(started[1]).toEqual({ name: 'wasm', nets: 5 });
});

test('what crashes is remembered; what could not be tried is tried at the next start', async () => {
  const states: Record<string, ExecutorReport['state']> = { wasm: 'crashed', onnx: 'unknown' };
  const run: MeasurementOptions['run'] = async ({ executor }) =>
    absentReport(executor, states[executor] as 'crashed', { text: 'signal SIGSEGV', cure: null });
  const { measurements } = setUp({ run, idleMs: null });
  await measurements.probe('wasm', { remeasure: true, thorough: true, signal });
  await measurements.probe('onnx', { remeasure: true, thorough: true, signal });
  expect(measurements.complete).toBeNull();
  const { reports } = JSON.parse(readFileSync(join(folder, 'executors.json'), 'utf8')) as { reports: ExecutorReport[] };
  expect(reports.map(({ name, state }) => [name, state])).toEqual([['wasm', 'crashed']]);
});
