import { useTranslation } from 'react-i18next';
import { axisTicks } from '../../../../shared/math/ticks';
import type { Trace } from '../../../../shared/model/curvature';
import { useSettings } from '../../../state/settings';
import { formatInteger, formatNumber, formatPercent } from '../../../ui/format';
import { FactTable } from './FactTable';
import { matrixColor } from './matrixColor';

const rowHeight = 34;
const margin = { left: 10, right: 10, top: 8, bottom: 22 };

/** Traces with their confidence intervals on one axis, then in numbers. */
export function TraceView({ traces, large }: { traces: readonly Trace[]; large: boolean }) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const [first] = traces;
  if (!first) return null;
  const width = large ? 760 : 320;
  const height = margin.top + rowHeight * traces.length + margin.bottom;
  const ends = traces.flatMap(({ value, interval }) => [value, ...interval]).filter(Number.isFinite);
  const room = 0.12 * (Math.max(...ends) - Math.min(...ends)) || 0.1 * Math.abs(first.value) || 1;
  const [low, high] = [Math.min(...ends) - room, Math.max(...ends) + room];
  const x = (value: number) => margin.left + ((value - low) / (high - low)) * (width - margin.left - margin.right);
  const bottom = height - margin.bottom;
  const separator = traces.length > 1 ? '\n' : ' – ';
  const facts: [string, (trace: Trace) => string][] = [
    [t('curvature.trace.value'), ({ value }) => formatNumber(value, 6)],
    [
      t('curvature.trace.interval', { share: formatPercent(first.confidence, 0) }),
      ({ interval }) => interval.map((end) => formatNumber(end, 5)).join(separator),
    ],
    [t('curvature.standardError'), ({ standardError }) => formatNumber(standardError, 2)],
    [t('curvature.trace.probes'), ({ probeStandardError }) => formatNumber(probeStandardError, 2)],
    [t('curvature.trace.examples'), ({ samplingStandardError }) => formatNumber(samplingStandardError, 2)],
    [t('curvature.trace.mean'), ({ value, parameters }) => formatNumber(value / parameters, 3)],
    [t('curvature.trace.how'), ({ method }) => t(`curvature.trace.${method === 'hutch++' ? 'hutchPlusPlus' : method}`)],
    [t('curvature.products'), ({ products }) => formatInteger(products)],
  ];
  return (
    <div className="curvature-view">
      <svg className="stem-plot" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t('curvature.trace.label')}>
        {axisTicks(low, high, large ? 8 : 4).map(({ value, label }) => (
          <g key={value}>
            <line className="stem-grid" x1={x(value)} x2={x(value)} y1={margin.top} y2={bottom} />
            <text x={x(value)} y={height - 6} textAnchor="middle">
              {label}
            </text>
          </g>
        ))}
        {traces.map(({ matrix, value, interval }, i) => {
          const y = margin.top + rowHeight * (i + 0.62);
          const [from, to] = interval.map(x) as [number, number];
          return (
            <g
              key={matrix}
              className="whisker"
              style={{ '--matrix-color': matrixColor(matrix, theme) } as React.CSSProperties}
            >
              <path d={`M${from} ${y}H${to}M${from} ${y - 4}v8M${to} ${y - 4}v8`} />
              <circle cx={x(value)} cy={y} r={3.5} />
              {traces.length > 1 && (
                <text
                  className="whisker-name"
                  x={Math.min(Math.max(x(value), 60), width - 60)}
                  y={y - 8}
                  textAnchor="middle"
                >
                  {t(`curvature.matrix.${matrix}`)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <FactTable results={traces} facts={facts} />
    </div>
  );
}
