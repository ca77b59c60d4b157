import { beforeEach, expect, test, vi } from 'vitest';
import type { SavedCurvature, SharpnessPoint, Trace } from '../../../../src/shared/model/curvature';
import { experimentSchema } from '../../../../src/shared/model/experiment';
import { createFakeApi, ok, runInfo } from '../fakeApi';

const api = vi.hoisted(() => ({ module: {} as Record<string, unknown> }));
vi.mock('../../../../src/renderer/api', () => api.module);
const fake = createFakeApi();
Object.assign(api.module, fake.module);

const {
  curvatureIssues,
  defaultCurvatureOptions,
  groupsOf,
  loadSavedCurvature,
  measureCurvature,
  setCurvature,
  toggleMatrix,
  useCurvature,
} = await import('../../../../src/renderer/state/curvature');
const { curvatureCsv } = await import('../../../../src/renderer/state/curvatureExport');
const { useJobs } = await import('../../../../src/renderer/state/jobs');
const { useNotices } = await import('../../../../src/renderer/state/notices');
const { useRuns } = await import('../../../../src/renderer/state/runs');

const network = experimentSchema.parse({
  objective: {
    kind: 'network',
    model: { inputShape: [4], layers: [{ type: 'dense', units: 3 }], loss: 'softmaxCrossEntropy' },
    data: { source: { kind: 'builtin', name: 'iris' } },
  },
  optimizer: { name: 'sgd', learningRate: 0.1 },
  training: { stop: { steps: 10 } },
});
const himmelblau = experimentSchema.parse({
  objective: { kind: 'function', name: 'himmelblau', start: [0, 0] },
  optimizer: { name: 'sgd', learningRate: 0.1 },
  training: { stop: { steps: 10 } },
});

function stage(id: string, experiment = network): void {
  const info = runInfo(id, experiment, { parameterCount: 15, outcome: { kind: 'maxSteps', step: 10 } });
  useRuns.setState({ runs: [{ runId: id, label: 'SGD', color: 0, hidden: false, paused: false, info }], selected: id });
}

const trace = (change: Partial<Trace> = {}): Trace => ({
  ...{ runId: 'a', row: 5, step: 10, parameters: 15, samples: 120, subset: { kind: 'full' }, matrix: 'hessian' },
  ...{
    products: 60,
    seconds: 1,
    executor: 'wasm',
    executorSelection: null,
    seed: 0,
    value: 2,
    standardError: 0.1,
    probeStandardError: 0.1,
  },
  ...{ samplingStandardError: null, confidence: 0.95, interval: [1.8, 2.2], method: 'hutch++' },
  ...change,
});

beforeEach(() => {
  fake.reset();
  useCurvature.setState({ options: defaultCurvatureOptions, busy: false, live: null, results: {}, chosen: {} });
  useNotices.setState({ notices: [] });
  stage('a');
});

test('measures every chosen matrix on the examples chosen, and counts the progress of all together', async () => {
  const progress: (string | null)[] = [];
  fake.handle('curvature/trace', ({ matrix }, { onProgress }) => {
    onProgress?.({ label: 'trace', done: 30, total: 60, secondsLeft: null });
    const shown = useJobs.getState().jobs[0]?.progress;
    progress.push(shown ? `${shown.done}/${shown.total}` : null);
    return ok(trace({ matrix }));
  });
  setCurvature({ measurement: 'trace', examples: 'batches', batches: '4', batchSize: '16', seed: '7', products: '60' });
  toggleMatrix('gaussNewton');
  const measured = await measureCurvature();
  expect(measured?.map(({ result }) => result.matrix)).toEqual(['hessian', 'gaussNewton']);
  expect(progress).toEqual(['30/120', '90/120']);
  expect(fake.calls.map(({ params }) => params)).toMatchObject([
    { matrix: 'hessian', subset: { kind: 'batches', batches: 4, batchSize: 16, seed: 7 }, products: 60, row: 'final' },
    { matrix: 'gaussNewton', seed: 7 },
  ]);
  expect(useCurvature.getState().results.a).toHaveLength(2);
  expect(useJobs.getState().jobs).toEqual([]);
});

test('a function has one matrix and no examples to choose from', async () => {
  stage('f', himmelblau);
  fake.handle('curvature/trace', ({ matrix }) => ok(trace({ runId: 'f', matrix, samples: 0 })));
  setCurvature({ measurement: 'trace', matrices: ['hessian', 'empiricalFisher'], examples: 'random' });
  await measureCurvature();
  expect(fake.calls.map(({ params }) => params)).toMatchObject([{ matrix: 'hessian', subset: { kind: 'full' } }]);
});

test.each(['spectrum', 'density', 'trace', 'layers', 'alongPath'] as const)(
  'a cancelled %s leaves what was measured before, and no complaint',
  async (measurement) => {
    setCurvature({ measurement });
    const before: SavedCurvature = {
      id: 'x',
      measurement: 'trace',
      measuredAt: '2026-01-01T00:00:00Z',
      result: trace(),
    };
    useCurvature.setState({ results: { a: [before] } });
    fake.handle(`curvature/${measurement}`, (_, { signal }) => {
      useJobs.getState().jobs[0]?.cancel();
      expect(signal?.aborted).toBe(true);
      return { ok: false, error: { code: 'cancelled', message: 'Cancelled.' } };
    });
    expect(await measureCurvature()).toBeNull();
    expect(useCurvature.getState()).toMatchObject({ busy: false, live: null, results: { a: [before] } });
    expect(useNotices.getState().notices).toEqual([]);
  },
);

test('a path is drawn while it is followed', async () => {
  setCurvature({ measurement: 'alongPath', every: '3' });
  const point = (step: number): SharpnessPoint => ({
    ...{ row: step, step, value: step, residual: 0, converged: true, standardError: null },
    ...{ gradientAlignment: 0, learningRate: 0.1, products: 1 },
  });
  const seen: number[] = [];
  fake.handle('curvature/alongPath', async ({ runId, matrix, subset, seed }, { onPartial }) => {
    for (const step of [0, 3]) {
      onPartial?.(point(step));
      seen.push(useCurvature.getState().live?.points.length ?? 0);
    }
    const { row: _row, step: _step, ...shared } = trace({ runId, matrix, subset, seed });
    return ok({ ...shared, every: 3, points: [point(0), point(3)] });
  });
  await measureCurvature();
  expect(seen).toEqual([1, 2]);
  expect(useCurvature.getState().live).toBeNull();
});

test('what was measured before is read once; the newest group comes first, the newest of each matrix is shown', async () => {
  const entry = (id: string, result: Trace): SavedCurvature => ({ id, measurement: 'trace', measuredAt: id, result });
  fake.handle('curvature/saved', () =>
    ok({
      results: [
        entry('1', trace({ value: 1 })),
        entry('2', trace({ matrix: 'gaussNewton', value: 3 })),
        entry('3', trace({ row: 2, step: 4 })),
        entry('4', trace({ value: 2 })),
      ],
      unreadable: [{ path: '/x/torn.json', reason: 'Unexpected end' }],
    }),
  );
  await loadSavedCurvature('a');
  await loadSavedCurvature('a');
  expect(fake.calls).toHaveLength(1);
  const groups = groupsOf(useCurvature.getState().results.a!, 'trace');
  expect(groups.map(({ results }) => results.map(({ matrix, step, value }) => [matrix, step, value]))).toEqual([
    [
      ['hessian', 10, 2],
      ['gaussNewton', 10, 3],
    ],
    [['hessian', 4, 2]],
  ]);
  expect(groupsOf(useCurvature.getState().results.a!, 'density')).toEqual([]);
  expect(useCurvature.getState().unreadable.a).toHaveLength(1);
});

test('only the numbers a measurement needs are checked', () => {
  const issues = (change: Partial<typeof defaultCurvatureOptions>) =>
    curvatureIssues({ ...defaultCurvatureOptions, ...change }).map(({ path, key }) => `${path} ${key}`);
  expect(issues({ starts: 'x', products: '' })).toEqual([]);
  expect(issues({ measurement: 'density', starts: 'x', steps: '1' })).toEqual(['starts notANumber', 'steps tooSmall']);
  expect(issues({ shift: '0.5' })).toEqual([]);
  expect(issues({ shift: 'half' })).toEqual(['shift notANumber']);
  expect(issues({ measurement: 'alongPath', every: '0', seed: '' })).toEqual(['every tooSmall', 'seed required']);
  expect(issues({ batchSize: '' })).toEqual([]);
  expect(issues({ examples: 'batches', batchSize: '2.5' })).toEqual(['batchSize notAnInteger']);
});

test('the numbers as a table: one line each, nothing where there is none', () => {
  const csv = curvatureCsv({
    measurement: 'trace',
    results: [trace(), trace({ matrix: 'gaussNewton', value: Number.NaN })],
  });
  expect(csv).toBe(
    [
      'matrix,step,trace,standardError,low,high,confidence,method,products',
      'hessian,10,2,0.1,1.8,2.2,0.95,hutch++,60',
      'gaussNewton,10,,0.1,1.8,2.2,0.95,hutch++,60',
      '',
    ].join('\r\n'),
  );
});
