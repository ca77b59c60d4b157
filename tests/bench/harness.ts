import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Peer, PeerJob, Repetition } from './peer';
import type { Context } from './problem';

export type Unit = 'steps/s' | 'surfaces/s' | 's' | 'ms' | 'MB' | '%';

/** A piece of our work, set up. */
export interface Work {
  /** As the executor describes itself. */
  executor: string;
  run(): Promise<Repetition>;
  dispose(): void;
}

/** The peer's part of a row. */
export interface PeerWork {
  job: PeerJob;
  /** Settings besides the number of threads that it may be better with; the best of all is found before the row. */
  settings?: readonly Record<string, unknown>[];
  /** What makes a repetition shorter while settings are tried. */
  trial?: Record<string, unknown>;
  /**
   * Numbers both must get, ours and what the peer writes for the job with these changes; the relative difference
   * ‖ours − theirs‖/‖theirs‖ may be `tolerance` at most. NaN of the peer: it has no such number.
   */
  agreement: {
    job?: Record<string, unknown>;
    tolerance: number;
    ours(theirs: Float64Array): Promise<Float64Array>;
    theirs?(numbers: Float64Array): Float64Array;
  };
}

interface RowBase {
  name: string;
  /** Of the measured value, ours over the peer's in our favour or the slope. Left out: only reported. */
  target?: { atLeast: number } | { atMost: number } | { between: readonly [number, number] };
  /** Instead of the usual number. */
  repetitions?: number;
  /** What the reader of the table must know. */
  note?: string;
}

/** Ours and the peer in turns; the value is how many times better ours is. */
export interface ComparisonRow extends RowBase {
  kind: 'comparison';
  unit: Unit;
  prepare(context: Context): Promise<Work & { peer: PeerWork }>;
}

/** Ours in turns with one gradient of the same network and examples; the value is the quotient. */
export interface GradientsRow extends RowBase {
  kind: 'gradients';
  prepare(context: Context): Promise<Work>;
  gradient(context: Context): Promise<Work>;
}

/** Three sizes in turns; the value is the slope of log seconds over log size. */
export interface ScalingRow extends RowBase {
  kind: 'scaling';
  /** Of what the sizes are: "examples". */
  of: string;
  sizes: readonly number[];
  prepare(context: Context, size: number): Promise<Work>;
}

/** The most memory a process of its own ever held that did the work once; the value is ours in MB. */
export interface MemoryRow extends RowBase {
  kind: 'memory';
  prepare(context: Context): Promise<Work & { peer?: PeerWork }>;
}

/** Ours alone, for work that no peer does. */
export interface OwnRow extends RowBase {
  kind: 'own';
  unit: Unit;
  prepare(context: Context): Promise<Work>;
}

export type BenchRow = ComparisonRow | GradientsRow | ScalingRow | MemoryRow | OwnRow;

export interface BenchResult {
  row: string;
  kind: BenchRow['kind'];
  executor: string;
  unit: Unit;
  /** Every repetition; for 'scaling' in seconds, one list per size. */
  ours: number[] | number[][];
  /** Null: the peer could not be had, or there is none. For 'gradients' one gradient of ours. */
  theirs: number[] | null;
  /** The peer's settings that were best. */
  settings: Record<string, unknown> | null;
  /** Of each turn. */
  values: number[];
  /** The median; see the kinds of rows. Null without a peer. */
  value: number | null;
  /** The peer gave up at its time limit: the true value is higher. */
  isLowerBound: boolean;
  target: RowBase['target'] | null;
  met: boolean | null;
  /** Relative difference of the numbers both got; null where nothing was compared. */
  difference: number | null;
  sizes?: readonly number[];
  of?: string;
  note?: string;
}

export interface MeasureOptions {
  context: Context;
  peer: Peer | null;
  repetitions: number;
  /** Runs a memory row in a process of its own. */
  alone(row: MemoryRow): Promise<{ bytes: number; executor: string }>;
  startPeer(): Promise<Peer>;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** @throws Error where both sides do not get the same numbers: then they do not do the same work */
export async function measure(row: BenchRow, options: MeasureOptions): Promise<BenchResult> {
  const repetitions = row.repetitions ?? options.repetitions;
  const measured = await byKind(row, { ...options, repetitions });
  const value = measured.values.length > 0 ? median(measured.values) : null;
  return {
    row: row.name,
    kind: row.kind,
    settings: null,
    isLowerBound: false,
    difference: null,
    ...measured,
    value,
    target: row.target ?? null,
    met: value === null || !row.target ? null : meets(value, row.target),
    ...(row.note !== undefined && { note: row.note }),
  };
}

type Measured = Pick<BenchResult, 'executor' | 'unit' | 'ours' | 'theirs' | 'values'> & Partial<BenchResult>;

function byKind(row: BenchRow, options: MeasureOptions): Promise<Measured> {
  switch (row.kind) {
    case 'comparison':
      return compare(row, options);
    case 'gradients':
      return inGradients(row, options);
    case 'scaling':
      return scaling(row, options);
    case 'memory':
      return memory(row, options);
    case 'own':
      return alone(row, options);
    default:
      return row satisfies never;
  }
}

function meets(value: number, target: NonNullable<RowBase['target']>): boolean {
  if ('atLeast' in target) return value >= target.atLeast;
  if ('atMost' in target) return value <= target.atMost;
  return value >= target.between[0] && value <= target.between[1];
}

function inUnit(unit: Unit, { seconds, count }: Repetition): number {
  switch (unit) {
    case 'steps/s':
    case 'surfaces/s':
      return count / seconds;
    case 's':
      return seconds;
    case 'ms':
      return (1_000 * seconds) / count;
    case 'MB':
      return count / 1e6;
    case '%':
      return count;
    default:
      return unit satisfies never;
  }
}

async function compare(row: ComparisonRow, { context, peer, repetitions }: MeasureOptions): Promise<Measured> {
  const work = await row.prepare(context);
  try {
    await work.run();
    const difference = peer && (await checkAgreement(row.name, work.peer, peer, context));
    const settings = peer && (await bestSettings(work.peer, peer));
    const ours: number[] = [];
    const theirs: number[] = [];
    const values: number[] = [];
    let isLowerBound = false;
    let repetition: Repetition | null = null;
    for (let i = 0; i < repetitions; i++) {
      await settled();
      const own = inUnit(row.unit, await work.run());
      ours.push(own);
      if (!peer) continue;
      await settled();
      // A peer that ran into its time limit would again: the limit stands for its other repetitions.
      if (!repetition || !isLowerBound) repetition = await peer.run({ ...work.peer.job, ...settings });
      const foreign = inUnit(row.unit, repetition);
      theirs.push(foreign);
      values.push(row.unit === 'steps/s' ? own / foreign : foreign / own);
      isLowerBound ||= repetition.finished === false;
    }
    const { executor } = work;
    return { executor, unit: row.unit, ours, theirs: peer && theirs, values, settings, isLowerBound, difference };
  } finally {
    work.dispose();
  }
}

/** Both sides' threads wait busily for a while after their work (MKL's 0.2 s): neither turn is to pay for that. */
const settled = () => setTimeout(500);

async function checkAgreement(
  name: string,
  { job, agreement }: PeerWork,
  peer: Peer,
  context: Context,
): Promise<number> {
  const output = join(context.folder, 'peer.out');
  await peer.run({ ...job, threads: 2, ...agreement.job, output });
  const bytes = readFileSync(output);
  const written = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const ours = await agreement.ours(written);
  const theirs = agreement.theirs?.(written) ?? written;
  if (ours.length !== theirs.length)
    throw new Error(`${name}: ${ours.length} numbers against the peer's ${theirs.length}`);
  let difference = 0;
  let size = 0;
  let compared = 0;
  for (let i = 0; i < ours.length; i++) {
    if (Number.isNaN(theirs[i])) continue;
    difference += (ours[i]! - theirs[i]!) ** 2;
    size += theirs[i]! ** 2;
    compared++;
  }
  const relative = Math.sqrt(difference / size);
  if (compared > 0 && relative <= agreement.tolerance) return relative;
  throw new Error(
    `${name}: ours and the peer's numbers differ by ${relative.toExponential(2)} (relative, ${compared} numbers), more than ${agreement.tolerance}: not the same work.`,
  );
}

/** Each setting with one and with two threads, there and back; the one with the fastest repetition, by unit of work. */
async function bestSettings({ job, settings = [{}], trial }: PeerWork, peer: Peer): Promise<Record<string, unknown>> {
  const candidates = settings.flatMap((setting) => [1, 2].map((threads) => ({ threads, ...setting })));
  let best = { candidate: candidates[0]!, pace: Number.POSITIVE_INFINITY };
  for (const candidate of [...candidates, ...candidates.toReversed()]) {
    const { seconds, count } = await peer.run({ ...job, ...candidate, ...trial });
    if (seconds / count < best.pace) best = { candidate, pace: seconds / count };
  }
  return best.candidate;
}

async function inGradients(row: GradientsRow, { context, repetitions }: MeasureOptions): Promise<Measured> {
  const work = await row.prepare(context);
  const gradient = await row.gradient(context);
  try {
    const ours: number[] = [];
    const theirs: number[] = [];
    await work.run();
    await gradient.run();
    for (let i = 0; i < repetitions; i++) {
      ours.push(inUnit('ms', await work.run()));
      theirs.push(inUnit('ms', await gradient.run()));
    }
    const values = ours.map((own, i) => own / theirs[i]!);
    return { executor: work.executor, unit: 'ms', ours, theirs, values };
  } finally {
    work.dispose();
    gradient.dispose();
  }
}

async function alone(row: OwnRow, { context, repetitions }: MeasureOptions): Promise<Measured> {
  const work = await row.prepare(context);
  try {
    await work.run();
    const ours: number[] = [];
    for (let i = 0; i < repetitions; i++) ours.push(inUnit(row.unit, await work.run()));
    return { executor: work.executor, unit: row.unit, ours, theirs: null, values: ours };
  } finally {
    work.dispose();
  }
}

async function scaling(row: ScalingRow, { context, repetitions }: MeasureOptions): Promise<Measured> {
  const works: Work[] = [];
  try {
    for (const size of row.sizes) works.push(await row.prepare(context, size));
    const ours = works.map((): number[] => []);
    for (const work of works) await work.run();
    for (let i = 0; i < repetitions; i++) {
      for (const [k, work] of works.entries()) ours[k]!.push((await work.run()).seconds);
    }
    const values = ours[0]!.map((_, i) =>
      slope(
        row.sizes.map(Math.log),
        ours.map((seconds) => Math.log(seconds[i]!)),
      ),
    );
    const { sizes, of } = row;
    return { executor: works[0]!.executor, unit: 's', ours, theirs: null, values, sizes, of };
  } finally {
    for (const work of works) work.dispose();
  }
}

/** Of the least-squares line. */
function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
  return covariance / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}

async function memory(
  row: MemoryRow,
  { context, peer, repetitions, alone, startPeer }: MeasureOptions,
): Promise<Measured> {
  const peerWork = peer && (await peerOf(row, context));
  const ours: number[] = [];
  const theirs: number[] = [];
  let executor = '';
  for (let i = 0; i < repetitions; i++) {
    const own = await alone(row);
    executor = own.executor;
    ours.push(inUnit('MB', { seconds: 0, count: own.bytes }));
    if (!peerWork) continue;
    const fresh = await startPeer();
    await fresh.run({ threads: 2, ...peerWork.settings?.[0], ...peerWork.job });
    theirs.push(inUnit('MB', await fresh.run({ job: 'peak' })));
    fresh.close();
  }
  return { executor, unit: 'MB', ours, theirs: peerWork ? theirs : null, values: ours };
}

/** Sets the row up only for the files that the peer reads. */
async function peerOf(row: MemoryRow, context: Context): Promise<PeerWork | null> {
  const work = await row.prepare(context);
  work.dispose();
  return work.peer ?? null;
}
