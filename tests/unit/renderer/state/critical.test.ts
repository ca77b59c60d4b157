import { beforeEach, expect, test, vi } from 'vitest';
import type { CriticalPoints, FoundCriticalPoint, MorseIndex } from '../../../../src/shared/model/critical';
import { experimentSchema, type ObjectiveSpec } from '../../../../src/shared/model/experiment';
import { metricsOf } from '../batchFixture';
import { catalogFixture } from '../catalogFixture';
import { createFakeApi, ok, runInfo } from '../fakeApi';

const api = vi.hoisted(() => ({ module: {} as Record<string, unknown> }));
vi.mock('../../../../src/renderer/api', () => api.module);
const fake = createFakeApi();
Object.assign(api.module, fake.module);

const {
  chooseFound,
  chooseMark,
  criticalIssues,
  defaultCriticalOptions,
  findInWindow,
  foundInWindow,
  loadSavedCritical,
  pointAt,
  outsideOf,
  searchFromHere,
  setCritical,
  shownPoint,
  useCritical,
  widenedTo,
  widenTo,
} = await import('../../../../src/renderer/state/critical');
const { foundCsv, windowCsv } = await import('../../../../src/renderer/state/criticalExport');
const { criticalOnStage } = await import('../../../../src/renderer/state/figure');
const { useJobs } = await import('../../../../src/renderer/state/jobs');
const { defaultLandscapeOptions, recompute, useLandscape } = await import('../../../../src/renderer/state/landscape');
const { useNotices } = await import('../../../../src/renderer/state/notices');
const { clearStage, restoreRuns } = await import('../../../../src/renderer/state/runs');
const { seek, setRows } = await import('../../../../src/renderer/state/timeline');
const { parseWorkspace } = await import('../../../../src/renderer/state/workspace');
const { defaultDraft } = await import('../../../../src/renderer/state/draft');

const himmelblau: ObjectiveSpec = { kind: 'function', name: 'himmelblau', start: [0, 0] };
const network = experimentSchema.parse({
  objective: {
    kind: 'network',
    model: { inputShape: [4], layers: [{ type: 'dense', units: 3 }], loss: 'softmaxCrossEntropy' },
    data: { source: { kind: 'builtin', name: 'iris' } },
  },
  optimizer: { name: 'sgd', learningRate: 0.1 },
  training: { stop: { steps: 10 } },
});

const nine: CriticalPoints = {
  window: [-6, 6, -6, 6],
  points: [
    { kind: 'minimum', index: 0, x: 3, y: 2, value: 0, eigenvalues: [25.7, 82.3], residual: 1e-13 },
    { kind: 'degenerate', index: null, x: 0, y: 0, value: 1, eigenvalues: [0, 1], residual: 0 },
  ],
  unresolved: [],
  maskedShare: 0,
  windingNumber: { edge: 1, inside: 1 },
  verified: true,
  grid: 12,
  evaluations: 400,
  seconds: 0.01,
};

const index: MorseIndex = {
  ...{ kind: 'saddle', index: 2, gradientNorm: 1e-9, negative: 2, zero: 1, positive: 12, indexKnown: true },
  tolerances: { gradient: 1e-8, eigenvalue: 1e-10 },
  top: [{ value: 3, residual: 1e-12, converged: true }],
  bottom: [{ value: -1, residual: 1e-12, converged: true }],
  ...{ spectrum: 'dense', products: 15 },
};
const point = (change: Partial<FoundCriticalPoint> = {}): FoundCriticalPoint => ({
  ...{
    id: 'row-1',
    foundAt: '2026-01-01T00:00:00.000Z',
    steps: [],
    plane: null,
    runId: 'a',
    from: { kind: 'row', row: 1 },
    step: 1,
    method: 'newtonMR',
    outcome: 'converged',
  },
  ...{ parameters: 15, loss: 0.5, gradientNorm: 1e-9, tolerance: 1e-8, floor: 1e-12, flatness: null, iterations: 4 },
  ...{ products: 40, distance: 0.7, onPlane: { x: 1, y: 2, distance: 0.3 }, index, descents: null, endsDiffer: null },
  ...{ seconds: 0.1, executor: 'reference', seed: 0 },
  ...change,
});

/** Two recorded runs of a network with their plane drawn. */
async function stage(): Promise<void> {
  fake.handle('run/open', ({ runId }) =>
    ok({
      run: runInfo(runId, network, { parameterCount: 15, outcome: { kind: 'maxSteps', step: 10 } }),
      metrics: metricsOf(0, 3),
    }),
  );
  useLandscape.setState({ objective: network.objective });
  await restoreRuns([
    { runId: 'a', label: 'A', color: 0 },
    { runId: 'b', label: 'B', color: 1 },
  ]);
  await recompute();
  setRows(3);
  seek(1);
}

beforeEach(() => {
  fake.reset();
  clearStage();
  useLandscape.setState({
    objective: null,
    plane: null,
    surface: null,
    result: null,
    custom: null,
    options: defaultLandscapeOptions,
  });
  useCritical.setState({
    ...{ options: defaultCriticalOptions, busy: false, inWindow: null, chosen: null, pointed: null, live: null },
    ...{ found: {}, shown: {}, unreadable: {} },
  });
  useNotices.setState({ notices: [] });
});

test('searches the window that is drawn, and what was found is of that function alone', async () => {
  fake.handle('critical/all', () => ok(nine));
  useLandscape.setState({ objective: himmelblau });
  expect(await findInWindow()).toBeNull();
  await recompute();
  expect(await findInWindow()).toEqual(nine);
  expect(fake.calls.at(-1)).toEqual({
    method: 'critical/all',
    params: { objective: himmelblau, window: [-6, 6, -6, 6] },
  });
  chooseMark('1');
  chooseMark('found');
  expect(useCritical.getState().chosen).toBe(1);
  const state = useCritical.getState();
  expect(foundInWindow(state, { ...himmelblau, start: [1, 1] })).toBe(nine);
  expect(foundInWindow(state, { kind: 'function', name: 'beale' })).toBeNull();
});

test('begins at the playhead of the selected run and names the plane with all its runs', async () => {
  await stage();
  const plane = useLandscape.getState().plane!.spec;
  const seen: unknown[] = [];
  fake.handle('critical/fromRun', (_, { onPartial, onProgress }) => {
    onProgress?.({ label: 'criticalPoints', done: 1, total: 100, secondsLeft: null });
    for (const iteration of [1, 2]) {
      onPartial?.({ iteration, loss: 1, gradientNorm: 10 ** -iteration, products: iteration });
      seen.push(useCritical.getState().live?.steps.length);
    }
    return ok(point());
  });
  setCritical({ method: 'gaussNewton', tolerance: '1e-6', maxIterations: '50', polish: true });
  expect(await searchFromHere()).toEqual(point());
  expect(fake.calls.at(-1)?.params).toEqual({
    ...{ runId: 'a', from: { kind: 'row', row: 1 }, method: 'gaussNewton', descend: true, polish: true },
    ...{ plane, planeRuns: ['a', 'b'], tolerance: 1e-6, maxIterations: 50 },
  });
  expect(seen).toEqual([1, 2]);
  expect(useCritical.getState()).toMatchObject({ live: null, found: { a: [point()] } });
});

test('begins at the point clicked, as long as its plane is drawn', async () => {
  await stage();
  fake.handle('critical/fromRun', ({ from }) => ok(point({ from: from as FoundCriticalPoint['from'], step: null })));
  setCritical({ from: 'pointed' });
  expect(await searchFromHere()).toBeNull();
  setCritical({ from: 'playhead' });
  pointAt(0.5, -1);
  expect(useCritical.getState().options.from).toBe('pointed');
  expect((await searchFromHere())?.from).toEqual({ kind: 'plane', x: 0.5, y: -1 });
  useLandscape.setState(({ plane }) => ({
    plane: plane && { ...plane, spec: { kind: 'gradient', biases: true, origin: 'final' } },
  }));
  expect(await searchFromHere()).toBeNull();
});

test('a cancelled search leaves what was found before, and no complaint; an error is said with its cure', async () => {
  await stage();
  fake.handle('critical/fromRun', () => ok(point()));
  await searchFromHere();
  fake.handle('critical/fromRun', (_, { signal }) => {
    useJobs
      .getState()
      .jobs.find(({ label }) => label === 'criticalPoints')
      ?.cancel();
    expect(signal?.aborted).toBe(true);
    return { ok: false, error: { code: 'cancelled', message: 'Cancelled.' } };
  });
  expect(await searchFromHere()).toBeNull();
  expect(useCritical.getState()).toMatchObject({ busy: false, live: null, found: { a: [point()] } });
  expect(useNotices.getState().notices).toEqual([]);
  fake.handle('critical/fromRun', () => ({
    ok: false,
    error: { code: 'badInput', message: 'No.', cure: 'Try another.' },
  }));
  await searchFromHere();
  expect(useNotices.getState().notices).toMatchObject([{ place: 'critical', message: 'No.', cure: 'Try another.' }]);
});

test('what a run keeps is listed beside what was found since; choosing one draws its plane', async () => {
  await stage();
  const source = { kind: 'runs' as const, runIds: ['a', 'b'] };
  const spec = useLandscape.getState().plane!.spec;
  const gradient = { kind: 'gradient', biases: true, origin: 'final' } as const;
  const kept = [
    point({ id: 'row-0', foundAt: '2025-01-01T00:00:00.000Z', plane: { source, plane: gradient } }),
    point({ id: 'row-1', foundAt: '2025-01-02T00:00:00.000Z', plane: { source, plane: spec } }),
  ];
  fake.handle('critical/fromRun', () => ok(point({ id: 'row-2', plane: { source, plane: spec } })));
  await searchFromHere();
  const unreadable = [{ path: 'critical/foreign.json', reason: 'runId: expected string' }];
  fake.handle('critical/saved', () =>
    ok({ points: [...kept, point({ id: 'row-2', plane: { source, plane: spec } })], unreadable }),
  );
  await loadSavedCritical('a');
  await loadSavedCritical('a');
  expect(fake.calls.filter(({ method }) => method === 'critical/saved')).toHaveLength(1);
  const state = useCritical.getState();
  expect(state.found.a?.map(({ id }) => id)).toEqual(['row-0', 'row-1', 'row-2']);
  expect(state.unreadable.a).toEqual(unreadable);
  expect(shownPoint(state, 'a')?.id).toBe('row-2');

  // A figure is asked for with what stands on the stage.
  expect(criticalOnStage()).toEqual([
    { runId: 'a', id: 'row-1', descents: false },
    { runId: 'a', id: 'row-2', descents: true },
  ]);

  // On the plane that is drawn nothing is computed.
  const before = fake.calls.length;
  chooseMark('2025-01-02T00:00:00.000Z');
  expect(shownPoint(useCritical.getState(), 'a')?.id).toBe('row-1');
  expect(fake.calls).toHaveLength(before);
  await chooseFound('a', '2025-01-01T00:00:00.000Z');
  expect(shownPoint(useCritical.getState(), 'a')?.id).toBe('row-0');
  expect(fake.calls.slice(before).map(({ method, params }) => [method, Object(params).plane])).toEqual([
    ['plane/create', gradient],
    ['surface/compute', gradient],
  ]);
});

test.each([
  [{ tolerance: '' }, [['tolerance', 'required']]],
  [{ tolerance: '0' }, [['tolerance', 'tooSmallExclusive']]],
  [{ tolerance: 'small' }, [['tolerance', 'notANumber']]],
  [{ tolerance: '1e-9', maxIterations: '1.5' }, [['maxIterations', 'notAnInteger']]],
  [{ maxIterations: '0' }, [['maxIterations', 'tooSmall']]],
  [{ maxIterations: '10001' }, [['maxIterations', 'tooBig']]],
  [{}, []],
] as const)('%j: what is wrong stands beside the field', async (change, expected) => {
  const options = { ...defaultCriticalOptions, ...change };
  expect(criticalIssues(options).map(({ path, key }) => [path, key])).toEqual(expected);
  await stage();
  useCritical.setState({ options });
  fake.handle('critical/fromRun', () => ok(point()));
  expect((await searchFromHere()) !== null).toBe(expected.length === 0);
});

test('the window is widened to the point found, on the plane as it is', async () => {
  expect(widenedTo([0, 1, 0, 1], [{ x: 0.5, y: 0.2 }])).toEqual([0, 1, 0, 1]);
  const [x0, x1, y0, y1] = widenedTo(
    [0, 1, 0, 1],
    [
      { x: 2, y: 0.5 },
      { x: 3, y: -1 },
    ],
  );
  // A tenth of the new window lies beyond the point.
  expect([x0, y1]).toEqual([0, 1]);
  expect([(x1 - 3) / (x1 - x0), (-1 - y0) / (y1 - y0)]).toBeAllclose([0.1, 0.1], { rtol: 1e-12 });
  await stage();
  const plane = useLandscape.getState().plane?.spec;
  const way = (...x: number[]) => ({
    ...{ sign: 1 as const, outcome: 'converged' as const, steps: 3, lastStretch: null, gradientNorm: 0, end: index },
    ...{ arcLength: Float64Array.from(x), loss: Float64Array.from(x) },
    onPlane: { x: Float64Array.from(x), y: Float64Array.from(x, () => 0), distance: Float64Array.from(x) },
  });
  const outside = outsideOf(
    point({ onPlane: { x: 12, y: 0, distance: 0.3 }, descents: [way(12, 5), way(12, -5, -9)] }),
    useLandscape.getState().surface!.range,
  );
  expect(outside).toMatchObject({ point: [{ x: 12, y: 0 }], ways: [12, 12, -9].map((x) => ({ x, y: 0 })) });
  await widenTo(outside.point);
  expect(fake.calls.at(-1)).toMatchObject({
    method: 'surface/compute',
    params: { source: { kind: 'runs', runIds: ['a', 'b'] }, plane, range: [-6, 14, -6, 6] },
  });
});

test('numbers are saved in full: one row per point, or per eigenvalue', () => {
  expect(windowCsv(nine).split('\r\n')).toEqual([
    'kind,index,x,y,value,eigenvalue1,eigenvalue2,residual',
    'minimum,0,3,2,0,25.7,82.3,1e-13',
    'degenerate,,0,0,1,0,1,0',
    '',
  ]);
  const [header, ...rows] = foundCsv(point()).trim().split('\r\n');
  expect(header?.split(',')).toHaveLength(16);
  expect(rows).toEqual([
    '1,newtonMR,converged,saddle,0.5,1e-9,2,1,12,1,2,0.3,top,3,1e-12,true',
    '1,newtonMR,converged,saddle,0.5,1e-9,2,1,12,1,2,0.3,bottom,-1,1e-12,true',
  ]);
});

test('the options are remembered with the workspace', () => {
  const before = { version: 1, draft: defaultDraft(catalogFixture), options: defaultLandscapeOptions, runs: [] };
  const left = { ...before, critical: { ...defaultCriticalOptions, method: 'saddleFree' } };
  expect(parseWorkspace(JSON.parse(JSON.stringify(left)))).toEqual(left);
  // Written before there was anything to remember.
  expect(parseWorkspace(before)).toEqual(before);
  expect(parseWorkspace({ ...left, critical: { ...left.critical, method: 'guess' } })).toBeNull();
});
