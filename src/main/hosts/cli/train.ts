import { resolve } from 'node:path';
import type { Command } from 'commander';
import { cancelled } from '../../../shared/errors';
import { selectionText } from '../../../shared/math/executorText';
import { formatNumber } from '../../../shared/math/numbers';
import type { ExecutorChoice } from '../../../shared/model/experiment';
import { type MetricName, metricNames } from '../../../shared/model/run';
import { fromAppError, trainToEnd, withEngine } from './engine';
import { readExperiment } from './input';
import { type CommonOptions, executorOption, finish, forceOption } from './options';
import { report } from './output';
import { isRun, replacing, requireFree } from './outputPath';
import type { Terminal } from './terminal';

interface TrainOptions extends CommonOptions {
  out?: string;
  executor?: ExecutorChoice;
  force?: boolean;
}

export function addTrain(program: Command, terminal: Terminal): void {
  const command = program
    .command('train')
    .description('Train an experiment and record its path as a .lossrun folder.')
    .argument('<experiment.json>', 'the experiment')
    .option('--out <run.lossrun>', "the run's folder (default: in the app's own folder)")
    .addOption(executorOption())
    .addOption(forceOption())
    .action((file: string, options: TrainOptions) => train(terminal, file, options));
  finish(command, 'atlas train resources/experiments/digits.json --out digits.lossrun');
}

async function train(terminal: Terminal, file: string, options: TrainOptions): Promise<void> {
  const experiment = readExperiment(file);
  if (options.executor) experiment.executor = options.executor;
  const path = options.out === undefined ? undefined : resolve(options.out);
  if (path !== undefined) requireFree(path, options.force);
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const start = () => trainToEnd(engine, terminal, { experiment, ...(path !== undefined && { path }) });
    const { run, error } = await (path === undefined ? start() : replacing(path, isRun, start));
    const { metrics } = await engine.call('run/open', { runId: run.id });
    const last = Object.fromEntries(metricNames.map((name) => [name, metrics[name].at(-1) ?? Number.NaN])) as Record<
      MetricName,
      number
    >;
    const { id, outcome, rows, seconds, executor, executorSelection, parameterCount, examples } = run;
    const value = {
      id,
      path: path ?? null,
      outcome,
      rows,
      seconds,
      executor,
      executorSelection: executorSelection ?? null,
      parameters: parameterCount,
      examples,
      final: last,
    };
    const measures = metricNames
      .filter((name) => name !== 'step' && name !== 'epoch' && !Number.isNaN(last[name]))
      .map((name) => `  ${name} ${formatNumber(last[name])}`);
    await report(terminal, options, value, [
      `${experiment.name}: ${outcome.kind} after ${outcome.step} steps in ${formatNumber(seconds)} s (${executor})`,
      ...(executorSelection ? [`  ${selectionText(executorSelection)}`] : []),
      ...(outcome.detail ? [`  ${outcome.detail}`] : []),
      ...measures,
      `${rows} rows of ${parameterCount} parameters in ${path ?? id}`,
    ]);
    if (error) throw fromAppError(error);
    if (outcome.kind === 'cancelled') throw cancelled();
  });
}
