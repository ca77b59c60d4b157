import { Flag } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { optimizerColor } from '../../../shared/math/optimizerColors';
import { useCatalog } from '../../state/catalog';
import type { Draft } from '../../state/draft';
import { announce } from '../../state/notices';
import { isOfForm, type RacedForm, raceFairly, takeRates, useRace } from '../../state/race';
import { useSettings } from '../../state/settings';
import { Button } from '../../ui/Button';
import { formatInteger, formatNumber } from '../../ui/format';
import { Section } from '../../ui/Section';
import { Switch } from '../../ui/Switch';
import { Notices } from '../Notices';

/** The form's optimizers on equal terms: each with its best rate of one grid, reported on fresh seeds. */
export function RaceSection({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const catalog = useCatalog((state) => state.catalog);
  const { busy, budget, result } = useRace();
  const race = async () => {
    const made = await raceFairly();
    const winner = made?.race.entrants.findIndex(({ rank }) => rank === 1) ?? -1;
    if (made) announce(winner < 0 ? t('race.nobody') : t('race.announce', { label: made.entrants[winner]!.label }));
  };
  return (
    <Section title={t('race.title')} defaultOpen={false}>
      <p className="hint">{t('race.hint')}</p>
      <Switch
        label={t('race.byEvaluations')}
        checked={budget === 'evaluations'}
        onChange={(checked) => useRace.setState({ budget: checked ? 'evaluations' : 'steps' })}
      />
      <Button icon={Flag} disabled={busy} onClick={() => void race()}>
        {t('race.start')}
      </Button>
      <Notices place="race" />
      {result &&
        (isOfForm(result, draft, catalog) ? <Standings of={result} /> : <p className="hint">{t('race.old')}</p>)}
    </Section>
  );
}

function Standings({ of }: { of: RacedForm }) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const { race, entrants } = of;
  const { learningRates, seeds, warnings } = race;
  const rankOf = (i: number) => race.entrants[i]!.rank ?? Number.POSITIVE_INFINITY;
  const order = entrants.map((_, i) => i).sort((a, b) => rankOf(a) - rankOf(b));
  return (
    <div className="race-result">
      <table className="eigenvalues">
        <thead>
          <tr>
            <th scope="col">{t('race.optimizer')}</th>
            <th scope="col">{t('race.rate')}</th>
            <th scope="col">{t('race.loss')}</th>
            <th scope="col">±</th>
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
                <td>{formatNumber(report?.mean, 3)}</td>
                <td>{formatNumber(report?.standardError, 2)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
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
        <p key={JSON.stringify(warning)} className="hint">
          {t(`race.warning.${warning.kind}`, {
            label: 'optimizer' in warning ? entrants[warning.optimizer]!.label : '',
          })}
        </p>
      ))}
      <Button size="small" onClick={() => takeRates(of)}>
        {t('race.take')}
      </Button>
    </div>
  );
}
