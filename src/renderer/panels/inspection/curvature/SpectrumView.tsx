import { useTranslation } from 'react-i18next';
import type { Spectrum, SpectrumEigenvalue } from '../../../../shared/model/landscape';
import { useSettings } from '../../../state/settings';
import { formatInteger, formatNumber, formatShare, subscript } from '../../../ui/format';
import { FactTable } from './FactTable';
import { Legend } from './Legend';
import { matrixColor } from './matrixColor';
import { StemPlot, type StemSlot } from './StemPlot';
import { TableScroll } from './TableScroll';
import { useKindText } from './useKindText';

interface Row {
  name: string;
  part: StemSlot['part'];
  /** One per matrix; null where a matrix was not asked for as many. */
  pairs: (SpectrumEigenvalue | null)[];
}

/** Eigenvalues with their residuals, of every matrix measured, and what the point they were measured at is. */
export function SpectrumView({ spectra, large }: { spectra: readonly Spectrum[]; large: boolean }) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const kindText = useKindText();
  const [first] = spectra;
  if (!first) return null;
  const named = spectra.find(({ matrix }) => matrix === 'hessian');
  const several = spectra.length > 1;
  const symbol = several || !named ? 'A' : 'H';
  const rows = rowsOf(spectra);
  const sampled = rows.some(({ pairs }) => pairs.some((pair) => pair?.standardError != null));
  const slots = rows.map(
    ({ name, part, pairs }): StemSlot => ({
      name,
      part,
      stems: pairs.flatMap((pair, i) => {
        const { matrix } = spectra[i] as Spectrum;
        return pair ? [{ ...pair, matrix: t(`curvature.matrix.${matrix}`), color: matrixColor(matrix, theme) }] : [];
      }),
    }),
  );
  const facts: [string, (spectrum: Spectrum) => string][] = [
    [`gᵀ${symbol}g`, (s) => formatNumber(s.gradientHessianGradient, 3)],
    [t('curvature.condition'), (s) => conditionText(s, several ? '\n' : ' ')],
    ...(spectra.some(({ conditionNumber }) => conditionNumber !== null)
      ? ([[t('curvature.conditionInterval'), (s) => intervalText(s, several ? '\n' : ' – ')]] as typeof facts)
      : []),
    ...(several ? [] : ([[t('curvature.step'), (s) => formatInteger(s.step)]] as typeof facts)),
    [t('curvature.iterations'), (s) => formatInteger(s.iterations)],
  ];
  return (
    <div className={`spectrum ${large ? 'large' : ''}`}>
      {named && (
        <p className="kind" data-kind={named.kind}>
          {kindText(named)}
        </p>
      )}
      {several && <MatrixLegend spectra={spectra} />}
      <StemPlot slots={slots} large={large} />
      <TableScroll label={t('curvature.inNumbers')}>
        {several ? (
          <table className="eigenvalues">
            <thead>
              <tr>
                <th scope="col">λ</th>
                {spectra.map(({ matrix }) => (
                  <th key={matrix} scope="col">
                    {t(`curvature.matrix.${matrix}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, part, pairs }) => (
                <tr key={`${part} ${name}`}>
                  <th scope="row">{name}</th>
                  {pairs.map((pair, i) => (
                    <td key={spectra[i]?.matrix}>
                      {formatNumber(pair?.value, 5)}
                      <small className={pair?.converged === false ? 'open' : ''}>
                        {pair ? `± ${formatNumber(pair.standardError ?? pair.residual, 2)}` : ''}
                      </small>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        ) : (
          <table className="eigenvalues">
            <thead>
              <tr>
                <th scope="col">λ</th>
                <th scope="col">{t('curvature.value')}</th>
                <th scope="col">{`‖${symbol}v − λv‖`}</th>
                {sampled && <th scope="col">{t('curvature.standardError')}</th>}
                <th scope="col">{t('curvature.ofGradient')}</th>
                <th scope="col">{t('curvature.converged')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, part, pairs: [pair] }) => (
                <tr key={`${part} ${name}`}>
                  <th scope="row">{name}</th>
                  <td>{formatNumber(pair?.value, 6)}</td>
                  <td>{formatNumber(pair?.residual, 2)}</td>
                  {sampled && <td>{formatNumber(pair?.standardError, 2)}</td>}
                  <td>{formatShare(pair?.gradientAlignment)}</td>
                  <td>{t(pair?.converged ? 'curvature.yes' : 'curvature.no')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </TableScroll>
      {several && <p className="hint">{t(sampled ? 'curvature.plusMinusError' : 'curvature.plusMinusResidual')}</p>}
      <FactTable results={spectra} facts={facts} />
      <dl className="fact-grid">
        <div>
          <dt>{t('curvature.gradientNorm')}</dt>
          <dd>{formatNumber(first.gradientNorm)}</dd>
        </div>
        <div>
          <dt>gᵀg</dt>
          <dd>{formatNumber(first.gradientSquared)}</dd>
        </div>
      </dl>
      {first.all && (
        <p className="hint">
          {t('curvature.allKnown', {
            count: first.all.values.length,
            shown: formatInteger(first.all.values.length),
            negative: formatInteger(first.all.values.filter((value) => value < 0).length),
            bound: formatNumber(first.all.errorBound, 2),
          })}
        </p>
      )}
      {named && (
        <p className="hint">
          {t('curvature.tolerances', {
            gradient: formatNumber(named.tolerances.gradient, 2),
            eigenvalue: formatNumber(named.tolerances.eigenvalue, 2),
          })}
        </p>
      )}
    </div>
  );
}

const intervalText = ({ conditionNumberInterval }: Spectrum, separator: string): string =>
  conditionNumberInterval?.map((end) => formatNumber(end)).join(separator) ?? '–';

const conditionText = ({ conditionNumber, conditionNumberStandardError: error }: Spectrum, separator: string): string =>
  formatNumber(conditionNumber) + (error === null ? '' : `${separator}± ${formatNumber(error, 2)}`);

function MatrixLegend({ spectra }: { spectra: readonly Spectrum[] }) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  return (
    <Legend
      items={spectra.map(({ matrix }) => ({
        name: t(`curvature.matrix.${matrix}`),
        color: matrixColor(matrix, theme),
      }))}
    />
  );
}

/** Largest first, then those around the shift, then the smallest, the last of all at the end. */
function rowsOf(spectra: readonly Spectrum[]): Row[] {
  const part = (
    name: Row['part'],
    pick: (s: Spectrum) => readonly SpectrumEigenvalue[],
    label: (i: number) => string,
  ) => {
    const count = Math.max(...spectra.map((s) => pick(s).length));
    return Array.from(
      { length: count },
      (_, i): Row => ({
        part: name,
        name: label(i),
        pairs: spectra.map((s) => pick(s)[i] ?? null),
      }),
    );
  };
  return [
    ...part(
      'top',
      (s) => s.eigenvalues,
      (i) => `λ${subscript(i + 1)}`,
    ),
    ...part(
      'around',
      (s) => s.around?.eigenvalues ?? [],
      (i) => `λ(σ)${subscript(i + 1)}`,
    ),
    ...part(
      'bottom',
      (s) => s.bottom,
      (i) => (i === 0 ? 'λₘᵢₙ' : `λₘᵢₙ₊${subscript(i)}`),
    ).toReversed(),
  ];
}
