import type { RaceCell, RaceDifference, RaceRun } from '../../../shared/model/race';

/** Mean, standard deviation (n − 1) and standard error s/√n over the runs that did not fail. */
export function summarize(learningRate: number, runs: RaceRun[]): RaceCell {
  const values = runs.flatMap(({ value }) => (value === null ? [] : [value]));
  return { learningRate, runs, failed: runs.length - values.length, ...momentsOf(values) };
}

/** Which of two cells is better, as a comparison for sorting: fewest failures, then the lowest mean. */
export function compareCells(a: RaceCell, b: RaceCell): number {
  return a.failed - b.failed || (a.mean ?? 0) - (b.mean ?? 0);
}

/** Index of the best cell; the first of equals; null where every run of every cell failed. */
export function bestCell(cells: readonly RaceCell[]): number | null {
  const finished = cells.flatMap(({ mean }, i) => (mean === null ? [] : [i]));
  if (finished.length === 0) return null;
  return finished.reduce((best, i) => (compareCells(cells[i]!, cells[best]!) < 0 ? i : best));
}

/**
 * Mean over seeds of (cell − best) with its standard error s/√n. Same seeds mean the same θ₀ and batches, so that what a
 * seed does to both cancels: the error of the paired difference is what tells them apart, not the two spreads.
 *
 * @returns null where a run of either failed, or there are fewer than two seeds
 */
export function difference(cell: RaceCell, best: RaceCell): RaceDifference | null {
  if (cell.failed > 0 || best.failed > 0) return null;
  const { mean, standardError } = momentsOf(cell.runs.map(({ value }, i) => value! - best.runs[i]!.value!));
  if (mean === null || standardError === null) return null;
  return { mean, standardError, isTie: Math.abs(mean) <= standardError };
}

function momentsOf(values: readonly number[]): Pick<RaceCell, 'mean' | 'standardDeviation' | 'standardError'> {
  const n = values.length;
  if (n === 0) return { mean: null, standardDeviation: null, standardError: null };
  // About the first value: equal values have exactly no spread.
  const mean = values[0]! + values.reduce((sum, value) => sum + (value - values[0]!), 0) / n;
  if (n === 1) return { mean, standardDeviation: null, standardError: null };
  const standardDeviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  return { mean, standardDeviation, standardError: standardDeviation / Math.sqrt(n) };
}
