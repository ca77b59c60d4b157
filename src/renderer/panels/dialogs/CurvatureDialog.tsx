import { useTranslation } from 'react-i18next';
import { selectedRun, useRuns } from '../../state/runs';
import { Dialog } from '../../ui/Dialog';
import { CurvatureView } from '../inspection/curvature/CurvatureView';

/** The curvature of the selected run, large enough to be shown to a class. */
export function CurvatureDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const run = useRuns(selectedRun);
  return (
    <Dialog title={run ? `${t('curvature.title')} · ${run.label}` : t('curvature.title')} wide onClose={onClose}>
      {run ? <CurvatureView run={run} large /> : <p className="quiet">{t('inspection.empty.text')}</p>}
    </Dialog>
  );
}
