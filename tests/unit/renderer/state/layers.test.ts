import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { experimentSchema } from '../../../../src/shared/model/experiment';
import type { Surface } from '../../../../src/shared/model/landscape';
import { metricsOf } from '../batchFixture';
import { catalogFixture } from '../catalogFixture';
import { createFakeApi, ok, runInfo } from '../fakeApi';

const api = vi.hoisted(() => ({ module: {} as Record<string, unknown> }));
vi.mock('../../../../src/renderer/api', () => api.module);
const fake = createFakeApi();
Object.assign(api.module, fake.module);

const {
  compareWith,
  connectLayers,
  drawnLayer,
  endComparison,
  missingLayers,
  pinSurface,
  showLayer,
  trainingSlice,
  unpin,
  useLayers,
} = await import('../../../../src/renderer/state/layers');
const { clipIssue, clipLevel, defaultLayerOptions, layerValues, partsOf, quantile } = await import(
  '../../../../src/renderer/state/layerOptions'
);
const { clearLandscape, defaultLandscapeOptions, recompute, setOptions, useLandscape } = await import(
  '../../../../src/renderer/state/landscape'
);
const { useNotices } = await import('../../../../src/renderer/state/notices');
const { clearStage, restoreRuns } = await import('../../../../src/renderer/state/runs');
const { resolveHeight } = await import('../../../../src/renderer/state/scene');
const { parseWorkspace } = await import('../../../../src/renderer/state/workspace');
const { defaultDraft } = await import('../../../../src/renderer/state/draft');

const experiment = experimentSchema.parse({
  objective: {
    kind: 'network',
    model: { inputShape: [4], layers: [{ type: 'dense', units: 3 }], loss: 'softmaxCrossEntropy' },
    data: { source: { kind: 'builtin', name: 'iris' } },
    l2: 0.1,
  },
  optimizer: { name: 'sgd', learningRate: 0.1 },
  training: { stop: { steps: 10 } },
});

const surfaces = () => fake.calls.filter(({ method }) => method === 'surface/compute');
const settle = () => new Promise((done) => setTimeout(done, 0));
const drawn = () => drawnLayer(useLandscape.getState(), useLayers.getState());

/** Losses that say what was asked for: 1 training, 3 without L2, 2 validation; accuracy a tenth of it. */
function answer(): void {
  fake.handle('surface/compute', ({ grid: [nx, ny], range, split, l2, subset, plane, adaptive }) => {
    const [x0, x1, y0, y1] = range ?? [-1, 1, -1, 1];
    const line = (from: number, to: number, n: number) =>
      Float64Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));
    const value = split === 'validation' ? 2 : l2 === 'out' ? 0.5 : 1;
    const all = (number: number) => new Float64Array(nx * ny).fill(number);
    const made: Surface = {
      ...{ id: `${split} ${l2} ${JSON.stringify(plane)} ${nx}`, xs: line(x0, x1, nx), ys: line(y0, y1, ny) },
      ...{ loss: all(value), accuracy: all(value / 10), min: value, max: value, masked: 0, evaluations: nx * ny },
      ...{ seconds: 0, executor: 'wasm', executorSelection: null, subset: subset ?? { kind: 'full' }, examples: 120 },
      standardError: subset?.kind === 'random' ? all(0.01) : null,
      split: split ?? 'train',
      plane: useLandscape.getState().plane as Surface['plane'],
      ...(adaptive && {
        interpolation: {
          ...{ evaluated: new Uint8Array(nx * ny), tolerance: adaptive.tolerance ?? 0.01, checks: 1, largestError: 0 },
        },
      }),
    };
    return ok(made);
  });
}

let undo = () => {};
beforeEach(async () => {
  fake.reset();
  clearStage();
  clearLandscape();
  useLandscape.setState({ options: { ...defaultLandscapeOptions, networkGrid: '5' } });
  useLayers.setState({ kept: {}, place: null, pins: [], comparison: null });
  useNotices.setState({ notices: [] });
  undo = connectLayers();
  answer();
  fake.handle('run/open', ({ runId }) =>
    ok({
      run: runInfo(runId, experiment, {
        ...{ outcome: { kind: 'maxSteps', step: 10 }, examples: { train: 120, validation: 30 } },
      }),
      metrics: metricsOf(0, 3),
    }),
  );
  useLandscape.setState({ objective: experiment.objective });
  await restoreRuns([{ runId: 'a', label: 'A', color: 0 }]);
  await recompute();
  await settle();
});
afterEach(() => undo());

describe('layers', () => {
  test('are computed when first chosen and kept while plane and window stay', async () => {
    expect(surfaces()).toHaveLength(1);
    expect(drawn()).toMatchObject({ measure: 'loss', split: 'train', withoutL2: false });

    await showLayer({ measure: 'loss', split: 'validation' });
    expect(surfaces()).toHaveLength(2);
    expect(surfaces()[1]?.params).toMatchObject({ split: 'validation' });
    expect(drawn()).toMatchObject({ measure: 'loss', split: 'validation' });
    expect(drawn()?.surface.loss[0]).toBe(2);
    // What else speaks of the surface speaks of this one.
    expect(useLandscape.getState().result?.split).toBe('validation');
    expect(useLandscape.getState().asked?.split).toBe('validation');

    await showLayer({ measure: 'loss', split: 'train' });
    await showLayer({ measure: 'accuracy', split: 'train' });
    expect(drawn()?.surface.loss[0]).toBe(0.1);
    await showLayer({ measure: 'error', split: 'validation' });
    expect(drawn()?.surface.loss[0]).toBeCloseTo(0.8, 12);
    expect(surfaces()).toHaveLength(2);
    // The same object, so that the scene has nothing to build.
    const before = drawn()?.surface;
    await showLayer({ measure: 'loss' });
    await showLayer({ measure: 'error' });
    expect(drawn()?.surface).toBe(before);

    // Another window or plane has layers of its own.
    setOptions({ networkGrid: '7' });
    await recompute();
    await settle();
    expect(surfaces()).toHaveLength(3);
    expect(surfaces()[2]?.params).toMatchObject({ split: 'validation', grid: [7, 7] });
    expect(drawn()).toMatchObject({ measure: 'error', split: 'validation' });
  });

  test('the gap is of losses without the L2 term, and asks for what it lacks', async () => {
    await showLayer({ measure: 'gap' });
    expect(surfaces().map(({ params }) => params)).toMatchObject([
      { split: 'train', l2: 'in' },
      { split: 'validation' },
      { split: 'train', l2: 'out' },
    ]);
    expect(drawn()).toMatchObject({ measure: 'gap' });
    expect(drawn()?.surface.loss[0]).toBe(1.5);
    await showLayer({ measure: 'loss', split: 'train', l2: 'out' });
    expect(drawn()).toMatchObject({ measure: 'loss', withoutL2: true });
    expect(surfaces()).toHaveLength(3);
  });

  test('a layer that fails or is cancelled leaves the one before, and says why only where it failed', async () => {
    fake.handle('surface/compute', () => ({ ok: false, error: { code: 'engine', message: 'no room', cure: 'Less.' } }));
    await showLayer({ measure: 'loss', split: 'validation' });
    expect(useLandscape.getState().options).toMatchObject({ measure: 'loss', split: 'train' });
    expect(drawn()).toMatchObject({ split: 'train' });
    expect(useNotices.getState().notices).toMatchObject([{ message: 'no room', place: 'stage' }]);
    useNotices.setState({ notices: [] });
    fake.handle('surface/compute', () => ({ ok: false, error: { code: 'cancelled', message: 'cancelled' } }));
    await showLayer({ measure: 'gap' });
    expect(useLandscape.getState().options.measure).toBe('loss');
    expect(useNotices.getState().notices).toEqual([]);
  });

  test('of an adaptive surface accuracy and standard error are computed at every point', async () => {
    setOptions({ adaptive: true, tolerance: '2' });
    await recompute();
    await settle();
    expect(surfaces().at(-1)?.params).toMatchObject({ adaptive: { tolerance: 0.02 } });
    expect(drawn()?.result?.interpolation?.tolerance).toBe(0.02);
    await showLayer({ measure: 'accuracy' });
    expect(surfaces().at(-1)?.params).not.toHaveProperty('adaptive');
    expect(drawn()?.result?.interpolation).toBeUndefined();
    const count = surfaces().length;
    await showLayer({ measure: 'loss' });
    expect(drawn()?.result?.interpolation).toBeDefined();
    expect(surfaces()).toHaveLength(count);
  });

  test('what a surface cannot have is named', () => {
    const { kept } = useLayers.getState();
    expect(missingLayers(useLandscape.getState(), kept, 0)).toEqual({
      ...{ validation: 'noValidation', gap: 'noValidation', standardError: 'noSubset' },
    });
    expect(missingLayers(useLandscape.getState(), {}, 30)).toEqual({ standardError: 'noSubset' });
  });

  test('the slice beside the path is the training loss as trained, whatever is drawn', async () => {
    const slice = () => trainingSlice(useLandscape.getState(), useLayers.getState());
    expect(slice()?.loss[0]).toBe(1);
    await showLayer({ measure: 'accuracy', split: 'validation' });
    expect(slice()?.loss[0]).toBe(1);
  });
});

describe('differences', () => {
  const difference = {
    ...{ xs: Float64Array.of(0, 1), ys: Float64Array.of(0, 1), difference: Float64Array.of(0, 1, -1, Number.NaN) },
    ...{ exact: Uint8Array.of(1, 1, 1, 0), resampled: false, min: -1, max: 1, masked: 1, rootMeanSquare: 0.8 },
  };

  test('of a pinned surface, a part of the data, another run; they end with the surface', async () => {
    fake.handle('surface/difference', () => {
      const { result } = useLandscape.getState();
      return ok({ ...difference, minuend: result as Surface, subtrahend: result as Surface });
    });
    pinSurface('before');
    pinSurface('before');
    const [pin] = useLayers.getState().pins;
    expect(useLayers.getState().pins).toHaveLength(1);
    await showLayer({ measure: 'loss', split: 'validation' });
    await compareWith({ kind: 'pin', id: pin!.id }, 'before');
    expect(fake.calls.at(-1)?.params).toMatchObject({
      ...{ minuend: { split: 'validation' }, subtrahend: { split: 'train', l2: 'in', grid: [5, 5] } },
    });
    expect(drawn()).toMatchObject({ measure: 'difference', comparison: { label: 'before' } });
    expect(drawn()?.surface.loss).toBe(difference.difference);
    endComparison();
    expect(drawn()).toMatchObject({ measure: 'loss', split: 'validation' });

    await compareWith({ kind: 'run', runId: 'b' }, 'B');
    expect(fake.calls.at(-1)?.params).toMatchObject({ subtrahend: { source: { runIds: ['b'] } } });
    await compareWith({ kind: 'part', split: 'train', l2: 'out' }, 'train');
    expect(fake.calls.at(-1)?.params).toMatchObject({ subtrahend: { split: 'train', l2: 'out' } });
    await recompute();
    expect(useLayers.getState().comparison).toBeNull();
    unpin(pin!.id);
    expect(useLayers.getState().pins).toEqual([]);
    expect(await compareWith({ kind: 'pin', id: pin!.id }, 'gone')).toBeNull();
  });
});

describe('what is drawn of a surface', () => {
  const surface = (loss: number[], accuracy: number[] | null = null) =>
    ({
      loss: Float64Array.from(loss),
      accuracy: accuracy && Float64Array.from(accuracy),
      standardError: null,
    }) as Surface;

  test('gaps stay gaps in every layer', () => {
    const own = surface([2, Number.NaN, 4], [0.25, Number.NaN, 1]);
    expect(layerValues('error', [own])).toEqual(Float64Array.of(0.75, Number.NaN, 0));
    expect(layerValues('gap', [own, surface([1, 1, Number.NaN])])).toEqual(Float64Array.of(1, Number.NaN, Number.NaN));
    expect(layerValues('standardError', [own])).toBeNull();
    expect(layerValues('gap', [own])).toBeNull();
  });

  test('heights are cut at a value or a quantile, where that leaves and takes something', () => {
    const values = Float64Array.of(1, 2, 3, Number.NaN, 4, 5);
    const cut = (change: Partial<typeof defaultLayerOptions>) =>
      clipLevel({ ...defaultLayerOptions, ...change }, values);
    expect(cut({})).toBeNull();
    expect(cut({ clip: 'value', clipValue: ' 3.5 ' })).toBe(3.5);
    expect(cut({ clip: 'value', clipValue: '1' })).toBeNull();
    expect(cut({ clip: 'value', clipValue: '9' })).toBeNull();
    expect(cut({ clip: 'value', clipValue: 'x' })).toBeNull();
    // numpy.quantile([1, 2, 3, 4, 5], [0.5, 0.9]) = [3, 4.6]
    expect(cut({ clip: 'quantile', clipQuantile: '50' })).toBe(3);
    expect(quantile(values, 0.9)).toBeCloseTo(4.6, 12);
    expect(clipIssue({ ...defaultLayerOptions, clip: 'quantile', clipQuantile: '0' })?.key).toBe('tooSmallExclusive');
    expect(clipIssue({ ...defaultLayerOptions, clip: 'quantile', clipQuantile: '101' })?.key).toBe('tooBig');
    expect(clipIssue({ ...defaultLayerOptions, clip: 'value' })?.key).toBe('required');
  });

  test('signed heights are linear, shares only logarithmic when asked to', () => {
    const decades = Float64Array.from({ length: 100 }, (_, i) => 10 ** (i / 12));
    expect(resolveHeight('auto', decades)).toBe('log');
    expect(resolveHeight('auto', decades, 'accuracy')).toBe('linear');
    expect(resolveHeight('log', decades, 'error')).toBe('log');
    expect(resolveHeight('log', decades, 'difference')).toBe('linear');
    expect(partsOf({ measure: 'loss', l2: 'in', band: '1', split: 'train' }, true)[0]?.full).toBe(true);
  });
});

test('a workspace from before there were layers is read with their defaults', () => {
  const draft = defaultDraft(catalogFixture);
  const old = Object.fromEntries(
    Object.entries(defaultLandscapeOptions).filter(([name]) => !(name in defaultLayerOptions)),
  );
  expect(old).not.toHaveProperty('measure');
  expect(parseWorkspace({ version: 1, draft, options: old, runs: [] })?.options).toEqual(defaultLandscapeOptions);
  const left = {
    ...{ version: 1, draft, runs: [], profile: { points: '51', split: 'both' } },
    options: { ...defaultLandscapeOptions, measure: 'gap', clip: 'quantile', band: '2', adaptive: true },
  };
  expect(parseWorkspace(JSON.parse(JSON.stringify(left)))).toEqual(left);
});
