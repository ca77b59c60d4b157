import { useTranslation } from 'react-i18next';
import { axisTicks } from '../../../../shared/math/ticks';
import type { Eigenvalue } from '../../../../shared/model/landscape';
import { formatNumber } from '../../../ui/format';

/** Residual bars thinner than this could not be seen. */
const minimumBar = 3;

/** One place on the axis with the eigenvalue each matrix has there. */
export interface StemSlot {
  name: string;
  /** Slots of different parts of the spectrum stand apart: what lies between was not measured. */
  part: 'top' | 'around' | 'bottom';
  stems: (Eigenvalue & { matrix: string; color: string })[];
}

/** Eigenvalues as stems from zero, largest left, smallest right, each with a bar of ± its residual. */
export function StemPlot({ slots, large }: { slots: readonly StemSlot[]; large: boolean }) {
  const { t } = useTranslation();
  const [width, height] = large ? [760, 300] : [320, 148];
  const margin = { left: 50, right: 8, top: 10, bottom: 20 };
  const values = slots.flatMap(({ stems }) => stems.map(({ value }) => value)).filter(Number.isFinite);
  if (values.length === 0) return null;
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const span = high - low || 1;
  const plotHeight = height - margin.top - margin.bottom;
  const y = (value: number) => margin.top + ((high - value) / span) * plotHeight;
  const gaps = slots.map((slot, i) => (i > 0 && slots[i - 1]!.part !== slot.part ? 1 : 0));
  const places = slots.map((_, i) => i + gaps.slice(0, i + 1).reduce<number>((sum, gap) => sum + gap, 0));
  const slotWidth = (width - margin.left - margin.right) / (places.at(-1)! + 1);
  const x = (i: number) => margin.left + slotWidth * (places[i]! + 0.5);
  const beside = Math.min(9, slotWidth / (1 + Math.max(...slots.map(({ stems }) => stems.length))));
  const named = slotWidth >= 26;
  return (
    <svg className="stem-plot" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t('curvature.stemLabel')}>
      {axisTicks(low, high, large ? 6 : 4).map(({ value, label }) => (
        <g key={value}>
          <line className="stem-grid" x1={margin.left} x2={width - margin.right} y1={y(value)} y2={y(value)} />
          <text x={margin.left - 6} y={y(value)} dy="0.35em" textAnchor="end">
            {label}
          </text>
        </g>
      ))}
      <line className="stem-zero" x1={margin.left} x2={width - margin.right} y1={y(0)} y2={y(0)} />
      {slots.map(({ name, part, stems }, i) => (
        <g key={`${part} ${name}`}>
          {stems.map(({ matrix, color, value, residual, converged }, k) => {
            const at = x(i) + (k - (stems.length - 1) / 2) * beside;
            const bar = Math.max((residual / span) * plotHeight, minimumBar);
            return (
              <g
                key={matrix}
                className={`stem ${converged ? '' : 'open'}`}
                style={{ '--matrix-color': color } as React.CSSProperties}
              >
                <title>{`${matrix}: ${name} = ${formatNumber(value, 6)}, ‖Av − λv‖ = ${formatNumber(residual, 2)}`}</title>
                <line x1={at} x2={at} y1={y(0)} y2={y(value)} />
                <path
                  className="residual"
                  d={`M${at} ${y(value) - bar}V${y(value) + bar}M${at - 3.5} ${y(value) - bar}h7M${at - 3.5} ${y(value) + bar}h7`}
                />
                <circle cx={at} cy={y(value)} r={3} />
              </g>
            );
          })}
          {named && (
            <text className="stem-name" x={x(i)} y={height - 4} textAnchor="middle">
              {name}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}
