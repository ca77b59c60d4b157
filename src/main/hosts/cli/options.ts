import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import { badInput } from '../../../shared/errors';
import { executorChoiceSchema } from '../../../shared/model/experiment';
import type { directionSchema, planeSpecSchema } from '../../../shared/model/landscape';
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

/** The option of a field: `reportSeeds` is --report-seeds. */
export const flagOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Adds the options and the example every --help ends with. */
export function finish(command: Command, example: string): Command {
  return command
    .addOption(jsonOption())
    .addOption(dataFolderOption())
    .addHelpText('after', `\nExample:\n  ${example.replaceAll('\n', '\n  ')}`);
}

const planeKinds = ['pca', 'random', 'parameters', 'eigenvectors', 'gradient', 'points', 'file', 'connection'] as const;
type FlatPlane = Exclude<z.input<typeof planeSpecSchema>, { kind: 'turned' }>;

/** A step of the n-th run given, n from 1. */
interface PointOption {
  run: number;
  step: number | 'final';
}

type Toward =
  | { kind: 'random' | 'gradient' }
  | { kind: 'eigenvector'; rank: number }
  | { kind: 'step'; point: PointOption }
  | { kind: 'file'; path: string };

export interface PlaneOptions {
  plane?: (typeof planeKinds)[number];
  biases: boolean;
  planeSeed: number;
  normalization: 'filter' | 'layer' | 'none';
  indices: number[];
  eigenvectors: number[];
  points?: PointOption[];
  direction?: string[];
  connection?: string;
  axes: 'given' | 'orthonormal';
  origin: number | 'final';
  turn?: number;
  toward: Toward;
  turnAxis: 'first' | 'second';
  shift?: number | 'final';
}

export function addPlaneOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--plane <kind>',
        'principal components of the paths (default for networks), random directions, two parameters (default for functions), eigenvectors of the Hessian, gradient and Hg, through recorded points, directions from files, a kept curve',
      ).choices(planeKinds),
    )
    .option('--no-biases', 'pca, eigenvectors, gradient: leave biases and norms out')
    .option('--plane-seed <n>', 'seed of random directions', parseWhole(0), 0)
    .addOption(
      new Option('--normalization <kind>', 'random: scale of the directions (Li et al. 2018)')
        .choices(['filter', 'layer', 'none'])
        .default('filter'),
    )
    .option('--indices <i,j>', 'parameters: which two', parseNumbers(2, 'two indices such as 0,1'), [0, 1])
    .option(
      '--eigenvectors <i,j>',
      'eigenvectors: 1 is the largest eigenvalue’s, -1 the smallest’s',
      parseEigenvectors,
      [1, 2],
    )
    .option('--points <list>', 'points: two or three of run:step, runs counted from 1 (default: the ends)', parsePoints)
    .option('--direction <file...>', 'file: one or two directions (.safetensors, .npz, .npy)')
    .option('--connection <id>', 'connection: a curve kept by atlas connect')
    .addOption(
      new Option('--axes <kind>', 'points, file, connection: the directions as they are, or unit square axes')
        .choices(['given', 'orthonormal'])
        .default('given'),
    )
    .option('--origin <step>', 'the step whose weights are the origin', parseStep, 'final')
    .option('--turn <degrees>', 'turn the plane toward a third direction', parseDegrees)
    .option(
      '--toward <direction>',
      'which: random, gradient, eigenvector:K, step:[RUN:]STEP or file:PATH',
      parseToward,
      { kind: 'random' } satisfies Toward,
    )
    .addOption(new Option('--turn-axis <which>', 'the axis that turns').choices(['first', 'second']).default('second'))
    .option('--shift <step>', 'move the origin of the (turned) plane to a step', parseStep);
}

function parseDegrees(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give an angle in degrees.');
  return value;
}

const parseRank = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value !== 0 && Math.abs(value) <= 20) return value;
  throw new InvalidArgumentError('Eigenvectors are counted 1 to 20 from the largest, -1 to -20 from the smallest.');
};

function parseEigenvectors(text: string): number[] {
  const ranks = text.split(',').map(parseRank);
  if (ranks.length !== 2) throw new InvalidArgumentError('Give two such as 1,2 or 1,-1.');
  return ranks;
}

function parsePoint(text: string): PointOption {
  const [step, run = '1', ...more] = text.split(':').toReversed();
  const ends = step === 'final' || step === 'end';
  if (more.length > 0 || step === undefined) throw new InvalidArgumentError('A point is run:step, such as 2:final.');
  return { run: parseWhole(1, 8)(run), step: ends ? 'final' : parseWhole(0)(step) };
}

function parsePoints(text: string): PointOption[] {
  const points = text.split(',').map(parsePoint);
  if (points.length < 2 || points.length > 3) throw new InvalidArgumentError('Give two or three points.');
  return points;
}

function parseToward(text: string): Toward {
  const at = text.indexOf(':');
  const [kind, rest] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  if ((kind === 'random' || kind === 'gradient') && rest === '') return { kind };
  if (kind === 'eigenvector' && rest !== '') return { kind, rank: parseRank(rest) };
  if (kind === 'step' && rest !== '') return { kind, point: parsePoint(rest) };
  if (kind === 'file' && rest !== '') return { kind, path: rest };
  throw new InvalidArgumentError('Give random, gradient, eigenvector:K, step:[RUN:]STEP or file:PATH.');
}

const eigenvector = (rank: number) => ({ end: rank > 0 ? 'top' : 'bottom', rank: Math.abs(rank) }) as const;

/** The plane of the options, turned where they say so. */
export async function planeSpec(
  engine: Engine,
  runs: readonly RunInfo[],
  options: PlaneOptions,
): Promise<z.input<typeof planeSpecSchema>> {
  const base = await flatPlane(engine, runs, options);
  if (options.turn === undefined && options.shift === undefined) return base;
  return {
    kind: 'turned',
    base,
    toward: await towardSpec(engine, runs, options),
    angle: ((options.turn ?? 0) * Math.PI) / 180,
    axis: options.turnAxis,
    origin: options.shift === undefined ? 'base' : await rowOfStep(engine, runs[0]!, options.shift),
  };
}

async function flatPlane(engine: Engine, runs: readonly RunInfo[], options: PlaneOptions): Promise<FlatPlane> {
  const { biases, planeSeed: seed, axes } = options;
  const kind = options.plane ?? (runs[0]!.parameterCount === 2 ? 'parameters' : 'pca');
  const origin = () => rowOfStep(engine, runs[0]!, options.origin);
  switch (kind) {
    case 'pca':
      return { kind, biases };
    case 'random':
      return { kind, seed, normalization: options.normalization, biases: 'zero', origin: await origin() };
    case 'parameters':
      return { kind, indices: options.indices as [number, number], origin: await origin() };
    case 'eigenvectors': {
      const [first, second] = options.eigenvectors as [number, number];
      return { kind, which: [eigenvector(first), eigenvector(second)], biases, seed, origin: await origin() };
    }
    case 'gradient':
      return { kind, biases, origin: await origin() };
    case 'points': {
      const points = options.points ?? runs.map((_, i): PointOption => ({ run: i + 1, step: 'final' }));
      if (points.length < 2 || points.length > 3) {
        throw badInput(
          `A plane goes through two or three points; ${points.length} ${points.length === 1 ? 'run is' : 'runs are'} given.`,
          'Give two or three runs, or name the points with --points.',
        );
      }
      return { kind, points: await Promise.all(points.map((point) => checkpoint(engine, runs, point))), axes, seed };
    }
    case 'file':
      if (!options.direction) throw badInput('A direction is missing.', 'Give one or two files with --direction.');
      return { kind, paths: options.direction.map((path) => resolve(path)), axes, seed, origin: await origin() };
    case 'connection':
      if (!options.connection) throw badInput('A curve is missing.', 'Give its id with --connection.');
      return { kind, id: options.connection, axes };
    default:
      return kind satisfies never;
  }
}

async function towardSpec(
  engine: Engine,
  runs: readonly RunInfo[],
  { toward, planeSeed }: PlaneOptions,
): Promise<z.input<typeof directionSchema>> {
  switch (toward.kind) {
    case 'random':
      return { kind: 'random', seed: planeSeed };
    case 'gradient':
      return { kind: 'gradient' };
    case 'eigenvector':
      return { kind: 'eigenvector', ...eigenvector(toward.rank) };
    case 'step':
      return { kind: 'point', ...(await checkpoint(engine, runs, toward.point)) };
    case 'file':
      return { kind: 'file', path: resolve(toward.path) };
    default:
      return toward satisfies never;
  }
}

async function checkpoint(engine: Engine, runs: readonly RunInfo[], { run, step }: PointOption) {
  const of = runs[run - 1];
  if (!of) throw badInput(`Run ${run} is not given.`, `There ${runs.length === 1 ? 'is one' : `are ${runs.length}`}.`);
  return { run: run - 1, row: await rowOfStep(engine, of, step) };
}

export interface SurfaceOptions extends PlaneOptions {
  grid: [number, number];
  range?: [number, number, number, number];
  subset?: number;
  subsetSeed: number;
  split: 'train' | 'validation';
  l2: 'in' | 'out';
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
    .addOption(
      new Option('--l2 <in|out>', 'the L2 term of the training loss in the picture')
        .choices(['in', 'out'])
        .default('in'),
    )
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

/** The request for a surface. */
export async function surfaceRequest(engine: Engine, runs: readonly RunInfo[], options: SurfaceOptions) {
  return {
    source: { kind: 'runs', runIds: runs.map(({ id }) => id) } as const,
    plane: await planeSpec(engine, runs, options),
    grid: options.grid,
    ...(options.range && { range: options.range }),
    subset: subsetOf(options),
    split: options.split,
    l2: options.l2,
    executor: options.executor,
  };
}
