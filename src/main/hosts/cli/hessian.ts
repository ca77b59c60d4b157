import { type Command, InvalidArgumentError, Option } from 'commander';
import { badInput } from '../../../shared/errors';
import { type TraceMethod, traceMethodSchema } from '../../../shared/model/curvature';
import type { ExecutorChoice } from '../../../shared/model/experiment';
import type { CurvatureMatrix, CurvatureSubset } from '../../../shared/model/landscape';
import type { RunInfo } from '../../../shared/model/run';
import { type Engine, withEngine } from './engine';
import { addExternalOptions, type ExternalOptions, withExternalRun } from './external';
import {
  besideLines,
  densityLines,
  layersLines,
  type Measured,
  matrixNames,
  pathLines,
  spectrumLines,
  traceLines,
} from './hessianText';
import { openRun, parsePositive, parseStep, parseWhole, rowOfStep } from './input';
import { type CommonOptions, executorOption, finish, subsetOf, subsetOption, subsetSeedOption } from './options';
import { report } from './output';
import type { Terminal } from './terminal';

interface Options extends CommonOptions, ExternalOptions {
  step: number | 'final';
  top: number;
  bottom: number;
  around?: number;
  all?: boolean;
  density?: boolean;
  starts: number;
  trace?: boolean;
  traceMethod: TraceMethod;
  products: number;
  ggn?: boolean;
  fisher?: boolean;
  layers?: boolean;
  alongPath?: number;
  subset?: number;
  subsetSeed: number;
  batches?: number;
  batchSize: number;
  tolerance: number;
  maxProducts: number;
  seed: number;
  executor?: ExecutorChoice;
}

export function addHessian(program: Command, terminal: Terminal): void {
  const command = program
    .command('hessian')
    .description(
      'Exact Hessian eigenvalues (Lanczos) at a recorded step, each with its residual, and what the point is; on request the density of all eigenvalues, the trace, the layers and the sharpness along the path.',
    )
    .argument('[run]', 'a .lossrun folder; or give --model, --weights and --data')
    .option('--step <n>', 'a recorded step', parseStep, 'final')
    .option('--top <k>', 'largest eigenvalues', parseWhole(0, 100), 5)
    .option('--bottom <m>', 'smallest eigenvalues', parseWhole(0, 100), 2)
    .option('--around <shift>', 'the three eigenvalues nearest to a number as well', parseNumber)
    .option('--all', 'every eigenvalue, up to 2000 parameters')
    .option('--density', 'density of all eigenvalues (stochastic Lanczos quadrature) with its error band')
    .option('--starts <n>', 'density: random start vectors', parseWhole(1, 200), 8)
    .option('--trace', 'trace with its confidence interval')
    .addOption(
      new Option('--trace-method <name>', 'trace: how it is estimated')
        .choices(traceMethodSchema.options)
        .default('hutch++'),
    )
    .option('--products <n>', 'trace, layers: matrix products to spend', parseWhole(6, 10_000), 60)
    .option('--ggn', "the Gauss–Newton matrix's numbers (for cross-entropy the Fisher matrix's) beside the Hessian's")
    .option('--fisher', "the empirical Fisher matrix's, of the examples' own gradients, beside them")
    .option('--layers', "eigenvalue and trace of each layer's block, shares of the layers in the top eigenvectors")
    .option('--along-path <n>', 'largest eigenvalue at every n-th recorded row', parseWhole(1))
    .addOption(subsetOption().conflicts('batches'))
    .addOption(subsetSeedOption())
    .option('--batches <n>', 'use this many minibatches of one shuffled epoch', parseWhole(1, 1_000))
    .option('--batch-size <n>', 'examples in each of them', parseWhole(1), 128)
    .option('--tolerance <t>', 'a pair is converged when ‖Hv − λv‖ ≤ t·max|λ|', parsePositive, 1e-4)
    .option('--max-products <n>', 'products of each Lanczos search', parseWhole(1, 10_000), 400)
    .option('--seed <n>', 'seed of the random vectors', parseWhole(0), 0);
  addExternalOptions(command)
    .addOption(executorOption())
    .action((path: string | undefined, options: Options) => hessian(terminal, path, options));
  finish(
    command,
    `atlas hessian digits.lossrun --step final --top 5 --bottom 2 --json
atlas hessian digits.lossrun --density --trace --layers --ggn --fisher --json
atlas hessian digits.lossrun --along-path 10 --subset 500
atlas hessian digits.lossrun --trace --batches 8 --batch-size 64
atlas hessian --model model.json --weights weights.npz --data data.npz`,
  );
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number.');
  return value;
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
  const matrices: CurvatureMatrix[] = [
    'hessian',
    ...(options.ggn ? (['gaussNewton'] as const) : []),
    ...(options.fisher ? (['empiricalFisher'] as const) : []),
  ];
  const row = await rowOfStep(engine, run, options.step);
  const measured: Measured[] = [];
  for (const matrix of matrices) measured.push(await measureMatrix(engine, run, row, matrix, options));
  const [ofHessian, ...others] = measured.map(({ spectrum, ...rest }) => ({ ...spectrum, ...rest }));
  const { objective } = run.experiment;
  await report(terminal, options, { ...ofHessian, ...Object.fromEntries(others.map((one) => [one.matrix, one])) }, [
    ...measured.flatMap((one, i) => [...(i > 0 ? ['', matrixNames[one.spectrum.matrix]] : []), ...lines(one)]),
    ...(measured.length > 1
      ? ['', ...besideLines(measured, objective.kind === 'network' ? objective.model.loss : null)]
      : []),
  ]);
}

async function measureMatrix(
  engine: Engine,
  run: RunInfo,
  row: number | 'final',
  matrix: CurvatureMatrix,
  options: Options,
): Promise<Measured> {
  const { top, bottom, around, tolerance, maxProducts, seed, products } = options;
  const where = {
    runId: run.id,
    matrix,
    seed,
    subset: curvatureSubset(options),
    ...(options.executor && { executor: options.executor }),
  };
  const lanczos = { tolerance, maxIterations: maxProducts };
  const spectrum = await engine.call('curvature/spectrum', {
    ...{ ...where, row, top, bottom, ...lanczos },
    ...(around !== undefined && { around: { shift: around } }),
    ...(options.all && { method: 'dense' }),
  });
  return {
    spectrum,
    ...(options.trace && {
      trace: await engine.call('curvature/trace', { ...where, row, products, method: options.traceMethod }),
    }),
    ...(options.layers && { layers: await engine.call('curvature/layers', { ...where, row, products, ...lanczos }) }),
    ...(options.density && {
      density: await engine.call('curvature/density', { ...where, row, starts: options.starts }),
    }),
    ...(options.alongPath !== undefined && {
      alongPath: await engine.call('curvature/alongPath', { ...where, every: options.alongPath, ...lanczos }),
    }),
  };
}

function curvatureSubset(options: Options): CurvatureSubset {
  const { batches, batchSize, subsetSeed } = options;
  return batches === undefined ? subsetOf(options) : { kind: 'batches', batches, batchSize, seed: subsetSeed };
}

function lines({ spectrum, trace, layers, density, alongPath }: Measured): string[] {
  return [
    ...spectrumLines(spectrum),
    ...(trace ? traceLines(trace) : []),
    ...(layers ? layersLines(layers) : []),
    ...(density ? densityLines(density) : []),
    ...(alongPath ? pathLines(alongPath) : []),
  ];
}
