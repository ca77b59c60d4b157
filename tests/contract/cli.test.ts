import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpz, writeNpz } from '../../src/main/exchange/npz';
import { runCommandLine } from '../../src/main/hosts/cli/program';
import { recordedTerminal } from '../unit/cli/sample';
import { commandLine } from './commandLine';

const folder = mkdtempSync(join(tmpdir(), 'loss-atlas-cli-'));
const dataFolder = join(folder, 'data');
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { atlas, json } = commandLine(dataFolder);

const model = {
  inputShape: [4],
  layers: [
    { type: 'dense', units: 6, activation: 'tanh' },
    { type: 'dense', units: 3 },
  ],
  loss: 'softmaxCrossEntropy',
};
const experiment = {
  name: 'iris',
  objective: { kind: 'network', model, data: { source: { kind: 'builtin', name: 'iris' } } },
  optimizer: { name: 'adam', learningRate: 0.02 },
  training: { stop: { steps: 60 }, recordEvery: 2 },
  executor: 'reference',
};
const write = (name: string, value: unknown) => {
  writeFileSync(at(name), typeof value === 'string' ? value : JSON.stringify(value));
  return at(name);
};

beforeAll(async () => {
  const { code, err } = await atlas('train', write('iris.json', experiment), '--out', at('iris.lossrun'));
  expect([code, err]).toEqual([0, '']);
});

describe('atlas train', () => {
  it('records a run and says how it ended', async () => {
    const value = await json('train', at('iris.json'), '--out', at('again.lossrun'));
    expect(value).toMatchObject({ outcome: { kind: 'maxSteps', step: 60 }, rows: 31, parameters: 51 });
    expect(readdirSync(at('again.lossrun')).sort()).toEqual(['run.json', 'steps.csv', 'trajectory.npy']);
    // The same experiment gives the same bytes.
    for (const file of ['trajectory.npy', 'steps.csv']) {
      expect(readFileSync(join(at('again.lossrun'), file))).toEqual(readFileSync(join(at('iris.lossrun'), file)));
    }
  });

  it('refuses an existing output, and replaces it only with --force', async () => {
    await json('train', at('iris.json'), '--out', at('forced.lossrun'));
    const before = readFileSync(join(at('forced.lossrun'), 'run.json'), 'utf8');
    const refused = await atlas('train', at('iris.json'), '--out', at('forced.lossrun'));
    expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining('already exists') });
    // A run that cannot start puts the old one back.
    const wrong = write('wrong.json', { ...experiment, optimizer: { name: 'sgdd', learningRate: 1 } });
    expect((await atlas('train', wrong, '--out', at('forced.lossrun'), '--force')).code).toBe(2);
    expect(readFileSync(join(at('forced.lossrun'), 'run.json'), 'utf8')).toBe(before);
    await json('train', at('iris.json'), '--out', at('forced.lossrun'), '--force');
    expect(readFileSync(join(at('forced.lossrun'), 'run.json'), 'utf8')).not.toBe(before);
    // Nothing of the replacing is left, and no other folder is ever removed.
    expect(readdirSync(folder).filter((name) => name.includes('forced'))).toEqual(['forced.lossrun']);
    expect((await atlas('train', at('iris.json'), '--out', dataFolder, '--force')).err).toContain('is not a run');
  });

  it('keeps what was recorded when it is interrupted', async () => {
    const long = write('long.json', { ...experiment, training: { stop: { steps: 1_000_000 } } });
    const terminal = recordedTerminal();
    const ended = runCommandLine(['train', long, '--out', at('long.lossrun'), '--data-folder', dataFolder], terminal);
    while (!existsSync(at('long.lossrun'))) await new Promise((resolve) => setTimeout(resolve, 5));
    terminal.interrupt();
    expect(await ended).toBe(1);
    expect(terminal.out).toContain('cancelled after');
    expect(JSON.parse(readFileSync(join(at('long.lossrun'), 'run.json'), 'utf8')).outcome.kind).toBe('cancelled');
  });

  it('reads data relative to the experiment file', async () => {
    write('points.csv', 'a,b,kind\n0,0,x\n1,0,y\n0,1,x\n1,1,y\n0.5,0.2,x\n0.9,0.4,y\n');
    const source = { kind: 'file', path: 'points.csv' };
    const small = { ...model, inputShape: [2], layers: [{ type: 'dense', units: 2 }] };
    const file = write('points.json', {
      ...experiment,
      objective: { ...experiment.objective, model: small, data: { source } },
    });
    expect(await json('train', file, '--out', at('points.lossrun'))).toMatchObject({ outcome: { kind: 'maxSteps' } });
  });
});

describe('atlas surface', () => {
  it('gives the grid, its extremes and the explained variance, and keeps the surface in the run', async () => {
    const value = await json('surface', at('iris.lossrun'), '--grid', '9x7', '--executor', 'wasm');
    expect(value).toMatchObject({ grid: [9, 7], masked: 0, executor: expect.stringContaining('wasm') });
    const reference = await json(
      'surface',
      at('iris.lossrun'),
      '--grid',
      '9x7',
      '--executor',
      'reference',
      '--no-save',
    );
    expect(reference.executor).toContain('reference');
    expect([value.min, value.max]).toBeAllclose([reference.min, reference.max], { rtol: 1e-5 });
    expect(value.max).toBeGreaterThan(value.min);
    expect(value.seconds).toBeGreaterThan(0);
    expect(value.explainedVarianceRatio[0]).toBeGreaterThan(0.5);
    const [, , loss] = readNpz(readFileSync(join(at('iris.lossrun'), value.saved)), 'surface');
    expect(loss).toMatchObject({ name: 'loss', shape: [7, 9] });
    expect(Math.min(...loss!.data)).toBe(value.min);
  });

  it('cuts by any plane, on a subset, leaving the run alone when told', async () => {
    const before = readdirSync(join(at('iris.lossrun'), 'surfaces'));
    for (const plane of ['random', 'parameters']) {
      const value = await json(
        'surface',
        at('iris.lossrun'),
        '--plane',
        plane,
        '--grid',
        '5',
        '--subset',
        '40',
        '--no-save',
      );
      expect(value).toMatchObject({ grid: [5, 5], subset: { kind: 'random', examples: 40 }, saved: null });
    }
    expect(readdirSync(join(at('iris.lossrun'), 'surfaces'))).toEqual(before);
  });
});

describe('weights trained elsewhere', () => {
  /** The weights of the recorded run's end, as another program would have saved them. */
  beforeAll(() => {
    const run = JSON.parse(readFileSync(join(at('iris.lossrun'), 'run.json'), 'utf8'));
    const bytes = readFileSync(join(at('iris.lossrun'), 'trajectory.npy'));
    const theta = new Float32Array(Uint8Array.from(bytes.subarray(bytes.length - 4 * run.parameterCount)).buffer);
    const arrays = run.parameters.map(
      ({ shape, offset, size }: { shape: number[]; offset: number; size: number }, i: number) => [
        `arr_${i}`,
        { shape, data: theta.slice(offset, offset + size) },
      ],
    );
    writeFileSync(at('weights.npz'), writeNpz(Object.fromEntries(arrays)));
    const x = Float64Array.from({ length: 4 * 30 }, (_, i) => Math.sin(i));
    writeFileSync(
      at('data.npz'),
      writeNpz({
        x: { shape: [30, 4], data: x },
        y: { shape: [30], data: Int32Array.from(x.subarray(0, 30), (_, i) => i % 3) },
      }),
    );
    write('model.json', model);
  });
  const given = () => [
    '--model',
    at('model.json'),
    '--weights',
    at('weights.npz'),
    '--data',
    at('data.npz'),
    '--executor',
    'reference',
  ];

  it('have the same loss and gradient norm in evaluate and hessian, and nothing is left behind', async () => {
    const before = existsSync(dataFolder) ? readdirSync(dataFolder) : [];
    const evaluated = await json('evaluate', ...given());
    const measured = await json('hessian', ...given(), '--top', '3', '--bottom', '1');
    expect(evaluated).toMatchObject({ parameters: 51, samples: 30 });
    expect(measured).toMatchObject({ parameters: 51, samples: 30, kind: 'notCritical' });
    expect(measured.loss).toBeAllclose(evaluated.loss, { rtol: 1e-12 });
    expect(measured.gradientNorm).toBeAllclose(evaluated.gradientNorm, { rtol: 1e-12 });
    expect(measured.eigenvalues.length).toBe(3);
    expect(Object.keys(measured.bottom[0]).slice(0, 3)).toEqual(['value', 'residual', 'converged']);
    expect(measured.bottom[0]).not.toHaveProperty('vector');
    expect(readdirSync(dataFolder)).toEqual(before);
  });

  it('are refused by name and shape when they do not fit', async () => {
    write('other.json', { ...model, layers: [{ type: 'dense', units: 3 }] });
    const { code, err } = await atlas(
      'evaluate',
      '--model',
      at('other.json'),
      '--weights',
      at('weights.npz'),
      '--data',
      at('data.npz'),
    );
    expect([code, err]).toEqual([2, expect.stringContaining('the model needs layers.0.weight [3, 4]')]);
    expect(err).toContain('arr_0 [6, 4]');
  });
});

describe('atlas hessian', () => {
  it('measures a recorded step and lists its neighbours for one that was not', async () => {
    const value = await json('hessian', at('iris.lossrun'), '--step', '20', '--top', '2');
    expect(value).toMatchObject({ step: 20, row: 10, parameters: 51, samples: 120 });
    expect(value.eigenvalues[0].value).toBeGreaterThan(value.bottom[0].value);
    const { code, err } = await atlas('hessian', at('iris.lossrun'), '--step', '21');
    expect([code, err]).toEqual([2, expect.stringMatching(/Step 21 was not recorded.*from step 0 to 60.*2[02]\./)]);
  });
});

describe('atlas race', () => {
  it('tells each optimizer’s outcome, end, loss and steps', async () => {
    const value = await json(
      'race',
      '--function',
      'himmelblau',
      '--start',
      '-0.5,-1.2',
      '--optimizers',
      'sgd,adam,sgd:9',
      '--steps',
      '200',
    );
    expect(value).toMatchObject({ function: 'himmelblau', start: [-0.5, -1.2], steps: 200 });
    const [sgd, adam, diverged] = value.results;
    expect(sgd).toMatchObject({ optimizer: 'sgd', outcome: 'maxSteps', steps: 200 });
    // Himmelblau's minimum (−3.779310, −3.283186).
    expect([sgd.x, sgd.y]).toBeAllclose([-3.77931, -3.283186], { atol: 1e-4 });
    expect(adam.loss).toBeLessThan(1);
    expect(diverged.outcome).toBe('diverged');
    expect((await json('list', 'runs')).length).toBe(0);
  });

  it('keeps the runs where it is told to', async () => {
    await json('race', '--function', 'booth', '--optimizers', 'sgd,momentum', '--steps', '20', '--out', at('race'));
    expect(readdirSync(at('race')).sort()).toEqual(['momentum.lossrun', 'sgd.lossrun']);
    expect((await atlas('race', '--function', 'booth', '--steps', '5', '--out', at('race'))).code).toBe(2);
  });
});

describe('atlas figure', () => {
  it('writes SVG and PNG of the size asked for', async () => {
    const runs = [at('race/sgd.lossrun'), at('race/momentum.lossrun')];
    await json('figure', ...runs, '--out', at('f.svg'), '--grid', '21', '--width', '100', '--title', 'Booth');
    const svg = readFileSync(at('f.svg'), 'utf8');
    expect(svg).toMatch(/^<\?xml.*width="100mm"/s);
    for (const text of ['Booth', 'SGD', 'Momentum']) expect(svg).toContain(`>${text}</text>`);
    await json('figure', ...runs, '--out', at('f.png'), '--grid', '21', '--width', '50.8', '--dpi', '100');
    expect(readFileSync(at('f.png')).readUInt32BE(16)).toBe(200);
    const { code, err } = await atlas('figure', ...runs, '--out', at('f.svg'));
    expect([code, err]).toEqual([2, expect.stringContaining('already exists')]);
    expect(readFileSync(at('f.svg'), 'utf8')).toBe(svg);
  });
});

describe('atlas list', () => {
  it.each([
    ['functions', 'himmelblau'],
    ['datasets', 'digits'],
    ['optimizers', 'adam'],
    ['experiments', 'digits'],
  ])('%s', async (subject, name) => {
    const values: { name: string }[] = await json('list', subject);
    expect(values.map((value) => value.name)).toContain(name);
    expect((await atlas('list', subject)).out).toContain(name);
  });
});

describe('bad input', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown command', ['trian'], /Unknown command 'trian'.*Known: train, surface/],
    ['an unknown option', ['train', 'x.json', '--frob'], /Unknown option '--frob'.*Known: --out, --executor/],
    ['a missing argument', ['train'], /Missing required argument/],
    ['a grid of 0', ['surface', at('iris.lossrun'), '--grid', '0'], /'0' is invalid/],
    ['a grid of 10⁹', ['surface', at('iris.lossrun'), '--grid', '1000000000'], /'1000000000' is invalid/],
    ['a missing run', ['surface', at('none.lossrun')], /There is no run ".*none\.lossrun"/],
    ['a folder that is no run', ['hessian', folder], /is not a run/],
    ['no run at all', ['hessian'], /A run is missing/],
    ['a missing file', ['train', at('none.json')], /There is no experiment/],
    ['half of the files', ['evaluate', '--model', at('iris.json')], /Missing: --weights, --data/],
    ['an unknown function', ['race', '--function', 'foo'], /Unknown function "foo".*himmelblau, rosenbrock/],
    ['an unknown optimizer', ['race', '--function', 'booth', '--optimizers', 'sgdd'], /"sgdd".*sgd, momentum/],
    ['a rate of −1', ['race', '--function', 'booth', '--learning-rate', '-1'], /'-1' is invalid/],
    ['an unknown format', ['figure', at('iris.lossrun'), '--out', 'f.pdf'], /"f.pdf" is neither/],
    ['an unknown list', ['list', 'colours'], /Allowed choices are functions, datasets/],
    ['a port that is none', ['serve', '--port', '99999'], /from 0 to 65535/],
  ])('%s ends with 2 and a message', async (_, args, message) => {
    const before = readdirSync(folder);
    const { code, out, err } = await atlas(...args);
    expect(err).toMatch(message);
    expect([code, out]).toEqual([2, '']);
    expect(err.trim().split('\n').length).toBe(1);
    expect(readdirSync(folder)).toEqual(before);
  });

  it.each<[string, unknown, RegExp]>([
    ['a rate of −1', { optimizer: { name: 'sgd', learningRate: -1 } }, /optimizer\.learningRate = -1/],
    ['a rate of "abc"', { optimizer: { name: 'sgd', learningRate: 'abc' } }, /learningRate = "abc"/],
    ['an unknown optimizer', { optimizer: { name: 'sgdd', learningRate: 1 } }, /"sgdd".*sgd, momentum/],
    [
      'a wrong shape',
      { objective: { ...experiment.objective, model: { ...model, inputShape: [5] } } },
      /\[5\].*4 features/,
    ],
    ['an unknown field', { sede: 1 }, /"sede"/],
  ])('%s in an experiment ends with 2 and touches nothing', async (_, change, message) => {
    const file = write('bad.json', { ...experiment, ...(change as object) });
    const { code, out, err } = await atlas('train', file, '--out', at('bad.lossrun'));
    expect(err).toMatch(message);
    expect([code, out, existsSync(at('bad.lossrun'))]).toEqual([2, '', false]);
  });

  it('names the cell of data that is no number, and how much of a cut-off file is missing', async () => {
    write('nan.csv', 'a,b,kind\n1,2,x\n3,nan,y\n');
    const source = { kind: 'file', path: 'nan.csv' };
    const file = write('nan.json', { ...experiment, objective: { ...experiment.objective, data: { source } } });
    expect((await atlas('train', file, '--out', at('nan.lossrun'))).err).toMatch(/Row 3.*"b".*"nan"/);

    const bytes = readFileSync(at('weights.npz'));
    writeFileSync(at('cut.npz'), bytes.subarray(0, bytes.length / 2));
    const cut = await atlas(
      'evaluate',
      '--model',
      at('model.json'),
      '--weights',
      at('cut.npz'),
      '--data',
      at('data.npz'),
    );
    expect(cut).toMatchObject({ code: 2, err: expect.stringContaining('cut off') });
  });
});

describe('help', () => {
  it.each([
    'train',
    'surface',
    'regions',
    'connect',
    'hessian',
    'lint',
    'evaluate',
    'race',
    'figure',
    'serve',
    'open',
    'list',
  ])('of %s ends with an example', async (command) => {
    const { code, out } = await atlas(command, '--help');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Example:\\n  atlas ${command} `));
  });

  it('and the version are for stdout; a bare call is bad input', async () => {
    expect((await atlas('--help')).out).toContain('Commands:');
    const terminal = recordedTerminal();
    expect(await runCommandLine(['--version'], terminal)).toBe(0);
    expect(terminal.out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const bare = recordedTerminal();
    expect(await runCommandLine([], bare)).toBe(2);
    expect([bare.out, bare.err]).toEqual(['', expect.stringContaining('Commands:')]);
  });
});
