import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Layers } from '../../../../shared/model/curvature';
import { useSettings } from '../../../state/settings';
import { formatInteger, formatNumber, formatPercent, formatShare } from '../../../ui/format';
import { Segmented } from '../../../ui/Segmented';
import { matrixColor } from './matrixColor';
import { TableScroll } from './TableScroll';

/** Each layer's block: largest eigenvalue, trace, share of the gradient; and where the top eigenvectors live. */
export function LayersView({ measured }: { measured: readonly Layers[] }) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const [chosen, setChosen] = useState<Layers['matrix'] | null>(null);
  const shown = measured.find(({ matrix }) => matrix === chosen) ?? measured[0];
  if (!shown) return null;
  const { layers, eigenvectors, confidence } = shown;
  const style = { '--matrix-color': matrixColor(shown.matrix, theme) } as React.CSSProperties;
  const largest = Math.max(...layers.map(({ eigenvalues }) => Math.abs(eigenvalues[0]?.value ?? 0)), 0);
  const widest = Math.max(...layers.map(({ trace }) => Math.max(...[trace.value, ...trace.interval].map(Math.abs))), 0);
  return (
    <div className="curvature-view" style={style}>
      {measured.length > 1 && (
        <Segmented
          label={t('curvature.matrices')}
          value={shown.matrix}
          options={measured.map(({ matrix }) => ({ value: matrix, label: t(`curvature.matrix.${matrix}`) }))}
          onChange={(matrix) => setChosen(matrix)}
        />
      )}
      <TableScroll label={t('curvature.inNumbers')}>
        <table className="eigenvalues layer-blocks">
          <thead>
            <tr>
              <th scope="col">{t('curvature.layers.layer')}</th>
              <th scope="col">{t('curvature.layers.largest')}</th>
              <th scope="col">{t('curvature.layers.trace')}</th>
              <th scope="col">{t('curvature.ofGradient')}</th>
            </tr>
          </thead>
          <tbody>
            {layers.map(({ name, parameters, eigenvalues: [top], trace, gradientShare }) => (
              <tr key={name}>
                <th scope="row">
                  {name}
                  <small>
                    {t('curvature.layers.parameters', { count: parameters, shown: formatInteger(parameters) })}
                  </small>
                </th>
                <td>
                  {formatNumber(top?.value)}
                  <small className={top?.converged === false ? 'open' : ''}>± {formatNumber(top?.residual, 2)}</small>
                  <Bar value={top?.value} most={largest} />
                </td>
                <td>
                  {formatNumber(trace.value)}
                  <small>{trace.interval.map((end) => formatNumber(end, 3)).join(' – ')}</small>
                  <Bar value={trace.value} most={widest} interval={trace.interval} />
                </td>
                <td>
                  {formatShare(gradientShare)}
                  <small aria-hidden>&nbsp;</small>
                  <Bar value={gradientShare} most={1} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      {eigenvectors.length > 0 && (
        <>
          <h4 className="view-title">{t('curvature.layers.participation')}</h4>
          <TableScroll label={t('curvature.inNumbers')}>
            <table className="eigenvalues participation">
              <thead>
                <tr>
                  <th scope="col">λ</th>
                  {layers.map(({ name }) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                  <th scope="col">{t('curvature.layers.livesOn')}</th>
                  <th scope="col">{t('curvature.ofGradient')}</th>
                </tr>
              </thead>
              <tbody>
                {eigenvectors.map(({ value, participation, participationRatio, gradientAlignment }) => (
                  <tr key={value}>
                    <th scope="row">{formatNumber(value)}</th>
                    {participation.map((share, i) => (
                      <td
                        key={layers[i]?.name}
                        className="share"
                        style={{ '--share': `${Math.round(55 * share)}%` } as React.CSSProperties}
                      >
                        {formatPercent(share, 0)}
                      </td>
                    ))}
                    <td>{formatNumber(participationRatio, 3)}</td>
                    <td>{formatShare(gradientAlignment)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        </>
      )}
      <p className="hint">{t('curvature.layers.hint', { share: formatPercent(confidence, 0) })}</p>
    </div>
  );
}

/** A bar whose length is |value| over the largest, with a line over its interval; striped below zero. */
function Bar({
  value = Number.NaN,
  most,
  interval,
}: {
  value?: number | undefined;
  most: number;
  interval?: readonly [number, number];
}) {
  const share = (x: number) => (most > 0 && Number.isFinite(x) ? Math.min(Math.max((100 * x) / most, 0), 100) : 0);
  const [low, high] = interval ? [share(interval[0]), share(interval[1])] : [0, 0];
  return (
    <svg className={`bar ${value < 0 ? 'negative' : ''}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden>
      <rect className="bar-track" width={100} height={6} />
      <rect className="bar-value" width={share(Math.abs(value))} height={6} />
      {interval && high > low && <rect className="bar-interval" x={low} y={2.25} width={high - low} height={1.5} />}
    </svg>
  );
}
