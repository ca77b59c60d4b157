import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLandscape } from '../../state/landscape';
import { useRuns } from '../../state/runs';
import { useWorkbench } from '../../state/workbench';
import { Notices } from '../Notices';
import { HoverReadout, PickHint } from './HoverReadout';
import { MotionLegend } from './MotionLegend';
import { ProgressCards } from './ProgressCards';
import { StageCaption } from './StageCaption';
import { StageToolbar } from './StageToolbar';
import { VolumeOptions } from './VolumeOptions';

/** Middle pane: the landscape (`scene`, given from outside) under its toolbar, with what is said over it. */
export function StagePanel({ scene }: { scene: ReactNode }) {
  const { t } = useTranslation();
  return (
    <section className="pane stage" id="landscape" aria-label={t('pane.landscape')} tabIndex={-1}>
      <StageToolbar />
      <div className="stage-view">
        {scene}
        <EmptyStage />
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
  return (
    <div className={`empty-stage ${busy ? 'busy' : ''}`}>
      <p className="empty-title">{t(busy ? 'stage.preparing' : `stage.empty.${kind}.title`)}</p>
      {!busy && <p>{t(`stage.empty.${kind}.text`)}</p>}
    </div>
  );
}
