import type { Command } from 'commander';
import { badInput } from '../../../shared/errors';
import { formatNumber } from '../../../shared/math/numbers';
import type { ExecutorChoice } from '../../../shared/model/experiment';
import type { Eigenvalue, Spectrum } from '../../../shared/model/landscape';
import type { RunInfo } from '../../../shared/model/run';
import { type Engine, withEngine } from './engine';
import { addExternalOptions, type ExternalOptions, withExternalRun } from './external';
import { openRun, parsePositive, parseStep, parseWhole, rowOfStep } from './input';
import { type CommonOptions, executorOption, finish, subsetOf, subsetOption, subsetSeedOption } from './options';
import { report, table } from './output';
import type { Terminal } from './terminal';

interface Options extends CommonOptions, ExternalOptions {
  step: number | 'final';
  top: number;
  bottom: number;
  subset?: number;
  subsetSeed: number;
  tolerance: number;
  seed: number;
  executor?: ExecutorChoice;
}

export function addHessian(program: Command, terminal: Terminal): void {
  const command = program
    .command('hessian')
    .description(
      'Exact Hessian eigenvalues (Lanczos) at a recorded step, each with its residual, and what the point is.',
    )
    .argument('[run]', 'a .lossrun folder; or give --model, --weights and --data')
    .option('--step <n>', 'a recorded step', parseStep, 'final')
    .option('--top <k>', 'largest eigenvalues', parseWhole(0, 100), 5)
    .option('--bottom <m>', 'smallest eigenvalues', parseWhole(0, 100), 2)
    .addOption(subsetOption())
    .addOption(subsetSeedOption())
    .option('--tolerance <t>', 'a pair is converged when ‖Hv − λv‖ ≤ t·max|λ|', parsePositive, 1e-4)
    .option('--seed <n>', 'seed of the starting vector', parseWhole(0), 0);
  addExternalOptions(command)
    .addOption(executorOption())
    .action((path: string | undefined, options: Options) => hessian(terminal, path, options));
  finish(
    command,
    'atlas hessian digits.lossrun --step final --top 5 --bottom 2 --json\natlas hessian --model model.json --weights weights.npz --data data.npz',
  );
}

async function hessian(terminal: Terminal, path: string | undefined, options: Options): Promise<void> {
  const external = [options.model, options.weights, options.data].some((given) => given !== undefined);
  if (path === undefined && !external)
    throw badInput('A run is missing.', 'Give a .lossrun folder, or --model, --weights and --data.');
  if (path !== undefined && external) throw badInput(`"${path}" and --model, --weights, --data exclude each other.`);
  if (path === undefined) {
    await withExternalRun(terminal, options, (engine, run) => measure(terminal, engine, run, options));
    return;
  }
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    await measure(terminal, engine, await openRun(engine, path), options);
  });
}

async function measure(terminal: Terminal, engine: Engine, run: RunInfo, options: Options): Promise<void> {
  const { top, bottom, tolerance, seed } = options;
  const spectrum = await engine.call('curvature/spectrum', {
    runId: run.id,
    row: await rowOfStep(engine, run, options.step),
    ...{ top, bottom, tolerance, seed },
    subset: subsetOf(options),
    ...(options.executor && { executor: options.executor }),
  });
  await report(terminal, options, spectrum, describe(spectrum));
}

function describe(spectrum: Spectrum): string[] {
  const { parameters, samples, loss, gradientNorm, gradientHessianGradient, kind, index, step, executor } = spectrum;
  const rows = (values: Eigenvalue[]) =>
    values.map(({ value, residual, converged }) => [
      formatNumber(value, 7),
      formatNumber(residual, 3),
      converged ? 'converged' : 'not converged',
    ]);
  const name = {
    minimum: 'minimum',
    saddle: `saddle of index ${index ?? '?'}`,
    maximum: 'maximum',
    degenerate: 'degenerate (flat directions)',
    notCritical: `not a critical point: ‖g‖ = ${formatNumber(gradientNorm)}`,
  }[kind];
  return [
    `step ${step}: ${name}`,
    `  loss ${formatNumber(loss, 7)}, ‖g‖ ${formatNumber(gradientNorm)}, gᵀHg ${formatNumber(gradientHessianGradient)}`,
    `  ${parameters} parameters, ${samples} examples (${executor})`,
    ...table(['eigenvalue', 'residual', ''], [...rows(spectrum.eigenvalues), ...rows(spectrum.bottom)]),
  ];
}
