import { useTranslation } from 'react-i18next';
import { optimizerColor } from '../../../shared/math/optimizerColors';
import { selectRun, trackOf, useRuns } from '../../state/runs';
import { useSettings } from '../../state/settings';
import { useTimeline } from '../../state/timeline';
import { formatNumber } from '../../ui/format';

/** Which colour is which optimizer, and its true loss at the playhead. */
export function Legend() {
  const { t } = useTranslation();
  const { runs, selected } = useRuns();
  const theme = useSettings((state) => state.theme);
  const row = useTimeline((state) => state.readout);
  if (runs.length === 0) return null;
  return (
    <ul className="legend" aria-label={t('stage.legend')}>
      {runs.map((run) => {
        const track = trackOf(run.runId);
        const at = Math.min(row, (track?.rows ?? 0) - 1);
        return (
          <li key={run.runId} className={run.hidden ? 'off' : ''}>
            <button
              type="button"
              aria-pressed={run.runId === selected}
              style={{ '--run-color': optimizerColor(run.color, theme) } as React.CSSProperties}
              onClick={() => selectRun(run.runId)}
            >
              <span className="swatch" aria-hidden />
              <span className="legend-label">{run.label}</span>
              <span className="number">{formatNumber(track && at >= 0 ? track.metrics.loss[at] : null, 3)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
