import { type Command, Option } from 'commander';
import type { Value } from '../../../shared/contract';
import { badInput } from '../../../shared/errors';
import { formatNumber } from '../../../shared/math/numbers';
import type { CriticalPoint } from '../../../shared/model/catalog';
import {
  type CriticalPoints,
  type Descent,
  type FoundCriticalPoint,
  type MorseIndex,
  type SearchMethod,
  searchMethodSchema,
  type UnresolvedPlace,
} from '../../../shared/model/critical';
import type { ExecutorChoice } from '../../../shared/model/experiment';
import { withEngine } from './engine';
import { openRun, parseNumbers, parsePositive, parseStep, parseWhole, rowOfStep } from './input';
import { addPlaneOptions, type CommonOptions, executorOption, finish, type PlaneOptions, planeSpec } from './options';
import { report, table } from './output';
import type { Terminal } from './terminal';

interface Options extends CommonOptions, PlaneOptions {
  function?: string;
  expression?: string;
  domain?: [number, number, number, number];
  from: number | 'final';
  at?: [number, number];
  method: SearchMethod;
  tolerance: number;
  maxIterations: number;
  maxProducts: number;
  top: number;
  descend?: boolean;
  polish?: boolean;
  list?: boolean;
  seed: number;
  executor: ExecutorChoice;
}

export function addCriticalPoints(program: Command, terminal: Terminal): void {
  const command = program
    .command('critical-points')
    .description(
      'Every critical point of a two-parameter function in a window; or, from a point of a run, one in full space with its index and eigenvalues (kept in the run, critical/ID.json).',
    )
    .argument('[run]', 'a .lossrun folder; or give --function or --expression')
    .addOption(new Option('--function <name>', 'a name of `atlas list functions`').conflicts('expression'))
    .option('--expression <text>', 'an expression in x and y')
    .option(
      '--domain <x0,x1,y0,y1>',
      "window to search (default: the function's own; -2,2,-2,2 for expressions)",
      parseNumbers(4, 'x0,x1,y0,y1, four finite numbers'),
    )
    .option('--from <step>', 'run: the recorded step to start from', parseStep, 'final')
    .option('--at <x,y>', 'run: start at a point of the plane instead', parseNumbers(2, 'x,y'))
    .addOption(
      new Option('--method <name>', 'run: how the gradient is brought to zero')
        .choices(searchMethodSchema.options)
        .default('newtonMR'),
    )
    .option('--tolerance <t>', 'run: on the gradient norm', parsePositive, 1e-8)
    .option('--max-iterations <n>', 'run: steps of the search', parseWhole(1, 10_000), 100)
    .option('--max-products <n>', 'run: Hessian products of one step', parseWhole(1, 2_000), 200)
    .option('--top <k>', 'run: largest and smallest eigenvalues to report', parseWhole(1, 100), 5)
    .option('--descend', 'run: follow the most negative eigenvector down both sides of a saddle')
    .option('--polish', 'run: go on in float64 from where a float32 executor ended')
    .addOption(
      new Option('--list', 'run: the points kept in it; nothing is searched').conflicts(['at', 'descend', 'polish']),
    )
    .option('--seed <n>', 'run: seed of the random vectors', parseWhole(0), 0);
  addPlaneOptions(command)
    .addOption(executorOption().default('auto'))
    .action((path: string | undefined, options: Options) => criticalPoints(terminal, path, options));
  finish(
    command,
    `atlas critical-points --function himmelblau --json
atlas critical-points --expression "x^3 - 3*x*y^2" --domain -1,1,-1,1
atlas critical-points digits.lossrun --from 20 --method gaussNewton --plane pca --descend --json
atlas critical-points digits.lossrun --list`,
  );
}

async function criticalPoints(terminal: Terminal, path: string | undefined, options: Options): Promise<void> {
  const { expression, function: name } = options;
  if ([path, expression, name].filter((given) => given !== undefined).length !== 1) {
    throw badInput('Critical points of what?', 'Give one of a .lossrun folder, --function NAME and --expression "…".');
  }
  if (path === undefined && options.list) {
    throw badInput('--list is for runs: points of a function are not kept.', 'Name a .lossrun folder.');
  }
  if (path !== undefined) {
    if (options.domain) throw badInput('--domain is for functions; a run is searched in full space.');
    await (options.list ? listKept : ofRun)(terminal, path, options);
    return;
  }
  const objective =
    name !== undefined ? { kind: 'function' as const, name } : { kind: 'expression' as const, expression: expression! };
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const found = await engine.call('critical/all', {
      objective,
      ...(options.domain && { window: options.domain }),
    });
    await report(terminal, options, found, windowLines(found));
  });
}

async function ofRun(terminal: Terminal, path: string, options: Options): Promise<void> {
  const { at, from, method, tolerance, maxIterations, maxProducts, top, seed, executor } = options;
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const run = await openRun(engine, path);
    const found = await engine.call('critical/fromRun', {
      ...{ runId: run.id, method, tolerance, maxIterations, maxProducts, top, seed, executor },
      from: at ? { kind: 'plane', x: at[0], y: at[1] } : { kind: 'row', row: await rowOfStep(engine, run, from) },
      ...((at || options.plane) && { plane: await planeSpec(engine, [run], options) }),
      descend: options.descend ?? false,
      polish: options.polish ?? false,
    });
    await report(terminal, options, found, foundLines(found, top));
  });
}

async function listKept(terminal: Terminal, path: string, options: Options): Promise<void> {
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const { id: runId } = await openRun(engine, path);
    const kept = await engine.call('critical/saved', { runId });
    await report(terminal, options, kept, keptLines(kept));
  });
}

function keptLines({ points, unreadable }: Value<'critical/saved'>): string[] {
  const row = ({ id, outcome, index, step, loss, gradientNorm, onPlane, plane, foundAt }: FoundCriticalPoint) => [
    id ?? '',
    outcome === 'converged' ? kindOf(index) : `no critical point (${outcome})`,
    step === null ? 'plane' : `step ${step}`,
    formatNumber(loss, 8),
    formatNumber(gradientNorm, 3),
    plane && onPlane ? `${plane.plane.kind}, ${formatNumber(onPlane.distance, 4)} beside it` : '',
    foundAt,
  ];
  return [
    `${points.length} ${points.length === 1 ? 'point' : 'points'} kept`,
    ...(points.length > 0 ? table(['id', 'kind', 'from', 'loss', '‖g‖', 'plane', 'found'], points.map(row)) : []),
    ...unreadable.map(({ path, reason }) => `cannot be read: ${path}: ${reason}`),
  ];
}

/** Unresolved places told one by one. */
const mostPlaces = 10;

function windowLines(found: CriticalPoints): string[] {
  const { points, unresolved, maskedShare, windingNumber, verified, window, evaluations, seconds } = found;
  const row = ({ kind, x, y, value, eigenvalues, residual }: CriticalPoint) => [
    ...[kind, formatNumber(x, 12), formatNumber(y, 12), formatNumber(value, 8)],
    ...[eigenvalues.map((one) => formatNumber(one, 6)).join(', '), formatNumber(residual, 2)],
  ];
  const place = ({ kind, box }: UnresolvedPlace) => {
    const [x0, x1, y0, y1] = box.map((end) => formatNumber(end, 5));
    const what = {
      kink: 'the gradient jumps or is not finite',
      flat: 'a curve or an area with a gradient near 0',
      crowded: 'more points than can be told apart; choose a smaller window',
    }[kind];
    return `not resolved, x ${x0} to ${x1}, y ${y0} to ${y1}: ${what}`;
  };
  const { edge, inside } = windingNumber;
  return [
    `${points.length} critical ${points.length === 1 ? 'point' : 'points'} in ${window.join(', ')} (${evaluations} evaluations, ${formatNumber(seconds, 2)} s)`,
    ...(points.length > 0 ? table(['kind', 'x', 'y', 'value', 'eigenvalues', '‖∇f‖'], points.map(row)) : []),
    ...unresolved.slice(0, mostPlaces).map(place),
    ...(unresolved.length > mostPlaces ? [`not resolved: ${unresolved.length - mostPlaces} more places`] : []),
    ...(maskedShare > 0
      ? [`${formatNumber(100 * maskedShare, 3)} % of the window is masked: the function is not finite there`]
      : []),
    verified
      ? `verified: two grids agree, and the gradient turns ${edge} times along the edge, as the points' indices add up to`
      : `not verified: the gradient turns ${edge ?? '?'} times along the edge, the indices inside add up to ${inside ?? '?'}`,
  ];
}

const kindOf = ({ kind, negative, zero, indexKnown }: MorseIndex): string => {
  const index = `${indexKnown ? '' : 'at least '}${negative}`;
  const flat = zero ? `, ${zero} flat directions` : '';
  switch (kind) {
    case 'minimum':
      return 'minimum';
    case 'maximum':
      return 'maximum';
    case 'saddle':
      return `saddle of index ${index}${flat}`;
    case 'degenerate':
      return `degenerate: ${index} negative eigenvalues${flat}`;
    case 'notCritical':
      return 'not a critical point';
    default:
      return kind satisfies never;
  }
};

function foundLines(found: FoundCriticalPoint, top: number): string[] {
  const { index, onPlane, descents, endsDiffer, step, id, flatness, gradientNorm, tolerance, floor } = found;
  const outcome = {
    converged: 'converged',
    stalled: `stalled where ‖Hg‖/(‖H‖‖g‖) = ${flatness === null ? '?' : formatNumber(flatness, 2)}`,
    maxIterations: 'stopped at the limit of iterations',
    cancelled: 'cancelled',
  }[found.outcome];
  return [
    `${found.outcome === 'converged' ? kindOf(index) : 'no critical point'}, from ${step === null ? 'a point of the plane' : `step ${step}`} by ${found.method}: ${outcome}`,
    `  loss ${formatNumber(found.loss, 8)}, ‖g‖ ${formatNumber(gradientNorm, 3)} (tolerance ${formatNumber(tolerance, 3)}, floor of the precision ${formatNumber(floor, 2)})`,
    `  ${found.iterations} iterations, ${found.products} Hessian products, ${formatNumber(found.distance, 4)} from the start (${found.executor})`,
    ...(onPlane
      ? [
          `  on the plane at ${formatNumber(onPlane.x, 5)}, ${formatNumber(onPlane.y, 5)}, ${formatNumber(onPlane.distance, 4)} beside it`,
        ]
      : []),
    ...table(
      ['eigenvalue', 'residual', ''],
      [...index.top, ...index.bottom.slice(0, top)].map(({ value, residual, converged }) => [
        ...[formatNumber(value, 7), formatNumber(residual, 3), converged ? 'converged' : 'not converged'],
      ]),
    ),
    ...(descents ?? []).map(descentLine),
    ...(endsDiffer === null
      ? []
      : [`both ends differ by ${formatNumber(endsDiffer, 3)} once hidden units are matched`]),
    ...(id === null ? [] : [`saved as critical/${id}.json in the run`]),
  ];
}

function descentLine({ sign, outcome, steps, loss, arcLength, gradientNorm, end, lastStretch }: Descent): string {
  const falling = `still falling, ‖g‖ ${formatNumber(gradientNorm, 3)}`;
  const where = end && end.kind !== 'notCritical' ? kindOf(end) : falling;
  const by = `${steps} steps${lastStretch === null ? '' : ' and saddle-free Newton'}`;
  return `down ${sign > 0 ? '+v' : '−v'}: loss ${formatNumber(loss.at(-1)!, 8)} after ${formatNumber(arcLength.at(-1)!, 4)} (${by}, ${outcome}): ${where}`;
}
