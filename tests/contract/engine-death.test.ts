import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEnginePort, type EngineChild } from '../../src/main/enginePort';
import { appFolders } from '../../src/main/folders';
import { forkEngine } from '../../src/main/forkEngine';
import type { EventName, Events, RequestName, Result, RunBatch, ServerMessage } from '../../src/shared/contract';
import type { ExperimentInput } from '../../src/shared/model/experiment';
import type { RunInfo } from '../../src/shared/model/run';

/** The built engine in a process of its own, as every host runs it; `npm run build` makes it. */
const folders = appFolders();
const folder = mkdtempSync(join(tmpdir(), 'loss-atlas-death-'));
const dataFolder = join(folder, 'data');
/** On the command line of every process started here, and of no other. */
const kernelsFolder = join(folder, 'kernels');

const children: EngineChild[] = [];
const heard: ServerMessage[] = [];
let port: ReturnType<typeof createEnginePort>;
let client: ReturnType<ReturnType<typeof createEnginePort>['connect']>;
let nextId = 1;

beforeAll(() => {
  if (!existsSync(folders.engine)) throw new Error(`There is no ${folders.engine}: run "npm run build".`);
  symlinkSync(folders.kernels, kernelsFolder);
  port = createEnginePort(
    () => {
      const child = forkEngine(folders.engine, {
        ...{ dataFolder, resourcesFolder: folders.resources, kernelsFolder, probeFile: folders.probe },
        ...{ host: 'browser', version: '0' },
      });
      children.push(child);
      return child;
    },
    { crashLimit: 100 },
  );
  client = port.connect((message) => heard.push(message));
});
afterAll(async () => {
  await port.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Processes of this test: engines and probes. null: this system does not tell. */
function processes(): string[] | null {
  if (process.platform !== 'linux') return null;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((command) => command.includes(kernelsFolder))
    .map((command) => (command.split('\0').some((word) => word.endsWith('probe.js')) ? 'probe' : 'engine'))
    .sort();
}

function send(method: RequestName, params: unknown): number {
  const id = nextId++;
  client.send({ type: 'request', id, method, params });
  return id;
}
const has = (type: ServerMessage['type'], id: number) =>
  heard.some((message) => message.type === type && 'id' in message && message.id === id);
async function reply<T = unknown>(id: number): Promise<Result<T>> {
  await expect.poll(() => has('reply', id), { timeout: 30_000 }).toBe(true);
  const found = heard.find((message) => message.type === 'reply' && message.id === id);
  return (found as { result: Result<T> }).result;
}
async function ask<T>(method: RequestName, params: unknown): Promise<T> {
  const result = await reply<T>(send(method, params));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
const eventsOf = <E extends EventName>(name: E): Events[E][] =>
  heard.flatMap((message) => (message.type === 'event' && message.name === name ? [message.payload as Events[E]] : []));

/** kill -9, as the system does it to a process that takes too much memory; resolves when the next engine is there. */
async function kill(): Promise<void> {
  const before = eventsOf('engine/restarted').length;
  children.at(-1)?.kill();
  await expect.poll(() => eventsOf('engine/restarted').length).toBe(before + 1);
  expect(eventsOf('engine/restarted').at(-1)).toEqual({ reason: 'signal SIGKILL' });
}

/** Every file below a folder. */
const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
const unfinished = () => filesIn(dataFolder).filter((file) => /\.tmp$|\.part$/.test(file));

const experiment = (steps: number): ExperimentInput => ({
  name: 'digits',
  objective: {
    kind: 'network',
    model: {
      inputShape: [64],
      layers: [
        { type: 'dense', units: 32, activation: 'tanh' },
        { type: 'dense', units: 10 },
      ],
      loss: 'softmaxCrossEntropy',
    },
    data: { source: { kind: 'builtin', name: 'digits' } },
  },
  optimizer: { name: 'adam', learningRate: 0.01 },
  training: { batchSize: 64, stop: { steps }, recordEvery: 2 },
});

async function expectEngineWorks(runId: string): Promise<void> {
  const plane = { source: { kind: 'runs', runIds: [runId] }, plane: { kind: 'pca', biases: true } };
  expect(await ask('surface/compute', { ...plane, grid: [5, 5] })).toMatchObject({ masked: 0 });
  expect(unfinished()).toEqual([]);
}

test('killed while it trains: the run opens with its whole rows, as interrupted', async () => {
  const { id } = await ask<RunInfo>('run/start', { experiment: experiment(1_000_000) });
  const batches = () => eventsOf('run/batch').filter((batch: RunBatch) => batch.runId === id);
  await expect.poll(() => batches().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
  const seen = batches().reduce((rows, batch) => Math.max(rows, batch.firstRow + batch.rows), 0);
  await kill();
  const { run, metrics } = await ask<{ run: RunInfo; metrics: { step: Float64Array; loss: Float64Array } }>(
    'run/open',
    {
      runId: id,
    },
  );
  expect(run.outcome.kind).toBe('interrupted');
  // All that was told is there, row by row.
  expect(run.rows).toBeGreaterThanOrEqual(seen);
  expect([...metrics.step]).toEqual(Array.from({ length: run.rows }, (_, row) => 2 * row));
  expect(run.outcome.step).toBe(2 * (run.rows - 1));
  expect(metrics.loss.every(Number.isFinite)).toBe(true);
  expect((await ask<RunInfo[]>('run/list', {})).map((each) => [each.id, each.outcome.kind])).toEqual([
    [id, 'interrupted'],
  ]);
  expect(await ask('run/unreadable', {})).toEqual([]);
  await expectEngineWorks(id);
  await ask('run/delete', { runId: id });
});

test.each([
  ['surface/compute', 'partial', { grid: [401, 401], save: true, source: null, plane: { kind: 'pca', biases: true } }],
  [
    'curvature/spectrum',
    'progress',
    { top: 80, bottom: 80, method: 'lanczos', tolerance: 1e-30, maxIterations: 9_000 },
  ],
  ['curvature/density', 'progress', { method: 'slq', starts: 200, steps: 150 }],
  ['curvature/trace', 'progress', { method: 'hutchinson', products: 100_000 }],
  ['curvature/layers', 'progress', { products: 10_000, top: 20, blockTop: 20, tolerance: 1e-30 }],
  ['curvature/alongPath', 'partial', { every: 1, tolerance: 1e-30, maxIterations: 400 }],
  ['app/doctor', 'progress', { remeasure: true }],
] as const)('killed in the middle of %s: a clear error, and the next engine answers', async (method, sign, params) => {
  const { id } = await ask<RunInfo>('run/start', { experiment: experiment(60) });
  await expect.poll(() => eventsOf('run/ended').some(({ run }) => run.id === id), { timeout: 20_000 }).toBe(true);
  const before = filesIn(dataFolder).sort();
  const request = {
    ...params,
    ...(method.startsWith('curvature') && { runId: id }),
    ...('source' in params && { source: { kind: 'runs', runIds: [id] } }),
  };
  const call = send(method, request);
  await expect.poll(() => has(sign, call), { timeout: 20_000 }).toBe(true);
  await kill();
  expect(await reply(call)).toEqual({
    ok: false,
    error: {
      code: 'engine',
      message: 'The engine stopped unexpectedly (signal SIGKILL).',
      cure: 'It was started again: repeat what you did. What was recorded before is intact.',
    },
  });
  // What the dead engine had started is gone, and nothing half-written is left.
  if (processes()) await expect.poll(processes, { timeout: 20_000 }).toEqual(['engine']);
  else console.warn('processes left behind are not looked for: this system has no /proc');
  expect(
    filesIn(dataFolder)
      .sort()
      .filter((file) => !before.includes(file) && !file.endsWith('executors.json')),
  ).toEqual([]);
  expect((await ask<{ run: RunInfo }>('run/open', { runId: id })).run.outcome.kind).toBe('maxSteps');
  await expectEngineWorks(id);
});

test('asked to stop, it ends with all it has started', async () => {
  await port.stop();
  if (processes()) await expect.poll(processes, { timeout: 20_000 }).toEqual([]);
});
