import { useTranslation } from 'react-i18next';
import { useWorkbench } from '../../state/workbench';
import { NetworkModelSection } from './NetworkModelSection';
import { ObjectiveSection } from './ObjectiveSection';
import { OptimizersSection } from './OptimizersSection';
import { RaceSection } from './RaceSection';
import { TrainFooter } from './TrainFooter';
import { TrainingSection } from './TrainingSection';

/** Left pane: everything that makes the experiment, and the button that runs it. */
export function ExperimentPanel() {
  const { t } = useTranslation();
  const draft = useWorkbench((state) => state.draft);
  return (
    <section className="pane experiment" id="experiment" aria-label={t('pane.experiment')} tabIndex={-1}>
      <div className="pane-scroll">
        {draft ? (
          <>
            <ObjectiveSection draft={draft} />
            {draft.kind === 'network' && <NetworkModelSection network={draft.network} />}
            <OptimizersSection optimizers={draft.optimizers} />
            <TrainingSection draft={draft} />
            <RaceSection draft={draft} />
          </>
        ) : (
          <p className="quiet pane-loading">{t('pane.loading')}</p>
        )}
      </div>
      <TrainFooter />
    </section>
  );
}
