import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ParamsInput } from '../../../shared/contract';
import { badInput, cancelled } from '../../../shared/errors';
import { toJson } from '../../../shared/json';
import { formatNumber } from '../../../shared/math/numbers';
import type { ExecutorChoice } from '../../../shared/model/experiment';
import type { FairRace, RaceCell, RaceEntrant, RaceWarning } from '../../../shared/model/race';
import { type Engine, fromAppError, trainToEnd, withEngine } from './engine';
import { parseNumber, parseNumbers, parseWhole, readExperiment } from './input';
import { type CommonOptions, executorOption } from './options';
import { report, table } from './output';
import { isRun, replacing, requireFree, writeOutput } from './outputPath';
import type { Terminal } from './terminal';

interface TuningOptions {
  grid?: [number, number, number];
  rates?: number[];
  seeds?: number;
  reportSeeds?: number;
  seed?: number;
  criterion?: 'loss' | 'validationLoss' | 'stepsToTarget';
  target?: number;
  budget?: 'steps' | 'evaluations';
  startSpread?: number;
  executor?: ExecutorChoice;
}

export interface TunedRaceOptions extends CommonOptions, TuningOptions {
  function?: string;
  start?: [number, number];
  optimizers: string;
  steps?: number;
  learningRate?: number;
  out?: string;
  force?: boolean;
}

/** On a function. */
export const defaultSteps = 500;

/** Options that say nothing without --tune. */
export const tuningOptions = [
  ...(['grid', 'rates', 'seeds', 'reportSeeds', 'seed', 'criterion', 'target', 'budget'] as const),
  ...(['startSpread', 'executor'] as const),
] satisfies (keyof TuningOptions)[];

export function addTuningOptions(command: Command): Command {
  return command
    .option(
      '--grid <lo,hi,n>',
      '--tune: learning rates, n per decade (default: 1e-4,1,2)',
      parseNumbers(3, 'the lowest and the highest rate and how many per decade, such as 1e-4,1,2'),
    )
    .addOption(
      new Option('--rates <list>', '--tune: learning rates one by one, in place of the grid')
        .argParser(parseRates)
        .conflicts('grid'),
    )
    .option('--seeds <n>', '--tune: seeds the rates are chosen on (default: 3)', parseWhole(1, 100))
    .option('--report-seeds <n>', '--tune: other seeds, for the report (default: 5)', parseWhole(2, 100))
    .option('--seed <n>', '--tune: the first seed (default: 0, or as the experiment says)', parseWhole(0, 0xffff_ffff))
    .addOption(
      new Option(
        '--criterion <name>',
        '--tune: what is compared (default: loss, the training loss at the end)',
      ).choices(['loss', 'validationLoss', 'stepsToTarget']),
    )
    .option('--target <loss>', '--tune: the training loss of stepsToTarget', parseNumber)
    .addOption(
      new Option(
        '--budget <what>',
        '--tune: what --steps counts; a search makes several evaluations per step (default: steps)',
      ).choices(['steps', 'evaluations']),
    )
    .option(
      '--start-spread <share>',
      "--tune: starts on a function are normal about its own, with this share of the domain's sides (default: 0.05)",
      parseNumber,
    )
    .addOption(executorOption());
}

function parseRates(text: string): number[] {
  const rates = text.split(',').map(Number);
  if (rates.every((rate) => rate > 0 && Number.isFinite(rate))) return rates;
  throw new InvalidArgumentError('Give numbers above 0 such as 0.001,0.01,0.1.');
}

/** Names of several things of which some have the same: sgd, sgd-2, … */
export function labelsOf(names: readonly string[]): string[] {
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name}-${before + 1}`;
  });
}

export async function tunedRace(
  terminal: Terminal,
  file: string | undefined,
  options: TunedRaceOptions,
): Promise<void> {
  const request = requestOf(file, options);
  const labels = labelsOf(request.optimizers.map(({ name }) => name));
  const out = options.out === undefined ? undefined : resolve(options.out);
  const paths = out === undefined ? [] : labels.map((label) => join(out, `${label}.lossrun`));
  const summary = out === undefined ? undefined : join(out, 'race.json');
  for (const path of summary === undefined ? [] : [...paths, summary]) requireFree(path, options.force);
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const made = await engine.call('race/fair', request);
    if (summary !== undefined) writeOutput(summary, Buffer.from(`${toJson(made)}\n`));
    const kept: string[] = [];
    for (const [i, path] of paths.entries()) {
      if (made.entrants[i]!.experiment) kept.push(await keep(engine, terminal, made.entrants[i]!, path));
    }
    const on = file ?? options.function!;
    await report(terminal, options, { ...made, kept }, [
      ...lines(made, labels, on),
      ...(out === undefined
        ? []
        : [`race.json and the best runs, as of seed ${made.seeds.report[0]}, are kept in ${options.out}`]),
    ]);
  });
}

function requestOf(file: string | undefined, options: TunedRaceOptions): ParamsInput<'race/fair'> {
  const { grid, rates, seeds, reportSeeds, seed, criterion, target, budget, startSpread, executor, steps, start } =
    options;
  if ((file === undefined) === (options.function === undefined)) {
    throw badInput('A race on what?', 'Give either an experiment file or --function NAME.');
  }
  if (file !== undefined && (start ?? startSpread) !== undefined) {
    throw badInput('--start and --start-spread are for functions.', "A network's seeds draw its weights.");
  }
  if (options.learningRate !== undefined || options.optimizers.includes(':')) {
    throw badInput(
      'A rate is given, and --tune chooses the rates.',
      'Name the optimizers only; set the rates by --grid.',
    );
  }
  if ((criterion === 'stepsToTarget') !== (target !== undefined)) {
    throw badInput('A target and --criterion stepsToTarget belong together.', 'Give both, such as --target 0.1.');
  }
  const experiment = file === undefined ? onFunction(options) : onNetwork(file);
  return {
    experiment: {
      ...experiment,
      ...(executor !== undefined && { executor }),
      ...(seed !== undefined && { seed }),
      training: { ...experiment.training, ...(steps !== undefined && { stop: { steps } }) },
    },
    optimizers: options.optimizers.split(',').map((name) => ({ name: name.trim() })),
    ...(grid && { grid: { lowest: grid[0], highest: grid[1], perDecade: grid[2] } }),
    ...(rates && { rates }),
    ...(criterion === 'stepsToTarget'
      ? { criterion: { kind: criterion, target: target! } }
      : criterion && { criterion: { kind: criterion } }),
    ...(budget && { budget }),
    ...(seeds !== undefined && { tuningSeeds: seeds }),
    ...(reportSeeds !== undefined && { reportSeeds }),
    ...(startSpread !== undefined && { startSpread }),
  };
}

type RaceExperiment = ParamsInput<'race/fair'>['experiment'];

function onFunction({ function: name = '', start }: TunedRaceOptions): RaceExperiment {
  return {
    name,
    objective: { kind: 'function', name, ...(start && { start }) },
    training: { stop: { steps: defaultSteps } },
  };
}

function onNetwork(file: string): RaceExperiment {
  const { optimizer: _, ...experiment } = readExperiment(file);
  return experiment;
}

/** Records the run of the first report seed. @throws UserError (cancelled) when it was interrupted */
async function keep(engine: Engine, terminal: Terminal, { experiment }: RaceEntrant, path: string): Promise<string> {
  const { run, error } = await replacing(path, isRun, () =>
    trainToEnd(engine, terminal, { experiment: experiment!, path }),
  );
  if (error) throw fromAppError(error);
  if (run.outcome.kind === 'cancelled') throw cancelled();
  return path;
}

/** Optimizers side by side in one table of 80 columns. */
const sideBySide = 4;

const range = (values: readonly number[]) => (values.length === 1 ? values[0] : `${values[0]} to ${values.at(-1)}`);

function lines(race: FairRace, labels: readonly string[], on: string): string[] {
  const { budget, steps, learningRates, seeds, entrants, criterion, warnings, gradientEvaluations, seconds, executor } =
    race;
  const what = {
    loss: 'training loss at the end',
    validationLoss: 'validation loss at the end',
    stepsToTarget: criterion.kind === 'stepsToTarget' ? `${budget} to a training loss of ${criterion.target}` : '',
  }[criterion.kind];
  const order = entrants.map((_, i) => i).sort((a, b) => rankOf(entrants[a]!) - rankOf(entrants[b]!));
  const chunks = Array.from({ length: Math.ceil(labels.length / sideBySide) }, (_, c) =>
    labels.map((_, i) => i).slice(c * sideBySide, (c + 1) * sideBySide),
  );
  return [
    `${on}: ${what}, ${steps} ${budget} each`,
    ...table(
      ['', 'optimizer', 'rate', 'mean', '± error', 'spread', 'above the best'],
      order.map((i) => standing(entrants[i]!, labels[i]!)),
    ),
    `seeds ${range(seeds.report)}, not those the rates were chosen on; same starts and batches`,
    'spread: standard deviation over seeds; ± error: standard error of the mean',
    '=: a tie, the difference to the best, seed by seed, is within its standard error',
    `choosing the rates (*): means over seeds ${range(seeds.tuning)}`,
    ...chunks.flatMap((chunk) =>
      table(
        ['rate', ...chunk.map((i) => labels[i]!)],
        learningRates.map((rate, r) => [
          formatNumber(rate, 3),
          ...chunk.map((i) => tuned(entrants[i]!.tuning[r]!, entrants[i]!.learningRate === rate)),
        ]),
      ).map((line) => `  ${line}`),
    ),
    ...warnings.map((warning) => `warning: ${warningText(warning, labels, race)}`),
    `${gradientEvaluations} gradients in ${formatNumber(seconds, 3)} s (${executor})`,
  ];
}

const rankOf = ({ rank }: RaceEntrant): number => rank ?? Number.POSITIVE_INFINITY;
const known = (value: number | null | undefined, digits: number): string => formatNumber(value ?? Number.NaN, digits);

function standing({ rank, learningRate, report: cell, toBest }: RaceEntrant, label: string): string[] {
  return [
    rank === null ? '–' : `${toBest?.isTie ? '=' : ''}${rank}`,
    label,
    known(learningRate, 3),
    known(cell?.mean, 3),
    known(cell?.standardError, 2),
    known(cell?.standardDeviation, 2),
    toBest ? `${formatNumber(toBest.mean, 3)} ± ${formatNumber(toBest.standardError, 2)}` : '–',
  ];
}

/** The mean, with the share of the seeds that gave one where some failed. */
function tuned({ mean, failed, runs }: RaceCell, isChosen: boolean): string {
  if (mean === null) return runs.every(({ failure }) => failure === 'notReached') ? 'not reached' : 'diverged';
  const share = failed > 0 ? ` (${runs.length - failed}/${runs.length})` : '';
  return `${formatNumber(mean, 3)}${share}${isChosen ? ' *' : ''}`;
}

function warningText(warning: RaceWarning, labels: readonly string[], { learningRates, seeds }: FairRace): string {
  switch (warning.kind) {
    case 'edgeOfGrid': {
      const end = warning.learningRate === learningRates[0] ? 'lowest' : 'highest';
      return `${labels[warning.optimizer]}: ${formatNumber(warning.learningRate, 3)} is the ${end} rate of the grid; widen --grid.`;
    }
    case 'nothingFinished':
      return `${labels[warning.optimizer]}: at every rate all runs diverged or missed the target; change --grid.`;
    case 'failedReport':
      return `${labels[warning.optimizer]}: ${warning.failed} of ${seeds.report.length} report runs failed; the mean is of the others.`;
    case 'seedsDoNotMatter':
      return 'all report seeds gave the same: the spread says nothing.';
    default:
      return warning satisfies never;
  }
}
