import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readNpy } from '../../src/main/exchange/npy';
import { runCommandLine } from '../../src/main/hosts/cli/program';
import type { ParamsInput } from '../../src/shared/contract';
import type { RaceCell, RaceEntrant, RaceProgress } from '../../src/shared/model/race';
import { recordedTerminal } from '../unit/cli/sample';
import { createTestEngine, ok } from './testEngine';

const folder = mkdtempSync(join(tmpdir(), 'loss-atlas-race-'));
const at = (name: string) => join(folder, name);
const { services, router, dispose } = createTestEngine();
afterAll(async () => {
  await dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function atlas(...args: string[]) {
  const terminal = recordedTerminal();
  const code = await runCommandLine([...args, '--data-folder', at('data')], terminal);
  return { code, out: terminal.out, err: terminal.err };
}
async function json(...args: string[]) {
  const { code, out, err } = await atlas(...args, '--json');
  expect([code, err]).toEqual([0, '']);
  expect(out).not.toMatch(/NaN|Infinity/);
  return JSON.parse(out);
}

const iris = {
  name: 'iris',
  objective: {
    kind: 'network' as const,
    model: {
      inputShape: [4],
      layers: [
        { type: 'dense' as const, units: 6, activation: 'tanh' as const },
        { type: 'dense' as const, units: 3 },
      ],
      loss: 'softmaxCrossEntropy' as const,
    },
    data: { source: { kind: 'builtin' as const, name: 'iris' as const } },
  },
  training: { batchSize: 30, stop: { steps: 40 }, recordEvery: 10 },
  executor: 'reference' as const,
};
writeFileSync(at('iris.json'), JSON.stringify({ ...iris, optimizer: { name: 'adam', learningRate: 0.02 } }));

const firstRow = (run: string) => {
  const { shape, data } = readNpy(readFileSync(at(`${run}/trajectory.npy`)), 'trajectory');
  return [...data].slice(0, shape[1]);
};

describe('atlas race --tune', () => {
  it('tunes on a network, keeps the best runs, and reports what they give', async () => {
    const grid = ['--grid', '0.001,1,1', '--seeds', '2', '--report-seeds', '3', '--seed', '7'];
    const value = await json(
      'race',
      at('iris.json'),
      '--tune',
      '--optimizers',
      'sgd,adam',
      ...grid,
      '--out',
      at('kept'),
    );
    expect(value).toMatchObject({
      criterion: { kind: 'loss' },
      steps: 40,
      learningRates: [0.001, 0.01, 0.1, 1],
      seeds: { tuning: [7, 8], report: [9, 10, 11] },
      gradientEvaluations: 2 * (4 * 2 + 3) * 40,
    });
    for (const { tuning, learningRate, report, rank } of value.entrants as RaceEntrant[]) {
      const means = tuning.map(({ mean }) => mean!);
      expect(learningRate).toBe(value.learningRates[means.indexOf(Math.min(...means))]);
      for (const cell of [...tuning, report!]) {
        for (const { steps, gradientEvaluations } of cell.runs) expect([steps, gradientEvaluations]).toEqual([40, 40]);
      }
      expect(report!.runs.map(({ seed }) => seed)).toEqual([9, 10, 11]);
      expect(report!.standardError).toBeGreaterThan(0);
      expect([1, 2]).toContain(rank);
    }

    expect(readdirSync(at('kept')).sort()).toEqual(['adam.lossrun', 'race.json', 'sgd.lossrun']);
    const { kept, ...result } = value;
    expect(kept).toEqual([at('kept/sgd.lossrun'), at('kept/adam.lossrun')]);
    expect(JSON.parse(readFileSync(at('kept/race.json'), 'utf8'))).toEqual(result);
    // The same θ₀ for both, and the run that is kept is the run that was reported.
    expect(firstRow('kept/sgd.lossrun')).toEqual(firstRow('kept/adam.lossrun'));
    for (const [i, name] of ['sgd', 'adam'].entries()) {
      const steps = readFileSync(at(`kept/${name}.lossrun/steps.csv`), 'utf8')
        .trim()
        .split('\n');
      const column = steps[0]!.split(',').indexOf('loss');
      expect(Number(steps.at(-1)!.split(',')[column])).toBe(value.entrants[i].report.runs[0].value);
    }
    // And both can be shown on one plane.
    const plane = await json('surface', at('kept/sgd.lossrun'), at('kept/adam.lossrun'), '--grid', '5', '--no-save');
    expect(plane.labels).toEqual(['PC 1', 'PC 2']);
    const again = await atlas('race', at('iris.json'), '--tune', '--out', at('kept'));
    expect(again).toMatchObject({ code: 2, out: '', err: expect.stringContaining('already exists') });
  });

  it('draws a start for each seed on a function, the same for every optimizer', async () => {
    const args = ['race', '--function', 'booth', '--tune', '--steps', '60', '--grid', '0.001,10,1', '--seeds', '2'];
    const { entrants, warnings } = (await json(...args, '--optimizers', 'sgd,sgd')) as {
      entrants: RaceEntrant[];
      warnings: unknown[];
    };
    const [a, b] = entrants as [RaceEntrant, RaceEntrant];
    expect(a.report!.runs).toEqual(b.report!.runs);
    expect(a.report!.standardDeviation).toBeGreaterThan(0);
    expect(b.toBest).toEqual({ mean: 0, standardError: 0, isTie: true });
    const failures = (cell: RaceCell) => cell.runs.map(({ failure, value }) => [failure, value]);
    // Booth's Hessian has eigenvalues 2 and 18: above 2/18 it diverges.
    expect(a.tuning.map(({ failed }) => failed)).toEqual([0, 0, 0, 2, 2]);
    expect(failures(a.tuning[4]!)).toEqual([
      ['diverged', null],
      ['diverged', null],
    ]);
    expect(a.learningRate).toBe(0.1);
    expect(warnings).toEqual([]);

    const still = await json(...args, '--optimizers', 'sgd', '--start-spread', '0');
    expect(still.warnings).toEqual([{ kind: 'seedsDoNotMatter' }]);
    expect(still.entrants[0].experiment.objective.start).toEqual([-8, -4]);

    const text = await atlas(...args, '--optimizers', 'sgd,sgd');
    expect(text.out).toMatch(/^1 +sgd /m);
    expect(text.out).toMatch(/^=2 +sgd-2 .* 0 ± 0$/m);
  });

  it('tells it in 80 columns: ranks, ties, failures and the edge of the grid', async () => {
    const optimizers = 'sgd,momentum,nesterov,adagrad,rmsprop,adam,sgd';
    const { code, out } = await atlas(
      ...['race', '--function', 'himmelblau', '--tune', '--steps', '80', '--optimizers', optimizers],
      ...['--grid', '0.0001,0.1,1', '--out', at('text')],
    );
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => [...line.replace(folder, '')].length))).toBeLessThanOrEqual(80);
    expect(out).toMatch(/diverged/);
    expect(out).toMatch(/warning: adagrad: 0\.1 is the highest rate of the grid; widen --grid\./);
    expect(existsSync(at('text/sgd-2.lossrun'))).toBe(true);
  });

  it('compares the steps to a target', async () => {
    const args = [
      'race',
      '--function',
      'booth',
      '--tune',
      '--optimizers',
      'sgd,adagrad',
      '--criterion',
      'stepsToTarget',
    ];
    const { entrants } = await json(...args, '--target', '1e-3', '--grid', '0.001,0.1,1', '--steps', '200');
    expect(entrants[0]).toMatchObject({ learningRate: 0.1, rank: 1 });
    expect(entrants[0].report.mean).toBeLessThan(100);
    expect(entrants[1]).toMatchObject({ learningRate: null, rank: null, report: null, experiment: null });
    expect(entrants[1].tuning[0].runs[0]).toMatchObject({ value: null, failure: 'notReached', steps: 200 });
  });

  it.each<[string, string[], RegExp]>([
    ['nothing to race on', ['--tune'], /A race on what\?/],
    [
      'options of a tuned race without it',
      ['--function', 'booth', '--report-seeds', '3'],
      /--report-seeds is for a tuned/,
    ],
    ['an experiment without it', [at('iris.json')], /with --tune/],
    ['rates of its own', ['--function', 'booth', '--tune', '--optimizers', 'sgd:0.1'], /--tune chooses the rates/],
    ['an unknown function', ['--function', 'foo', '--tune'], /Unknown function "foo".*himmelblau/],
    ['an unknown optimizer', ['--function', 'booth', '--tune', '--optimizers', 'sgdd'], /"sgdd".*sgd, momentum/],
    [
      'a grid upside down',
      ['--function', 'booth', '--tune', '--grid', '1,0.1,2'],
      /the lowest rate is above the highest/,
    ],
    ['no target', ['--function', 'booth', '--tune', '--criterion', 'stepsToTarget'], /belong together/],
    ['no validation data', ['--function', 'booth', '--tune', '--criterion', 'validationLoss'], /no validation data/],
    ['a start of a network', [at('iris.json'), '--tune', '--start', '1,1'], /are for functions/],
    ['one report seed', ['--function', 'booth', '--tune', '--report-seeds', '1'], /'1' is invalid/],
  ])('refuses %s', async (_, args, message) => {
    const { code, out, err } = await atlas('race', ...args);
    expect(err).toMatch(message);
    expect([code, out]).toEqual([2, '']);
  });

  it('is cancelled by Ctrl-C, and leaves nothing', async () => {
    const terminal = recordedTerminal();
    const args = ['race', '--function', 'booth', '--tune', '--steps', '10000000', '--out', at('never')];
    const ended = runCommandLine([...args, '--data-folder', at('data')], terminal);
    setTimeout(() => terminal.interrupt(), 100);
    expect(await ended).toBe(1);
    expect([terminal.out, terminal.err]).toEqual(['', 'Cancelled.\n']);
    expect(existsSync(at('never'))).toBe(false);
  });
});

describe('race/fair', () => {
  const request = (steps: number): ParamsInput<'race/fair'> => ({
    experiment: { ...iris, training: { ...iris.training, stop: { steps } } },
    optimizers: [{ name: 'sgd' }, { name: 'momentum', parameters: { momentum: 0.5 }, weightDecay: 1e-3 }],
    grid: { lowest: 0.01, highest: 1, perDecade: 1 },
    tuningSeeds: 2,
    reportSeeds: 2,
    criterion: { kind: 'validationLoss' },
  });

  it('streams each rate as it is done, tells how far it is, and gives the same twice', async () => {
    const cells: RaceProgress[] = [];
    const done: number[] = [];
    const first = await ok(
      router.call('race/fair', request(400), {
        onPartial: (cell) => cells.push(cell),
        onProgress: (progress) => {
          expect(progress).toMatchObject({ label: 'race', total: 400 * 2 * (3 * 2 + 2) });
          done.push(progress.done);
        },
      }),
    );
    expect(cells.map(({ stage, optimizer }) => `${stage} ${optimizer}`)).toEqual([
      ...[...Array(3).fill('tuning 0'), ...Array(3).fill('tuning 1'), 'report 0', 'report 1'],
    ]);
    expect(cells.map(({ cell }) => cell)).toEqual([
      ...first.entrants.flatMap(({ tuning }) => tuning),
      ...first.entrants.map(({ report }) => report),
    ]);
    expect(done.length).toBeGreaterThan(0);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(first.entrants[1]!.experiment!.optimizer).toMatchObject({
      parameters: { momentum: 0.5 },
      weightDecay: 1e-3,
    });
    const { seconds: _, ...again } = await ok(router.call('race/fair', request(400)));
    expect(first).toMatchObject(again);
  });

  it('takes rates one by one, in any order, each once', async () => {
    const { grid: _, ...rest } = request(5);
    const { learningRates, entrants } = await ok(router.call('race/fair', { ...rest, rates: [0.5, 0.02, 0.5] }));
    expect(learningRates).toEqual([0.02, 0.5]);
    expect(entrants[0]!.tuning.map(({ learningRate }) => learningRate)).toEqual([0.02, 0.5]);
    const refused = await router.call('race/fair', { ...rest, rates: [0.1, 0] });
    expect(refused).toMatchObject({ ok: false, error: { code: 'badInput', field: ['rates', 1] } });
  });

  it('cancelled in the middle of a run gives back what it holds', async () => {
    const stop = new AbortController();
    const result = await router.call('race/fair', request(10_000_000), {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(result).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(services.activity.busy).toBe(false);
  });
});
