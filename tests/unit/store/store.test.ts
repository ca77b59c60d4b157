import fs from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { readNpy } from '../../../src/main/exchange/npy';
import { readNpz } from '../../../src/main/exchange/npz';
import { openStore } from '../../../src/main/store/store';
import type { Density } from '../../../src/shared/model/curvature';
import type { Surface } from '../../../src/shared/model/landscape';
import { sampleMetrics, sampleRun, sampleTheta, temporaryFolder } from './sample';

/** A finished run of `rows` rows, appended in batches of four. */
function recordRun(folder: string, id: string, rows: number): string {
  const store = openStore(folder);
  const writer = store.create(sampleRun(id));
  for (let first = 0; first < rows; first += 4) {
    const count = Math.min(4, rows - first);
    writer.append(sampleTheta(first, count), sampleMetrics(first, count));
  }
  writer.finish({ kind: 'maxSteps', step: rows - 1 }, 1.5);
  return store.path(id);
}

describe('recording', () => {
  it('gives back every number bit for bit', () => {
    const folder = temporaryFolder();
    recordRun(folder, 'a', 10);
    const store = openStore(folder);
    expect(store.get('a')).toMatchObject({ rows: 10, seconds: 1.5, outcome: { kind: 'maxSteps', step: 9 } });
    expect(store.metrics('a')).toEqual(sampleMetrics(0, 10));
    expect(store.trajectory('a').read(0, 10)).toEqual(sampleTheta(0, 10));
    expect(store.trajectory('a').read(7, 2)).toEqual(sampleTheta(7, 2));
    expect(store.theta('a', 9)).toEqual(sampleTheta(9, 1));
  });

  it('is readable while it is being written, by this process as running and by others as interrupted', () => {
    const folder = temporaryFolder();
    const store = openStore(folder);
    const writer = store.create(sampleRun('live'));
    const trajectory = store.trajectory('live');
    expect(trajectory.rows).toBe(0);
    writer.append(sampleTheta(0, 5), sampleMetrics(0, 5));
    expect(trajectory.rows).toBe(5);
    writer.append(sampleTheta(5, 2), sampleMetrics(5, 2));
    expect(store.metrics('live')).toEqual(sampleMetrics(0, 7));
    expect(openStore(folder).metrics('live')).toEqual(sampleMetrics(0, 7));
    expect(store.list()[0]).toMatchObject({ rows: 7, outcome: { kind: 'running' } });
    expect(openStore(folder).list()[0]).toMatchObject({ rows: 7, outcome: { kind: 'interrupted', step: 6 } });
    // What NumPy reads: the header is right after each append.
    expect(readNpy(fs.readFileSync(join(store.path('live'), 'trajectory.npy')), 'a').shape).toEqual([7, 3]);
    expect(() => store.delete('live')).toThrow('still being written');
    writer.finish({ kind: 'cancelled', step: 6 }, 1);
    expect(store.get('live').outcome.kind).toBe('cancelled');
  });

  it('writes infinities and NaN so that they come back', () => {
    const folder = temporaryFolder();
    const store = openStore(folder);
    const writer = store.create(sampleRun('odd'));
    const metrics = sampleMetrics(0, 3);
    metrics.loss.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]);
    writer.append(sampleTheta(0, 3), metrics);
    writer.finish({ kind: 'diverged', step: 2 }, 0);
    expect(openStore(folder).metrics('odd')).toEqual(metrics);
  });

  it('refuses to overwrite and to follow an id out of its folder', () => {
    const folder = temporaryFolder();
    const path = recordRun(folder, 'a', 3);
    const before = fs.readdirSync(path);
    expect(() => openStore(folder).create(sampleRun('a'))).toThrow('already exists');
    expect(() => openStore(folder).create(sampleRun('../b'))).toThrow();
    expect(fs.readdirSync(path)).toEqual(before);
    expect(fs.readdirSync(folder)).toEqual(['a.lossrun']);
  });

  it('refuses rows that were not recorded and runs that do not exist', () => {
    const folder = temporaryFolder();
    recordRun(folder, 'a', 3);
    const store = openStore(folder);
    expect(() => store.theta('a', 3)).toThrow('Row 3 was not recorded');
    expect(() => store.theta('a', 0.5)).toThrow('Row 0.5');
    expect(() => store.trajectory('a').read(2, 2)).toThrow(RangeError);
    expect(() => store.get('b')).toThrow('There is no run "b"');
  });
});

describe('a run that was cut off', () => {
  it.each(['trajectory.npy', 'steps.csv'])('opens up to its last whole row wherever %s ends', (name) => {
    const folder = temporaryFolder();
    const rows = 6;
    const path = recordRun(folder, 'a', rows);
    // As a killed writer leaves it.
    const info = JSON.parse(fs.readFileSync(join(path, 'run.json'), 'utf8'));
    fs.writeFileSync(
      join(path, 'run.json'),
      JSON.stringify({ ...info, outcome: { kind: 'running', step: 0 }, rows: 0 }),
    );
    const bytes = fs.readFileSync(join(path, name));
    for (let size = bytes.length; size >= 0; size--) {
      fs.truncateSync(join(path, name), size);
      const whole =
        name === 'steps.csv'
          ? Math.max(0, bytes.subarray(0, size).toString().split('\n').length - 2)
          : Math.max(0, Math.floor((size - 128) / 12));
      const store = openStore(folder);
      const run = store.get('a');
      expect(run.rows).toBe(whole);
      expect(run.outcome).toEqual({ kind: 'interrupted', step: Math.max(0, whole - 1) });
      expect(store.trajectory('a').read(0, whole)).toEqual(sampleTheta(0, whole));
      expect(store.metrics('a')).toEqual(sampleMetrics(0, whole));
    }
  });

  it('counts again when a finished run lost its end', () => {
    const folder = temporaryFolder();
    const path = recordRun(folder, 'a', 6);
    const steps = fs.readFileSync(join(path, 'steps.csv'), 'utf8').trimEnd().split('\n');
    fs.writeFileSync(join(path, 'steps.csv'), `${steps.slice(0, -2).join('\n')}\n`);
    const store = openStore(folder);
    expect(store.get('a')).toMatchObject({ rows: 4, outcome: { kind: 'maxSteps' } });
    expect(store.metrics('a').step.length).toBe(4);
  });

  it('keeps what was recorded when the disk fills up in the middle of a row', () => {
    const folder = temporaryFolder();
    const store = openStore(folder);
    const writer = store.create(sampleRun('full'));
    writer.append(sampleTheta(0, 4), sampleMetrics(0, 4));
    const real = fs.writeSync.bind(fs);
    let budget = 20;
    const spy = vi.spyOn(fs, 'writeSync').mockImplementation(((
      file: number,
      bytes: Uint8Array,
      offset: number,
      length: number,
      position: number,
    ) => {
      if (budget === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      const part = Math.min(budget, length);
      budget -= part;
      return real(file, bytes, offset, part, position);
    }) as typeof fs.writeSync);
    expect(() => writer.append(sampleTheta(4, 4), sampleMetrics(4, 4))).toThrow('ENOSPC');
    expect(() => writer.finish({ kind: 'interrupted', step: 3 }, 1)).toThrow('ENOSPC');
    spy.mockRestore();
    expect(() => writer.append(sampleTheta(4, 4), sampleMetrics(4, 4))).toThrow('stopped recording');
    for (const reader of [store, openStore(folder)]) {
      expect(reader.get('full')).toMatchObject({ rows: 4, outcome: { kind: 'interrupted', step: 3 } });
      expect(reader.metrics('full')).toEqual(sampleMetrics(0, 4));
      expect(reader.trajectory('full').read(0, 4)).toEqual(sampleTheta(0, 4));
    }
    expect(readNpy(fs.readFileSync(join(store.path('full'), 'trajectory.npy')), 'a').shape).toEqual([4, 3]);
    expect(fs.readdirSync(store.path('full')).sort()).toEqual(['run.json', 'steps.csv', 'trajectory.npy']);
  });
});

describe('the list', () => {
  it('names what it cannot read and shows the others', () => {
    const folder = temporaryFolder();
    recordRun(folder, 'good', 3);
    const broken = { 'no-json': '{"schemaVersion":1', newer: '{"schemaVersion":2}', other: '{"schemaVersion":1}' };
    for (const [name, content] of Object.entries(broken)) {
      fs.mkdirSync(join(folder, `${name}.lossrun`));
      fs.writeFileSync(join(folder, `${name}.lossrun`, 'run.json'), content);
    }
    fs.mkdirSync(join(folder, 'empty.lossrun'));
    const path = recordRun(folder, 'wrong-shape', 3);
    const info = JSON.parse(fs.readFileSync(join(path, 'run.json'), 'utf8'));
    fs.writeFileSync(join(path, 'run.json'), JSON.stringify({ ...info, parameterCount: 4 }));

    const store = openStore(folder);
    expect(store.list().map((run) => run.id)).toEqual(['good']);
    const reasons = Object.fromEntries(store.unreadable().map(({ path, reason }) => [path.split('/').at(-1), reason]));
    expect(reasons).toMatchObject({
      'empty.lossrun': expect.stringContaining('has no run.json'),
      'newer.lossrun': expect.stringContaining('schema version 2'),
      'no-json.lossrun': expect.stringContaining('not readable'),
      'other.lossrun': expect.stringContaining('not a valid run: id'),
      'wrong-shape.lossrun': expect.stringContaining('instead of float32 [rows, 4]'),
    });
  });

  it('attaches runs from elsewhere, remembers them and never removes their files', () => {
    const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
    const path = recordRun(elsewhere, 'a', 3);
    recordRun(folder, 'a', 5);
    const store = openStore(folder);
    const attached = store.attach(path);
    expect(attached).toMatchObject({ id: 'a-2', rows: 3 });
    expect(store.attach(path).id).toBe('a-2');
    expect(store.get('a').rows).toBe(5);
    expect(openStore(folder).get('a-2').rows).toBe(3);
    const other = temporaryFolder();
    expect(openStore(other, { rememberAttached: false }).attach(path).id).toBe('a');
    expect(openStore(other).list()).toEqual([]);
    store.delete('a-2');
    expect(fs.existsSync(path)).toBe(true);
    expect(openStore(folder).list().length).toBe(1);
    store.delete('a');
    expect(fs.readdirSync(folder)).toEqual(['attached.json']);
  });

  it('refuses to attach what is not a run', () => {
    const folder = temporaryFolder();
    const store = openStore(folder);
    expect(() => store.attach(join(folder, 'nothing.lossrun'))).toThrow('There is no run');
    expect(() => store.attach(folder)).toThrow('has no run.json');
    expect(store.list()).toEqual([]);
    expect(store.unreadable()).toEqual([]);
  });

  it('writes a run elsewhere when given a path', () => {
    const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
    const path = join(elsewhere, 'new', 'mine.lossrun');
    const store = openStore(folder);
    const writer = store.create(sampleRun('a'), { path });
    writer.append(sampleTheta(0, 2), sampleMetrics(0, 2));
    writer.finish({ kind: 'maxSteps', step: 1 }, 0);
    expect(store.path('a')).toBe(path);
    expect(store.get('a').rows).toBe(2);
    expect(fs.readdirSync(folder)).toEqual([]);
    expect(openStore(folder).list()).toEqual([]);
  });
});

it('saves surfaces and spectra beside the run', () => {
  const folder = temporaryFolder();
  const path = recordRun(folder, 'a', 3);
  const store = openStore(folder);
  const surface: Surface = {
    id: 'pca-1',
    xs: new Float64Array([0, 1, 2]),
    ys: new Float64Array([0, 1]),
    loss: new Float64Array([1, 2, 3, 4, Number.NaN, 6]),
    standardError: null,
    accuracy: null,
    min: 1,
    max: 6,
    masked: 1,
    evaluations: 6,
    seconds: 0.1,
    executor: 'reference',
    executorSelection: null,
    subset: { kind: 'full' },
    split: 'train',
    examples: 10,
    plane: {
      spec: { kind: 'pca', biases: true },
      dimension: 3,
      norms: [1, 1],
      axisCosine: 0,
      explainedVarianceRatio: [0.7, 0.2],
      labels: ['PC 1', 'PC 2'],
      range: [0, 2, 0, 1],
    },
  };
  store.saveSurface('a', 'ab'.repeat(32), surface);
  const arrays = readNpz(fs.readFileSync(join(path, 'surfaces', 'pca-1.npz')), 'a');
  expect(arrays.map(({ name, shape }) => [name, shape])).toEqual([
    ['xs', [3]],
    ['ys', [2]],
    ['loss', [2, 3]],
  ]);
  expect(arrays[2]!.data).toEqual(surface.loss);
  expect(JSON.parse(fs.readFileSync(join(path, 'surfaces', 'pca-1.json'), 'utf8'))).toMatchObject({
    id: 'pca-1',
    plane: { explainedVarianceRatio: [0.7, 0.2] },
  });
  expect(() => store.saveSurface('a', '', { ...surface, id: '../../x' })).toThrow();
});

it('keeps what was measured of the curvature and reads it back, numbers that are none included', () => {
  const folder = temporaryFolder();
  const path = recordRun(folder, 'a', 3);
  const store = openStore(folder);
  expect(store.savedCurvature('a')).toEqual({ results: [], unreadable: [] });
  const shared = {
    ...{ runId: 'a', parameters: 3, samples: 10, subset: { kind: 'full' as const }, matrix: 'hessian' as const },
    ...{ products: 9, seconds: 0.5, executor: 'reference', executorSelection: null, seed: 0 },
  };
  const point = { value: 2, residual: 1e-6, converged: true, standardError: null, gradientAlignment: 0.5, products: 4 };
  const alongPath = {
    ...shared,
    every: 1,
    points: [
      { ...point, row: 0, step: 0, learningRate: 0.1 },
      { ...point, row: 2, step: 2, value: Number.NaN, learningRate: Number.NaN },
    ],
  };
  const moment = { value: 1, standardError: 0.1, samplingStandardError: null };
  const density: Density = {
    ...{ ...shared, row: 2, step: 2, method: 'slq', starts: 2, steps: 3, sigma: 0.1, range: [0, 2], mass: 1 },
    xs: Float64Array.of(0, 1, 2),
    density: Float64Array.of(0, 0.5, 0),
    standardError: null,
    moments: [moment, moment],
    nodes: Float64Array.of(1),
    weights: Float64Array.of(1),
  };
  const ids = [
    store.saveCurvature('a', { measurement: 'alongPath', result: alongPath }, 2),
    store.saveCurvature('a', { measurement: 'density', result: density }, 2),
    store.saveCurvature('a', { measurement: 'density', result: density }, 2),
  ];
  expect(ids).toEqual(['alongPath-row-2', 'density-row-2', 'density-row-2-2']);
  fs.writeFileSync(join(path, 'spectra', 'torn.json'), '{"measurement": "trace", "val');
  fs.writeFileSync(join(path, 'spectra', 'alien.json'), '{"eigenvalues": [1, 2]}');
  const { results, unreadable } = store.savedCurvature('a');
  expect(results.map(({ id }) => id).sort()).toEqual(ids.toSorted());
  expect(results.find(({ id }) => id === 'alongPath-row-2')).toMatchObject({
    measurement: 'alongPath',
    result: alongPath,
  });
  expect(results.find(({ id }) => id === 'density-row-2-2')).toMatchObject({ measurement: 'density', result: density });
  expect(unreadable.map(({ path: file }) => basename(file))).toEqual(['alien.json', 'torn.json']);
  expect(unreadable[0]!.reason).toMatch(/kind/);
});
