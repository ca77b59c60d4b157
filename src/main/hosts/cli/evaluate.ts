import type { Command } from 'commander';
import { formatNumber } from '../../../shared/math/numbers';
import { addExternalOptions, type ExternalOptions, withExternalRun } from './external';
import { type CommonOptions, executorOption, finish } from './options';
import { report } from './output';
import type { Terminal } from './terminal';

export function addEvaluate(program: Command, terminal: Terminal): void {
  const command = program
    .command('evaluate')
    .description('Loss, accuracy and gradient norm of weights trained elsewhere.');
  addExternalOptions(command)
    .addOption(executorOption())
    .action((options: CommonOptions & ExternalOptions) => evaluate(terminal, options));
  finish(command, 'atlas evaluate --model model.json --weights weights.safetensors --data data.npz --json');
}

async function evaluate(terminal: Terminal, options: CommonOptions & ExternalOptions): Promise<void> {
  await withExternalRun(terminal, options, async (engine, run) => {
    const { metrics } = await engine.call('run/open', { runId: run.id });
    const value = {
      parameters: run.parameterCount,
      samples: run.examples.train,
      loss: metrics.loss[0]!,
      accuracy: metrics.accuracy[0]!,
      gradientNorm: metrics.gradientNorm[0]!,
      executor: run.executor,
      executorSelection: run.executorSelection ?? null,
    };
    await report(terminal, options, value, [
      `${value.parameters} parameters on ${value.samples} examples (${value.executor})`,
      `  loss ${formatNumber(value.loss, 7)}`,
      ...(Number.isNaN(value.accuracy) ? [] : [`  accuracy ${formatNumber(value.accuracy)}`]),
      `  gradient norm ${formatNumber(value.gradientNorm, 7)}`,
    ]);
  });
}
