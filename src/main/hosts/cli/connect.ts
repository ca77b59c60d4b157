import { type Command, Option } from 'commander';
import { formatNumber } from '../../../shared/math/numbers';
import {
  type Connection,
  type ConnectionProfile,
  type CurveKind,
  curveKindSchema,
} from '../../../shared/model/connection';
import type { ExecutorChoice } from '../../../shared/model/experiment';
import { withEngine } from './engine';
import { openRun, parsePositive, parseStep, parseWhole, rowOfStep } from './input';
import { type CommonOptions, executorOption, finish, subsetOf, subsetOption, subsetSeedOption } from './options';
import { report, table } from './output';
import type { Terminal } from './terminal';

interface Options extends CommonOptions {
  curve: CurveKind;
  bends: number;
  align?: boolean;
  from: number | 'final';
  to: number | 'final';
  points: number;
  steps: number;
  learningRate: number;
  batchSize?: number;
  subset?: number;
  subsetSeed: number;
  seed: number;
  executor: ExecutorChoice;
  save: boolean;
}

export function addConnect(program: Command, terminal: Terminal): void {
  const command = program
    .command('connect')
    .description(
      'What lies between two solutions: the loss on the straight line with its barrier, and on a curve trained to stay low (kept in the first run, connections/ID).',
    )
    .argument('<runA>', 'a .lossrun folder')
    .argument('<runB>', 'another of the same objective, or the same with other steps')
    .addOption(new Option('--curve <kind>', 'what joins them').choices(curveKindSchema.options).default('bezier'))
    .option('--bends <n>', 'nodes of the curve that are trained', parseWhole(1, 7), 1)
    .option('--align', "bring B's hidden units into A's order first (weight matching, Ainsworth et al. 2023)")
    .option('--from <step>', 'the step of A', parseStep, 'final')
    .option('--to <step>', 'the step of B', parseStep, 'final')
    .option('--points <n>', 'places along the curve the loss is measured at', parseWhole(3, 1_001), 61)
    .option('--steps <n>', 'training steps of the curve', parseWhole(1, 1_000_000), 1_000)
    .option('--learning-rate <x>', 'of Adam, falling to 0 as a cosine', parsePositive, 0.01)
    .option('--batch-size <n>', 'examples per step (default: as A was trained)', parseWhole(1))
    .addOption(subsetOption())
    .addOption(subsetSeedOption())
    .option('--seed <n>', 'seed of the curve and the alignment', parseWhole(0), 0)
    .addOption(executorOption().default('auto'))
    .option('--no-save', 'leave the run as it is')
    .action((a: string, b: string, options: Options) => connect(terminal, [a, b], options));
  finish(
    command,
    `atlas connect a.lossrun b.lossrun --curve bezier --align --json
atlas connect digits.lossrun digits.lossrun --from 0 --curve line`,
  );
}

async function connect(terminal: Terminal, paths: [string, string], options: Options): Promise<void> {
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const a = await openRun(engine, paths[0]);
    const b = await openRun(engine, paths[1]);
    const { curve, bends, points, steps, learningRate, batchSize, seed, executor, save } = options;
    const made = await engine.call('connection/compute', {
      runIds: [a.id, b.id],
      rows: [await rowOfStep(engine, a, options.from), await rowOfStep(engine, b, options.to)],
      ...{ curve, bends, points, steps, seed, executor, save, align: options.align ?? false },
      ...(batchSize !== undefined && { batchSize }),
      optimizer: { name: 'adam', learningRate, schedule: { kind: 'cosine', steps } },
      subset: subsetOf(options),
    });
    const saved = save ? `connections/${made.id}` : null;
    await report(terminal, options, { ...made, saved }, lines(made, saved));
  });
}

function lines(
  { ends, curve, line, trained, alignment, seconds, executor, samples }: Connection,
  saved: string | null,
) {
  const row = (name: string, { barrier, maximum, length, masked }: ConnectionProfile) => [
    name,
    barrier.height,
    barrier.standardError === null ? '–' : `± ${formatNumber(barrier.standardError, 2)}`,
    barrier.t,
    maximum,
    length,
    ...(masked > 0 ? [`${masked} not finite`] : []),
  ];
  const rows = [
    ...(alignment ? [row('line, before aligning', alignment.line)] : []),
    row('line', line),
    ...(trained ? [row(curve, trained)] : []),
  ];
  return [
    `step ${ends[0].step} to step ${ends[1].step} on ${samples} examples in ${formatNumber(seconds)} s (${executor})`,
    ...table(['', 'barrier', '', 'at t', 'highest loss', 'length'], rows).map((text) => `  ${text}`),
    ...(alignment
      ? [
          `  ${alignment.moved} of ${alignment.units} hidden units moved, ${alignment.flipped} changed sign${alignment.rescaled ? ', all rescaled' : ''}; distance ${alignment.distance.map((d) => formatNumber(d)).join(' → ')}`,
        ]
      : []),
    ...(saved ? [`kept as ${saved}.json and .npz in the first run`] : []),
  ];
}
