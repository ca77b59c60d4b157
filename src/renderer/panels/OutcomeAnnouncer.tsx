import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { announce } from '../state/notices';
import { isRunning, useRuns } from '../state/runs';
import { useOutcomeText } from './inspection/outcomeText';

/** Tells screen readers how runs ended, once each. */
export function OutcomeAnnouncer() {
  const { t } = useTranslation();
  const outcomeText = useOutcomeText();
  const runs = useRuns((state) => state.runs);
  const running = useRef(new Set<string>());
  useEffect(() => {
    const ended = runs.filter((run) => running.current.has(run.runId) && !isRunning(run));
    running.current = new Set(runs.filter(isRunning).map(({ runId }) => runId));
    if (ended.length === 0) return;
    announce(ended.map((run) => t('announce.ended', { label: run.label, outcome: outcomeText(run) })).join('. '));
  }, [runs, t, outcomeText]);
  return null;
}
