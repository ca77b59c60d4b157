import { BookOpen } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { openDialog } from '../../state/commands';
import { useLandscape } from '../../state/landscape';
import { useLessons } from '../../state/lessons';
import { useRuns } from '../../state/runs';
import { useWorkbench } from '../../state/workbench';
import { Button } from '../../ui/Button';
import { Notices } from '../Notices';
import { HoverReadout, PickHint } from './HoverReadout';
import { MotionLegend } from './MotionLegend';
import { ProgressCards } from './ProgressCards';
import { StageCaption } from './StageCaption';
import { StageToolbar } from './StageToolbar';
import { VolumeOptions } from './VolumeOptions';

/** Middle pane: the landscape under its toolbar, with what is said over it; `scene` and a lesson's part come from outside. */
export function StagePanel({ scene, over }: { scene: ReactNode; over: ReactNode }) {
  const { t } = useTranslation();
  return (
    <section className="pane stage" id="landscape" aria-label={t('pane.landscape')} tabIndex={-1}>
      <StageToolbar />
      <div className="stage-view">
        {scene}
        <EmptyStage />
        {over}
        <HoverReadout />
        <VolumeOptions />
        <MotionLegend />
        <div className="stage-top">
          <Notices place="stage" />
          <ProgressCards />
        </div>
        <div className="stage-bottom">
          <PickHint />
          <StageCaption />
        </div>
      </div>
    </section>
  );
}

/** What to do next where nothing is drawn yet. */
function EmptyStage() {
  const { t } = useTranslation();
  const empty = useLandscape(({ surface }) => surface === null);
  const computing = useLandscape((state) => state.computing);
  const kind = useWorkbench((state) => state.draft?.kind);
  const busy = useRuns(({ starting, runs }) => starting || runs.length > 0) || computing;
  const lesson = useLessons(({ lesson: open }) => open !== null);
  const planeError = useLandscape((state) => state.planeError);
  if (!empty || !kind) return null;
  if (planeError) {
    return (
      <div className="empty-stage">
        <p className="empty-title">{planeError.message}</p>
        <p>{planeError.cure}</p>
      </div>
    );
  }
  if (lesson && !busy) return null;
  return (
    <div className={`empty-stage ${busy ? 'busy' : ''}`}>
      <p className="empty-title">{t(busy ? 'stage.preparing' : `stage.empty.${kind}.title`)}</p>
      {!busy && (
        <>
          <p>{t(`stage.empty.${kind}.text`)}</p>
          <Button icon={BookOpen} variant="ghost" onClick={() => openDialog('lessons')}>
            {t('lessons.open')}
          </Button>
        </>
      )}
    </div>
  );
}
