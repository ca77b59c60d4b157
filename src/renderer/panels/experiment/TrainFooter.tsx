import { Pause, Play, Square } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../state/catalog';
import { anyRunning, isRunning, stopRuns, togglePause, useRuns } from '../../state/runs';
import { train } from '../../state/session';
import { currentIssues, useWorkbench } from '../../state/workbench';
import { Button } from '../../ui/Button';
import { Tooltip } from '../../ui/Tooltip';

/** The big button: Train, or Pause and Stop while something runs. */
export function TrainFooter() {
  const { t } = useTranslation();
  const draft = useWorkbench((state) => state.draft);
  const catalog = useCatalog((state) => state.catalog);
  const running = useRuns(({ runs }) => anyRunning(runs));
  const paused = useRuns(({ runs }) => runs.some((run) => isRunning(run) && run.paused));
  const starting = useRuns((state) => state.starting);
  const issues = currentIssues(draft, catalog).length;
  const shown = draft?.optimizers.filter(({ hidden }) => !hidden).length ?? 0;
  return (
    <footer className="train-footer">
      {running ? (
        <div className="train-row">
          <Button size="large" icon={paused ? Play : Pause} onClick={() => void togglePause()}>
            {t(paused ? 'train.resume' : 'train.pause')}
          </Button>
          <Tooltip text={t('train.stopHint')} shortcut="T" side="top">
            <Button variant="danger" size="large" icon={Square} onClick={() => void stopRuns()}>
              {t('train.stop')}
            </Button>
          </Tooltip>
        </div>
      ) : (
        <Tooltip text={t('train.trainHint')} shortcut="T" side="top">
          <Button
            variant="primary"
            size="large"
            icon={Play}
            disabled={!draft || starting}
            aria-describedby="train-note"
            onClick={() => void train()}
          >
            {t('train.train')}
          </Button>
        </Tooltip>
      )}
      <p id="train-note" className={`train-note ${issues > 0 ? 'bad' : ''}`}>
        {issues > 0
          ? t('train.issues', { count: issues })
          : running
            ? t(paused ? 'train.paused' : 'train.running', { count: shown })
            : draft && t('train.plan', { count: shown, steps: draft.training.steps })}
      </p>
    </footer>
  );
}
