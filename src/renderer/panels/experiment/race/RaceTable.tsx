import { useTranslation } from 'react-i18next';
import { optimizerColor } from '../../../../shared/math/optimizerColors';
import type { RacedForm } from '../../../state/race';
import { useSettings } from '../../../state/settings';
import { formatInteger, formatNumber } from '../../../ui/format';

/** The optimizers from the best to the worst; `full`: with spread, failures and the difference to the best. */
export function RaceTable({ of: { race, entrants }, full }: { of: RacedForm; full: boolean }) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const rankOf = (i: number) => race.entrants[i]!.rank ?? Number.POSITIVE_INFINITY;
  const order = entrants.map((_, i) => i).sort((a, b) => rankOf(a) - rankOf(b));
  return (
    <table className="eigenvalues">
      <thead>
        <tr>
          <th scope="col">{t('race.optimizer')}</th>
          <th scope="col">{t('race.rate')}</th>
          <th scope="col">{t(`race.mean.${race.criterion.kind}`)}</th>
          <th scope="col">{full ? t('race.error') : '±'}</th>
          {full && (
            <>
              <th scope="col">{t('race.spread')}</th>
              <th scope="col">{t('race.failed')}</th>
              <th scope="col">{t('race.aboveBest')}</th>
            </>
          )}
        </tr>
      </thead>
      <tbody>
        {order.map((i) => {
          const { rank, learningRate, report, toBest } = race.entrants[i]!;
          const { id, label, color } = entrants[i]!;
          return (
            <tr key={id} style={{ '--run-color': optimizerColor(color, theme) } as React.CSSProperties}>
              <th scope="row">
                <span className="swatch" aria-hidden />
                {rank === null ? '–' : formatInteger(rank)} {label}
                {toBest?.isTie && <small>{t('race.tie')}</small>}
              </th>
              <td>{formatNumber(learningRate, 3)}</td>
              <td>{formatNumber(report?.mean, full ? 4 : 3)}</td>
              <td>{formatNumber(report?.standardError, 2)}</td>
              {full && (
                <>
                  <td>{formatNumber(report?.standardDeviation, 2)}</td>
                  <td>
                    {report
                      ? t('race.failures', {
                          failed: formatInteger(report.failed),
                          of: formatInteger(report.runs.length),
                        })
                      : '–'}
                  </td>
                  <td>{toBest ? `${formatNumber(toBest.mean, 3)} ± ${formatNumber(toBest.standardError, 2)}` : '–'}</td>
                </>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** How the race was made, and what to doubt in it. */
export function RaceNotes({ of: { race, entrants } }: { of: RacedForm }) {
  const { t } = useTranslation();
  const { learningRates, seeds, warnings } = race;
  return (
    <>
      <p className="hint">
        {t('race.how', {
          rates: formatInteger(learningRates.length),
          lowest: formatNumber(learningRates[0], 3),
          highest: formatNumber(learningRates.at(-1), 3),
          tuning: formatInteger(seeds.tuning.length),
          report: formatInteger(seeds.report.length),
        })}
      </p>
      {warnings.map((warning) => (
        <p key={JSON.stringify(warning)} className="hint race-warning">
          {t(`race.warning.${warning.kind}`, {
            label: 'optimizer' in warning ? entrants[warning.optimizer]!.label : '',
          })}
        </p>
      ))}
    </>
  );
}
