import { axisTicks } from '../../../shared/math/ticks';
import type { ConnectionProfile } from '../../../shared/model/connection';

const width = 320;
const height = 140;
const margin = { left: 44, right: 8, top: 8, bottom: 18 };

interface ConnectionPlotProps {
  label: string;
  lines: readonly { name: string; kind: string; profile: ConnectionProfile }[];
}

/** Loss over t of each line; losses that are not finite are gaps. */
export function ConnectionPlot({ label, lines }: ConnectionPlotProps) {
  const finite = lines.flatMap(({ profile }) => Array.from(profile.loss.filter(Number.isFinite)));
  const high = Math.max(...finite);
  const low = Math.min(0, ...finite);
  const x = (t: number) => margin.left + t * (width - margin.left - margin.right);
  const y = (loss: number) => margin.top + ((high - loss) / (high - low || 1)) * (height - margin.top - margin.bottom);
  return (
    <svg className="stem-plot" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {axisTicks(low, high, 3).map(({ value, label: text }) => (
        <g key={text}>
          <line className="stem-grid" x1={margin.left} x2={width - margin.right} y1={y(value)} y2={y(value)} />
          <text x={margin.left - 6} y={y(value)} dy="0.35em" textAnchor="end">
            {text}
          </text>
        </g>
      ))}
      {[0, 0.5, 1].map((t) => (
        <text key={t} x={x(t)} y={height - 4} textAnchor="middle">
          {t === 0.5 ? 't' : t}
        </text>
      ))}
      {lines.map(({ name, kind, profile }) => (
        <path key={kind} className={`connection-line ${kind}`} d={pathOf(profile, x, y)}>
          <title>{name}</title>
        </path>
      ))}
    </svg>
  );
}

function pathOf({ t, loss }: ConnectionProfile, x: (t: number) => number, y: (loss: number) => number): string {
  let pen = 'M';
  let path = '';
  t.forEach((at, i) => {
    if (!Number.isFinite(loss[i])) {
      pen = 'M';
      return;
    }
    path += `${pen}${x(at).toFixed(1)},${y(loss[i]!).toFixed(1)}`;
    pen = 'L';
  });
  return path;
}
