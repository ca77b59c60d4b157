import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { batchOf, metricsOf } from '../batchFixture';
import { catalogFixture } from '../catalogFixture';
import { createFakeApi, ok, runInfo } from '../fakeApi';

const api = vi.hoisted(() => ({ module: {} as Record<string, unknown> }));
vi.mock('../../../../src/renderer/api', () => api.module);
const fake = createFakeApi();
Object.assign(api.module, fake.module);

const { useCatalog } = await import('../../../../src/renderer/state/catalog');
const { defaultDraft } = await import('../../../../src/renderer/state/draft');
const { clearLandscape, useLandscape } = await import('../../../../src/renderer/state/landscape');
const { useNotices } = await import('../../../../src/renderer/state/notices');
const { clearStage, connectRuns, stopRuns, trackOf, useRuns } = await import('../../../../src/renderer/state/runs');
const { connectSession, restore, startFrom, train } = await import('../../../../src/renderer/state/session');
const { useTimeline } = await import('../../../../src/renderer/state/timeline');
const { adoptDraft, edit, redo, undo, useWorkbench } = await import('../../../../src/renderer/state/workbench');
const { parseWorkspace } = await import('../../../../src/renderer/state/workspace');

const settle = () => new Promise((done) => setTimeout(done, 0));
let undos: (() => void)[] = [];
let started = 0;

beforeEach(() => {
  fake.reset();
  started = 0;
  fake.handle('run/start', ({ experiment }) => ok(runInfo(`run-${++started}`, experiment)));
  vi.stubGlobal('requestAnimationFrame', () => 1);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  useCatalog.setState({ catalog: catalogFixture });
  useNotices.setState({ notices: [] });
  clearStage();
  clearLandscape();
  adoptDraft(defaultDraft(catalogFixture));
  undos = [connectRuns({ engineRestarted: () => ({ message: 'restarted', cure: 'again' }) }), connectSession()];
});
afterEach(() => {
  for (const stop of undos) stop();
  vi.unstubAllGlobals();
});

const requested = (method: string) => fake.calls.filter((call) => call.method === method);
const end = (id: string, kind: 'maxSteps' | 'cancelled' = 'maxSteps') => {
  const { info } = useRuns.getState().runs.find(({ runId }) => runId === id)!;
  fake.emit('run/ended', { run: { ...info, outcome: { kind, step: 3 }, seconds: 1 } });
};

test('stopping a run that has ended meanwhile says nothing; another failure does', async () => {
  await train();
  fake.handle('run/cancel', ({ runId }) => ({
    ok: false,
    error: { code: 'notFound', message: `No run "${runId}" is training.` },
  }));
  await stopRuns();
  expect(useNotices.getState().notices).toEqual([]);
  fake.handle('run/cancel', () => ({ ok: false, error: { code: 'internal', message: 'broken' } }));
  await stopRuns();
  expect(useNotices.getState().notices).not.toEqual([]);
});

describe('a race on a function', () => {
  test('starts every optimizer, draws the function, plays the rows as they come and acknowledges them', async () => {
    expect(await train()).toBe(true);
    expect(useRuns.getState().runs.map(({ label, color }) => [label, color])).toEqual([
      ['SGD', 0],
      ['Momentum', 1],
      ['Adam', 2],
    ]);
    expect(useLandscape.getState()).toMatchObject({ computing: false, objective: { name: 'himmelblau' } });
    expect(useLandscape.getState().surface?.loss).toHaveLength(97 * 97);
    expect(useTimeline.getState().playing).toBe(false);
    fake.emit('run/batch', batchOf('run-2', 0, 3));
    expect(useTimeline.getState()).toMatchObject({ playing: true, growing: true, rows: 3 });
    expect(trackOf('run-2')?.pathRows.current).toBe(3);
    expect(requested('run/acknowledge')).toEqual([
      { method: 'run/acknowledge', params: { runId: 'run-2', batches: 1 } },
    ]);
    for (const id of ['run-1', 'run-2', 'run-3']) end(id);
    expect(useTimeline.getState().growing).toBe(false);
    expect(useRuns.getState().runs.every(({ info }) => info.outcome.kind === 'maxSteps')).toBe(true);
  });

  test('rows that arrive before the reply are not lost', async () => {
    fake.handle('run/start', async ({ experiment }) => {
      const id = `run-${++started}`;
      fake.emit('run/batch', batchOf(id, 0, 5));
      return ok(runInfo(id, experiment));
    });
    await train();
    expect(useRuns.getState().runs.map(({ runId }) => trackOf(runId)?.rows)).toEqual([5, 5, 5]);
  });

  test('batches of runs that are not on the stage are ignored', async () => {
    await train();
    fake.emit('run/batch', batchOf('another', 0, 5));
    expect(trackOf('another')).toBeUndefined();
    expect(requested('run/acknowledge')).toEqual([]);
  });

  test('a click on the surface starts them from there', async () => {
    await train();
    await startFrom(1.23456789, -2);
    const again = requested('run/start').slice(3);
    const starts = again.map(
      ({ params }) => (params as { experiment: { objective: { start: number[] } } }).experiment.objective.start,
    );
    expect(starts).toEqual([
      [1.2346, -2],
      [1.2346, -2],
      [1.2346, -2],
    ]);
  });

  test('the same function is drawn once for two races', async () => {
    await train();
    await startFrom(0, 0);
    expect(requested('surface/compute')).toHaveLength(1);
  });
});

describe('what cannot run', () => {
  test('a wrong field: nothing starts, the field is asked for, what was typed stays', async () => {
    edit('optimizers.0.learningRate', (draft) => ({
      ...draft,
      optimizers: draft.optimizers.with(0, { ...draft.optimizers[0]!, learningRate: 'abc' }),
    }));
    expect(await train()).toBe(false);
    expect(requested('run/start')).toEqual([]);
    expect(useWorkbench.getState().focus?.path).toBe('optimizers.0.learningRate');
    expect(useWorkbench.getState().draft?.optimizers[0]?.learningRate).toBe('abc');
  });

  test('the engine refuses a value: its words stand beside the field until it is edited', async () => {
    fake.handle('run/start', () => ({
      ok: false,
      error: { code: 'badInput', message: 'too large', field: ['experiment', 'optimizer', 'learningRate'] },
    }));
    expect(await train()).toBe(false);
    expect(useWorkbench.getState().engineIssues.map(({ path }) => path)).toEqual([
      'optimizers.0.learningRate',
      'optimizers.1.learningRate',
      'optimizers.2.learningRate',
    ]);
    expect(useTimeline.getState().growing).toBe(false);
    edit('optimizers.1.learningRate', (draft) => ({ ...draft, seed: draft.seed }));
    expect(useWorkbench.getState().engineIssues).toHaveLength(2);
  });

  test('an error that belongs to no field becomes a banner; the runs that started go on', async () => {
    fake.handle('run/start', ({ experiment }) =>
      ++started === 2
        ? { ok: false, error: { code: 'io', message: 'The disk is full.', cure: 'Free some space.' } }
        : ok(runInfo(`run-${started}`, experiment)),
    );
    expect(await train()).toBe(true);
    expect(useRuns.getState().runs.map(({ label }) => label)).toEqual(['SGD', 'Adam']);
    expect(useNotices.getState().notices).toMatchObject([{ message: 'The disk is full.', cure: 'Free some space.' }]);
  });

  test('a surface that cannot be computed says so, and cancelling it does not', async () => {
    fake.handle('surface/compute', () => ({ ok: false, error: { code: 'cancelled', message: 'Cancelled.' } }));
    await train();
    expect(useNotices.getState().notices).toEqual([]);
    expect(useLandscape.getState()).toMatchObject({ computing: false, stale: true });
  });

  test('the engine died: runs in progress are interrupted, and it is said', async () => {
    await train();
    end('run-1');
    fake.emit('engine/restarted', { reason: 'out of memory' });
    expect(useRuns.getState().runs.map(({ info }) => info.outcome.kind)).toEqual([
      'maxSteps',
      'interrupted',
      'interrupted',
    ]);
    expect(useNotices.getState().notices[0]?.message).toBe('restarted');
  });
});

describe('the form', () => {
  test('another function is drawn at once, without a run', async () => {
    await train();
    vi.useFakeTimers();
    edit('function.name', (draft) => ({ ...draft, function: { name: 'booth', start: ['', ''] } }));
    await vi.advanceTimersByTimeAsync(400);
    vi.useRealTimers();
    await settle();
    expect(useRuns.getState().runs).toEqual([]);
    expect(useLandscape.getState().objective).toMatchObject({ name: 'booth' });
    expect(requested('surface/compute')).toHaveLength(2);
  });

  test('keystrokes in one field are undone together, and redone', () => {
    const type = (seed: string) => edit('seed', (draft) => ({ ...draft, seed }));
    for (const typed of ['1', '12', '123']) type(typed);
    edit('training.steps', (draft) => ({ ...draft, training: { ...draft.training, steps: '9' } }));
    undo();
    expect(useWorkbench.getState().draft).toMatchObject({ seed: '123', training: { steps: '300' } });
    undo();
    expect(useWorkbench.getState().draft?.seed).toBe('0');
    redo();
    expect(useWorkbench.getState().draft?.seed).toBe('123');
  });
});

describe('the workspace', () => {
  const draft = defaultDraft(catalogFixture);

  test('recorded runs come back with their paths; those that are gone are left out', async () => {
    const { experiment } = catalogFixture.experiments[0]!;
    fake.handle('run/open', ({ runId }) =>
      runId === 'gone'
        ? { ok: false, error: { code: 'notFound', message: 'gone' } }
        : ok({
            run: runInfo(runId, experiment, { outcome: { kind: 'converged', step: 3 } }),
            metrics: metricsOf(0, 3),
          }),
    );
    const found = await restore([
      { runId: 'kept', label: 'Kept', color: 4 },
      { runId: 'gone', label: 'Gone', color: 5 },
    ]);
    expect(found).toBe(true);
    expect(useRuns.getState().runs).toMatchObject([{ runId: 'kept', label: 'Kept', color: 4 }]);
    expect(trackOf('kept')?.path.current.x.slice(0, 3)).toEqual(Float64Array.of(1, 2, 3));
    expect(useTimeline.getState()).toMatchObject({ rows: 3, growing: false });
    expect(await restore([{ runId: 'gone', label: '', color: 0 }])).toBe(false);
  });

  test('is taken as it was written, mistakes in the form included, and refused when it is something else', () => {
    const { options } = useLandscape.getState();
    const workspace = { version: 1, draft: { ...draft, seed: 'oops' }, options, runs: [] };
    expect(parseWorkspace(JSON.parse(JSON.stringify(workspace)))).toEqual(workspace);
    expect(parseWorkspace({ ...workspace, version: 2 })).toBeNull();
    expect(parseWorkspace(undefined)).toBeNull();
    expect(parseWorkspace({ version: 1, draft: {} })).toBeNull();
  });
});
