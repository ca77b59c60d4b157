import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { KernelMemory } from '../../src/main/engine/executors/wasm/memory';
import { serveEngine } from '../../src/main/engineServer';
import type { RequestName, Result, ServerMessage } from '../../src/shared/contract';
import type { ExecutorChoice, ExperimentInput } from '../../src/shared/model/experiment';
import { createTestEngine } from './testEngine';

/** The kernels' memories of this process: what a cancelled command has not given back is still counted as used. */
const memories = vi.hoisted(() => [] as KernelMemory[]);
vi.mock('../../src/main/engine/executors/wasm/memory', async (original) => {
  const actual = await original<typeof import('../../src/main/engine/executors/wasm/memory')>();
  return {
    ...actual,
    createKernelMemory() {
      const memory = actual.createKernelMemory();
      memories.push(memory);
      return memory;
    },
  };
});

const { services, router, trained, dispose } = createTestEngine();
afterAll(dispose);

type Reply = Extract<ServerMessage, { type: 'reply' }>['result'];
const listeners = new Map<number, (message: ServerMessage) => void>();
const server = serveEngine({
  router,
  events: services.events,
  post: ({ message }) => {
    if (message.type !== 'event') listeners.get(message.id)?.(message);
  },
  quit: () => undefined,
});
let nextId = 1;

/** Sends a request as a host does; with `cancel`, and its cancellation at its first sign of life (or at once). */
function send(method: RequestName, params: unknown, cancel: 'midway' | 'atOnce' | null = null): Promise<Reply> {
  const id = nextId++;
  return new Promise((resolve) => {
    const stop = () => server.receive({ type: 'message', client: 1, message: { type: 'cancel', id } });
    listeners.set(id, (message) => {
      if (message.type === 'reply') {
        listeners.delete(id);
        resolve(message.result);
      } else if (cancel === 'midway') stop();
    });
    server.receive({ type: 'message', client: 1, message: { type: 'request', id, method, params } });
    if (cancel === 'atOnce') stop();
  });
}

const experiment = (executor: ExecutorChoice, steps: number): ExperimentInput => ({
  name: `iris on ${executor}`,
  objective: {
    kind: 'network',
    model: {
      inputShape: [4],
      layers: [
        { type: 'dense', units: 24, activation: 'tanh' },
        { type: 'dense', units: 3 },
      ],
      loss: 'softmaxCrossEntropy',
    },
    data: { source: { kind: 'builtin', name: 'iris' } },
    l2: 1e-3,
  },
  optimizer: { name: 'adam', learningRate: 0.02 },
  training: { stop: { steps }, recordEvery: 2 },
  executor,
});

const usedBytes = () => memories.reduce((sum, { used }) => sum + used, 0);
/** Timers, child processes and workers of this process. */
const handles = () =>
  process
    .getActiveResourcesInfo()
    .filter((name) => ['Timeout', 'ProcessWrap', 'MessagePort'].includes(name))
    .sort();

async function expectNothingHeld(held: { bytes: number; handles: string[] }) {
  expect(services.activity.busy).toBe(false);
  expect(usedBytes()).toBe(held.bytes);
  await expect.poll(handles).toEqual(held.handles);
}

describe.each(['wasm', 'onnx', 'reference'] as const)('cancelled in the middle, on %s', (executor) => {
  let runId: string;
  beforeAll(async () => {
    runId = (await trained(experiment(executor, 60))).run.id;
  });

  const source = () => ({ source: { kind: 'runs', runIds: [runId] }, plane: { kind: 'pca', biases: true } });
  /** So much work that it cannot have ended before the cancellation arrives. */
  const commands: [RequestName, () => unknown][] = [
    ['surface/compute', () => ({ ...source(), grid: [401, 401], save: true })],
    ['figure/export', () => ({ ...source(), grid: [401, 401] })],
    [
      'curvature/spectrum',
      () => ({ runId, top: 80, bottom: 80, method: 'lanczos', tolerance: 1e-30, maxIterations: 9_000 }),
    ],
    ['curvature/density', () => ({ runId, method: 'slq', starts: 200, steps: 150 })],
    ['curvature/trace', () => ({ runId, method: 'hutchinson', products: 100_000 })],
    ['curvature/layers', () => ({ runId, products: 10_000, top: 20, blockTop: 20, tolerance: 1e-30 })],
    ['curvature/alongPath', () => ({ runId, every: 1, tolerance: 1e-30, maxIterations: 2_000 })],
  ];

  test.each(commands)('%s leaves nothing behind', async (method, params) => {
    const cancelOnce = async () => {
      expect(await send(method, params(), 'midway')).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    };
    // What stays from the first times is kept on purpose: compiled programs and room to work in.
    await cancelOnce();
    await cancelOnce();
    const held = { bytes: usedBytes(), handles: handles() };
    for (let i = 0; i < 3; i++) {
      await cancelOnce();
      await expectNothingHeld(held);
    }
    const next = await send('surface/compute', { ...source(), grid: [3, 3] });
    expect(next.ok).toBe(true);
  });

  test('a training leaves nothing behind, its rows are kept', async () => {
    const cancelOnce = async () => {
      const batch = new Promise<void>((resolve) => {
        const undo = services.events.subscribe('run/batch', () => {
          undo();
          resolve();
        });
      });
      const started = (await send('run/start', { experiment: experiment(executor, 1_000_000) })) as Result<{
        id: string;
      }>;
      if (!started.ok) throw new Error(started.error.message);
      const { id } = started.value;
      await batch;
      expect(services.activity.busy).toBe(true);
      expect(await send('run/cancel', { runId: id })).toEqual({ ok: true, value: null });
      const opened = (await send('run/open', { runId: id })) as Result<{ run: { outcome: unknown; rows: number } }>;
      expect(opened).toMatchObject({ ok: true, value: { run: { outcome: { kind: 'cancelled' } } } });
    };
    await cancelOnce();
    const held = { bytes: usedBytes(), handles: handles() };
    for (let i = 0; i < 3; i++) {
      await cancelOnce();
      await expectNothingHeld(held);
    }
  });

  test('points looked at and planes made one after the other need no more memory', async () => {
    const look = () => send('objective/probe', { ...source(), x: 0.1, y: 0.2 });
    const draw = () => send('surface/compute', { ...source(), grid: [4, 4] });
    await look();
    await draw();
    const held = { bytes: usedBytes(), handles: handles() };
    for (let i = 0; i < 20; i++) expect((await look()).ok).toBe(true);
    for (let i = 0; i < 3; i++) expect((await draw()).ok).toBe(true);
    await expectNothingHeld(held);
  });
});

test('a plane, an examination and what a client that leaves was waiting for are ended too', async () => {
  const { run } = await trained(experiment('wasm', 40));
  const source = { source: { kind: 'runs', runIds: [run.id] }, plane: { kind: 'pca', biases: true } };
  await send('surface/compute', { ...source, grid: [3, 3] });
  const held = { bytes: usedBytes(), handles: handles() };
  // A plane may be done before it is cancelled; either way nothing is held.
  await send('plane/create', { ...source, plane: { kind: 'pca', biases: false } }, 'atOnce');
  await expectNothingHeld(held);
  expect(await send('app/doctor', { remeasure: true }, 'midway')).toMatchObject({ error: { code: 'cancelled' } });
  await expectNothingHeld(held);
  const left = send('curvature/trace', { runId: run.id, method: 'hutchinson', products: 100_000 });
  await expect.poll(() => services.activity.busy).toBe(true);
  server.receive({ type: 'left', client: 1 });
  expect(await left).toMatchObject({ error: { code: 'cancelled' } });
  expect(services.activity.busy).toBe(false);
});
