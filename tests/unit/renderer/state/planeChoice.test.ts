import { expect, test } from 'vitest';
import {
  defaultLandscapeOptions,
  type LandscapeOptions,
  landscapeOptionsSchema,
} from '../../../../src/renderer/state/landscape';
import {
  chosenPoints,
  fromFewRows,
  issueOfPlane,
  type PlaneChoice,
  type PointChoice,
  planeIssues,
  planeKinds,
  planeSpecOf,
  type StageRun,
  sourceRuns,
  whileTraining,
} from '../../../../src/renderer/state/planeChoice';
import { planeSpecSchema } from '../../../../src/shared/model/landscape';

const runs: StageRun[] = [
  { runId: 'a', rows: 101 },
  { runId: 'b', rows: 51 },
  { runId: 'c', rows: 51 },
];
const choice = (change: Partial<PlaneChoice>): PlaneChoice => ({ ...defaultLandscapeOptions, ...change });
const spec = (change: Partial<PlaneChoice>, stage = runs) => planeSpecOf(choice(change), stage);
const issues = (change: Partial<PlaneChoice>, stage: StageRun[] | undefined = runs) =>
  planeIssues(choice(change), stage).map(({ path, key, values }) =>
    [path, key, values.limit].filter(Boolean).join(' '),
  );
const row = (value: string) => ({ at: 'row', row: value }) as const;

test('a workspace written before there was anything to choose opens with the defaults of what came later', () => {
  const { plane, turn, normalization, planeSeed, indices, ...rest } = defaultLandscapeOptions;
  const drawing = Object.fromEntries(
    (['networkGrid', 'functionGrid', 'subset', 'subsetExamples', 'split', 'heightScale', 'view'] as const).map(
      (key) => [key, rest[key]],
    ),
  );
  const old = { plane, turn: '15', normalization, planeSeed, indices, contours: true, shadows: true, ...drawing };
  const opened: LandscapeOptions = landscapeOptionsSchema.parse(old);
  expect(opened).toEqual({ ...defaultLandscapeOptions, turn: '15' });
  expect(planeSpecOf(opened, runs)).toEqual({
    kind: 'turned',
    base: { kind: 'pca', biases: true },
    toward: { kind: 'random', seed: 1 },
    angle: Math.PI / 12,
    axis: 'second',
    origin: 'base',
  });
  const { turn: _, ...older } = old;
  expect(landscapeOptionsSchema.parse(older)).toEqual(defaultLandscapeOptions);
});

test('every kind of plane is one the contract takes, whole', () => {
  const chosen = { files: ['first.npy'], connection: { runId: 'a', id: 'curve' } };
  for (const plane of planeKinds) {
    expect(issues({ plane, ...chosen })).toEqual([]);
    expect(planeSpecSchema.parse(spec({ plane, ...chosen }))).toEqual(spec({ plane, ...chosen }));
  }
  expect(spec({ plane: 'random', randomBiases: true, planeSeed: '7', origin: row('3') })).toEqual({
    ...{ kind: 'random', seed: 7, normalization: 'filter', biases: 'keep', origin: 3 },
  });
  expect(spec({ plane: 'pca', biases: false })).toEqual({ kind: 'pca', biases: false });
  expect(
    spec({
      plane: 'eigenvectors',
      eigenvectors: [
        { end: 'bottom', rank: '1' },
        { end: 'top', rank: '3' },
      ],
      origin: { at: 'first', row: '' },
    }),
  ).toEqual({
    ...{ kind: 'eigenvectors', biases: true, origin: 0, seed: 0 },
    which: [
      { end: 'bottom', rank: 1 },
      { end: 'top', rank: 3 },
    ],
  });
  expect(spec({ plane: 'file', files: ['a.npy', 'b.npz'], axes: 'orthonormal' })).toEqual({
    ...{ kind: 'file', paths: ['a.npy', 'b.npz'], axes: 'orthonormal', origin: 'final', seed: 0 },
  });
});

test('points nobody chose are the ends of the runs, or the start and the end of one', () => {
  const ends = (stage: StageRun[]) => spec({ plane: 'points' }, stage);
  expect(ends(runs)).toMatchObject({ points: [0, 1, 2].map((run) => ({ run, row: 'final' })) });
  expect(ends(runs.slice(0, 1))).toMatchObject({
    points: [
      { run: 0, row: 0 },
      { run: 0, row: 'final' },
    ],
  });
  expect(chosenPoints({ points: [] }, 5)).toHaveLength(3);
  const points: PointChoice[] = [
    { run: 1, at: 'first', row: '' },
    { run: 0, ...row('100') },
  ];
  expect(spec({ plane: 'points', points })).toMatchObject({
    points: [
      { run: 1, row: 0 },
      { run: 0, row: 100 },
    ],
  });
  expect(issues({ plane: 'points', points })).toEqual([]);
  expect(issues({ plane: 'points', points: [...points, { run: 0, at: 'end', row: '' }] })).toEqual([
    'points.2 samePoint',
  ]);
  expect(issues({ plane: 'points', points: points.with(0, { run: 4, at: 'end', row: '' }) })).toEqual([
    'points.0 noSuchRun',
  ]);
});

test('a curve’s run comes first, and points of other runs are still theirs', () => {
  const kept = choice({ plane: 'connection', connection: { runId: 'b', id: 'curve' } });
  expect(sourceRuns(kept, runs)).toEqual(['b', 'a', 'c']);
  const toward = { ...kept.toward, kind: 'point', point: { run: 0, at: 'end', row: '' } } as const;
  expect(planeSpecOf({ ...kept, turn: '90', toward }, runs)).toMatchObject({
    base: { kind: 'connection', id: 'curve' },
    toward: { kind: 'point', run: 1, row: 'final' },
    angle: Math.PI / 2,
  });
});

test('what is wrong is said of the control it is about', () => {
  expect(issues({ plane: 'random', planeSeed: '-1' })).toEqual(['planeSeed tooSmall 0']);
  expect(issues({ plane: 'random', origin: row('101') })).toEqual(['origin tooBig 100']);
  expect(issues({ plane: 'pca', origin: row('101') })).toEqual([]);
  expect(issues({ plane: 'parameters', indices: ['3', '3'] })).toEqual(['indices.1 sameIndex']);
  expect(issues({ plane: 'file' })).toEqual(['files.0 noFile']);
  expect(issues({ plane: 'connection' })).toEqual(['connection noConnection']);
  expect(issues({ plane: 'connection', connection: { runId: 'gone', id: 'x' } })).toEqual([
    'connection otherConnection',
  ]);
  const twice = { end: 'top', rank: '2' } as const;
  expect(issues({ plane: 'eigenvectors', eigenvectors: [twice, twice] })).toEqual(['eigenvectors.1 sameEigenvector']);
  expect(issues({ plane: 'eigenvectors', eigenvectors: [{ end: 'top', rank: '21' }, twice] })).toEqual([
    'eigenvectors.0 tooBig 20',
  ]);
  // What turns it counts only while it is turned.
  const toward = { ...defaultLandscapeOptions.toward, kind: 'file' } as const;
  expect(issues({ toward })).toEqual([]);
  expect(issues({ toward, turn: '1' })).toEqual(['toward noFile']);
  expect(issues({ turnOrigin: row('1.5') })).toEqual(['turnOrigin notAnInteger']);
});

test('what the engine refuses is said of the control that asked for it', () => {
  const pathOf = (field: (string | number)[], change: Partial<PlaneChoice> = {}) =>
    issueOfPlane({ code: 'badInput', message: 'no', cure: 'yes', field }, choice(change));
  expect(pathOf(['plane', 'paths', 1])).toEqual({
    path: 'files.1',
    key: 'engine',
    values: {},
    message: 'no',
    cure: 'yes',
  });
  expect(pathOf(['plane', 'base', 'paths', 0]).path).toBe('files.0');
  expect(pathOf(['plane', 'points', 2]).path).toBe('points.2');
  expect(pathOf(['plane', 'toward']).path).toBe('toward');
  expect(pathOf(['plane', 'toward', 'path']).path).toBe('toward');
  expect(pathOf(['plane', 'id']).path).toBe('connection');
  expect(pathOf(['plane', 'origin']).path).toBe('origin');
  expect(pathOf(['plane', 'origin'], { turnOrigin: row('3') }).path).toBe('turnOrigin');
  expect(pathOf(['plane'], { plane: 'file' }).path).toBe('files.1');
  expect(pathOf([]).path).toBe('plane');
});

test('while a network trains nothing is cut that measures the Hessian or needs rows to come', () => {
  const live = (change: Partial<PlaneChoice>) => planeSpecOf(whileTraining(choice(change)), runs);
  for (const plane of ['eigenvectors', 'gradient', 'file', 'connection'] as const)
    expect(live({ plane })).toEqual({ kind: 'pca', biases: true });
  expect(live({ plane: 'random', origin: row('50') })).toMatchObject({ kind: 'random', origin: 'final' });
  expect(live({ turn: '20', turnOrigin: row('50') })).toMatchObject({ kind: 'turned', origin: 'base' });
  const gradient = { ...defaultLandscapeOptions.toward, kind: 'gradient' } as const;
  expect(live({ turn: '20', toward: gradient })).toEqual({ kind: 'pca', biases: true });
});

test('what follows a training run takes its components from few rows, also under a turn', () => {
  const live = (change: Partial<PlaneChoice>) => planeSpecSchema.parse(fromFewRows(spec(change)));
  expect(live({})).toEqual({ kind: 'pca', biases: true, maxRows: 64 });
  expect(live({ turn: '20' })).toMatchObject({ kind: 'turned', base: { kind: 'pca', maxRows: 64 } });
  expect(live({ plane: 'random' })).toEqual(spec({ plane: 'random' }));
});
