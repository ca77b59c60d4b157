import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/main/exchange/npy';
import { readNpz } from '../../src/main/exchange/npz';
import { commandLine } from './commandLine';

const folder = mkdtempSync(join(tmpdir(), 'loss-atlas-connect-'));
const at = (name: string) => join(folder, name);
const [a, b, c] = ['a.lossrun', 'b.lossrun', 'c.lossrun'].map(at) as [string, string, string];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { atlas, json } = commandLine(at('data'));

const model = {
  inputShape: [4],
  layers: [
    { type: 'dense', units: 6, activation: 'tanh' },
    { type: 'dense', units: 3 },
  ],
  loss: 'softmaxCrossEntropy',
};
const experiment = (seed: number, units = 6) => ({
  name: `iris ${seed}`,
  objective: {
    kind: 'network',
    model: { ...model, layers: [{ ...model.layers[0], units }, model.layers[1]] },
    data: { source: { kind: 'builtin', name: 'iris' } },
  },
  optimizer: { name: 'adam', learningRate: 0.05 },
  training: { stop: { steps: 60 }, recordEvery: 2 },
  executor: 'reference',
  seed,
});

beforeAll(async () => {
  for (const [run, seed, units] of [
    [a, 1, 6],
    [b, 2, 6],
    [c, 3, 6],
    [at('wide.lossrun'), 1, 7],
  ] as const) {
    writeFileSync(at('experiment.json'), JSON.stringify(experiment(seed, units)));
    const { code, err } = await atlas('train', at('experiment.json'), '--out', run);
    expect([code, err]).toEqual([0, '']);
  }
  writeFileSync(at('d.npy'), writeNpy({ shape: [51], data: Float32Array.from({ length: 51 }, (_, i) => Math.sin(i)) }));
  writeFileSync(at('short.npy'), writeNpy({ shape: [50], data: new Float32Array(50) }));
});

describe('atlas surface', () => {
  it.each([
    ['joint PCA', ['b.lossrun', '--plane', 'pca', '--no-biases'], ['PC 1', 'PC 2']],
    ['eigenvectors', ['--plane', 'eigenvectors', '--eigenvectors', '1,-1'], ['eigenvector 1', 'eigenvector −1']],
    ['gradient', ['--plane', 'gradient', '--origin', '20'], ['gradient', 'H·gradient']],
    ['two checkpoints', ['--plane', 'points', '--points', '1:0,1:end'], ['toward run 1 (end)', 'random']],
    ['three runs', ['b.lossrun', 'c.lossrun', '--plane', 'points'], ['toward run 2 (end)', 'toward run 3 (end)']],
    ['a file', ['--plane', 'file', '--direction', at('d.npy')], ['d.npy', 'random']],
    ['turned', ['--turn', '30', '--toward', 'step:20'], ['PC 1', 'PC 2 → point']],
    ['turned toward curvature', ['--turn', '90', '--toward', 'eigenvector:-1'], ['PC 1', 'PC 2 → eigenvector']],
    ['shifted', ['--shift', '30', '--toward', 'gradient'], ['PC 1', 'PC 2 → gradient']],
  ])('of %s', async (_, args, labels) => {
    const others = args.map((arg) => (arg.endsWith('.lossrun') ? at(arg) : arg));
    const value = await json('surface', a, ...others, '--grid', '5', '--no-save');
    expect(value).toMatchObject({ grid: [5, 5], masked: 0, labels });
    expect(value.max).toBeGreaterThan(value.min);
    if (labels[0] === 'eigenvector 1') expect(value.eigenvalues[0].value).toBeGreaterThan(value.eigenvalues[1].value);
  });

  it.each<[string, string[], RegExp]>([
    ['runs of different models', [at('wide.lossrun')], /layers\.0\.weight \[6, 4\] against layers\.0\.weight \[7, 4\]/],
    ['one run for a plane of points', ['--plane', 'points'], /two or three points; 1 run is given/],
    ['a run that is not given', ['--plane', 'points', '--points', '1:0,2:0'], /Run 2 is not given/],
    ['a step that was not recorded', ['--plane', 'points', '--points', '1:0,1:3'], /Step 3 was not recorded/],
    ['no direction', ['--plane', 'file'], /A direction is missing/],
    [
      'a direction too short',
      ['--plane', 'file', '--direction', at('short.npy')],
      /\[50\], 50 numbers; .* 51 parameters/,
    ],
    ['the same direction twice', ['--plane', 'file', '--direction', at('d.npy'), at('d.npy')], /are parallel/],
    ['an unknown curve', ['--plane', 'connection', '--connection', 'none'], /no curve "none"/],
    ['a direction in words', ['--turn', '5', '--toward', 'north'], /Give random, gradient/],
    ['eigenvector 0', ['--plane', 'eigenvectors', '--eigenvectors', '0,1'], /1 to 20 from the largest/],
  ])('refuses %s', async (_, args, message) => {
    const { code, out, err } = await atlas('surface', a, ...args, '--grid', '3', '--no-save');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });
});

describe('atlas connect', () => {
  it('trains a curve below the line, keeps it, and cuts the plane of its ends and bend', async () => {
    const value = await json('connect', a, b, '--steps', '300', '--points', '21');
    const { line, trained } = value;
    expect(value).toMatchObject({ curve: 'bezier', samples: 120, steps: 300, alignment: null });
    expect(line.loss).toHaveLength(21);
    expect(line.barrier.standardError).toBeGreaterThan(0);
    expect(trained.maximum).toBeLessThan(line.maximum);
    expect([trained.loss[0], trained.loss[20]]).toBeAllclose([line.loss[0], line.loss[20]], { rtol: 1e-9 });

    const arrays = readNpz(readFileSync(join(a, `${value.saved}.npz`)), 'curve');
    expect(arrays.find(({ name }) => name === 'nodes')!.shape).toEqual([3, 51]);
    expect([...arrays.find(({ name }) => name === 'loss')!.data]).toEqual(trained.loss);
    const kept = JSON.parse(readFileSync(join(a, `${value.saved}.json`), 'utf8'));
    expect(kept.trained.barrier).toEqual(trained.barrier);

    const plane = ['--plane', 'connection', '--connection', value.id, '--grid', '3x3', '--range', '0,1,0,1'];
    const surface = await json('surface', a, b, ...plane);
    expect(surface.labels).toEqual(['toward the other end', 'toward the bend']);
    const cells = readNpz(readFileSync(join(a, surface.saved)), 'surface').find(({ name }) => name === 'loss')!.data;
    // (0, 0) is one end, (1, 0) the other, (½, 0) the middle of the line.
    expect([cells[0], cells[1], cells[2]]).toBeAllclose([line.loss[0], line.loss[10], line.loss[20]], { rtol: 1e-6 });

    await json('figure', a, b, '--out', at('curve.svg'), ...plane.slice(0, 4), '--grid', '9');
    expect(readFileSync(at('curve.svg'), 'utf8')).toContain('>Curve</text>');

    const text = await atlas('connect', a, b, '--curve', 'line', '--no-save');
    expect(text.out).toMatch(/line {2,}[\d.]+ {2}± [\d.]+/);
    expect(readdirSync(join(a, 'connections'))).toHaveLength(2);
  });

  it('aligns hidden units first, and says what that changed', async () => {
    const { alignment, line } = await json('connect', a, b, '--curve', 'line', '--align', '--no-save');
    expect(alignment.units).toBe(6);
    expect(alignment.distance[1]).toBeLessThanOrEqual(alignment.distance[0]);
    expect(alignment.line.loss.at(-1)).toBeAllclose(line.loss.at(-1), { rtol: 1e-6 });
  });

  it('joins two steps of one run, on a subset, with polygons', async () => {
    const value = await json(
      'connect',
      a,
      a,
      '--from',
      '0',
      '--curve',
      'polygon',
      '--bends',
      '2',
      '--steps',
      '20',
      '--subset',
      '40',
    );
    expect(value).toMatchObject({ samples: 40, curve: 'polygon', ends: [{ row: 0, step: 0 }, { step: 60 }] });
    expect(value.line.standardError).toHaveLength(61);
  });

  it.each<[string, string[], RegExp]>([
    ['different models', [a, at('wide.lossrun')], /are different models: layers\.0\.weight \[6, 4\] against/],
    ['the same point twice', [a, a], /Both ends are the same point/],
    ['no bends', [a, b, '--bends', '0'], /'0' is invalid/],
  ])('refuses %s', async (_, args, message) => {
    const { code, out, err } = await atlas('connect', ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });
});

describe('atlas lint', () => {
  const rules = (value: { findings: { rule: string }[] }) => value.findings.map(({ rule }) => rule);

  it('has nothing to say of the whole plane of a converged function', async () => {
    await json('race', '--function', 'himmelblau', '--optimizers', 'sgd', '--steps', '100', '--out', at('race'));
    expect((await json('lint', at('race/sgd.lossrun'), '--grid', '21')).findings).toEqual([]);
    expect((await atlas('lint', at('race/sgd.lossrun'), '--grid', '21')).out).toBe('nothing to object to\n');
  });

  it('objects to an unnormalized random plane on a subset, with what to do about it', async () => {
    const args = [a, '--plane', 'random', '--normalization', 'none', '--subset', '30', '--grid', '9'];
    const value = await json('lint', ...args);
    expect(rules(value)).toEqual(expect.arrayContaining(['unnormalized', 'lowExplained', 'subsetWithoutBand']));
    const text = await atlas('lint', ...args);
    expect(text.out).toMatch(/warning: The random directions are not normalized\. \(unnormalized /);
    expect(text.out).toMatch(/Cure: Normalize by filter\./);
  });

  it('objects to a window that is too wide, and to one the path leaves', async () => {
    expect(rules(await json('lint', a, '--grid', '7', '--range', '-900,900,-900,900'))).toContain('pathSmall');
    expect(rules(await json('lint', a, '--grid', '7', '--range', '-0.1,0.1,-0.1,0.1'))).toContain('pathLeaves');
  });
});
