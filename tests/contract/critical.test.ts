import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpz } from '../../src/main/exchange/npz';
import type { SearchStep } from '../../src/shared/model/critical';
import type { ExperimentInput } from '../../src/shared/model/experiment';
import { commandLine } from './commandLine';
import { createTestEngine, ok, type TestEngine } from './testEngine';

const folder = mkdtempSync(join(tmpdir(), 'loss-atlas-critical-'));
const run = join(folder, 'moons.lossrun');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { atlas, json } = commandLine(join(folder, 'data'), ['critical-points']);

/** With a weak L2 term, so that minima are isolated. */
const experiment: ExperimentInput = {
  name: 'moons',
  objective: {
    kind: 'network',
    model: {
      inputShape: [2],
      layers: [
        { type: 'dense', units: 3, activation: 'tanh' },
        { type: 'dense', units: 2 },
      ],
      loss: 'softmaxCrossEntropy',
    },
    data: { source: { kind: 'generated', name: 'moons', examples: 60, noise: 0.1 } },
    l2: 0.01,
    l2Biases: true,
  },
  optimizer: { name: 'adam', learningRate: 0.05 },
  training: { stop: { steps: 60 }, recordEvery: 20 },
};

beforeAll(async () => {
  writeFileSync(join(folder, 'moons.json'), JSON.stringify(experiment));
  const { code, err } = await atlas('train', join(folder, 'moons.json'), '--out', run);
  expect([code, err]).toEqual([0, '']);
});

describe('atlas critical-points of a function', () => {
  it('gives every point with its kind, index, eigenvalues and residual', async () => {
    const { points, verified, unresolved, windingNumber } = await json('--function', 'himmelblau');
    expect(points).toHaveLength(9);
    expect([verified, unresolved, windingNumber]).toEqual([true, [], { edge: 1, inside: 1 }]);
    expect(Object.keys(points[0]).sort()).toEqual(['eigenvalues', 'index', 'kind', 'residual', 'value', 'x', 'y']);
    expect(points.map(({ index }: { index: number }) => index)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2]);
  });

  it('takes an expression and a window, and calls the monkey saddle degenerate', async () => {
    const { points, window } = await json('--expression', 'x^3 - 3*x*y^2', '--domain', '-1,1.5,-1,1');
    expect(window).toEqual([-1, 1.5, -1, 1]);
    expect(points).toMatchObject([{ kind: 'degenerate', index: null }]);
    const { out } = await atlas('critical-points', '--expression', 'x^3 - 3*x*y^2');
    expect(out).toMatch(/1 critical point in -2, 2, -2, 2/);
    expect(out).toMatch(/turns -2 times/);
  });

  it('says in words what is masked or cannot be told', async () => {
    const masked = await atlas('critical-points', '--expression', 'log(x) + x*y^2 - x');
    expect(masked.out).toMatch(/50\.\d+ % of the window is masked/);
    expect(masked.out).toContain('not verified');
    const trough = await atlas('critical-points', '--expression', 'x^2');
    expect(trough.out).toMatch(/0 critical points.*not resolved, x .* y −2 to 2: a curve or an area/s);
    expect((await atlas('critical-points', '--expression', 'abs(x) + abs(y)')).out).toContain('the gradient jumps');
  });

  it.each([
    [['--function', 'himmelblauu'], /Unknown function "himmelblauu".*himmelblau/],
    [['--expression', 'x + z'], /unknown name "z"/],
    [['--expression', 'x^2 + y^2', '--domain', '0,Infinity,0,1'], /0,Infinity,0,1.*four finite numbers/],
    [['--expression', 'x^2 + y^2', '--domain', '1,0,0,1'], /x0 < x1/],
    [['--expression', 'log(-1 - x^2)'], /finite nowhere in the window/],
    [[], /Critical points of what\?/],
    [['--function', 'beale', '--expression', 'x'], /cannot be used with/],
    [['nothing.lossrun'], /no run "nothing.lossrun"/],
    [['nothing.lossrun', '--domain', '0,1,0,1'], /--domain is for functions/],
    [['--function', 'beale', '--list'], /--list is for runs/],
  ])('refuses %j', async (args, message) => {
    const { code, out, err } = await atlas('critical-points', ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });
});

describe('atlas critical-points of a run', () => {
  it('finds one in full space, tells it on the plane, and keeps it', async () => {
    const found = await json(run, '--from', '40', '--plane', 'pca');
    expect(found).toMatchObject({
      ...{ method: 'newtonMR', outcome: 'converged', step: 40, parameters: 17, from: { kind: 'row', row: 2 } },
      executor: expect.stringContaining('reference'),
    });
    expect(found.gradientNorm).toBeLessThanOrEqual(1e-8);
    const { index, onPlane } = found;
    expect(index.spectrum).toBe('dense');
    expect(index.negative + index.zero + index.positive).toBe(17);
    for (const { residual } of [...index.top, ...index.bottom]) expect(residual).toBeLessThan(1e-10);
    expect(onPlane.distance).toBeGreaterThan(0);
    expect(found.id).toBe('row-2');
    const [theta, start, lowest] = readNpz(readFileSync(join(run, 'critical', 'row-2.npz')), 'critical');
    expect([theta, start, lowest].map((one) => [one!.name, one!.shape])).toEqual([
      ['theta', [17]],
      ['start', [17]],
      ['lowest', [17]],
    ]);
    const apart = Array.from(theta!.data as Float64Array, (value, i) => value - Number(start!.data[i]));
    expect(Math.hypot(...apart)).toBeAllclose(found.distance, { rtol: 1e-12 });
    expect(JSON.parse(readFileSync(join(run, 'critical', 'row-2.json'), 'utf8'))).toEqual(found);
    expect((await json(run, '--from', '40')).id).toBe('row-2-2');
  });

  it('reaches lower with every method, float32 executors down to their floor and further when polished', async () => {
    for (const method of ['gaussNewton', 'dampedNewton', 'saddleFree']) {
      const { outcome, gradientNorm, loss } = await json(run, '--method', method, '--max-iterations', '40');
      expect(['converged', 'stalled', 'maxIterations']).toContain(outcome);
      expect(Number.isFinite(gradientNorm) && Number.isFinite(loss)).toBe(true);
    }
    const wasm = await json(run, '--executor', 'wasm', '--method', 'saddleFree');
    expect(wasm.executor).toContain('wasm');
    expect(wasm).toMatchObject({ outcome: 'converged' });
    expect(wasm.gradientNorm).toBeGreaterThan(1e-10);
    expect([wasm.floor > 1e-8, wasm.tolerance]).toEqual([true, wasm.floor]);
    const polished = await json(
      run,
      '--executor',
      'wasm',
      '--method',
      'saddleFree',
      '--polish',
      '--tolerance',
      '1e-11',
    );
    expect(polished).toMatchObject({ outcome: 'converged', index: { kind: 'minimum', negative: 0 } });
    expect(polished.executor).toMatch(/^wasm.*, then reference/);
    expect(polished.gradientNorm).toBeLessThanOrEqual(1e-11);
    expect(polished.loss).toBeAllclose(wasm.loss, { rtol: 1e-5 });
  });

  it('goes down both sides of a saddle and tells where', async () => {
    const found = await json(run, '--from', '0', '--descend', '--plane', 'pca');
    expect(found).toMatchObject({ outcome: 'converged', index: { kind: 'saddle' } });
    expect(found.descents.map(({ sign }: { sign: number }) => sign)).toEqual([1, -1]);
    for (const { loss, onPlane, arcLength, outcome, end } of found.descents) {
      expect(outcome).toBe('converged');
      expect(end.kind).not.toBe('notCritical');
      expect(loss[0]).toBeAllclose(found.loss, { rtol: 1e-12 });
      expect(loss.at(-1)).toBeLessThan(found.loss);
      expect([onPlane.x.length, onPlane.distance.length, arcLength.length]).toEqual(new Array(3).fill(loss.length));
      expect([onPlane.x[0], onPlane.y[0]]).toBeAllclose([found.onPlane.x, found.onPlane.y], { rtol: 1e-12 });
    }
    expect(found.endsDiffer).toBeGreaterThanOrEqual(0);
    const down = readNpz(readFileSync(join(run, 'critical', `${found.id}.npz`)), 'critical').slice(3);
    expect(down.map(({ name, shape }) => [name, shape])).toEqual([
      ['downPlus', [found.descents[0].loss.length, 17]],
      ['downMinus', [found.descents[1].loss.length, 17]],
    ]);
    const { out } = await atlas('critical-points', run, '--from', '0', '--descend', '--plane', 'pca');
    expect(out).toMatch(/^saddle of index \d+.*from step 0 by newtonMR: converged/);
    expect(out).toMatch(/down \+v: loss .*\ndown −v: loss /);
  });

  it('lists what is kept, oldest first, and names what is no such point', async () => {
    const { points, unreadable } = await json(run, '--list');
    expect(unreadable).toEqual([]);
    expect(points.slice(0, 2)).toEqual(
      ['row-2', 'row-2-2'].map((id) => JSON.parse(readFileSync(join(run, 'critical', `${id}.json`), 'utf8'))),
    );
    expect(points[0].plane).toMatchObject({
      source: { kind: 'runs', runIds: [points[0].runId] },
      plane: { kind: 'pca' },
    });
    expect(points[0].steps).toHaveLength(points[0].iterations);

    writeFileSync(join(run, 'critical', 'cut.json'), '{"id": "cut", "run');
    writeFileSync(join(run, 'critical', 'foreign.json'), '{"points": []}');
    writeFileSync(join(run, 'critical', 'other.json'), JSON.stringify({ ...points[0], parameters: 3 }));
    const { code, out } = await atlas('critical-points', run, '--list');
    for (const name of ['cut', 'foreign', 'other']) rmSync(join(run, 'critical', `${name}.json`));
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^${points.length} points kept\nid +kind +from +loss`));
    expect(out).toMatch(/row-2 .*step 40 .*pca, .* beside it/);
    expect(out).toMatch(/cannot be read: .*cut\.json: .*JSON/);
    expect(out).toMatch(/cannot be read: .*foreign\.json: /);
    expect(out).toMatch(/cannot be read: .*other\.json: it is of 3 parameters, the run has 17/);
  });

  it('reads a point that an earlier version kept, without plane, steps and time', async () => {
    const path = join(run, 'critical', 'row-2.json');
    const content = readFileSync(path, 'utf8');
    const { plane: _plane, steps: _steps, foundAt: _foundAt, ...earlier } = JSON.parse(content);
    writeFileSync(path, JSON.stringify(earlier));
    const { points, unreadable } = await json(run, '--list');
    writeFileSync(path, content);
    expect(unreadable).toEqual([]);
    const point = points.find(({ id }: { id: string }) => id === 'row-2');
    expect(point).toEqual({ ...earlier, plane: null, steps: [], foundAt: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  it('starts at a point of the plane, and refuses one that has no plane', async () => {
    const found = await json(run, '--at', '0,0', '--plane', 'pca', '--method', 'saddleFree');
    expect(found).toMatchObject({ step: null, from: { kind: 'plane', x: 0, y: 0 }, id: 'plane' });
    // The plane's origin is the path's end.
    const end = await json(run, '--from', 'final', '--method', 'saddleFree');
    expect(found.loss).toBeAllclose(end.loss, { rtol: 1e-10 });
    expect((await atlas('critical-points', run, '--from', '7')).err).toContain('Step 7 was not recorded');
  });
});

describe('atlas figure --critical', () => {
  const figure = async (name: string, of: string, ...args: string[]) => {
    const file = join(folder, name);
    const { code, err } = await atlas('figure', of, '--out', file, '--force', '--grid', '21', ...args);
    expect([code, err]).toEqual([0, '']);
    return readFileSync(file, 'utf8');
  };

  it('draws the points kept in a run on any plane, with their ways down, and the basins of the surface', async () => {
    const { points } = await json(run, '--list');
    const converged = points.filter(({ outcome }: { outcome: string }) => outcome === 'converged');
    const svg = await figure('pca.svg', run, '--plane', 'pca', '--critical', '--regions', 'basins');
    const told = [
      ...svg.matchAll(/(minimum|saddle|degenerate point) at \(([^,]+), ([^)]+)\).*?, ([\d.e×⁻⁰-⁹]+) out of the plane/g),
    ];
    expect(told).toHaveLength(converged.length);
    expect(svg).toContain('>way down<');
    expect(svg).toMatch(/>border of (the basin|basins)</);
    // On the plane the point was found on it stands where it was found.
    expect(points[0]).toMatchObject({ id: 'row-2', plane: { plane: { kind: 'pca' } } });
    expect(Number(told[0]![2]!.replace('−', '-'))).toBeAllclose(points[0].onPlane.x, { rtol: 1e-3 });
    expect(Number(told[0]![4])).toBeAllclose(points[0].onPlane.distance, { rtol: 1e-3 });
    const other = await figure('random.svg', run, '--plane', 'random', '--critical');
    expect(other).toContain('out of the plane');
    expect(other).not.toContain('border of');
  });

  it('draws all points of a function in the window', async () => {
    const objective = { kind: 'function', name: 'himmelblau', start: [1, 1] };
    const descent = { objective, optimizer: { name: 'sgd', learningRate: 0.01 }, training: { stop: { steps: 20 } } };
    writeFileSync(join(folder, 'himmelblau.json'), JSON.stringify(descent));
    await atlas('train', join(folder, 'himmelblau.json'), '--out', join(folder, 'himmelblau.lossrun'));
    const himmelblau = join(folder, 'himmelblau.lossrun');
    const svg = await figure('himmelblau.svg', himmelblau, '--plane', 'parameters', '--critical', '--regions', 'kinds');
    expect(svg.match(/(minimum|saddle|maximum) at \(/g)).toHaveLength(9);
    expect(svg).toContain('>border of regions<');
    const turned = await atlas('figure', himmelblau, '--out', join(folder, 'no.svg'), '--plane', 'pca', '--critical');
    expect([turned.code, existsSync(join(folder, 'no.svg'))]).toEqual([2, false]);
    expect(turned.err).toContain('own axes');
  });

  it('says where nothing is kept, or the vectors are gone', async () => {
    await atlas('train', join(folder, 'moons.json'), '--out', join(folder, 'fresh.lossrun'));
    const refused = await atlas('figure', join(folder, 'fresh.lossrun'), '--out', join(folder, 'no.svg'), '--critical');
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('No critical point is kept in')]);
    const vectors = join(run, 'critical', 'row-2.npz');
    const bytes = readFileSync(vectors);
    writeFileSync(vectors, bytes.subarray(0, 40));
    const damaged = await atlas('figure', run, '--out', join(folder, 'no.svg'), '--critical');
    writeFileSync(vectors, bytes);
    expect([damaged.code, damaged.err]).toEqual([2, expect.stringContaining('critical/row-2.npz')]);
    expect(existsSync(join(folder, 'no.svg'))).toBe(false);
  });
});

describe('critical/fromRun', () => {
  let engine: TestEngine;
  beforeAll(() => {
    engine = createTestEngine();
  });
  afterAll(() => engine.dispose());

  it('tells the point on a plane made of several runs', async () => {
    const [{ run: a }, { run: b }] = [
      await engine.trained(experiment),
      await engine.trained({ ...experiment, optimizer: { name: 'sgd', learningRate: 0.1 } }),
    ];
    const plane = { kind: 'pca', biases: true } as const;
    const planeRuns = [a.id, b.id];
    const made = await ok(engine.router.call('plane/create', { source: { kind: 'runs', runIds: planeRuns }, plane }));
    const path = made.paths.find(({ runId }) => runId === b.id)!;
    // Every point is critical at this tolerance: the search ends where it begins.
    const start = { runId: b.id, from: { kind: 'row', row: 1 }, tolerance: 1e6, plane } as const;
    const { onPlane, distance } = await ok(engine.router.call('critical/fromRun', { ...start, planeRuns }));
    expect(distance).toBe(0);
    expect([onPlane?.x, onPlane?.y]).toBeAllclose([path.x[1], path.y[1]], { rtol: 1e-6 });
    expect(onPlane?.distance).toBeAllclose(path.residual[1], { rtol: 1e-5 });
    const alone = await ok(engine.router.call('critical/fromRun', start));
    expect(Math.abs(alone.onPlane!.x - path.x[1]!)).toBeGreaterThan(1e-3);
  });

  it('streams its steps, can be cancelled, and keeps nothing then', async () => {
    const { run: info } = await engine.trained(experiment);
    const steps: SearchStep[] = [];
    const found = await ok(
      engine.router.call(
        'critical/fromRun',
        { runId: info.id, from: { kind: 'row', row: 0 } },
        { onPartial: (step) => steps.push(step) },
      ),
    );
    expect(steps.map(({ iteration }) => iteration)).toEqual(Array.from({ length: found.iterations }, (_, i) => i + 1));
    expect(steps.at(-1)!.gradientNorm).toBe(found.gradientNorm);
    expect(existsSync(join(engine.services.store.path(info.id), 'critical', `${found.id}.json`))).toBe(true);

    const abort = new AbortController();
    const stopped = await engine.router.call(
      'critical/fromRun',
      { runId: info.id, from: { kind: 'row', row: 1 } },
      { signal: abort.signal, onPartial: () => abort.abort() },
    );
    expect(stopped).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(existsSync(join(engine.services.store.path(info.id), 'critical', 'row-1.json'))).toBe(false);
  });

  it('refuses a point of no plane, rows that are not there, and networks where a window is searched', async () => {
    const { run: info } = await engine.trained(experiment);
    const error = async (call: Promise<unknown>) => ((await call) as { error: { message: string } }).error.message;
    const from = { kind: 'plane', x: 1, y: 2 } as const;
    expect(await error(engine.router.call('critical/fromRun', { runId: info.id, from }))).toContain('(1, 2)');
    expect(
      await error(engine.router.call('critical/fromRun', { runId: info.id, from: { kind: 'row', row: 99 } })),
    ).toContain('Row 99');
    expect(await error(engine.router.call('critical/all', { objective: experiment.objective }))).toContain('network');
  });
});
