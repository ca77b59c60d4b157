import { formatLogTick } from '../../shared/math/numbers';
import { optimizerColor } from '../../shared/math/optimizerColors';
import { axisTicks } from '../../shared/math/ticks';
import type { StudyChart, StudyLine } from '../../shared/model/study';
import { useWords } from '../i18n/words';

const width = 400;
const height = 250;
const margin = { left: 62, right: 14, top: 8, bottom: 40 };

interface Scale {
  at(value: number): number;
  ticks: { value: number; label: string }[];
}

/** A study's chart as vectors: a canvas prints as coarse as the screen. */
export function PrintChart({ chart }: { chart: StudyChart }) {
  const words = useWords();
  const x = scaleOf(chart.lines, 'x', chart.x.log ?? false, margin.left, width - margin.right, 5);
  const y = scaleOf(chart.lines, 'y', chart.y.log ?? false, height - margin.bottom, margin.top, 5);
  return (
    <>
      <svg className="print-chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words(chart.label)}>
        {y.ticks.map(({ value, label }) => (
          <g key={label}>
            <line className="print-grid" x1={margin.left} x2={width - margin.right} y1={y.at(value)} y2={y.at(value)} />
            <text x={margin.left - 6} y={y.at(value)} dy="0.35em" textAnchor="end">
              {label}
            </text>
          </g>
        ))}
        {x.ticks.map(({ value, label }) => (
          <text key={label} x={x.at(value)} y={height - margin.bottom + 16} textAnchor="middle">
            {label}
          </text>
        ))}
        <text x={(margin.left + width - margin.right) / 2} y={height - 6} textAnchor="middle">
          {words(chart.x.label)}
        </text>
        <text transform={`translate(12 ${(height - margin.bottom) / 2}) rotate(-90)`} textAnchor="middle">
          {words(chart.y.label)}
        </text>
        {chart.lines.map((line, i) => (
          <PrintLine key={line.label.en} line={line} color={optimizerColor(i, 'light')} x={x} y={y} />
        ))}
      </svg>
      <ul className="print-legend">
        {chart.lines.map(({ label, style = 'line' }, i) => (
          <li
            key={label.en}
            className={style}
            style={{ '--matrix-color': optimizerColor(i, 'light') } as React.CSSProperties}
          >
            {words(label)}
          </li>
        ))}
      </ul>
    </>
  );
}

function PrintLine({ line, color, x, y }: { line: StudyLine; color: string; x: Scale; y: Scale }) {
  const at = (i: number, offset = 0): [number, number] => [x.at(line.x[i]!), y.at(line.y[i]! + offset)];
  const indices = Array.from(line.x.keys());
  if (line.style === 'points') {
    return indices
      .map((i) => at(i))
      .filter(isPlace)
      .map(([cx, cy], i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: points have no names and never move
        <circle key={i} cx={cx} cy={cy} r={2.5} fill={color} />
      ));
  }
  const { standardError } = line;
  const band = standardError && [
    ...indices.map((i) => at(i, standardError[i])),
    ...indices.reverse().map((i) => at(i, -standardError[i]!)),
  ];
  return (
    <>
      {band && <path d={pathOf(band.filter(isPlace))} fill={color} fillOpacity={0.2} />}
      <path
        d={pathOf(Array.from(line.x.keys(), (i) => at(i)))}
        fill="none"
        stroke={color}
        strokeWidth={1.5}
        strokeDasharray={line.style === 'dashed' ? '6 4' : undefined}
      />
    </>
  );
}

const isPlace = (place: [number, number]): boolean => place.every(Number.isFinite);

function pathOf(places: [number, number][]): string {
  let pen = 'M';
  let path = '';
  for (const place of places) {
    if (!isPlace(place)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${place[0].toFixed(1)},${place[1].toFixed(1)}`;
    pen = 'L';
  }
  return path;
}

/** Below this share of the largest value lies rounding. */
const leastShare = 1e-16;

function scaleOf(
  lines: readonly StudyLine[],
  axis: 'x' | 'y',
  log: boolean,
  from: number,
  to: number,
  count: number,
): Scale {
  const values = lines.flatMap((line) => Array.from(line[axis])).filter((v) => Number.isFinite(v) && (!log || v > 0));
  let high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (!(high >= low)) [low, high] = [log ? 0.1 : 0, 1];
  if (log) low = Math.max(low, high * leastShare);
  if (high === low) [low, high] = log ? [low / 2, high * 2] : [low - 0.5, high + 0.5];
  if (log) {
    const [a, b] = [Math.log10(low), Math.log10(high)];
    const at = (value: number) => (value > 0 ? from + ((Math.log10(value) - a) / (b - a)) * (to - from) : Number.NaN);
    return { at, ticks: logTicks(low, high, count) };
  }
  const pad = axis === 'y' ? 0.05 * (high - low) : 0;
  const [a, b] = [low - pad, high + pad];
  return { at: (value) => from + ((value - a) / (b - a)) * (to - from), ticks: axisTicks(a, b, count) };
}

/** Powers of ten; within one or two decades 2 and 5 times those as well. */
function logTicks(low: number, high: number, count: number): { value: number; label: string }[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const stride = Math.max(1, Math.ceil((last - first) / count));
  const mantissas = last - first <= 2 ? [1, 2, 5] : [1];
  const ticks: { value: number; label: string }[] = [];
  for (let exponent = first; exponent <= last; exponent += stride) {
    for (const mantissa of mantissas) {
      const value = Number(`${mantissa}e${exponent}`);
      if (value >= low * 0.999 && value <= high * 1.001) ticks.push({ value, label: formatLogTick(value) });
    }
  }
  return ticks;
}
