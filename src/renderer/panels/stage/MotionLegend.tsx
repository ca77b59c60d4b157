import { MoveUpRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type Glyph, glyphColors, lengthOnPlane, stepMagnification } from '../../../shared/math/motion';
import { useLandscape } from '../../state/landscape';
import { motionOf, toggleMotion, useMotion } from '../../state/motion';
import { selectedRun, useRuns } from '../../state/runs';
import { useSettings } from '../../state/settings';
import { useTimeline } from '../../state/timeline';
import { useVolume } from '../../state/volume';
import { IconButton } from '../../ui/Button';
import { formatInteger, formatNumber } from '../../ui/format';

/** Shows and hides what moves the optimizers. */
export function MotionButton() {
  const { t } = useTranslation();
  const shown = useMotion((state) => state.shown);
  return (
    <IconButton label={t('motion.toggle')} shortcut="G" icon={MoveUpRight} pressed={shown} onClick={toggleMotion} />
  );
}

/** The arrows' meaning, and their lengths on the plane at the playhead of the selected run. */
export function MotionLegend() {
  const { t } = useTranslation();
  const { shown, busy, known } = useMotion();
  const run = useRuns(selectedRun);
  const plane = useLandscape((state) => state.plane);
  const range = useLandscape((state) => state.surface?.range);
  const theme = useSettings((state) => state.theme);
  const readout = useTimeline((state) => state.readout);
  const inVolume = useVolume((state) => state.open);
  if (!shown || !plane || !range || inVolume) return null;
  const motion = motionOf(known, run);
  if (!run || !motion) return busy ? <p className="motion-legend">{t('motion.computing')}</p> : null;
  const { columns, memory, adaptive } = motion;
  const row = Math.min(readout, motion.rows - 1);
  const length = (x: Float64Array, y: Float64Array): string => {
    const value = lengthOnPlane(x[row]!, y[row]!, plane.norms, plane.axisCosine);
    return Number.isFinite(value) ? formatNumber(value, 3) : '–';
  };
  const [x0, x1, y0, y1] = range;
  const times = stepMagnification(Math.hypot(columns.stepX[row]! / (x1 - x0), columns.stepY[row]! / (y1 - y0)));
  const entries: { glyph: Glyph; label: string; value: string }[] = [
    { glyph: 'descent', label: t('motion.descent'), value: length(columns.descentX, columns.descentY) },
    ...(memory
      ? [
          {
            glyph: 'velocity' as const,
            label: t(`motion.${memory}`),
            value: length(columns.velocityX, columns.velocityY),
          },
        ]
      : []),
    {
      glyph: 'step',
      label: times > 1 ? t('motion.stepTimes', { times: formatInteger(times) }) : t('motion.step'),
      value: length(columns.stepX, columns.stepY),
    },
    ...(adaptive
      ? [
          {
            glyph: 'rate' as const,
            label: t('motion.rate'),
            value: `${formatNumber(columns.rate11[row]!, 3)}, ${formatNumber(columns.rate22[row]!, 3)}`,
          },
        ]
      : []),
  ];
  return (
    <section className="motion-legend" aria-label={t('motion.title')}>
      <h3>{run.label}</h3>
      <dl>
        {entries.map(({ glyph, label, value }) => (
          <div key={glyph} data-glyph={glyph}>
            <dt>
              <svg viewBox="0 0 22 10" aria-hidden fill="none" stroke={glyphColors[theme][glyph]} strokeWidth={2}>
                <path d={glyph === 'rate' ? 'M2 5a9 4 0 1 0 18 0a9 4 0 1 0-18 0' : 'M1 5h19m-4.5-4L20 5l-4.5 4'} />
              </svg>
              {label}
            </dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
