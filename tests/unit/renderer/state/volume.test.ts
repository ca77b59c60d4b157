import { beforeEach, expect, test, vi } from 'vitest';
import { experimentSchema } from '../../../../src/shared/model/experiment';
import { type MotionColumns, motionNames } from '../../../../src/shared/model/motion';
import type { Volume } from '../../../../src/shared/model/sections';
import { metricsOf } from '../batchFixture';
import { createFakeApi, ok, runInfo } from '../fakeApi';

const api = vi.hoisted(() => ({ module: {} as Record<string, unknown> }));
vi.mock('../../../../src/renderer/api', () => api.module);
const fake = createFakeApi();
Object.assign(api.module, fake.module);

const {
  computeVolume,
  connectVolume,
  defaultVolumeOptions,
  setVolume,
  stepVolume,
  toggleVolume,
  toggleVolumePart,
  useVolume,
  volumeIsStale,
  volumeIssues,
} = await import('../../../../src/renderer/state/volume');
const { connectMotion, sceneMotions, toggleMotion, useMotion } = await import('../../../../src/renderer/state/motion');
const { defaultLandscapeOptions, recompute, useLandscape } = await import('../../../../src/renderer/state/landscape');
const { useNotices } = await import('../../../../src/renderer/state/notices');
const { clearStage, restoreRuns, useRuns } = await import('../../../../src/renderer/state/runs');

const network = experimentSchema.parse({
  objective: {
    kind: 'network',
    model: { inputShape: [4], layers: [{ type: 'dense', units: 3 }], loss: 'softmaxCrossEntropy' },
    data: { source: { kind: 'builtin', name: 'iris' } },
  },
  optimizer: { name: 'sgd', learningRate: 0.1 },
  training: { stop: { steps: 10 } },
});

const axis = (n: number) => Float64Array.from({ length: n }, (_, k) => k);
const volumeOf = (side: number, plane: Volume['plane']): Volume => ({
  ...{ id: 'v', xs: axis(side), ys: axis(side), zs: axis(side), loss: new Float64Array(side ** 3).fill(2) },
  ...{ min: 2, max: 2, masked: 0, evaluations: side ** 3, seconds: 0.1, executor: 'wasm', examples: 120 },
  ...{ subset: { kind: 'full' }, split: 'train', plane, third: { label: 'random 1', norm: 1 }, paths: [] },
});

async function stage(): Promise<void> {
  fake.handle('run/open', ({ runId }) =>
    ok({
      run: runInfo(runId, network, { parameterCount: 15, outcome: { kind: 'maxSteps', step: 10 } }),
      metrics: metricsOf(0, 3),
    }),
  );
  fake.handle('surface/volume', ({ grid }) => ok(volumeOf(grid[0], useLandscape.getState().plane!)));
  useLandscape.setState({ objective: network.objective });
  await restoreRuns([{ runId: 'a', label: 'A', color: 0 }]);
  await recompute();
}
const done = () => vi.waitFor(() => expect(useVolume.getState().busy).toBe(false));
const volumeCalls = () => fake.calls.filter(({ method }) => method === 'surface/volume');

beforeEach(() => {
  fake.reset();
  clearStage();
  useLandscape.setState({
    ...{ objective: null, plane: null, surface: null, result: null, custom: null, live: false },
    options: defaultLandscapeOptions,
  });
  useVolume.setState({
    options: defaultVolumeOptions,
    open: false,
    volume: null,
    result: null,
    asked: null,
    busy: false,
  });
  useMotion.setState({ shown: false, busy: false, known: {} });
  useNotices.setState({ notices: [] });
});

test('the view opens on the drawn plane and asks for its volume once; another third direction asks again', async () => {
  toggleVolume();
  expect(useVolume.getState().open).toBe(false);
  await stage();
  toggleVolume();
  await done();
  expect(useVolume.getState()).toMatchObject({ open: true, result: { id: 'v' }, volume: { zs: axis(25) } });
  expect(volumeCalls()).toHaveLength(1);
  expect(volumeCalls()[0]!.params).toMatchObject({
    grid: [25, 25, 25],
    range: [-6, 6, -6, 6],
    save: true,
    third: { plane: { kind: 'random', seed: 1 }, axis: 1 },
  });
  toggleVolume();
  toggleVolume();
  await done();
  expect(volumeCalls()).toHaveLength(1);
  expect(volumeIsStale(useVolume.getState())).toBe(false);
  setVolume({ third: 'hessianGradient' });
  expect(volumeIsStale(useVolume.getState())).toBe(true);
  await computeVolume();
  expect(volumeCalls()[1]!.params).toMatchObject({ third: { plane: { kind: 'gradient' }, axis: 2 } });
  setVolume({ third: 'eigenvector', rank: '3', end: 'bottom', grid: '9' });
  await computeVolume();
  expect(volumeCalls()[2]!.params).toMatchObject({
    grid: [9, 9, 9],
    third: {
      plane: {
        which: [
          { end: 'bottom', rank: 3 },
          { end: 'bottom', rank: 1 },
        ],
      },
    },
  });
});

test('slices are drawn as they come, and what failed is said', async () => {
  await stage();
  const seen: (number | undefined)[] = [];
  fake.handle('surface/volume', ({ grid: [side] }, { onPartial }) => {
    for (let k = 0; k < 2; k++) {
      onPartial?.({ k, z: -1 + 0.5 * k, xs: axis(side), ys: axis(side), loss: new Float64Array(side ** 2).fill(k) });
      const { volume } = useVolume.getState();
      seen.push(volume?.loss.filter(Number.isFinite).length);
      if (volume) expect([volume.zs[0], volume.zs[1], volume.zs.length]).toEqual([-1, -0.5, side]);
    }
    return { ok: false, error: { code: 'badInput', message: 'The third direction lies in the plane.' } };
  });
  setVolume({ grid: '5' });
  await computeVolume();
  expect(seen).toEqual([undefined, 50]);
  expect(useNotices.getState().notices[0]).toMatchObject({ message: 'The third direction lies in the plane.' });
  expect(useVolume.getState()).toMatchObject({ busy: false, asked: null });
});

test('keys move the level and the slices within bounds, and show what they move', () => {
  stepVolume('level', -100);
  stepVolume('x', 3);
  stepVolume('z', 100);
  const { level, slices } = useVolume.getState().options;
  expect([level, slices.x, slices.z.at]).toEqual([0, { shown: true, at: 0.53 }, 1]);
  toggleVolumePart('x');
  toggleVolumePart('level');
  expect(useVolume.getState().options).toMatchObject({ isosurface: false, slices: { x: { shown: false, at: 0.53 } } });
});

test('wrong numbers are named, those of other third directions are not asked for', () => {
  const paths = (change: Partial<typeof defaultVolumeOptions>) =>
    volumeIssues({ ...defaultVolumeOptions, ...change }).map(({ path, key }) => `${path} ${key}`);
  expect(paths({})).toEqual([]);
  expect(paths({ grid: '1', seed: 'x' })).toEqual(['grid tooSmall', 'seed notANumber']);
  expect(paths({ grid: '400', third: 'gradient', seed: 'x' })).toEqual(['grid tooBig']);
  expect(paths({ third: 'eigenvector', rank: '0' })).toEqual(['rank tooSmall']);
  expect(paths({ third: 'parameter', index: '' })).toEqual(['index required']);
});

test('the view closes where its landscape goes', async () => {
  const undo = connectVolume();
  await stage();
  toggleVolume();
  await done();
  useLandscape.setState({ surface: null, live: true });
  expect(useVolume.getState()).toMatchObject({ open: false, volume: null, asked: null });
  undo();
});

test('motion is asked for once per plane, drawn for that plane only, and a failure is said once', async () => {
  const undo = connectMotion();
  await stage();
  const columns = Object.fromEntries(motionNames.map((name) => [name, new Float64Array(3)])) as MotionColumns;
  const motion = { runId: 'a', rows: 3, columns, memory: null, adaptive: false, executor: 'wasm', seconds: 0.1 };
  fake.handle('run/motion', () => ok(motion));
  const asked = () => fake.calls.filter(({ method }) => method === 'run/motion').length;
  const shown = () => sceneMotions(useMotion.getState(), useRuns.getState().runs);
  expect(shown()).toEqual([]);
  toggleMotion();
  await vi.waitFor(() => expect(shown()).toHaveLength(1));
  expect(shown()[0]).toMatchObject({ id: 'a', rows: 3, columns, norms: [1, 1], cosine: 0 });
  toggleMotion();
  toggleMotion();
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(asked()).toBe(1);
  // Another plane: nothing is drawn until it is known.
  fake.handle('run/motion', () => ({ ok: false, error: { code: 'engine', message: 'The repeated run departs' } }));
  const { plane } = useLandscape.getState();
  useLandscape.setState({ plane: { ...plane!, spec: { kind: 'gradient', biases: true, origin: 'final' } } });
  expect(shown()).toEqual([]);
  await vi.waitFor(() => expect(useNotices.getState().notices).toHaveLength(1));
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect([asked(), shown()]).toEqual([2, []]);
  undo();
});
