import { Flag, Play } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { RaceCell, RaceProgress } from '../../../shared/model/race';
import { useCatalog } from '../../state/catalog';
import { closeDialog } from '../../state/commands';
import type { Draft } from '../../state/draft';
import { useJobs } from '../../state/jobs';
import { announce } from '../../state/notices';
import { isOfForm, type RacedForm, raceIssues, takeRates, trainRaced, useRace } from '../../state/race';
import { exportRace } from '../../state/raceExport';
import { useWorkbench } from '../../state/workbench';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { RaceForm } from '../experiment/race/RaceForm';
import { RaceNotes, RaceTable } from '../experiment/race/RaceTable';
import { RateCurves } from '../experiment/race/RateCurves';
import { useRacing } from '../experiment/race/useRacing';
import { Notices } from '../Notices';
import { ProgressCard } from '../stage/ProgressCards';

/** A fair race with everything it can be told, and everything it tells. */
export function RaceDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const draft = useWorkbench((state) => state.draft);
  return (
    <Dialog title={t('race.title')} wide onClose={onClose}>
      {draft ? <Race draft={draft} /> : null}
    </Dialog>
  );
}

function Race({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const catalog = useCatalog((state) => state.catalog);
  const { busy, live, result, options } = useRace();
  const job = useJobs(({ jobs }) => jobs.find(({ label }) => label === 'race') ?? null);
  const race = useRacing();
  const twoParameters = draft.kind !== 'network';
  return (
    <div className="race-dialog">
      <p className="hint">{t('race.hint')}</p>
      <RaceForm twoParameters={twoParameters} onRace={() => void race()} />
      <Button
        variant="primary"
        icon={Flag}
        disabled={busy || raceIssues(options, twoParameters).length > 0}
        onClick={() => void race()}
      >
        {t('race.start')}
      </Button>
      {busy && job && <ProgressCard job={job} />}
      <Notices place="race" />
      {live ? (
        <RateCurves
          entrants={live.entrants}
          tuning={tuningSoFar(live.entrants.length, live.cells)}
          criterion={options.criterion}
        />
      ) : result ? (
        isOfForm(result, draft, catalog, options) ? (
          <Result of={result} />
        ) : (
          <p className="hint">{t('race.old')}</p>
        )
      ) : (
        <p className="hint">{t('race.empty')}</p>
      )}
    </div>
  );
}

function tuningSoFar(count: number, cells: readonly RaceProgress[]): RaceCell[][] {
  return Array.from({ length: count }, (_, i) =>
    cells.flatMap(({ stage, optimizer, cell }) => (stage === 'tuning' && optimizer === i ? [cell] : [])),
  );
}

function Result({ of }: { of: RacedForm }) {
  const { t } = useTranslation();
  const name = of.race.entrants.find(({ experiment }) => experiment)?.experiment?.name ?? t('race.title');
  const train = async () => {
    closeDialog();
    await trainRaced(of);
  };
  return (
    <div className="race-result">
      <RaceTable of={of} full />
      <RaceNotes of={of} />
      <RateCurves
        entrants={of.entrants}
        tuning={of.race.entrants.map(({ tuning }) => tuning)}
        criterion={of.race.criterion.kind}
      />
      <div className="race-actions">
        <Button icon={Play} onClick={() => void train()}>
          {t('race.train')}
        </Button>
        <Button onClick={() => takeRates(of)}>{t('race.take')}</Button>
        {(['csv', 'json'] as const).map((format) => (
          <Button
            key={format}
            size="small"
            onClick={() =>
              void exportRace(of, format, name).then((saved) => {
                if (saved) announce(t('race.saved', { name: saved }));
              })
            }
          >
            {t(`curvature.save.${format}`)}
          </Button>
        ))}
      </div>
    </div>
  );
}
