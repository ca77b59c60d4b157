import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Density } from '../../../../shared/model/curvature';
import { useSettings } from '../../../state/settings';
import { formatInteger, formatNumber } from '../../../ui/format';
import { LinePlot } from '../../../ui/LinePlot';
import { Legend } from './Legend';
import { matrixColor } from './matrixColor';
import { TableScroll } from './TableScroll';

/** Density of all eigenvalues on a logarithmic axis with its error band; the floor is a tenth of one eigenvalue's peak. */
export function DensityView({ densities, large }: { densities: readonly Density[]; large: boolean }) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const { xs, lines } = useMemo(() => {
    const grid = [...new Set(densities.flatMap(({ xs }) => [...xs]))].sort((a, b) => a - b);
    return {
      xs: grid,
      lines: densities.map(({ matrix, ...density }) => ({
        name: t(`curvature.matrix.${matrix}`),
        color: matrixColor(matrix, theme),
        values: resample(density.xs, density.density, grid),
        standardError: density.standardError && resample(density.xs, density.standardError, grid),
      })),
    };
  }, [densities, theme, t]);
  const [first] = densities;
  if (!first) return null;
  const peaks = densities.map(({ parameters, sigma }) => 1 / (parameters * sigma * Math.sqrt(2 * Math.PI)));
  const separator = densities.length > 1 ? '\n' : ' ';
  const readout = (i: number) =>
    [
      `λ = ${formatNumber(xs[i])}`,
      ...lines.map(({ name, values, standardError }) => {
        const error = standardError?.[i];
        const value = `${formatNumber(values[i], 3)}${error ? ` ± ${formatNumber(error, 2)}` : ''}`;
        return lines.length > 1 ? `${name} ${value}` : `φ = ${value}`;
      }),
    ].join(' · ');
  return (
    <div className="curvature-view">
      {densities.length > 1 && <Legend items={lines} />}
      <LinePlot
        label={t('curvature.density.label')}
        xLabel={t('curvature.density.x')}
        yLabel={t('curvature.density.y')}
        xs={xs}
        lines={lines}
        log
        floor={0.1 * Math.min(...peaks)}
        height={large ? 380 : 200}
        readout={readout}
        hint={t('curvature.density.hint')}
      />
      <TableScroll label={t('curvature.inNumbers')}>
        <table className="eigenvalues">
          <thead>
            <tr>
              <th scope="col">{t('curvature.density.of')}</th>
              {densities.map(({ matrix }) => (
                <th key={matrix} scope="col">
                  {t(`curvature.matrix.${matrix}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {(
              [
                ['smallest', ({ range: [low] }) => formatNumber(low)],
                ['largest', ({ range: [, high] }) => formatNumber(high)],
                ['mean', ({ moments: [mean] }) => momentText(mean, separator)],
                ['meanSquare', ({ moments: [, meanSquare] }) => momentText(meanSquare, separator)],
                ['mass', ({ mass }) => formatNumber(mass, 6)],
                ['kernel', ({ sigma }) => formatNumber(sigma, 3)],
                [
                  'how',
                  ({ method, starts, steps }) =>
                    method === 'exact'
                      ? t('curvature.density.exact')
                      : t('curvature.density.slq', { starts: formatInteger(starts), steps: formatInteger(steps) }),
                ],
              ] as const satisfies [string, (density: Density) => string][]
            ).map(([name, of]) => (
              <tr key={name}>
                <th scope="row">{t(`curvature.density.${name}`)}</th>
                {densities.map((density) => (
                  <td key={density.matrix} className="stacked">
                    {of(density)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      <p className="hint">{t('curvature.density.band')}</p>
    </div>
  );
}

function momentText(
  { value, standardError, samplingStandardError }: Density['moments'][number],
  separator: string,
): string {
  const error = Math.hypot(standardError ?? 0, samplingStandardError ?? 0);
  return error > 0 ? `${formatNumber(value)}${separator}± ${formatNumber(error, 2)}` : formatNumber(value);
}

/** Linear between the points of a grid, zero outside of it. */
function resample(xs: Float64Array, values: Float64Array, grid: readonly number[]): Float64Array {
  const out = new Float64Array(grid.length);
  const last = xs.length - 1;
  let i = 0;
  grid.forEach((x, k) => {
    if (x < xs[0]! || x > xs[last]!) return;
    while (i < last - 1 && xs[i + 1]! < x) i++;
    const share = last === 0 ? 0 : (x - xs[i]!) / (xs[i + 1]! - xs[i]!);
    out[k] = values[i]! + share * (values[i + 1]! - values[i]!);
  });
  return out;
}
