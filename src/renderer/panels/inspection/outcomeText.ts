import { useTranslation } from 'react-i18next';
import { type RunView, trackOf } from '../../state/runs';
import { formatInteger } from '../../ui/format';

/** How a run ended (or that it has not), in words. */
export function useOutcomeText(): (run: RunView) => string {
  const { t } = useTranslation();
  return (run) => {
    const { outcome } = run.info;
    if (outcome.kind === 'running') {
      const track = trackOf(run.runId);
      const step = track && track.rows > 0 ? (track.metrics.step[track.rows - 1] as number) : 0;
      return t(run.paused ? 'outcome.paused' : 'outcome.running', { step: formatInteger(step) });
    }
    return t(`outcome.${outcome.kind}`, { step: formatInteger(outcome.step) });
  };
}
