import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readNpz } from '../../src/main/exchange/npz';
import type { Progress } from '../../src/shared/contract';
import type { ExperimentInput } from '../../src/shared/model/experiment';
import type { Surface, SurfaceTile } from '../../src/shared/model/landscape';
import type { RunInfo } from '../../src/shared/model/run';
import { commandLine } from './commandLine';
import { createTestEngine, ok } from './testEngine';

const experiment: ExperimentInput = {
  name: 'iris',
  objective: {
    kind: 'network',
    model: {
      inputShape: [4],
      layers: [
        { type: 'dense', units: 6, activation: 'tanh' },
        { type: 'dense', units: 3 },
      ],
      loss: 'softmaxCrossEntropy',
    },
    data: { source: { kind: 'builtin', name: 'iris' } },
  },
  optimizer: { name: 'adam', learningRate: 0.02 },
  training: { stop: { steps: 30 } },
  executor: 'reference',
};

const engine = createTestEngine();
const { router, services } = engine;
let run: RunInfo;
beforeAll(async () => {
  ({ run } = await engine.trained(experiment));
});
afterAll(() => engine.dispose());

const request = () => ({
  source: { kind: 'runs' as const, runIds: [run.id] },
  plane: { kind: 'pca' as const },
  executor: 'reference' as const,
});
const folder = () => join(services.store.path(run.id), 'surfaces');
const files = () => readdirSync(folder()).sort();
const numbers = ({ seconds: _, reused: __, ...rest }: Surface) => rest;

describe('a kept surface', () => {
  const wanted = () => ({ ...request(), grid: [41, 37] as [number, number], save: true });

  it('is not computed again, whatever asks for it', async () => {
    const first = await ok(router.call('surface/compute', wanted()));
    expect(first.reused).toBeUndefined();
    const tiles: SurfaceTile[] = [];
    const again = await ok(router.call('surface/compute', wanted(), { onPartial: (tile) => tiles.push(tile) }));
    expect(again).toEqual({ ...first, reused: { points: 41 * 37, refused: null } });
    expect(tiles).toEqual([]);
    // What it is computed from names it: another window, subset or executor is another surface.
    const others = await Promise.all(
      [
        { range: [-1, 1, -1, 1] as [number, number, number, number] },
        { subset: { kind: 'random' as const, examples: 9 } },
        { adaptive: {} },
      ].map((change) => ok(router.call('surface/compute', { ...wanted(), ...change }))),
    );
    expect(new Set([first, ...others].map(({ id }) => id)).size).toBe(4);
  });

  it('that is damaged or another’s is computed again, and the result says why', async () => {
    const first = await ok(router.call('surface/compute', wanted()));
    const path = join(folder(), `${first.id}.npz`);
    writeFileSync(path, readFileSync(path).subarray(0, 200));
    const second = await ok(router.call('surface/compute', wanted()));
    expect(numbers(second)).toEqual(numbers(first));
    expect(second.reused).toEqual({ points: 0, refused: expect.stringMatching(/damaged.*not used/) });
    const foreign = await ok(router.call('surface/compute', { ...wanted(), plane: { kind: 'random', seed: 4 } }));
    for (const ending of ['npz', 'json']) {
      renameSync(join(folder(), `${foreign.id}.${ending}`), join(folder(), `${first.id}.${ending}`));
    }
    const third = await ok(router.call('surface/compute', wanted()));
    expect(numbers(third)).toEqual(numbers(first));
    expect(third.reused).toEqual({ points: 0, refused: expect.stringMatching(/another plane, run, data set/) });
  });

  it.each([
    {},
    { adaptive: { tolerance: 1e-4 } },
    { executor: 'wasm' as const },
    { executor: 'wasm' as const, adaptive: { tolerance: 1e-4 } },
  ])('goes on where it was cut off (%o)', async (kind) => {
    const asked = { ...wanted(), grid: [61, 53] as [number, number], ...kind };
    const whole = await ok(router.call('surface/compute', { ...asked, save: false }));
    // Less than two seconds of work would not be kept: this clock says it was more.
    const { now } = performance;
    let late = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + late);
    onTestFinished(() => void vi.restoreAllMocks());
    const abort = new AbortController();
    let seen = 0;
    const cut = await router.call('surface/compute', asked, {
      signal: abort.signal,
      onPartial: () => {
        if (++seen < 2) return;
        late = 3_000;
        abort.abort();
      },
    });
    expect(cut).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(files()).toContain(`${whole.id}.unfinished.npz`);
    const resumed = await ok(router.call('surface/compute', asked));
    expect(resumed.reused!.points).toBeGreaterThan(4);
    expect(resumed.reused!.points).toBeLessThan(whole.evaluations);
    expect(numbers(resumed)).toEqual(numbers(whole));
    expect(files()).not.toContain(`${whole.id}.unfinished.npz`);
  });
});

describe('regions', () => {
  it('come with the surface, their criteria and thresholds, with progress and streamed tiles', async () => {
    const progress: Progress[] = [];
    let points = 0;
    const found = await ok(
      router.call(
        'surface/regions',
        {
          source: { kind: 'objective', objective: { kind: 'function', name: 'himmelblau' } },
          plane: { kind: 'parameters' },
          criteria: { persistence: 0 },
        },
        {
          onProgress: (one) => progress.push(one),
          onPartial: ({ index }) => {
            points += index.length;
          },
        },
      ),
    );
    expect(found.basins).toHaveLength(4);
    expect(found.criteria).toMatchObject({ persistence: 0, conditionNumber: 10, cliffJump: 10 });
    expect(found.thresholds.range).toBe(found.surface.max - found.surface.min);
    expect([points, progress.at(-1)!.done]).toEqual([51 * 51, 51 * 51]);
    const refused = await router.call('surface/regions', { ...request(), criteria: { cliffJump: 0.5 } });
    expect(refused).toMatchObject({ ok: false, error: { code: 'badInput', field: ['criteria', 'cliffJump'] } });
  });

  it('on an interpolated surface hide what its checks cannot tell from error', async () => {
    const found = await ok(
      router.call('surface/regions', {
        source: { kind: 'objective', objective: { kind: 'function', name: 'cliff' } },
        plane: { kind: 'parameters' },
        grid: [101, 101],
        adaptive: { tolerance: 0.02 },
        criteria: { persistence: 0 },
      }),
    );
    expect(found.thresholds.persistence).toBe(2 * found.surface.interpolation!.largestError);
    expect(found.thresholds.persistence).toBeGreaterThan(0);
  });
});

describe('sections of a plane', () => {
  it('are profiles as long as the way through parameter space', async () => {
    const from: [number, number] = [-0.4, 0.1];
    const to: [number, number] = [0.8, 0.6];
    const profile = await ok(router.call('surface/profile', { ...request(), from, to, points: 9 }));
    const { norms, axisCosine } = profile.plane;
    const length = Math.sqrt(
      (1.2 * norms[0]) ** 2 + (0.5 * norms[1]) ** 2 + 2 * 1.2 * 0.5 * norms[0] * norms[1] * axisCosine,
    );
    expect(profile.distance[8]).toBeAllclose(length, { rtol: 1e-12 });
    const { source, plane } = request();
    const probe = await ok(router.call('objective/probe', { source, plane, x: 0.8, y: 0.6 }));
    expect(profile.loss[8]).toBeAllclose(probe.loss, { rtol: 1e-6 });
    const subset = { kind: 'random' as const, examples: 20, seed: 1 };
    const noisy = await ok(router.call('surface/profile', { ...request(), from, to, points: 3, subset }));
    expect(noisy.standardError!.every((error) => error > 0)).toBe(true);
    expect(await router.call('surface/profile', { ...request(), from, to: from })).toMatchObject({
      ok: false,
      error: { code: 'badInput', field: ['to'] },
    });
  });

  it('are volumes whose slices are streamed; z = 0 is the plane itself', async () => {
    const slices: number[] = [];
    const range: [number, number, number, number] = [-1, 1, -1, 1];
    const volume = await ok(
      router.call(
        'surface/volume',
        {
          ...request(),
          range,
          grid: [6, 5, 3],
          depth: [-1, 1],
          third: { plane: { kind: 'random', seed: 2 } },
          save: true,
        },
        { onPartial: ({ k }) => slices.push(k) },
      ),
    );
    expect(slices).toEqual([0, 1, 2]);
    const surface = await ok(router.call('surface/compute', { ...request(), range, grid: [6, 5] }));
    expect(volume.loss.slice(30, 60)).toEqual(surface.loss);
    const file = join(services.store.path(run.id), 'volumes', `${volume.id}.npz`);
    expect(readNpz(readFileSync(file), 'volume').map(({ name, shape }) => [name, shape])).toEqual([
      ['xs', [6]],
      ['ys', [5]],
      ['zs', [3]],
      ['loss', [3, 5, 6]],
    ]);
  });

  it('are volumes that hold the paths, are kept by content and go on where they were cut off', async () => {
    const asked = {
      ...request(),
      range: [-1, 1, -1, 1] as [number, number, number, number],
      grid: [13, 11, 7] as [number, number, number],
      third: { plane: { kind: 'random' as const, seed: 3 } },
      save: true,
    };
    const { seconds: _, ...whole } = await ok(router.call('surface/volume', { ...asked, save: false }));
    expect(whole.reused).toBeUndefined();
    expect(whole.paths.map(({ runId, z }) => [runId, z.length])).toEqual([[run.id, run.rows]]);
    const [z0, z1] = [whole.zs[0]!, whole.zs.at(-1)!];
    expect(whole.paths[0]!.z.every((z) => z >= z0 && z <= z1)).toBe(true);
    // The plane's path is the shadow of the volume's, and what is left of the distance is along the third direction.
    const plane = await ok(router.call('plane/create', { source: asked.source, plane: asked.plane }));
    const [shadow, path] = [plane.paths[0]!, whole.paths[0]!];
    expect(path.x).toBeAllclose(shadow.x, { rtol: 1e-9, atol: 1e-12 });
    expect(path.y).toBeAllclose(shadow.y, { rtol: 1e-9, atol: 1e-12 });
    const height = path.z.map((z, i) => Math.hypot(z * whole.third.norm, path.residual[i]!));
    expect(height).toBeAllclose(shadow.residual, { rtol: 1e-6, atol: 1e-9 });

    const { now } = performance;
    let late = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + late);
    onTestFinished(() => void vi.restoreAllMocks());
    const abort = new AbortController();
    const cut = await router.call('surface/volume', asked, {
      signal: abort.signal,
      onPartial: ({ k }) => {
        if (k < 2) return;
        late = 3_000;
        abort.abort();
      },
    });
    expect(cut).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    const slices: number[] = [];
    const resumed = await ok(router.call('surface/volume', asked, { onPartial: ({ k }) => slices.push(k) }));
    expect(slices).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(resumed.reused!.points).toBeGreaterThanOrEqual(3 * 13 * 11);
    expect(resumed.reused!.points).toBeLessThan(7 * 13 * 11);
    const { seconds: __, reused: ___, ...rest } = resumed;
    expect(rest).toEqual(whole);
    const again = await ok(router.call('surface/volume', asked));
    expect(again).toEqual({ ...resumed, reused: { points: 7 * 13 * 11, refused: null } });
  });

  it('are not volumes where there are only two parameters', async () => {
    const result = await router.call('surface/volume', {
      source: { kind: 'objective', objective: { kind: 'function', name: 'booth' } },
      plane: { kind: 'parameters' },
      third: { plane: { kind: 'random', normalization: 'none' } },
    });
    expect(result).toMatchObject({ ok: false, error: { code: 'badInput', message: expect.stringContaining('third') } });
  });

  it('are differences, here of the training and the validation part', async () => {
    const minuend = { ...request(), grid: [9, 9] as [number, number] };
    const made = await ok(
      router.call('surface/difference', { minuend, subtrahend: { ...minuend, split: 'validation' } }),
    );
    expect(made.resampled).toBe(false);
    expect(made.difference[40]).toBe(made.minuend.loss[40]! - made.subtrahend.loss[40]!);
    expect(made.rootMeanSquare).toBeGreaterThan(0);
  });

  it('are cancelled', async () => {
    const signal = AbortSignal.abort();
    const third = { plane: { kind: 'random' as const } };
    for (const result of await Promise.all([
      router.call('surface/profile', { ...request(), from: [0, 0], to: [1, 1] }, { signal }),
      router.call('surface/volume', { ...request(), third }, { signal }),
      router.call('surface/regions', { ...request() }, { signal }),
      router.call('surface/difference', { minuend: request(), subtrahend: request() }, { signal }),
    ])) {
      expect(result).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    }
  });
});

describe('on the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loss-atlas-surfaces-'));
  const path = join(folder, 'iris.lossrun');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const { atlas, json } = commandLine(join(folder, 'data'));
  beforeAll(async () => {
    writeFileSync(join(folder, 'iris.json'), JSON.stringify(experiment));
    expect((await atlas('train', join(folder, 'iris.json'), '--out', path)).code).toBe(0);
  });

  it('an adaptive surface says what was computed, and the second time that it was there', async () => {
    const value = await json('surface', path, '--grid', '65', '--adaptive', '0.02');
    expect(value.interpolation).toMatchObject({ tolerance: 0.02, interpolated: 65 ** 2 - value.evaluations });
    expect(value.evaluations).toBeLessThan(0.4 * 65 ** 2);
    const evaluated = readNpz(readFileSync(join(path, value.saved)), 'surface').find(
      ({ name }) => name === 'evaluated',
    )!;
    expect([...evaluated.data].filter((one) => one === 1)).toHaveLength(value.evaluations);
    const { out } = await atlas('surface', path, '--grid', '65', '--adaptive', '0.02');
    expect(out).toMatch(/points computed \(.* %\), \d+ interpolated; \d+ checks/);
    expect(out).toContain('4225 of 4225 points were there already');
  });

  it('names regions of functions and of runs', async () => {
    const value = await json('regions', '--function', 'himmelblau', '--grid', '101');
    expect(value.basins).toHaveLength(4);
    expect(value.regions.map(({ kind }: { kind: string }) => kind)).toContain('saddle');
    expect(value).toMatchObject({ minima: 4, criteria: { persistence: 0.001 }, interpolated: 0, undecided: 0 });
    const flat = await json('regions', '--function', 'himmelblau', '--persistence', '1', '--condition-number', '1e9');
    expect(flat.basins).toMatchObject([{ saddle: null, persistence: null, cells: 51 * 51 }]);
    expect(flat.regions.some(({ kind }: { kind: string }) => kind === 'ravine')).toBe(false);
    const { code, out } = await atlas('regions', path, '--grid', '31', '--no-save');
    expect([code, out]).toEqual([0, expect.stringMatching(/minima? .*persistent.*deepest/s)]);
  });

  it('follows a line, fills a volume, subtracts a run', async () => {
    const profile = await json('surface', path, '--profile', '0,0,1,0', '--profile-points', '5');
    expect(profile.loss).toHaveLength(5);
    expect(profile.distance[0]).toBe(0);
    const volume = await json('surface', path, '--volume', '5x4x3', '--depth', '0,1');
    expect(volume).toMatchObject({ grid: [5, 4, 3], saved: expect.stringMatching(/^volumes\//) });
    expect(volume.range.slice(4)).toEqual([0, 1]);
    const difference = await json('surface', path, '--minus', path, '--grid', '7', '--no-save');
    expect(difference).toMatchObject({ min: 0, max: 0, resampled: false, interpolated: 0 });
  });

  it.each([
    ['regions of nothing', ['regions'], /--function NAME/],
    ['an unknown function', ['regions', '--function', 'himmelblou'], /Unknown function "himmelblou".*himmelblau/],
    ['a run and a function', ['regions', 'x.lossrun', '--function', 'booth'], /both given/],
    ['a criterion that is no share', ['regions', '--function', 'booth', '--flatness', '3'], /flatness/],
    ['two kinds at once', ['surface', path, '--volume', '5', '--minus', path], /different things/],
    ['a refined volume', ['surface', path, '--volume', '5', '--adaptive'], /--adaptive/],
    ['a volume of 10⁹', ['surface', path, '--volume', '1000'], /'1000' is invalid/],
    ['parallel directions', ['surface', path, '--volume', '5', '--third', 'pca'], /lies in the plane/],
    ['a line of no length', ['surface', path, '--profile', '1,1,1,1'], /same point/],
  ])('refuses %s', async (_, args, message) => {
    const { code, out, err } = await atlas(...args);
    expect([code, out, err]).toEqual([2, '', expect.stringMatching(message)]);
  });
});

describe('the L2 term', () => {
  it('is in the training loss or left out of it by ½λ‖w‖², point by point; never in the validation loss', async () => {
    const penalized = await engine.trained({
      ...experiment,
      objective: { ...(experiment.objective as Extract<ExperimentInput['objective'], { kind: 'network' }>), l2: 0.3 },
    });
    const wanted = (split: 'train' | 'validation', l2: 'in' | 'out') =>
      ok(
        router.call('surface/compute', {
          source: { kind: 'runs', runIds: [penalized.run.id] },
          plane: { kind: 'parameters', indices: [0, 1] },
          ...{ grid: [5, 4], split, l2, executor: 'reference' },
        }),
      );
    const [withTerm, without, validation, same] = await Promise.all([
      wanted('train', 'in'),
      wanted('train', 'out'),
      wanted('validation', 'in'),
      wanted('validation', 'out'),
    ]);
    expect(validation!.loss).toEqual(same!.loss);
    expect(withTerm!.accuracy).toEqual(without!.accuracy);
    // Only the first two weights move, and their coordinates are their values: ½λ(x² + y²) and a constant.
    const rest = Array.from(withTerm!.loss, (loss, k) => {
      const [x, y] = [withTerm!.xs[k % 5]!, withTerm!.ys[Math.floor(k / 5)]!];
      return loss - without!.loss[k]! - 0.15 * (x ** 2 + y ** 2);
    });
    expect(rest[0]).toBeGreaterThan(0);
    expect(rest).toBeAllclose(
      rest.map(() => rest[0]!),
      { rtol: 1e-12 },
    );
    const line = { from: [0, 0] as [number, number], to: [1, 0] as [number, number], points: 2 };
    const profile = (l2: 'in' | 'out') =>
      ok(
        router.call('surface/profile', {
          source: { kind: 'runs', runIds: [penalized.run.id] },
          plane: { kind: 'parameters', indices: [0, 1] },
          ...{ ...line, l2, executor: 'reference' },
        }),
      );
    const [a, b] = [await profile('in'), await profile('out')];
    expect(a.loss[1]! - b.loss[1]! - (a.loss[0]! - b.loss[0]!)).toBeAllclose(0.15, { rtol: 1e-9 });
  });
});
