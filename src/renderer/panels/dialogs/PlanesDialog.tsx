import { useTranslation } from 'react-i18next';
import { useLandscape } from '../../state/landscape';
import { planeKinds } from '../../state/planeChoice';
import { resumePlanePreviews, stopPlanePreviews, usePlanePreviews } from '../../state/planePreviews';
import { anyRunning, useRuns } from '../../state/runs';
import { useWorkbench } from '../../state/workbench';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { PlaneGallery } from '../stage/planes/PlaneGallery';
import { PlaneSettings } from '../stage/planes/PlaneSettings';

/** The planes a network's landscape can be cut along, each with a small surface, and the settings of the chosen one. */
export function PlanesDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const objective = useLandscape((state) => state.objective?.kind);
  const drafted = useWorkbench((state) => state.draft?.kind);
  const running = useRuns(({ runs }) => anyRunning(runs));
  const trained = useRuns(({ runs }) => runs.length > 0);
  const network = (objective ?? drafted) === 'network';
  const hint = !network ? 'plane.hint.function' : running ? 'plane.preview.training' : 'plane.preview.untrained';
  const shown = network && trained && !running;
  return (
    <Dialog
      title={t('plane.preview.title')}
      wide
      onClose={onClose}
      footer={
        <>
          {shown && <PreviewProgress />}
          <Button variant="primary" onClick={onClose}>
            {t('action.close')}
          </Button>
        </>
      }
    >
      {shown ? (
        <div className="plane-picker">
          <PlaneGallery />
          <section className="popover-form plane-settings" aria-label={t('plane.preview.settings')}>
            <PlaneSettings />
          </section>
        </div>
      ) : (
        <p className="quiet">{t(hint)}</p>
      )}
    </Dialog>
  );
}

/** How many of the small surfaces are there, and the way to end what is still to come. */
function PreviewProgress() {
  const { t } = useTranslation();
  const { previews, stopped } = usePlanePreviews();
  const states = planeKinds.map((kind) => previews[kind]?.state);
  const done = states.filter((state) => state === 'ready' || state === 'failed').length;
  const under = done < planeKinds.length;
  return (
    <div className="plane-progress">
      <span className="quiet" role="status">
        {t(under ? 'plane.preview.progress' : 'plane.preview.basis', { done, count: planeKinds.length })}
      </span>
      {under && (
        <Button size="small" onClick={stopped ? resumePlanePreviews : stopPlanePreviews}>
          {t(stopped ? 'plane.preview.resume' : 'plane.preview.stop')}
        </Button>
      )}
    </div>
  );
}
