import { type Command, Option } from 'commander';
import type { ParamsInput } from '../../../shared/contract';
import { badInput } from '../../../shared/errors';
import { selectionText } from '../../../shared/math/executorText';
import { formatNumber } from '../../../shared/math/numbers';
import type { Surface } from '../../../shared/model/landscape';
import type { RunInfo } from '../../../shared/model/run';
import { type Engine, withEngine } from './engine';
import { openRun, parseNumbers, parseVolumeGrid, parseWhole } from './input';
import {
  type AdaptiveOption,
  adaptiveOf,
  adaptiveOption,
  addSurfaceOptions,
  type CommonOptions,
  finish,
  type SurfaceOptions,
  surfaceRequest,
} from './options';
import { report } from './output';
import type { Terminal } from './terminal';

interface Options extends CommonOptions, SurfaceOptions, AdaptiveOption {
  save: boolean;
  volume?: [number, number, number];
  third: 'pca' | 'random';
  thirdSeed: number;
  depth?: [number, number];
  profile?: [number, number, number, number];
  profilePoints: number;
  minus?: string;
}

export function addSurface(program: Command, terminal: Terminal): void {
  const command = program
    .command('surface')
    .description('Compute the loss over a plane through runs and keep it in the first one (surfaces/ID.npz).')
    .argument('<run...>', '.lossrun folders of the same objective; the first gives the origin');
  addSurfaceOptions(command)
    .addOption(adaptiveOption())
    .option('--no-save', 'leave the run as it is')
    .addOption(
      new Option(
        '--volume <n>',
        'the loss along a third direction as well, N or NXxNYxNZ points (volumes/ID.npz)',
      ).argParser(parseVolumeGrid),
    )
    .addOption(
      new Option('--third <kind>', 'volume: a random direction, or a principal component of the path')
        .choices(['random', 'pca'])
        .default('random'),
    )
    .option('--third-seed <n>', 'volume: seed of the random direction', parseWhole(0), 1)
    .option('--depth <z0,z1>', 'volume: window of the third direction', parseNumbers(2, 'z0,z1'))
    .option('--profile <x0,y0,x1,y1>', 'the loss along this line instead', parseNumbers(4, 'x0,y0,x1,y1'))
    .option('--profile-points <n>', 'points of the profile', parseWhole(2, 65_536), 101)
    .option('--minus <run>', 'less the surface of another run on a plane of its own, made the same way')
    .action((paths: string[], options: Options) => surface(terminal, paths, options));
  finish(
    command,
    [
      'atlas surface digits.lossrun --plane pca --grid 51 --subset 500 --json',
      'atlas surface digits.lossrun --plane eigenvectors --eigenvectors 1,-1 --origin 40',
      'atlas surface a.lossrun b.lossrun c.lossrun --plane points',
      'atlas surface digits.lossrun --turn 30 --toward gradient',
      'atlas surface digits.lossrun --grid 201 --adaptive',
      'atlas surface digits.lossrun --profile -1,0,1,0',
      'atlas surface digits.lossrun --volume 25',
    ].join('\n'),
  );
}

async function surface(terminal: Terminal, paths: string[], options: Options): Promise<void> {
  const kinds = (['volume', 'profile', 'minus'] as const).filter((kind) => options[kind] !== undefined);
  if (kinds.length > 1) {
    throw badInput(`--${kinds.join(' and --')} ask for different things.`, 'Give one of them.');
  }
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const runs: RunInfo[] = [];
    for (const path of paths) runs.push(await openRun(engine, path));
    switch (kinds[0]) {
      case 'volume':
        return volume(terminal, engine, runs, options);
      case 'profile':
        return profile(terminal, engine, runs, options);
      case 'minus':
        return difference(terminal, engine, runs, options);
      case undefined:
        return whole(terminal, engine, runs, options);
      default:
        return kinds[0] satisfies never;
    }
  });
}

async function requestOf(
  engine: Engine,
  runs: readonly RunInfo[],
  options: Options,
): Promise<ParamsInput<'surface/compute'>> {
  return {
    ...(await surfaceRequest(engine, runs, options)),
    ...adaptiveOf(options),
    save: options.save,
  };
}

async function whole(terminal: Terminal, engine: Engine, runs: RunInfo[], options: Options): Promise<void> {
  const made = await engine.call('surface/compute', await requestOf(engine, runs, options));
  const { xs, ys, min, max, masked, seconds, executor, executorSelection, plane, evaluations, id } = made;
  const { examples, subset, split } = made;
  const grid = [xs.length, ys.length];
  const range = [xs[0], xs.at(-1), ys[0], ys.at(-1)];
  const { explainedVarianceRatio, labels, norms, axisCosine, eigenvalues } = plane;
  const value = {
    ...{ grid, min, max, masked, seconds, executor, executorSelection, explainedVarianceRatio },
    ...{ range, labels, norms, axisCosine, evaluations, examples, subset, split },
    ...(eigenvalues && { eigenvalues }),
    ...(made.interpolation && { interpolation: interpolationOf(made) }),
    reused: made.reused ?? null,
    saved: options.save ? `surfaces/${id}.npz` : null,
  };
  const share = explainedVarianceRatio?.map((ratio) => `${formatNumber(100 * ratio, 3)} %`).join(' and ');
  await report(terminal, options, value, [
    `${grid.join(' × ')} points over ${labels.join(' and ')} in ${formatNumber(seconds)} s (${executor})`,
    ...(executorSelection ? [`  ${selectionText(executorSelection)}`] : []),
    `  loss ${formatNumber(min)} to ${formatNumber(max)}, ${masked} not finite`,
    ...interpolationLines(made),
    ...reuseLines(made),
    ...(share ? [`  explained variance ${share}`] : []),
    ...(eigenvalues
      ? [`  eigenvalues ${eigenvalues.map(({ value }) => formatNumber(value)).join(' and ')} along the axes`]
      : []),
    ...(options.save ? [`saved as surfaces/${id}.npz in the run`] : []),
  ]);
}

/** The numbers without the mask, which lies in the file. */
function interpolationOf({ interpolation, evaluations, loss }: Surface) {
  if (!interpolation) return undefined;
  const { evaluated: _, ...rest } = interpolation;
  return { ...rest, interpolated: loss.length - evaluations };
}

export function interpolationLines({ interpolation, evaluations, loss }: Surface): string[] {
  if (!interpolation) return [];
  const { checks, largestError } = interpolation;
  const share = formatNumber((100 * evaluations) / loss.length, 3);
  return [
    `  ${evaluations} points computed (${share} %), ${loss.length - evaluations} interpolated; ${checks} checks, off by at most ${formatNumber(largestError)}`,
  ];
}

export function reuseLines({ reused, loss }: { reused?: Surface['reused'] | undefined; loss: Float64Array }): string[] {
  if (!reused) return [];
  return [
    ...(reused.refused === null ? [] : [`  ${reused.refused}`]),
    ...(reused.points === 0 ? [] : [`  ${reused.points} of ${loss.length} points were there already`]),
  ];
}

async function profile(terminal: Terminal, engine: Engine, runs: RunInfo[], options: Options): Promise<void> {
  const { grid: _, range: __, adaptive: ___, save: ____, ...request } = await requestOf(engine, runs, options);
  const [x0, y0, x1, y1] = options.profile!;
  const made = await engine.call('surface/profile', {
    ...request,
    from: [x0, y0],
    to: [x1, y1],
    points: options.profilePoints,
  });
  const { plane, ...value } = made;
  await report(terminal, options, { ...value, labels: plane.labels }, [
    `${made.x.length} points over a length of ${formatNumber(made.distance.at(-1)!)} (${made.executor})`,
    `  loss ${formatNumber(made.loss[0]!)} at the start, ${formatNumber(made.loss.at(-1)!)} at the end, ${formatNumber(made.min)} to ${formatNumber(made.max)} between, ${made.masked} not finite`,
  ]);
}

async function volume(terminal: Terminal, engine: Engine, runs: RunInfo[], options: Options): Promise<void> {
  if (options.adaptive !== undefined) {
    throw badInput('--adaptive refines surfaces, not volumes.', 'Leave it out, or ask for a smaller --volume.');
  }
  const { grid: _, adaptive: __, ...request } = await requestOf(engine, runs, options);
  const made = await engine.call('surface/volume', {
    ...request,
    grid: options.volume!,
    ...(options.depth && { depth: options.depth }),
    third: {
      plane:
        options.third === 'pca'
          ? { kind: 'pca' }
          : { kind: 'random', seed: options.thirdSeed, normalization: options.normalization },
    },
  });
  const { xs, ys, zs, plane, loss: ___, id, paths: ____, ...value } = made;
  const grid = [xs.length, ys.length, zs.length];
  const range = [xs[0], xs.at(-1), ys[0], ys.at(-1), zs[0], zs.at(-1)];
  const saved = options.save ? `volumes/${id}.npz` : null;
  await report(terminal, options, { ...value, reused: made.reused ?? null, grid, range, labels: plane.labels, saved }, [
    `${grid.join(' × ')} points over ${[...plane.labels, made.third.label].join(', ')} in ${formatNumber(made.seconds)} s (${made.executor})`,
    `  loss ${formatNumber(made.min)} to ${formatNumber(made.max)}, ${made.masked} not finite`,
    ...reuseLines(made),
    ...(saved ? [`saved as ${saved} in the run`] : []),
  ]);
}

async function difference(terminal: Terminal, engine: Engine, runs: RunInfo[], options: Options): Promise<void> {
  const other = await openRun(engine, options.minus!);
  const minuend = await requestOf(engine, runs, options);
  const made = await engine.call('surface/difference', {
    minuend,
    subtrahend: { ...minuend, source: { kind: 'runs', runIds: [other.id] } },
  });
  const { xs, ys, resampled, min, max, masked, rootMeanSquare, exact } = made;
  const grid = [xs.length, ys.length];
  const interpolated = exact.reduce((sum, one) => sum + Number(one === 0), 0) - masked;
  const value = { grid, min, max, rootMeanSquare, masked, resampled, interpolated };
  await report(terminal, options, value, [
    `${grid.join(' × ')} points: difference ${formatNumber(min)} to ${formatNumber(max)}, root mean square ${formatNumber(rootMeanSquare)}, ${masked} without both`,
    ...(resampled ? ['  the grids differ: the second surface was resampled'] : []),
    ...(interpolated > 0 ? [`  ${interpolated} points rest on interpolated values`] : []),
  ]);
}
