import { CornerDownRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { sampleBilinear } from '../../../shared/math/bilinear';
import type { SceneSurface } from '../../scene/model';
import { useLandscape } from '../../state/landscape';
import { trainingSlice, useLayers } from '../../state/layers';
import { selectedRun, trackOf, useRuns } from '../../state/runs';
import { useTimeline } from '../../state/timeline';
import { edit } from '../../state/workbench';
import { Button } from '../../ui/Button';
import { formatInteger, formatNumber, formatPercent } from '../../ui/format';
import { Section } from '../../ui/Section';

type Fact = [name: string, value: string];

/** The selected run at the playhead, in numbers. */
export function PointSection() {
  const { t } = useTranslation();
  const run = useRuns(selectedRun);
  useRuns((state) => state.revision);
  const row = useTimeline((state) => state.readout);
  const landscape = useLandscape();
  const kept = useLayers((state) => state.kept);
  const surface = trainingSlice(landscape, { kept });
  const labels = useLandscape((state) => state.plane?.labels ?? null);
  const track = run && trackOf(run.runId);
  if (!run || !track || track.rows === 0) return null;
  const at = Math.min(row, track.rows - 1);
  const metric = (name: keyof typeof track.metrics): number => track.metrics[name][at] as number;
  const onPlane = at < track.pathRows.current;
  const { x, y, residual } = track.path.current;
  const px = onPlane ? (x[at] as number) : Number.NaN;
  const py = onPlane ? (y[at] as number) : Number.NaN;
  const network = run.info.examples.train > 0;
  const facts: Fact[] = [
    [t('point.step'), formatInteger(metric('step'))],
    ...(network ? ([[t('point.epoch'), formatNumber(metric('epoch'), 3)]] as Fact[]) : []),
    [t('point.loss'), formatNumber(metric('loss'), 5)],
    // A function of two parameters is its own plane: nothing lies off it.
    ...(network
      ? ([[t('point.sliceLoss'), formatNumber(surface && onPlane ? sliceLoss(surface, px, py) : null, 5)]] as Fact[])
      : []),
    ...optional(t('point.validationLoss'), metric('validationLoss'), (v) => formatNumber(v, 5)),
    ...optional(t('point.accuracy'), metric('accuracy'), (v) => formatPercent(v)),
    ...optional(t('point.validationAccuracy'), metric('validationAccuracy'), (v) => formatPercent(v)),
    [t('point.gradientNorm'), formatNumber(metric('gradientNorm'))],
    [t('point.updateNorm'), formatNumber(metric('updateNorm'))],
    [t('point.learningRate'), formatNumber(metric('learningRate'))],
    ...optional(t('point.evaluations'), metric('evaluations'), formatInteger),
    [labels?.[0] ?? 'x', formatNumber(px)],
    [labels?.[1] ?? 'y', formatNumber(py)],
    ...(network ? ([[t('point.distance'), formatNumber(onPlane ? residual[at] : null)]] as Fact[]) : []),
  ];
  return (
    <Section title={t('point.title')} summary={formatNumber(metric('loss'))}>
      <p className="section-lead">{run.label}</p>
      <dl className="fact-grid">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Button
        size="small"
        icon={CornerDownRight}
        onClick={() => edit('start', (draft) => ({ ...draft, start: { kind: 'run', runId: run.runId, row: at } }))}
      >
        {t('point.startHere')}
      </Button>
    </Section>
  );
}

/** The slice between its grid points, bilinear. */
const sliceLoss = ({ xs, ys, loss }: SceneSurface, x: number, y: number): number | null =>
  sampleBilinear({ xs, ys, values: loss }, x, y)?.value ?? null;

const optional = (name: string, value: number, format: (value: number) => string): Fact[] =>
  Number.isNaN(value) ? [] : [[name, format(value)]];
