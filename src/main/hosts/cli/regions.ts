import { type Command, Option } from 'commander';
import type { ParamsInput } from '../../../shared/contract';
import { badInput, unknownName } from '../../../shared/errors';
import { formatNumber } from '../../../shared/math/numbers';
import { type RegionCriteria, regionCriteriaSchema, type SurfaceRegions } from '../../../shared/model/topology';
import { type Engine, withEngine } from './engine';
import { openRun, parseNumber } from './input';
import {
  type AdaptiveOption,
  adaptiveOf,
  adaptiveOption,
  addSurfaceOptions,
  type CommonOptions,
  finish,
  flagOf,
  type SurfaceOptions,
  subsetOf,
  surfaceRequest,
} from './options';
import { report, table } from './output';
import { interpolationLines, reuseLines } from './surface';
import type { Terminal } from './terminal';

type CriterionName = Exclude<keyof RegionCriteria, 'heights'>;

interface Options extends CommonOptions, SurfaceOptions, AdaptiveOption, Partial<RegionCriteria> {
  function?: string;
  save: boolean;
}

/** Each criterion as an option; what it means in full stands beside its schema. */
const criteria: Record<CriterionName, string> = {
  persistence: 'hide minima (maxima) whose saddle is at most this share of the range above (below) them',
  scale: 'half width of the difference stencils, as a share of the shorter side',
  extent: 'length over which slope and curvature are judged, as a share of the shorter side',
  flatness: 'what counts as flat over that length, as a share of the range',
  cliffStep: 'the step of a cliff, as a share of the shorter side',
  cliffJump: 'times the gradient norm changes within that step',
  cliffDrop: 'the drop over that step, as a share of the range',
  conditionNumber: 'ratio of the curvatures of a ravine',
  reach: 'how far the floor of a ravine may be, as a share of the shorter side',
  minimumCells: 'smallest region that is listed',
};
const names = Object.keys(criteria) as CriterionName[];

export function addRegions(program: Command, terminal: Terminal): void {
  const command = program
    .command('regions')
    .description('Name the minima, maxima, basins, plateaus, cliffs, ravines, ridges and saddles of a surface.')
    .argument('[run...]', '.lossrun folders of the same objective; the first gives the origin')
    .option('--function <name>', 'a name of `atlas list functions`, instead of runs');
  addSurfaceOptions(command).addOption(adaptiveOption()).option('--no-save', 'do not keep the surface in the run');
  const defaults = regionCriteriaSchema.parse({});
  for (const name of names) {
    command.addOption(
      new Option(`--${flagOf(name)} <n>`, `${criteria[name]} (default: ${defaults[name]})`).argParser(parseNumber),
    );
  }
  command
    .addOption(new Option('--heights <scale>', 'scale of the loss').choices(['linear', 'log']))
    .action((paths: string[], options: Options) => regions(terminal, paths, options));
  finish(command, 'atlas regions digits.lossrun --plane pca --grid 101 --json\natlas regions --function himmelblau');
}

async function regions(terminal: Terminal, paths: string[], options: Options): Promise<void> {
  if (paths.length > 0 === (options.function !== undefined)) {
    throw badInput(
      paths.length > 0 ? 'A run and a function are both given.' : 'Nothing is given to look at.',
      'Give .lossrun folders or --function NAME.',
    );
  }
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const given = Object.fromEntries(
      (['heights', ...names] as const)
        .filter((name) => options[name] !== undefined)
        .map((name) => [name, options[name]]),
    );
    const made = await engine.call('surface/regions', {
      ...(await requestOf(engine, paths, options)),
      criteria: given,
    });
    await report(terminal, options, jsonOf(made), lines(made));
  });
}

async function requestOf(
  engine: Engine,
  paths: readonly string[],
  options: Options,
): Promise<ParamsInput<'surface/compute'>> {
  if (options.function === undefined) {
    const runs = [];
    for (const path of paths) runs.push(await openRun(engine, path));
    return {
      ...(await surfaceRequest(engine, runs, options)),
      ...adaptiveOf(options),
      save: options.save,
    };
  }
  const { functions } = await engine.call('catalog/get', {});
  if (!functions.some(({ name }) => name === options.function)) {
    throw unknownName(
      'function',
      options.function,
      functions.map(({ name }) => name),
    );
  }
  return {
    source: { kind: 'objective', objective: { kind: 'function', name: options.function } },
    plane: { kind: 'parameters' },
    grid: options.grid,
    ...(options.range && { range: options.range }),
    ...adaptiveOf(options),
    subset: subsetOf(options),
    split: options.split,
    executor: options.executor,
  };
}

/** Without the arrays of cells: those are for pictures. */
function jsonOf({ criteria, thresholds, basins, peaks, regions, undecided, tree, hills, surface }: SurfaceRegions) {
  const { xs, ys, min, max, masked, evaluations, executor, plane, interpolation } = surface;
  return {
    grid: [xs.length, ys.length],
    range: [xs[0], xs.at(-1), ys[0], ys.at(-1)],
    labels: plane.labels,
    ...{ min, max, masked, evaluations, executor },
    interpolated: interpolation ? surface.loss.length - evaluations : 0,
    ...{ criteria, thresholds },
    /** Before the threshold. */
    minima: tree.minima.length,
    maxima: hills.minima.length,
    ...{ basins, peaks, regions, undecided },
  };
}

function lines(made: SurfaceRegions): string[] {
  const { criteria, basins, peaks, regions, undecided, tree, hills, surface, thresholds } = made;
  const { xs, ys, plane, executor } = surface;
  const place = ({ x, y }: { x: number; y: number }) => `(${formatNumber(x)}, ${formatNumber(y)})`;
  const percent = (share: number) => `${formatNumber(100 * share, 3)} %`;
  return [
    `${xs.length} × ${ys.length} points over ${plane.labels.join(' and ')} (${executor})`,
    ...interpolationLines(surface),
    ...reuseLines(surface),
    `${basins.length} of ${tree.minima.length} minima are more persistent than ${formatNumber(thresholds.persistence)} (${percent(criteria.persistence)} of the range)`,
    ...table(
      ['minimum', 'loss', 'persistence', 'saddle', 'basin'],
      basins.map(({ lowest, persistence, saddle, area, atEdge }) => [
        `${place(lowest)}${atEdge ? ' at the edge' : ''}`,
        formatNumber(lowest.loss),
        saddle ? formatNumber(persistence) : 'deepest',
        saddle ? place(saddle) : '–',
        percent(area),
      ]),
    ).map((line) => `  ${line}`),
    `${peaks.length} of ${hills.minima.length} maxima are more persistent than that`,
    ...table(
      ['maximum', 'loss', 'persistence', 'saddle', 'hill'],
      peaks.map(({ highest, persistence, saddle, area, atEdge }) => [
        `${place(highest)}${atEdge ? ' at the edge' : ''}`,
        formatNumber(highest.loss),
        saddle ? formatNumber(persistence) : 'highest',
        saddle ? place(saddle) : '–',
        percent(area),
      ]),
    ).map((line) => `  ${line}`),
    regions.length === 0 ? 'no plateau, cliff, ravine, ridge or saddle by these criteria' : 'regions',
    ...table(
      ['kind', 'area', 'x', 'y', 'loss'],
      regions.map(({ kind, area, bounds: [x0, x1, y0, y1], lowest, highest }) => [
        kind,
        percent(area),
        `${formatNumber(x0)} to ${formatNumber(x1)}`,
        `${formatNumber(y0)} to ${formatNumber(y1)}`,
        `${formatNumber(lowest.loss)} to ${formatNumber(highest.loss)}`,
      ]),
    )
      .slice(regions.length === 0 ? 1 : 0)
      .map((line) => `  ${line}`),
    ...(undecided > 0 ? [`${undecided} cells lie beside masked ones and are not named`] : []),
    'This is the slice: the full space may curve otherwise.',
  ];
}
