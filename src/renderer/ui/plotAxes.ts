import { scaleLinear } from 'd3-scale';
import uPlot from 'uplot';
import { formatLogTick, formatTicks } from '../../shared/math/numbers';
import { typeScale } from './typeScale';

/** Axes and ranges of every uPlot chart. */

/** uPlot asks before there is anything to show, too: then with null. */
type Range = (chart: uPlot, min: number | null, max: number | null) => uPlot.Range.MinMax;

export const linearRange: Range = (_chart, min, max) =>
  min === null || max === null ? [0, 1] : uPlot.rangeNum(min, max, 0.08, true);

/** @param decades below the largest value that are shown: beyond them lies rounding */
export const logRange =
  (decades: number): Range =>
  (_chart, min, max) => {
    if (min === null || max === null || !(max > 0)) return [0.1, 1];
    return uPlot.rangeLog(Math.max(min, max * 10 ** -decades), max, 10, false);
  };

/**
 * Whole powers of ten, so far apart that about `count` lines are drawn; 2 and 5 times those as well where fewer than three
 * powers lie in the range, and round numbers where even they do not make two.
 */
export function logSplits(min: number, max: number, count: number): number[] {
  const powers = powersOfTen(min, max, count);
  if (powers.length > 2) return powers;
  const finer: number[] = [];
  for (let exponent = Math.floor(Math.log10(min)); exponent <= Math.log10(max); exponent++) {
    for (const digit of [1, 2, 5]) finer.push(Number(`${digit}e${exponent}`));
  }
  const within = finer.filter((split) => split >= min * (1 - 1e-9) && split <= max * (1 + 1e-9));
  return within.length > 1
    ? within
    : scaleLinear()
        .domain([min, max])
        .ticks(Math.max(2, Math.round(count)));
}

function powersOfTen(min: number, max: number, count: number): number[] {
  const low = Math.ceil(Math.log10(min) - 1e-9);
  const high = Math.floor(Math.log10(max) + 1e-9);
  const stride = Math.max(1, Math.ceil((high - low + 1) / count));
  const first = Math.ceil(low / stride) * stride;
  const powers: number[] = [];
  for (let exponent = first; exponent <= high; exponent += stride) powers.push(Number(`1e${exponent}`));
  return powers;
}

interface AxisOptions {
  size: number;
  space: number;
  log: boolean;
  /** Title of the axis. */
  label?: string;
}

export function axis(css: CSSStyleDeclaration, { size, space, log, label }: AxisOptions): uPlot.Axis {
  const font = `${11 * typeScale()}px ${css.fontFamily}`;
  return {
    size,
    space,
    font,
    stroke: css.color,
    // A canvas cannot resolve custom properties; the style of the element has resolved them.
    grid: { stroke: css.borderTopColor, width: 1 },
    ticks: { show: false },
    values: (_chart, splits) => (log ? splits.map(formatLogTick) : formatTicks(splits)),
    // uPlot would leave out labels of a logarithmic axis; ours are few already.
    ...(log && {
      filter: (_chart, splits) => splits,
      splits: (chart, index, min, max) => logSplits(min, max, (index === 0 ? chart.width : chart.height) / space),
    }),
    gap: 4,
    ...(label !== undefined && { label, labelFont: font, labelSize: 18 * typeScale(), labelGap: 0 }),
  };
}
