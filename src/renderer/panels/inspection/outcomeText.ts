import { useTranslation } from 'react-i18next';
import { lastStep, type RunView } from '../../state/runs';
import { formatInteger } from '../../ui/format';

/** How a run ended (or that it has not), in words. */
export function useOutcomeText(): (run: RunView) => string {
  const { t } = useTranslation();
  return (run) => {
    const { outcome } = run.info;
    if (outcome.kind === 'running') {
      return t(run.paused ? 'outcome.paused' : 'outcome.running', { step: formatInteger(lastStep(run)) });
    }
    return t(`outcome.${outcome.kind}`, { step: formatInteger(outcome.step) });
  };
}
