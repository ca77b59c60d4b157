import { Pause, Play, Repeat, SkipBack, SkipForward, StepBack, StepForward } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { optimizerColor } from '../../../shared/math/optimizerColors';
import { isRunning, trackOf, useRuns } from '../../state/runs';
import { updateSettings, useSettings } from '../../state/settings';
import {
  jumpToEnd,
  jumpToStart,
  playhead,
  seek,
  stepBy,
  toggleLoop,
  togglePlay,
  useTimeline,
} from '../../state/timeline';
import { IconButton } from '../../ui/Button';
import { formatInteger, formatNumber } from '../../ui/format';
import { Select } from '../../ui/Select';

const speeds = ['0.25', '0.5', '1', '2', '4'] as const;

/** Bottom pane: plays, pauses, steps and scrubs through the recorded rows. */
export function TimelinePanel() {
  const { t } = useTranslation();
  const { playing, following, loop, rows, readout } = useTimeline();
  const speed = useSettings((state) => state.settings.playbackSpeed);
  const step = useRuns(({ runs, revision }) => stepAt(runs, readout, revision));
  const disabled = rows < 2;
  const speedText = speeds.find((value) => Number(value) === speed) ?? '1';
  return (
    <section className="pane timeline" id="timeline" aria-label={t('pane.timeline')} tabIndex={-1}>
      <div className="transport">
        <IconButton
          label={t('timeline.start')}
          shortcut="Home"
          icon={SkipBack}
          side="top"
          disabled={disabled}
          onClick={jumpToStart}
        />
        <IconButton
          label={t('timeline.back')}
          shortcut="←"
          icon={StepBack}
          side="top"
          disabled={disabled}
          onClick={() => stepBy(-1)}
        />
        <IconButton
          className="play"
          label={t(playing ? 'timeline.pause' : 'timeline.play')}
          shortcut="␣"
          side="top"
          icon={playing ? Pause : Play}
          disabled={disabled}
          onClick={togglePlay}
        />
        <IconButton
          label={t('timeline.forward')}
          shortcut="→"
          icon={StepForward}
          side="top"
          disabled={disabled}
          onClick={() => stepBy(1)}
        />
        <IconButton
          label={t('timeline.end')}
          shortcut="End"
          icon={SkipForward}
          side="top"
          disabled={disabled}
          onClick={jumpToEnd}
        />
      </div>
      <Scrubber
        rows={rows}
        label={t('timeline.scrub')}
        valueText={t('timeline.stepOf', { step: formatInteger(step) })}
      />
      <output className="step-readout">
        {following && <span className="live-dot">{t('timeline.live')}</span>}
        <span className="quiet">{t('timeline.step')}</span> <span className="number">{formatInteger(step)}</span>
      </output>
      <Select
        hideLabel
        label={t('timeline.speed')}
        className="speed"
        value={speedText}
        options={speeds.map((value) => ({ value, label: `${formatNumber(Number(value))}×` }))}
        onChange={(value) => updateSettings({ playbackSpeed: Number(value) })}
      />
      <IconButton
        label={t('timeline.loop')}
        shortcut="L"
        side="top"
        icon={Repeat}
        pressed={loop}
        onClick={toggleLoop}
      />
    </section>
  );
}

/** The step number of a row in the longest run. */
function stepAt(runs: readonly { runId: string }[], row: number, _revision: number): number {
  for (const { runId } of runs) {
    const track = trackOf(runId);
    if (track && row < track.rows) return track.metrics.step[row] as number;
  }
  // The paths of a lesson's study have a row a step.
  return runs.length === 0 ? row : 0;
}

/**
 * The slider follows the playhead outside React: its value and the filled part are set on the element itself, sixty
 * times a second while playing.
 */
function Scrubber({ rows, label, valueText }: { rows: number; label: string; valueText: string }) {
  const input = useRef<HTMLInputElement>(null);
  const last = Math.max(rows - 1, 1);
  useEffect(() => {
    const draw = () => {
      if (!input.current) return;
      input.current.value = String(playhead.current);
      input.current.style.setProperty('--progress', String(playhead.current / last));
    };
    draw();
    return playhead.subscribe(draw);
  }, [last]);
  return (
    <div className="scrubber">
      <input
        ref={input}
        type="range"
        min={0}
        max={last}
        step="any"
        defaultValue={0}
        disabled={rows < 2}
        aria-label={label}
        aria-valuetext={valueText}
        onChange={(event) => seek(Math.round(Number(event.target.value)))}
        onKeyDown={(event) => {
          const target = keyTarget(event.key, Math.round(playhead.current), last);
          if (target === null) return;
          event.preventDefault();
          seek(target);
        }}
      />
      <EndMarks last={last} />
    </div>
  );
}

function keyTarget(key: string, row: number, last: number): number | null {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return row - 1;
    case 'ArrowRight':
    case 'ArrowUp':
      return row + 1;
    case 'PageDown':
      return row - Math.max(1, Math.round(last / 10));
    case 'PageUp':
      return row + Math.max(1, Math.round(last / 10));
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

/** Where each run ended. */
function EndMarks({ last }: { last: number }) {
  const { t } = useTranslation();
  const runs = useRuns((state) => state.runs);
  const theme = useSettings((state) => state.theme);
  return runs
    .filter((run) => !isRunning(run))
    .map((run) => (
      <span
        key={run.runId}
        className="end-mark"
        title={t('timeline.endOf', { label: run.label })}
        style={
          {
            '--at': Math.min(((trackOf(run.runId)?.rows ?? 1) - 1) / last, 1),
            '--run-color': optimizerColor(run.color, theme),
          } as React.CSSProperties
        }
      />
    ));
}
