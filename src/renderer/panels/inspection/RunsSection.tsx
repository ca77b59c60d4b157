import { Eye, EyeOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { optimizerColor } from '../../../shared/math/optimizerColors';
import { type RunView, selectRun, toggleRunHidden, trackOf, useRuns } from '../../state/runs';
import { useSettings } from '../../state/settings';
import { IconButton } from '../../ui/Button';
import { formatInteger, formatNumber, formatPercent, formatSeconds } from '../../ui/format';
import { Section } from '../../ui/Section';
import { useSelectionText } from '../useSelectionText';
import { useOutcomeText } from './outcomeText';

/** How each run ended, in words, with its last loss and who computed it. */
export function RunsSection() {
  const { t } = useTranslation();
  const selectionText = useSelectionText();
  const { runs, selected } = useRuns();
  const executors = [...new Set(runs.map((run) => run.info.executor))];
  const selections = [
    ...new Set(runs.flatMap(({ info }) => (info.executorSelection ? [selectionText(info.executorSelection)] : []))),
  ];
  const parameters = runs[0]?.info.parameterCount ?? 0;
  return (
    <Section title={t('inspection.runs', { count: runs.length })}>
      <ul className="run-list">
        {runs.map((run) => (
          <RunRow key={run.runId} run={run} chosen={run.runId === selected} />
        ))}
      </ul>
      <p className="hint">
        {t('inspection.computedBy', {
          executor: executors.join(', '),
          count: parameters,
          shown: formatInteger(parameters),
        })}
        {selections.map((text) => (
          <span key={text} className="executor-reason">
            {text}
          </span>
        ))}
      </p>
    </Section>
  );
}

function RunRow({ run, chosen }: { run: RunView; chosen: boolean }) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const outcomeText = useOutcomeText();
  // Rows arrive by mutation; the revision tells when to look again.
  const { loss, accuracy } = useLast(run.runId);
  const { outcome, seconds } = run.info;
  return (
    <li
      className={`run ${run.hidden ? 'off' : ''} ${chosen ? 'chosen' : ''}`}
      style={{ '--run-color': optimizerColor(run.color, theme) } as React.CSSProperties}
    >
      <button type="button" className="run-main" aria-pressed={chosen} onClick={() => selectRun(run.runId)}>
        <span className="swatch" aria-hidden />
        <span className="run-label">{run.label}</span>
        <span className="number run-loss">{formatNumber(loss)}</span>
        <span className="run-outcome" data-outcome={outcome.kind}>
          {outcomeText(run)}
        </span>
        <span className="number quiet run-side">
          {[
            Number.isNaN(accuracy) ? '' : t('inspection.accuracy', { share: formatPercent(accuracy) }),
            // Of a run that was cut off nobody knows how long it took.
            outcome.kind === 'running' || outcome.kind === 'interrupted' ? '' : formatSeconds(seconds),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </button>
      <IconButton
        label={t(run.hidden ? 'inspection.show' : 'inspection.hide', { label: run.label })}
        icon={run.hidden ? EyeOff : Eye}
        aria-pressed={run.hidden}
        onClick={() => toggleRunHidden(run.runId)}
      />
    </li>
  );
}

function useLast(runId: string): { loss: number; accuracy: number } {
  useRuns((state) => state.revision);
  const track = trackOf(runId);
  const last = (track?.rows ?? 0) - 1;
  if (!track || last < 0) return { loss: Number.NaN, accuracy: Number.NaN };
  const validation = track.metrics.validationAccuracy[last] as number;
  return {
    loss: track.metrics.loss[last] as number,
    accuracy: Number.isNaN(validation) ? (track.metrics.accuracy[last] as number) : validation,
  };
}
