import type { RaceCell, RaceEntrant, RaceProgress, RaceRun, RaceWarning } from '../../../shared/model/race';
import { bestCell, compareCells, difference, summarize } from './statistics';

/** One training to be made: which optimizer with which rate from which seed. */
export interface RaceRunSpec {
  /** Index of the optimizer. */
  optimizer: number;
  learningRate: number;
  seed: number;
}

export interface FairRaceOptions {
  optimizers: number;
  /** Ascending. */
  learningRates: readonly number[];
  /** Seed s means the same θ₀ and batches for every optimizer and rate; no seed is in both lists. */
  seeds: { tuning: readonly number[]; report: readonly number[] };
  run(spec: RaceRunSpec): Promise<RaceRun>;
  onCell?: (progress: RaceProgress) => void;
}

/** Where each optimizer came, without what the caller knows of it. */
export type RaceStanding = Omit<RaceEntrant, 'optimizer' | 'experiment'>;

/** Runs of a whole race, the report's included; fewer where an optimizer finished at no rate. */
export const raceLength = ({ optimizers, learningRates, seeds }: Omit<FairRaceOptions, 'run' | 'onCell'>): number =>
  optimizers * (learningRates.length * seeds.tuning.length + seeds.report.length);

/**
 * Tunes each optimizer's learning rate over the same grid on the tuning seeds, then runs each with its own best rate on
 * the report seeds. A mean chosen for being the lowest is flattered by the seeds it was chosen on; fresh ones are not
 * (Choi et al. 2019, "On Empirical Comparisons of Optimizers for Deep Learning", retrain the tuned ones likewise).
 */
export async function fairRace(
  options: FairRaceOptions,
): Promise<{ standings: RaceStanding[]; warnings: RaceWarning[] }> {
  const { optimizers, learningRates, seeds, run, onCell } = options;
  async function cellOf(stage: RaceProgress['stage'], optimizer: number, learningRate: number): Promise<RaceCell> {
    const runs: RaceRun[] = [];
    for (const seed of seeds[stage]) runs.push(await run({ optimizer, learningRate, seed }));
    const cell = summarize(learningRate, runs);
    onCell?.({ stage, optimizer, cell });
    return cell;
  }

  const tunings: RaceCell[][] = [];
  for (let optimizer = 0; optimizer < optimizers; optimizer++) {
    const cells: RaceCell[] = [];
    for (const learningRate of learningRates) cells.push(await cellOf('tuning', optimizer, learningRate));
    tunings.push(cells);
  }
  const chosen = tunings.map(bestCell);
  const reports: (RaceCell | null)[] = [];
  for (const [optimizer, index] of chosen.entries()) {
    reports.push(index === null ? null : await cellOf('report', optimizer, learningRates[index]!));
  }

  const ranked = reports
    .flatMap((cell, optimizer) => (cell?.mean == null ? [] : [{ cell, optimizer }]))
    .sort((a, b) => compareCells(a.cell, b.cell));
  const best = ranked[0];
  const standings = tunings.map((tuning, optimizer): RaceStanding => {
    const report = reports[optimizer]!;
    const place = ranked.findIndex((one) => one.optimizer === optimizer);
    return {
      tuning,
      learningRate: report?.learningRate ?? null,
      report,
      rank: place < 0 ? null : place + 1,
      toBest: report && best && place > 0 ? difference(report, best.cell) : null,
    };
  });
  return { standings, warnings: warningsOf(standings, chosen, learningRates.length) };
}

function warningsOf(
  standings: readonly RaceStanding[],
  chosen: readonly (number | null)[],
  rates: number,
): RaceWarning[] {
  const each = standings.flatMap(({ learningRate, report }, optimizer): RaceWarning[] => {
    if (learningRate === null || !report) return [{ kind: 'nothingFinished', optimizer }];
    const index = chosen[optimizer];
    return [
      ...(index === 0 || index === rates - 1 ? [{ kind: 'edgeOfGrid', optimizer, learningRate } as const] : []),
      ...(report.failed > 0 ? [{ kind: 'failedReport', optimizer, failed: report.failed } as const] : []),
    ];
  });
  const spreads = standings.flatMap(({ report }) => report?.standardDeviation ?? []);
  return spreads.length > 0 && spreads.every((spread) => spread === 0) ? [...each, { kind: 'seedsDoNotMatter' }] : each;
}
