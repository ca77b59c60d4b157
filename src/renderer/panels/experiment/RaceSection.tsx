import { Flag, Maximize2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../state/catalog';
import { openDialog } from '../../state/commands';
import type { Draft } from '../../state/draft';
import { isOfForm, takeRates, useRace } from '../../state/race';
import { Button, IconButton } from '../../ui/Button';
import { Section } from '../../ui/Section';
import { Notices } from '../Notices';
import { BudgetSwitch } from './race/RaceForm';
import { RaceNotes, RaceTable } from './race/RaceTable';
import { useRacing } from './race/useRacing';

/** The form's optimizers on equal terms: each with its best rate of one grid, reported on fresh seeds. */
export function RaceSection({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const catalog = useCatalog((state) => state.catalog);
  const { busy, result, options } = useRace();
  const race = useRacing();
  return (
    <Section
      title={t('race.title')}
      defaultOpen={false}
      actions={<IconButton label={t('race.enlarge')} icon={Maximize2} onClick={() => openDialog('race')} />}
    >
      <p className="hint">{t('race.hint')}</p>
      <BudgetSwitch />
      <Button icon={Flag} disabled={busy} onClick={() => void race()}>
        {t('race.start')}
      </Button>
      <Notices place="race" />
      {result &&
        (isOfForm(result, draft, catalog, options) ? (
          <div className="race-result">
            <RaceTable of={result} full={false} />
            <RaceNotes of={result} />
            <Button size="small" onClick={() => takeRates(result)}>
              {t('race.take')}
            </Button>
          </div>
        ) : (
          <p className="hint">{t('race.old')}</p>
        ))}
    </Section>
  );
}
