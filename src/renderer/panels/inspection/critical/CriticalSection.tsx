import { useTranslation } from 'react-i18next';
import { useLandscape } from '../../../state/landscape';
import { selectedRun, useRuns } from '../../../state/runs';
import { Section } from '../../../ui/Section';
import { FullSpace } from './FullSpace';
import { WindowPoints } from './WindowPoints';

/** Every critical point of a function in the window; of a network one in full space. */
export function CriticalSection() {
  const { t } = useTranslation();
  const objective = useLandscape((state) => state.objective);
  const run = useRuns(selectedRun);
  if (!objective || (objective.kind === 'network' && !run)) return null;
  return (
    <Section title={t('critical.title')}>
      {objective.kind === 'network' && run ? <FullSpace run={run} /> : <WindowPoints objective={objective} />}
    </Section>
  );
}
