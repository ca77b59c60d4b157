import { expect, test, vi } from 'vitest';
import { createFakeApi } from '../fakeApi';

const api = vi.hoisted(() => ({ module: {} as Record<string, unknown> }));
vi.mock('../../../../src/renderer/api', () => api.module);
Object.assign(api.module, createFakeApi().module);

const { shortcutFor, shortcuts } = await import('../../../../src/renderer/state/commands');
const { curvatureIssues, defaultCurvatureOptions } = await import('../../../../src/renderer/state/curvature');
const { fileName } = await import('../../../../src/renderer/state/figure');
const { defaultLandscapeOptions, optionIssues, windowOf } = await import('../../../../src/renderer/state/landscape');

const press = (key: string, keys: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) =>
  shortcutFor({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...keys })?.name ?? null;

test('each shortcut is reached by its own key and by no other', () => {
  const seen = new Set(shortcuts.map(({ key, command, shift }) => `${key}|${command ?? false}|${shift ?? false}`));
  expect(seen.size).toBe(shortcuts.length);
  expect(press('t')).toBe('train');
  expect(press('T')).toBe('train');
  expect(press('t', { ctrlKey: true })).toBeNull();
  expect(press('z', { ctrlKey: true })).toBe('undo');
  expect(press('Z', { metaKey: true, shiftKey: true })).toBe('redo');
  expect(press('ArrowLeft', { shiftKey: true })).toBe('tenBack');
  // Typed with Shift on most keyboards.
  expect(press('?', { shiftKey: true })).toBe('help');
  expect(press('+', { shiftKey: true })).toBe('zoomIn');
  expect(press('2', { altKey: true })).toBeNull();
});

test('the window of a function holds the paths, but not one that ran away', () => {
  const path = (x: number, y: number) => ({ x: Float64Array.of(0, x), y: Float64Array.of(0, y), rows: 2 });
  expect(windowOf([-1, 1, -1, 1], [path(0.5, -0.5)])).toEqual([-1, 1, -1, 1]);
  const [x0, x1, y0, y1] = windowOf([-1, 1, -1, 1], [path(2, 0)]);
  expect([x0, y0, y1]).toEqual([-1, -1, 1]);
  expect(x1).toBeGreaterThan(2);
  expect(x1).toBeLessThan(2.2);
  expect(windowOf([-1, 1, -1, 1], [path(1e9, Number.NaN)])).toEqual([-1, 3, -1, 1]);
  expect(windowOf([-1, 1, -1, 1], [{ ...path(9, 9), rows: 1 }])).toEqual([-1, 1, -1, 1]);
});

test('numbers of the plane and of the spectrum are checked before they are sent', () => {
  const issues = (change: Partial<typeof defaultLandscapeOptions>, network = true) =>
    optionIssues({ ...defaultLandscapeOptions, ...change }, network).map(({ path, key }) => `${path} ${key}`);
  expect(issues({})).toEqual([]);
  expect(issues({ networkGrid: '0' })).toEqual(['networkGrid tooSmall']);
  expect(issues({ networkGrid: '1000000000' })).toEqual(['networkGrid tooBig']);
  expect(issues({ functionGrid: 'many' }, false)).toEqual(['functionGrid notANumber']);
  expect(issues({ plane: 'parameters', indices: ['3', '3'] })).toEqual(['indices.1 sameIndex']);
  expect(issues({ subset: 'random', subsetExamples: '2.5' })).toEqual(['subsetExamples notAnInteger']);
  expect(curvatureIssues({ ...defaultCurvatureOptions, top: '101', bottom: '' }).map(({ key }) => key)).toEqual([
    'tooBig',
    'required',
  ]);
});

test('a title becomes a file name', () => {
  expect(fileName('Handwritten digits (8×8), 64-32-10')).toBe('Handwritten-digits-8-8-64-32-10');
  expect(fileName('손실 지형')).toBe('손실-지형');
  expect(fileName('///')).toBe('figure');
});
