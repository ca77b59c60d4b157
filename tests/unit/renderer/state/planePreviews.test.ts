import { beforeEach, expect, test, vi } from 'vitest';
import type { Result } from '../../../../src/shared/contract';
import { experimentSchema } from '../../../../src/shared/model/experiment';
import type { Plane } from '../../../../src/shared/model/landscape';
import { metricsOf } from '../batchFixture';
import { createFakeApi, ok, runInfo } from '../fakeApi';

const api = vi.hoisted(() => ({ module: {} as Record<string, unknown> }));
vi.mock('../../../../src/renderer/api', () => api.module);
const fake = createFakeApi();
Object.assign(api.module, fake.module);

const { defaultLandscapeOptions, recompute, setOptions, useLandscape } = await import(
  '../../../../src/renderer/state/landscape'
);
const { planeKinds } = await import('../../../../src/renderer/state/planeChoice');
const { resumePlanePreviews, stopPlanePreviews, usePlanePreviews, watchPlanePreviews } = await import(
  '../../../../src/renderer/state/planePreviews'
);
const { restoreRuns } = await import('../../../../src/renderer/state/runs');
const { turnTo } = await import('../../../../src/renderer/state/turning');

const network = experimentSchema.parse({
  objective: {
    kind: 'network',
    model: { inputShape: [4], layers: [{ type: 'dense', units: 3 }], loss: 'softmaxCrossEntropy' },
    data: { source: { kind: 'builtin', name: 'iris' } },
  },
  optimizer: { name: 'sgd', learningRate: 0.1 },
  training: { stop: { steps: 10 } },
});
const examples = { train: 900, validation: 100 };

const stateOf = (kind: (typeof planeKinds)[number]) => usePlanePreviews.getState().previews[kind]?.state;
const states = () => Object.fromEntries(planeKinds.map((kind) => [kind, stateOf(kind)]));
const asked = (method: string) => fake.calls.filter((call) => call.method === method);
const kindsAsked = () => asked('plane/create').map(({ params }) => (params as { plane: { kind: string } }).plane.kind);
const all = ['pca', 'random', 'parameters', 'points', 'gradient', 'eigenvectors'];

/** Planes that stay under way until they are let go, and are cancelled by their signal. */
function holdPlanes() {
  const plane: Plane = {
    ...{ spec: { kind: 'pca', biases: true }, dimension: 2, norms: [1, 1], axisCosine: 0 },
    ...{ explainedVarianceRatio: [0.8, 0.1], labels: ['x', 'y'], range: [-1, 1, -1, 1], paths: [] },
  };
  const held: { kind: string; release(): void }[] = [];
  fake.handle('plane/create', ({ plane: { kind } }, { signal }) => {
    return new Promise<Result<Plane>>((resolve) => {
      held.push({ kind, release: () => resolve(ok(plane)) });
      const cancelled = { ok: false, error: { code: 'cancelled', message: 'Cancelled.' } } as const;
      signal?.addEventListener('abort', () => resolve(cancelled));
    });
  });
  return held;
}

let close = () => {};
beforeEach(async () => {
  close();
  fake.reset();
  fake.handle('run/open', ({ runId }) =>
    ok({
      run: runInfo(runId, network, { outcome: { kind: 'maxSteps', step: 10 }, examples }),
      metrics: metricsOf(0, 11),
    }),
  );
  usePlanePreviews.setState({ previews: {}, stopped: false });
  useLandscape.setState({ options: defaultLandscapeOptions, objective: network.objective, computing: false });
  await restoreRuns([{ runId: 'run', label: 'SGD', color: 0 }]);
  fake.calls.length = 0;
});

test('one after the other: the chosen plane first, those of the Hessian last, each on few examples', async () => {
  setOptions({ plane: 'points' });
  close = watchPlanePreviews();
  await vi.waitFor(() => expect(stateOf('eigenvectors')).toBe('ready'));
  expect(kindsAsked()).toEqual(['points', 'pca', 'random', 'parameters', 'gradient', 'eigenvectors']);
  for (const { params } of asked('surface/compute'))
    expect(params).toMatchObject({ grid: [21, 21], subset: { kind: 'random', examples: 500 } });
  // What a person has still to choose is said, not asked for.
  expect(usePlanePreviews.getState().previews.file).toMatchObject({ state: 'failed', issue: { key: 'noFile' } });
  expect(usePlanePreviews.getState().previews.connection?.issue?.key).toBe('noConnection');

  // They are kept: opened again nothing is computed; a changed setting is, alone. Turning is not part of them.
  close();
  fake.calls.length = 0;
  close = watchPlanePreviews();
  setOptions({ turn: '30' });
  expect(fake.calls).toEqual([]);
  setOptions({ planeSeed: '5' });
  await vi.waitFor(() => expect(stateOf('random')).toBe('ready'));
  // The seed is that of the points' second direction as well.
  expect(kindsAsked()).toEqual(['points', 'random']);
});

test('what cannot be made says why, and the others go on', async () => {
  const error = { code: 'badInput', message: 'The path does not move.', cure: 'Train first.' } as const;
  fake.handle('plane/create', ({ plane }) => (plane.kind === 'pca' ? { ok: false, error } : holdNothing()));
  close = watchPlanePreviews();
  await vi.waitFor(() => expect(stateOf('eigenvectors')).toBe('ready'));
  expect(usePlanePreviews.getState().previews.pca).toMatchObject({ state: 'failed', error, surface: null });
});
const holdNothing = (): Result<Plane> =>
  ok({
    ...{ spec: { kind: 'gradient', biases: true, origin: 'final' }, dimension: 2, norms: [1, 1], axisCosine: 0 },
    ...{ explainedVarianceRatio: null, labels: ['x', 'y'], range: [-1, 1, -1, 1], paths: [] },
  });

test('stopped, closed, or in the way of the stage: what is under way is cancelled and waits', async () => {
  const held = holdPlanes();
  close = watchPlanePreviews();
  expect(states()).toMatchObject({ pca: 'making', random: 'waiting' });
  stopPlanePreviews();
  await vi.waitFor(() => expect(stateOf('pca')).toBe('waiting'));
  expect(held).toHaveLength(1);

  resumePlanePreviews();
  expect(stateOf('pca')).toBe('making');
  held.at(-1)?.release();
  await vi.waitFor(() => expect(states()).toMatchObject({ pca: 'ready', random: 'making' }));

  // The stage computes: the preview gives way, and goes on afterwards.
  useLandscape.setState({ computing: true });
  await vi.waitFor(() => expect(stateOf('random')).toBe('waiting'));
  useLandscape.setState({ computing: false });
  await vi.waitFor(() => expect(stateOf('random')).toBe('making'));
  // Its settings changed: what was under way is of no use.
  setOptions({ planeSeed: '3' });
  await vi.waitFor(() => expect(asked('plane/create').at(-1)?.params).toMatchObject({ plane: { seed: 3 } }));

  close();
  await vi.waitFor(() => expect(stateOf('random')).toBe('waiting'));
  const before = fake.calls.length;
  await Promise.resolve();
  expect(fake.calls).toHaveLength(before);
  expect(stateOf('pca')).toBe('ready');
});

test('nothing is previewed while a network trains', async () => {
  fake.handle('run/open', ({ runId }) => ok({ run: runInfo(runId, network, { examples }), metrics: metricsOf(0, 11) }));
  await restoreRuns([{ runId: 'running', label: 'SGD', color: 0 }]);
  fake.calls.length = 0;
  close = watchPlanePreviews();
  expect(usePlanePreviews.getState().previews).toEqual({});
  expect(all.map((kind) => stateOf(kind as 'pca'))).toEqual(all.map(() => undefined));
  expect(fake.calls).toEqual([]);
});

test('a plane being turned: one coarse surface at a time, each of the newest angle, then the fine one', async () => {
  const held = holdPlanes();
  for (let degrees = 1; degrees <= 40; degrees++) turnTo({ turn: String(degrees) });
  const angles = () =>
    asked('plane/create').map(({ params }) =>
      Math.round(((params as { plane: { angle: number } }).plane.angle * 180) / Math.PI),
    );
  // The first one was under way when the others came; of those only the last is drawn.
  for (let k = 0; k < 3; k++) {
    await vi.waitFor(() => expect(held).toHaveLength(k + 1), { timeout: 2_000 });
    held[k]?.release();
    await vi.waitFor(() => expect(asked('surface/compute')).toHaveLength(k + 1));
  }
  expect(angles()).toEqual([1, 40, 40]);
  const coarse = { grid: [48, 48], subset: { kind: 'random', examples: 500 } };
  const fine = { grid: [51, 51], subset: { kind: 'full' }, save: false };
  for (const [k, wanted] of [coarse, coarse, fine].entries())
    expect(asked('surface/compute')[k]?.params).toMatchObject(wanted);
});

test('a plane that cannot be had: the path’s own stands in where nothing is drawn, what is drawn stays', async () => {
  setOptions({ plane: 'file' });
  useLandscape.setState({ surface: null, plane: null });
  await recompute();
  expect(kindsAsked()).toEqual(['pca']);
  expect(useLandscape.getState()).toMatchObject({ custom: { plane: { kind: 'pca' } }, options: { plane: 'file' } });
  expect(useLandscape.getState().surface).not.toBeNull();
  setOptions({ planeSeed: '1' });
  fake.calls.length = 0;
  await recompute();
  expect(fake.calls).toEqual([]);

  const error = { code: 'badInput', message: 'The file is gone.', cure: 'Choose it again.' } as const;
  fake.handle('plane/create', () => ({ ok: false, error }));
  setOptions({ files: ['gone.npy'] });
  await recompute();
  expect(useLandscape.getState()).toMatchObject({ planeError: error, stale: true, computing: false });
  setOptions({ files: [] });
  expect(useLandscape.getState().planeError).toBeNull();
});
