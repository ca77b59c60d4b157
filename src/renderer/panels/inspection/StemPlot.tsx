import { useTranslation } from 'react-i18next';
import type { Eigenvalue } from '../../../shared/model/landscape';
import { formatNumber } from '../../ui/format';

const width = 320;
const height = 132;
const margin = { left: 54, right: 10, top: 10, bottom: 20 };
/** Residual bars thinner than this could not be seen. */
const minimumBar = 3;

interface Stem extends Eigenvalue {
  name: string;
  side: 'top' | 'bottom';
}

/** Eigenvalues as stems from zero, largest left, smallest right, each with a bar of ± its residual; then as a table. */
export function StemPlot({ top, bottom }: { top: readonly Eigenvalue[]; bottom: readonly Eigenvalue[] }) {
  const { t } = useTranslation();
  const stems: Stem[] = [
    ...top.map((e, i): Stem => ({ ...e, name: `λ${subscript(i + 1)}`, side: 'top' })),
    ...bottom
      .map((e, i): Stem => ({ ...e, name: i === 0 ? 'λₘᵢₙ' : `λₘᵢₙ₊${subscript(i)}`, side: 'bottom' }))
      .toReversed(),
  ];
  if (stems.length === 0) return null;
  const values = stems.map(({ value }) => value);
  const high = Math.max(0, ...values);
  const low = Math.min(0, ...values);
  const span = high - low || 1;
  const plotHeight = height - margin.top - margin.bottom;
  const y = (value: number) => margin.top + ((high - value) / span) * plotHeight;
  // A gap between the largest and the smallest: what lies between was not measured.
  const slots = stems.length + (bottom.length > 0 && top.length > 0 ? 1 : 0);
  const slot = (width - margin.left - margin.right) / slots;
  const x = (i: number) => margin.left + slot * ((stems[i]?.side === 'bottom' && top.length > 0 ? i + 1 : i) + 0.5);
  return (
    <>
      <svg className="stem-plot" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t('curvature.stemLabel')}>
        {[high, low]
          .filter((v, i) => i === 0 || v !== high)
          .map((value) => (
            <g key={value}>
              <line className="stem-grid" x1={margin.left} x2={width - margin.right} y1={y(value)} y2={y(value)} />
              <text className="stem-tick" x={margin.left - 6} y={y(value)} dy="0.35em" textAnchor="end">
                {formatNumber(value, 3)}
              </text>
            </g>
          ))}
        <line className="stem-zero" x1={margin.left} x2={width - margin.right} y1={y(0)} y2={y(0)} />
        {stems.map(({ value, residual, converged, name, side }, i) => {
          const bar = Math.max((residual / span) * plotHeight, minimumBar);
          return (
            <g key={name} className={`stem ${side} ${value < 0 ? 'negative' : ''} ${converged ? '' : 'open'}`}>
              <title>{`${name} = ${formatNumber(value, 6)}, ‖Hv − λv‖ = ${formatNumber(residual, 2)}`}</title>
              <line x1={x(i)} x2={x(i)} y1={y(0)} y2={y(value)} />
              <line className="residual" x1={x(i)} x2={x(i)} y1={y(value) - bar} y2={y(value) + bar} />
              <line className="residual" x1={x(i) - 4} x2={x(i) + 4} y1={y(value) - bar} y2={y(value) - bar} />
              <line className="residual" x1={x(i) - 4} x2={x(i) + 4} y1={y(value) + bar} y2={y(value) + bar} />
              <circle cx={x(i)} cy={y(value)} r={3.2} />
              {stems.length <= 12 && (
                <text className="stem-name" x={x(i)} y={height - 4} textAnchor="middle">
                  {name}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <table className="eigenvalues">
        <thead>
          <tr>
            <th scope="col">λ</th>
            <th scope="col">{t('curvature.value')}</th>
            <th scope="col">‖Hv − λv‖</th>
            <th scope="col">{t('curvature.converged')}</th>
          </tr>
        </thead>
        <tbody>
          {stems.map(({ name, value, residual, converged }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{formatNumber(value, 6)}</td>
              <td>{formatNumber(residual, 2)}</td>
              <td>{t(converged ? 'curvature.yes' : 'curvature.no')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

const subscript = (n: number): string => [...String(n)].map((digit) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)]).join('');
