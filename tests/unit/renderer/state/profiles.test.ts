import { beforeEach, expect, test, vi } from 'vitest';
import type { Profile } from '../../../../src/shared/model/sections';
import { createFakeApi, ok } from '../fakeApi';

const api = vi.hoisted(() => ({ module: {} as Record<string, unknown> }));
vi.mock('../../../../src/renderer/api', () => api.module);
const fake = createFakeApi();
Object.assign(api.module, fake.module);

const {
  choosePreset,
  clearProfile,
  computeProfiles,
  defaultProfileOptions,
  lineOf,
  pickEnd,
  planeKey,
  presetLine,
  profileCsv,
  profileIssues,
  setLine,
  setProfile,
  togglePicking,
  useProfiles,
} = await import('../../../../src/renderer/state/profiles');
const { clearLandscape, defaultLandscapeOptions, showFunction, useLandscape } = await import(
  '../../../../src/renderer/state/landscape'
);
const { useNotices } = await import('../../../../src/renderer/state/notices');
const { pickPoint } = await import('../../../../src/renderer/state/session');

const profile = (change: Partial<Profile> = {}): Profile => ({
  ...{ x: Float64Array.of(0, 1), y: Float64Array.of(0, 0), distance: Float64Array.of(0, 2) },
  ...{ loss: Float64Array.of(3, Number.NaN), standardError: null, accuracy: null, min: 3, max: 3, masked: 1 },
  ...{ seconds: 0, executor: 'analytic', examples: 0, subset: { kind: 'full' }, split: 'train' },
  plane: useLandscape.getState().plane as Profile['plane'],
  ...change,
});
const asked = () => fake.calls.filter(({ method }) => method === 'surface/profile');

beforeEach(async () => {
  fake.reset();
  clearLandscape();
  clearProfile();
  useLandscape.setState({ options: defaultLandscapeOptions });
  useProfiles.setState({ options: defaultProfileOptions, busy: false });
  useNotices.setState({ notices: [] });
  fake.handle('surface/profile', () => ok(profile()));
  await showFunction({ kind: 'function', name: 'himmelblau', start: [0, 0] });
});

test('two clicks are the ends of a line, and the second computes it', async () => {
  expect(pickEnd(1, 2)).toBe(false);
  togglePicking();
  // A click that would start a race is an end.
  await pickPoint(1.234567, -2);
  expect(useProfiles.getState().picking).toBe('to');
  expect(lineOf(useProfiles.getState().line)).toEqual({ from: [1.2346, -2], to: null });
  await pickPoint(3, 4);
  expect(asked()).toHaveLength(1);
  expect(asked()[0]?.params).toMatchObject({ from: [1.2346, -2], to: [3, 4], points: 101, split: 'train' });
  expect(asked()[0]?.params).not.toHaveProperty('grid');
  expect(asked()[0]?.params).not.toHaveProperty('save');
  await vi.waitFor(() => expect(useProfiles.getState().profiles).toHaveLength(1));
  expect(useProfiles.getState().plane).toBe(planeKey(useLandscape.getState().asked!));
  expect(fake.calls.some(({ method }) => method === 'run/start')).toBe(false);
});

test('presets run across the window and through its middle where there is no path', async () => {
  expect(presetLine('axis1')).toEqual({ from: [-6, 0], to: [6, 0] });
  expect(presetLine('axis2')).toEqual({ from: [0, -6], to: [0, 6] });
  expect(presetLine('pathEnds')).toBeNull();
  await choosePreset('axis2');
  expect(asked()[0]?.params).toMatchObject({ from: [0, -6], to: [0, 6] });
});

test('what was typed is checked before it is sent', async () => {
  const keys = () => {
    const { line, options } = useProfiles.getState();
    return profileIssues(line, options).map(({ path, key }) => `${path} ${key}`);
  };
  expect(keys()).toEqual(['from.0 required', 'from.1 required', 'to.0 required', 'to.1 required']);
  setLine({ from: ['0', 'a'], to: ['0', '1'] });
  expect(keys()).toEqual(['from.1 notANumber']);
  setLine({ from: ['0', '1'] });
  expect(keys()).toEqual(['to.0 sameEnds']);
  setLine({ to: ['1', '1'] });
  for (const [points, issue] of [
    ['1', 'tooSmall'],
    ['2.5', 'notAnInteger'],
    ['70000', 'tooBig'],
  ] as const) {
    setProfile({ points });
    expect(keys()).toEqual([`points ${issue}`]);
  }
  expect(await computeProfiles()).toBe(false);
  expect(asked()).toEqual([]);
});

test('a failure is said in its place, and another can begin', async () => {
  fake.handle('surface/profile', () => ({ ok: false, error: { code: 'engine', message: 'no room' } }));
  setLine({ from: ['0', '0'], to: ['1', '1'] });
  expect(await computeProfiles()).toBe(false);
  expect(useNotices.getState().notices).toMatchObject([{ place: 'profile', message: 'no room' }]);
  expect(useProfiles.getState().busy).toBe(false);
});

test('the file has a row per point, columns per part of the data, and nothing for a gap', () => {
  const both = [
    profile({ standardError: Float64Array.of(0.1, Number.NaN) }),
    profile({ split: 'validation', loss: Float64Array.of(4, 5), accuracy: Float64Array.of(0.5, 1) }),
  ];
  expect(profileCsv(both)).toBe(
    'distance,x,y,trainLoss,trainStandardError,validationLoss,validationAccuracy\r\n' +
      '0,0,0,3,0.1,4,0.5\r\n2,1,0,,,5,1\r\n',
  );
});
