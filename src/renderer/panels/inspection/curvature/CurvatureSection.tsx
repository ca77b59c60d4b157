import { Maximize2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { openDialog } from '../../../state/commands';
import { selectedRun, useRuns } from '../../../state/runs';
import { IconButton } from '../../../ui/Button';
import { Section } from '../../../ui/Section';
import { CurvatureView } from './CurvatureView';

/** Curvature at the end or along the path of the selected run. */
export function CurvatureSection() {
  const { t } = useTranslation();
  const run = useRuns(selectedRun);
  if (!run) return null;
  return (
    <Section
      title={t('curvature.title')}
      actions={<IconButton label={t('curvature.enlarge')} icon={Maximize2} onClick={() => openDialog('curvature')} />}
    >
      <CurvatureView run={run} large={false} />
    </Section>
  );
}
