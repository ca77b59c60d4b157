import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { runCommandLine } from '../../src/main/hosts/cli/program';
import { recordedTerminal } from '../unit/cli/sample';

const folder = mkdtempSync(join(tmpdir(), 'loss-atlas-second-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function atlas(...args: string[]) {
  const terminal = recordedTerminal();
  const code = await runCommandLine([...args, '--data-folder', at('data')], terminal);
  return { code, out: terminal.out, err: terminal.err };
}
async function json(...args: string[]) {
  const { code, out, err } = await atlas(...args, '--json');
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
}

const searches = {
  newton: { damping: 1 },
  saddleFreeNewton: { damping: 0.1 },
  gaussNewton: {},
  conjugateGradient: {},
  bfgs: {},
  lbfgs: {},
};

function experiment(name: string, parameters: object, batchSize: number | 'full', units = 6) {
  const path = at(`${name}-${batchSize}-${units}.json`);
  const layers = [
    { type: 'dense', units, activation: 'tanh' },
    { type: 'dense', units: 3 },
  ];
  const network = {
    name,
    objective: {
      kind: 'network',
      model: { inputShape: [4], layers, loss: 'softmaxCrossEntropy' },
      data: { source: { kind: 'builtin', name: 'iris' } },
      l2: 0.001,
    },
    optimizer: { name, learningRate: 1, parameters },
    training: { batchSize, stop: { steps: 15 } },
    executor: 'wasm',
  };
  writeFileSync(path, JSON.stringify(network));
  return path;
}

// 51 parameters, solved exactly, and 243, on a Krylov space.
describe.each([6, 30])('a network of %i hidden units in float32', (units) => {
  test.each(Object.entries(searches))(
    '%s learns, in full batch and minibatches, the same bytes each time',
    async (name, parameters) => {
      for (const batchSize of ['full', 60] as const) {
        const file = experiment(name, parameters, batchSize, units);
        const out = at(`${name}.lossrun`);
        const { final, outcome } = await json('train', file, '--out', out, '--force');
        expect(outcome).toMatchObject({ kind: 'maxSteps', step: 15 });
        expect(final.accuracy).toBeGreaterThan(0.9);
        expect(final.evaluations).toBeGreaterThan(15);
        const first = readFileSync(join(out, 'steps.csv'), 'utf8');
        await json('train', file, '--out', out, '--force');
        expect(readFileSync(join(out, 'steps.csv'), 'utf8')).toBe(first);
      }
    },
  );
});

it('Levenberg–Marquardt on a function is refused, and leaves no run', async () => {
  const path = at('function.json');
  const objective = { kind: 'function', name: 'himmelblau' };
  writeFileSync(path, JSON.stringify({ objective, optimizer: { name: 'gaussNewton', learningRate: 1 } }));
  const { code, err } = await atlas('train', path, '--out', at('none.lossrun'));
  expect([code, existsSync(at('none.lossrun'))]).toEqual([2, false]);
  expect(err).toContain('no Gauss–Newton products: a function is no loss of a network. Use newton or saddleFreeNewton');
});

it('races by evaluations, and does not miss rates beyond a search’s own of 1', async () => {
  const on = ['race', '--function', 'himmelblau', '--tune', '--optimizers', 'sgd,lbfgs,newton', '--steps', '30'];
  const race = await json(...on, '--grid', '0.01,1,1', '--budget', 'evaluations');
  expect(race).toMatchObject({ budget: 'evaluations', steps: 30 });
  const [sgd, lbfgs, newton] = race.entrants.map((entrant: { report: { runs: unknown[] } }) => entrant.report.runs[0]);
  expect([sgd.steps, sgd.evaluations]).toEqual([30, 30]);
  expect([newton.steps, newton.evaluations]).toEqual([10, 30]);
  expect(lbfgs.evaluations).toBeGreaterThanOrEqual(30);
  expect(race.entrants[1]).toMatchObject({ learningRate: 1, rank: 1 });
  expect(race.entrants[1].experiment.training.stop).toEqual({ steps: 30, evaluations: 30 });
  expect(race.warnings.filter(({ optimizer }: { optimizer: number }) => optimizer === 1)).toEqual([]);
  const { out } = await atlas(...on, '--grid', '0.01,1,1', '--budget', 'evaluations');
  expect(out).toContain('training loss at the end, 30 evaluations each');
});
