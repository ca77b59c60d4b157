import type uPlot from 'uplot';
import type { MetricName } from '../../../shared/model/run';
import type { Track } from '../../state/tracks';

/** One curve: a metric of a run. */
export interface Curve {
  track: Track;
  metric: MetricName;
}

/** More points than a chart has pixels are thinned. */
export const maximumPoints = 1_500;

/**
 * Curves over one axis of steps, as uPlot takes them: the union of all steps shown, null where a curve has no value.
 * Long runs are thinned to every n-th row, with the last always kept.
 * @param positive leaves out what a logarithmic axis cannot show
 */
export function curveData(curves: readonly Curve[], positive: boolean): uPlot.AlignedData {
  const thinned = new Map<Track, { steps: number[]; rows: number[] }>();
  for (const { track } of curves) if (!thinned.has(track)) thinned.set(track, thin(track));
  const steps = [...new Set([...thinned.values()].flatMap((t) => t.steps))].sort((a, b) => a - b);
  const place = new Map(steps.map((step, i) => [step, i]));
  const columns = curves.map(({ track, metric }) => {
    const { rows, steps: own } = thinned.get(track) as { steps: number[]; rows: number[] };
    const column = new Array<number | null>(steps.length).fill(null);
    rows.forEach((row, i) => {
      const value = track.metrics[metric][row] as number;
      if (Number.isFinite(value) && (!positive || value > 0)) column[place.get(own[i] as number) as number] = value;
    });
    return column;
  });
  return [steps, ...columns];
}

function thin(track: Track): { steps: number[]; rows: number[] } {
  const stride = Math.max(1, Math.ceil(track.rows / maximumPoints));
  const rows: number[] = [];
  for (let row = 0; row < track.rows; row += stride) rows.push(row);
  if (track.rows > 0 && rows.at(-1) !== track.rows - 1) rows.push(track.rows - 1);
  return { rows, steps: rows.map((row) => track.metrics.step[row] as number) };
}

/** Whether a metric has any value in a run. */
export function hasValues(track: Track, metric: MetricName): boolean {
  const column = track.metrics[metric];
  for (let row = 0; row < track.rows; row++) if (Number.isFinite(column[row])) return true;
  return false;
}

/** The recorded row nearest to a step (rows are in order of steps). */
export function rowAtStep(track: Track, step: number): number {
  let low = 0;
  let high = Math.max(track.rows - 1, 0);
  const { step: steps } = track.metrics;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] as number) < step) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && step - (steps[low - 1] as number) < (steps[low] as number) - step) return low - 1;
  return low;
}
