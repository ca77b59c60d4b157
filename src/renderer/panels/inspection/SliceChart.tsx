import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { sampleBilinear } from '../../../shared/math/bilinear';
import { optimizerColor } from '../../../shared/math/optimizerColors';
import type { SceneSurface } from '../../scene/model';
import { useLandscape } from '../../state/landscape';
import { trainingSlice, useLayers } from '../../state/layers';
import { selectedRun, trackOf, useRuns } from '../../state/runs';
import { useSettings } from '../../state/settings';
import { seek } from '../../state/timeline';
import type { Track } from '../../state/tracks';
import { formatInteger, formatNumber } from '../../ui/format';
import { LinePlot, type PlotLine } from '../../ui/LinePlot';
import { Legend } from './curvature/Legend';

/** More rows than this are thinned. */
const mostRows = 800;

/** How true the slice is to the path: the loss at every recorded θ beside the slice's under it, and θ's distance from the plane. */
export function SliceChart({ log }: { log: boolean }) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const run = useRuns(selectedRun);
  const revision = useRuns((state) => state.revision);
  const landscape = useLandscape();
  const kept = useLayers((state) => state.kept);
  const slice = trainingSlice(landscape, { kept });
  const track = run && trackOf(run.runId);
  const network = landscape.objective?.kind === 'network';
  // biome-ignore lint/correctness/useExhaustiveDependencies(revision): tracks change in place
  const columns = useMemo(() => (slice && track ? alongPath(track, slice) : null), [slice, track, revision]);
  if (!network || !run || !columns || columns.rows.length < 2) return null;
  const { rows, steps, loss, sliceLoss, residual } = columns;
  const color = optimizerColor(run.color, theme);
  const lines: PlotLine[] = [
    { name: t('point.loss'), color, values: loss },
    { name: t('point.sliceLoss'), color: theme === 'dark' ? '#e6eaf0' : '#3b4150', values: sliceLoss, dashed: true },
  ];
  const pick = (k: number) => seek(rows[k] ?? 0);
  const step = (k: number) => `${t('point.step')} ${formatInteger(steps[k] ?? 0)}`;
  return (
    <>
      <div className="chart-title">
        <h4>{t('curves.slice')}</h4>
      </div>
      <Legend items={lines} />
      <LinePlot
        label={t('curves.sliceLabel')}
        xLabel={t('point.step')}
        yLabel={t('stage.loss')}
        xs={steps}
        lines={lines}
        log={log}
        height={150}
        readout={(k) =>
          `${step(k)} · ${t('point.loss')} ${formatNumber(loss[k])} · ${t('point.sliceLoss')} ${formatNumber(sliceLoss[k])}`
        }
        hint={t('curves.sliceHint')}
        onPick={pick}
      />
      <div className="chart-title">
        <h4>{t('point.distance')}</h4>
      </div>
      <LinePlot
        label={t('curves.distanceLabel')}
        xLabel={t('point.step')}
        yLabel={t('curves.distance')}
        xs={steps}
        lines={[{ name: t('point.distance'), color, values: residual }]}
        log={false}
        height={100}
        readout={(k) => `${step(k)} · ${formatNumber(residual[k])}`}
        hint={t('curves.sliceHint')}
        onPick={pick}
      />
    </>
  );
}

/** A column per recorded row that is seen from the plane; the slice between its grid points is bilinear, NaN off its window. */
export function alongPath({ metrics, path, pathRows }: Track, { xs, ys, loss }: SceneSurface) {
  const count = pathRows.current;
  const stride = Math.max(1, Math.ceil(count / mostRows));
  const rows = Array.from({ length: Math.ceil(count / stride) }, (_, k) => k * stride);
  if (count > 0 && rows.at(-1) !== count - 1) rows.push(count - 1);
  const { x, y, residual } = path.current;
  return {
    rows,
    steps: rows.map((row) => metrics.step[row]!),
    loss: rows.map((row) => path.current.loss[row]!),
    sliceLoss: rows.map((row) => sampleBilinear({ xs, ys, values: loss }, x[row]!, y[row]!)?.value ?? Number.NaN),
    residual: rows.map((row) => residual[row]!),
  };
}
