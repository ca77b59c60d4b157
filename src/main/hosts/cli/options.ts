import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { executorChoiceSchema } from '../../../shared/model/experiment';
import type { planeSpecSchema } from '../../../shared/model/landscape';
import type { RunInfo } from '../../../shared/model/run';
import type { Engine } from './engine';
import { parseGrid, parseNumbers, parsePositive, parseStep, parseWhole, rowOfStep } from './input';

/** Options of every command that calls the engine. */
export interface CommonOptions {
  json?: boolean;
  dataFolder?: string;
}

export const jsonOption = () => new Option('--json', 'print the result as JSON on stdout, nothing else');
export const dataFolderOption = () =>
  new Option('--data-folder <folder>', "the app's own folder (default: the system's place, or $LOSS_ATLAS_DATA)");
export const executorOption = () =>
  new Option('--executor <name>', 'what computes').choices(executorChoiceSchema.options);
export const forceOption = () => new Option('--force', 'replace an output that exists');

/** Adds the options and the example every --help ends with. */
export function finish(command: Command, example: string): Command {
  return command
    .addOption(jsonOption())
    .addOption(dataFolderOption())
    .addHelpText('after', `\nExample:\n  ${example.replaceAll('\n', '\n  ')}`);
}

export interface PlaneOptions {
  plane?: 'pca' | 'random' | 'parameters';
  biases: boolean;
  planeSeed: number;
  normalization: 'filter' | 'layer' | 'none';
  indices: number[];
  origin: number | 'final';
}

export function addPlaneOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--plane <kind>',
        'principal components of the path (default for networks), two random directions, or two parameters (default for functions)',
      ).choices(['pca', 'random', 'parameters']),
    )
    .option('--no-biases', 'pca: leave the biases out')
    .option('--plane-seed <n>', 'random: seed of the directions', parseWhole(0), 0)
    .addOption(
      new Option('--normalization <kind>', 'random: scale of the directions (Li et al. 2018)')
        .choices(['filter', 'layer', 'none'])
        .default('filter'),
    )
    .option('--indices <i,j>', 'parameters: which two', parseNumbers(2, 'two indices such as 0,1'), [0, 1])
    .option('--origin <step>', 'random, parameters: the step whose weights are the origin', parseStep, 'final');
}

export async function planeSpec(
  engine: Engine,
  run: RunInfo,
  options: PlaneOptions,
): Promise<z.input<typeof planeSpecSchema>> {
  const kind = options.plane ?? (run.parameterCount === 2 ? 'parameters' : 'pca');
  switch (kind) {
    case 'pca':
      return { kind: 'pca', biases: options.biases };
    case 'random':
      return {
        kind: 'random',
        seed: options.planeSeed,
        normalization: options.normalization,
        biases: 'zero',
        origin: await rowOfStep(engine, run, options.origin),
      };
    case 'parameters':
      return {
        kind: 'parameters',
        indices: options.indices as [number, number],
        origin: await rowOfStep(engine, run, options.origin),
      };
    default:
      return kind satisfies never;
  }
}

export interface SurfaceOptions extends PlaneOptions {
  grid: [number, number];
  range?: [number, number, number, number];
  subset?: number;
  subsetSeed: number;
  split: 'train' | 'validation';
  executor: z.infer<typeof executorChoiceSchema>;
}

/** `--adaptive` alone is true: the default tolerance. */
export interface AdaptiveOption {
  adaptive?: number | true;
}

export const adaptiveOption = () =>
  new Option(
    '--adaptive [tolerance]',
    'compute only where the surface bends, interpolate the rest to this share of its range (default: 0.01)',
  ).argParser(parsePositive);

export const adaptiveOf = ({ adaptive }: AdaptiveOption) =>
  adaptive === undefined ? {} : { adaptive: adaptive === true ? {} : { tolerance: adaptive } };

export function addSurfaceOptions(command: Command): Command {
  return addPlaneOptions(command)
    .option('--grid <n>', 'points along both sides, or NXxNY', parseGrid, [51, 51])
    .option('--range <x0,x1,y0,y1>', "window (default: the plane's own)", parseNumbers(4, 'x0,x1,y0,y1'))
    .addOption(subsetOption())
    .addOption(subsetSeedOption())
    .addOption(new Option('--split <part>', 'which data').choices(['train', 'validation']).default('train'))
    .addOption(executorOption().default('auto'));
}

export const subsetOption = () =>
  new Option('--subset <n>', 'use this many examples, drawn by a seed (default: all)').argParser(parseWhole(1));
export const subsetSeedOption = () =>
  new Option('--subset-seed <n>', 'seed of the subset').argParser(parseWhole(0)).default(0);

export const subsetOf = ({ subset, subsetSeed }: { subset?: number; subsetSeed: number }) =>
  subset === undefined
    ? ({ kind: 'full' } as const)
    : ({ kind: 'random', examples: subset, seed: subsetSeed } as const);

/** What the request for a surface needs besides its runs. */
export async function surfaceRequest(engine: Engine, run: RunInfo, options: SurfaceOptions) {
  return {
    plane: await planeSpec(engine, run, options),
    grid: options.grid,
    ...(options.range && { range: options.range }),
    subset: subsetOf(options),
    split: options.split,
    executor: options.executor,
  };
}
