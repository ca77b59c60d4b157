import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MetricName } from '../../../shared/model/run';
import { trackOf, useRuns } from '../../state/runs';
import type { Track } from '../../state/tracks';
import { Section } from '../../ui/Section';
import { Segmented } from '../../ui/Segmented';
import { Chart } from './Chart';
import { hasValues } from './curveData';
import { SliceChart } from './SliceChart';

const fullBatch = ['loss', 'validationLoss', 'averageLoss', 'averageValidationLoss'] as const;
const minibatch = [...fullBatch, 'batchLoss'] as const;
const gradientMetrics: readonly MetricName[] = ['gradientNorm'];

export function CurvesSection() {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<'linear' | 'log' | null>(null);
  const runs = useRuns((state) => state.runs);
  useRuns((state) => state.revision);
  const tracks = runs.flatMap(({ runId }) => trackOf(runId) ?? []);
  // With the whole training part as one batch, the batch's loss is the loss.
  const batches = runs.some(
    ({ info }) => info.experiment.objective.kind === 'network' && info.experiment.training.batchSize !== 'full',
  );
  const lossMetrics = batches ? minibatch : fullBatch;
  const kinds = lossMetrics.filter((metric) => tracks.some((track) => hasValues(track, metric)));
  const automatic = tracks.some(needsLog) ? 'log' : 'linear';
  const scale = chosen ?? automatic;
  return (
    <Section
      title={t('curves.title')}
      actions={
        <Segmented
          label={t('curves.scale')}
          value={scale}
          options={[
            { value: 'linear', label: t('display.linear') },
            { value: 'log', label: t('display.log') },
          ]}
          onChange={(value) => setChosen(value)}
        />
      }
    >
      <div className="chart-title">
        <h4>{t('curves.loss')}</h4>
        {kinds.length > 1 && (
          <ul className="line-kinds">
            {kinds.map((metric) => (
              <li key={metric} className={metric}>
                {t(`metric.${metric}`)}
              </li>
            ))}
          </ul>
        )}
      </div>
      <Chart label={t('curves.lossLabel')} metrics={lossMetrics} log={scale === 'log'} height={150} />
      <div className="chart-title">
        <h4>{t('curves.gradientNorm')}</h4>
      </div>
      <Chart label={t('curves.gradientLabel')} metrics={gradientMetrics} log={scale === 'log'} height={118} />
      <SliceChart log={scale === 'log'} />
    </Section>
  );
}

/** Curves that fall by more than an order of magnitude cannot be read on a linear axis. */
function needsLog({ metrics, rows }: Track): boolean {
  const loss = metrics.loss.subarray(0, rows).filter(Number.isFinite);
  let smallest = Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const value of loss) {
    if (value < 0) return false;
    if (value > 0 && value < smallest) smallest = value;
    if (value > largest) largest = value;
  }
  return largest > 20 * smallest;
}
