import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { badInput, unknownName } from '../../../shared/errors';
import { suggestedRate } from '../../../shared/math/suggestedRate';
import type { Catalog } from '../../../shared/model/catalog';
import { trainToEnd, withEngine } from './engine';
import { parseNumbers, parsePositive, parseWhole } from './input';
import { finish, flagOf, forceOption } from './options';
import { report, table } from './output';
import { isRun, replacing, requireFree } from './outputPath';
import type { Terminal } from './terminal';
import { addTuningOptions, defaultSteps, labelsOf, type TunedRaceOptions, tunedRace, tuningOptions } from './tunedRace';

interface Options extends TunedRaceOptions {
  tune?: boolean;
}

export function addRace(program: Command, terminal: Terminal): void {
  const command = program
    .command('race')
    .description(
      'Let optimizers descend from the same point with the same number of steps; with --tune each with its best learning rate of one grid, reported on fresh seeds.',
    )
    .argument('[experiment.json]', '--tune: the network to train; or give --function')
    .option('--function <name>', 'a name of `atlas list functions`')
    .option('--start <x,y>', "where they start (default: the function's own)", parseNumbers(2, 'x,y'))
    .option(
      '--optimizers <names>',
      'names of `atlas list optimizers`, without --tune each with its own rate as name:rate',
      'sgd,momentum,adam',
    )
    .option(
      '--steps <n>',
      `steps of each (default: ${defaultSteps}, or as the experiment says)`,
      parseWhole(1, 10_000_000),
    )
    .option(
      '--learning-rate <rate>',
      'for all that have none of their own (default: suited to function and rule)',
      parsePositive,
    )
    .option('--tune', 'a fair race: rates from one grid, the same seeds for all, mean and spread');
  addTuningOptions(command)
    .option('--out <folder>', 'keep the runs as NAME.lossrun in this folder; --tune: the best ones and race.json')
    .addOption(forceOption())
    .action((file: string | undefined, options: Options) =>
      options.tune ? tunedRace(terminal, file, options) : race(terminal, file, options),
    );
  finish(
    command,
    `atlas race --function himmelblau --start -0.5,-1.2 --optimizers sgd,momentum,adam:0.1 --steps 300
atlas race --function rosenbrock --tune --grid 1e-5,1,2 --seeds 5
atlas race digits.json --tune --optimizers sgd,momentum,adam --steps 200 --criterion validationLoss --out race`,
  );
}

interface Entrant {
  optimizer: string;
  learningRate: number;
  path: string | undefined;
}

async function race(terminal: Terminal, file: string | undefined, options: Options): Promise<void> {
  const forTuning = tuningOptions.find((name) => options[name] !== undefined);
  if (file !== undefined || forTuning) {
    throw badInput(
      file === undefined ? `--${flagOf(forTuning!)} is for a tuned race.` : 'An experiment is raced on with --tune.',
      'Add --tune.',
    );
  }
  const functionName = options.function;
  if (functionName === undefined) throw badInput('A function is missing.', 'Give --function NAME.');
  const steps = options.steps ?? defaultSteps;
  const out = options.out === undefined ? undefined : resolve(options.out);
  // Runs nobody asked to keep would fill the app's list.
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const catalog = await engine.call('catalog/get', {});
    const info = catalog.functions.find(({ name }) => name === functionName);
    if (!info)
      throw unknownName(
        'function',
        functionName,
        catalog.functions.map(({ name }) => name),
      );
    const start = options.start ?? info.start;
    const entrants = parseEntrants(options, catalog, info.learningRate, out);
    for (const { path } of entrants) if (path !== undefined) requireFree(path, options.force);

    const results = [];
    for (const { optimizer, learningRate, path } of entrants) {
      const experiment = {
        name: `${info.title}, ${optimizer}`,
        objective: { kind: 'function', name: info.name, start },
        optimizer: { name: optimizer, learningRate },
        training: { stop: { steps } },
        executor: 'reference',
      } as const;
      let end = { x: start[0], y: start[1] };
      const descend = () =>
        trainToEnd(engine, terminal, { experiment, ...(path !== undefined && { path }) }, (batch) => {
          end = { x: batch.path?.x.at(-1) ?? Number.NaN, y: batch.path?.y.at(-1) ?? Number.NaN };
        });
      const { run } = await (path === undefined ? descend() : replacing(path, isRun, descend));
      const { metrics } = await engine.call('run/open', { runId: run.id });
      const { kind, step } = run.outcome;
      const [loss, gradientNorm] = [metrics.loss.at(-1)!, metrics.gradientNorm.at(-1)!];
      const evaluations = metrics.evaluations.at(-1)!;
      results.push({
        optimizer,
        learningRate,
        outcome: kind,
        steps: step,
        evaluations,
        ...end,
        loss,
        gradientNorm,
        path: path ?? null,
      });
      if (path === undefined) await engine.call('run/delete', { runId: run.id });
      if (terminal.signal.aborted) break;
    }
    await report(
      terminal,
      options,
      { function: info.name, start, steps, results },
      table(
        ['optimizer', 'rate', 'outcome', 'steps', 'evaluations', 'x', 'y', 'loss'],
        results.map(({ optimizer, learningRate, outcome, steps, evaluations, x, y, loss }) => [
          ...[optimizer, learningRate, outcome, steps, evaluations, x, y, loss],
        ]),
      ),
    );
  });
}

function parseEntrants(options: Options, catalog: Catalog, descentRate: number, out: string | undefined): Entrant[] {
  const entrants = options.optimizers.split(',').map((text) => {
    const [name = '', rate, ...rest] = text.trim().split(':');
    const info = catalog.optimizers.find((optimizer) => optimizer.name === name);
    if (!info)
      throw unknownName(
        'optimizer',
        name,
        catalog.optimizers.map((optimizer) => optimizer.name),
      );
    const own = rate === undefined ? undefined : Number(rate);
    if (rest.length > 0 || (own !== undefined && !(own > 0 && Number.isFinite(own)))) {
      throw badInput(`"${text}" has no learning rate above 0.`, 'Write it as adam:0.1.');
    }
    const suggested = info.isSearch ? info.defaultLearningRate : suggestedRate(name, descentRate);
    return { optimizer: name, learningRate: own ?? options.learningRate ?? suggested };
  });
  const labels = labelsOf(entrants.map(({ optimizer }) => optimizer));
  return entrants.map((entrant, i) => ({
    ...entrant,
    path: out === undefined ? undefined : join(out, `${labels[i]}.lossrun`),
  }));
}
