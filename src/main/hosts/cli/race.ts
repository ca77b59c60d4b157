import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { badInput, unknownName } from '../../../shared/errors';
import { suggestedRate } from '../../../shared/math/suggestedRate';
import type { Catalog } from '../../../shared/model/catalog';
import { trainToEnd, withEngine } from './engine';
import { parseNumbers, parsePositive, parseWhole } from './input';
import { type CommonOptions, finish, forceOption } from './options';
import { report, table } from './output';
import { replacing, requireFree } from './outputPath';
import type { Terminal } from './terminal';

interface Options extends CommonOptions {
  function: string;
  start?: [number, number];
  optimizers: string;
  steps: number;
  learningRate?: number;
  out?: string;
  force?: boolean;
}

export function addRace(program: Command, terminal: Terminal): void {
  const command = program
    .command('race')
    .description('Let optimizers descend a test function from the same point with the same number of steps.')
    .requiredOption('--function <name>', 'a name of `atlas list functions`')
    .option('--start <x,y>', "where they start (default: the function's own)", parseNumbers(2, 'x,y'))
    .option(
      '--optimizers <names>',
      'names of `atlas list optimizers`, each with its own rate as name:rate',
      'sgd,momentum,adam',
    )
    .option('--steps <n>', 'steps of each', parseWhole(1, 10_000_000), 500)
    .option(
      '--learning-rate <rate>',
      'for all that have none of their own (default: suited to function and rule)',
      parsePositive,
    )
    .option('--out <folder>', 'keep the runs as NAME.lossrun in this folder')
    .addOption(forceOption())
    .action((options: Options) => race(terminal, options));
  finish(command, 'atlas race --function himmelblau --start -0.5,-1.2 --optimizers sgd,momentum,adam:0.1 --steps 300');
}

interface Entrant {
  optimizer: string;
  learningRate: number;
  path: string | undefined;
}

async function race(terminal: Terminal, options: Options): Promise<void> {
  const out = options.out === undefined ? undefined : resolve(options.out);
  // Runs nobody asked to keep would fill the app's list.
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const catalog = await engine.call('catalog/get', {});
    const info = catalog.functions.find(({ name }) => name === options.function);
    if (!info)
      throw unknownName(
        'function',
        options.function,
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
        training: { stop: { steps: options.steps } },
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
      results.push({
        optimizer,
        learningRate,
        outcome: kind,
        steps: step,
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
      { function: info.name, start, steps: options.steps, results },
      table(
        ['optimizer', 'rate', 'outcome', 'steps', 'x', 'y', 'loss'],
        results.map(({ optimizer, learningRate, outcome, steps, x, y, loss }) => [
          ...[optimizer, learningRate, outcome, steps, x, y, loss],
        ]),
      ),
    );
  });
}

const isRun = (path: string): boolean => existsSync(join(path, 'run.json'));

function parseEntrants(options: Options, catalog: Catalog, descentRate: number, out: string | undefined): Entrant[] {
  const taken = new Map<string, number>();
  return options.optimizers.split(',').map((text) => {
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
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    const file = `${count === 1 ? name : `${name}-${count}`}.lossrun`;
    return {
      optimizer: name,
      learningRate: own ?? options.learningRate ?? suggestedRate(name, descentRate),
      path: out === undefined ? undefined : join(out, file),
    };
  });
}
