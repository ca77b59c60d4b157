import type { Peer, Repetition } from './peer';

/** One line of the table: ours against a peer doing the same work. */
export interface BenchRow {
  name: string;
  /** What `ours` and `peer` count: 'steps/s' is better high, 's' and 'ms' are better low. */
  unit: 'steps/s' | 's' | 'ms' | 'gradients';
  /** Least ratio in our favour (largest value for 'gradients'). */
  target: number;
  /** Sets up and returns one repetition. */
  prepare(): Promise<{ run(): Promise<Repetition>; dispose(): void }>;
  /** The peer's job, or another piece of ours that takes turns with it (for 'gradients': what one gradient costs). */
  against: { peer: Record<string, unknown> } | { ours: BenchRow['prepare'] };
}

export interface BenchResult {
  row: string;
  ours: number;
  /** null: the peer could not be had. */
  peer: number | null;
  ratio: number | null;
  target: number;
  unit: BenchRow['unit'];
}

const repetitions = 7;

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Seconds per unit of work → the row's unit. */
function inUnit(unit: BenchRow['unit'], { seconds, count }: Repetition): number {
  switch (unit) {
    case 'steps/s':
      return count / seconds;
    case 's':
      return seconds;
    case 'ms':
    case 'gradients':
      return (1_000 * seconds) / count;
    default:
      return unit satisfies never;
  }
}

/** Runs ours and the peer in turns, so that both meet the same machine, and takes the medians. */
export async function measure(row: BenchRow, peer: Peer | null): Promise<BenchResult> {
  const ours = await row.prepare();
  const other = await opponent(row, peer);
  const mine: number[] = [];
  const theirs: number[] = [];
  const ratios: number[] = [];
  await ours.run();
  for (let i = 0; i < repetitions; i++) {
    const own = inUnit(row.unit, await ours.run());
    mine.push(own);
    if (!other) continue;
    const foreign = inUnit(row.unit, await other.run());
    theirs.push(foreign);
    ratios.push(row.unit === 'steps/s' || row.unit === 'gradients' ? own / foreign : foreign / own);
  }
  ours.dispose();
  other?.dispose();
  return {
    row: row.name,
    ours: median(mine),
    peer: other ? median(theirs) : null,
    ratio: other ? median(ratios) : null,
    target: row.target,
    unit: row.unit,
  };
}

/** The peer with the better of one and two threads, found by a first repetition of each. */
async function opponent(row: BenchRow, peer: Peer | null): Promise<Awaited<ReturnType<BenchRow['prepare']>> | null> {
  if ('ours' in row.against) {
    const other = await row.against.ours();
    await other.run();
    return other;
  }
  if (!peer) return null;
  const job = row.against.peer;
  const trial = async (threads: number) => (await peer.run({ ...job, threads })).seconds;
  const threads = (await trial(1)) < (await trial(2)) ? 1 : 2;
  return { run: () => peer.run({ ...job, threads }), dispose: () => undefined };
}
