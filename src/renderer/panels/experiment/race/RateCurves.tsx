import { useTranslation } from 'react-i18next';
import { optimizerColor } from '../../../../shared/math/optimizerColors';
import type { RaceCell } from '../../../../shared/model/race';
import type { CriterionKind, RacedOptimizer } from '../../../state/race';
import { useSettings } from '../../../state/settings';
import { formatInteger, formatNumber } from '../../../ui/format';
import { LinePlot, type PlotLine } from '../../../ui/LinePlot';
import { Legend } from '../../inspection/curvature/Legend';

interface RateCurvesProps {
  entrants: readonly RacedOptimizer[];
  /** Of each entrant, ascending; those of a race under way may lack the last. */
  tuning: readonly (readonly RaceCell[])[];
  criterion: CriterionKind;
}

/** Largest over smallest value above which the axis is logarithmic. */
const logRatio = 30;

/** What each learning rate gave on the tuning seeds: mean and standard deviation, a gap where every run failed. */
export function RateCurves({ entrants, tuning, criterion }: RateCurvesProps) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const rates = [...new Set(tuning.flatMap((cells) => cells.map(({ learningRate }) => learningRate)))].sort(
    (a, b) => a - b,
  );
  const cellsOf = tuning.map((cells) => new Map(cells.map((cell) => [cell.learningRate, cell])));
  const lines = entrants.map(
    ({ label, color }, i): PlotLine => ({
      name: label,
      color: optimizerColor(color, theme),
      values: rates.map((rate) => cellsOf[i]?.get(rate)?.mean ?? Number.NaN),
      standardError: rates.map((rate) => cellsOf[i]?.get(rate)?.standardDeviation ?? 0),
      marks: true,
    }),
  );
  const means = tuning.flatMap((cells) => cells.flatMap(({ mean }) => mean ?? []));
  const log = means.length > 0 && Math.min(...means) > 0 && Math.max(...means) > logRatio * Math.min(...means);
  const cellText = (cell: RaceCell | undefined) => {
    if (!cell) return '–';
    const { mean, standardDeviation, failed, runs } = cell;
    const missed =
      failed > 0 ? ` (${t('race.failures', { failed: formatInteger(failed), of: formatInteger(runs.length) })})` : '';
    const spread = standardDeviation === null ? '' : ` ± ${formatNumber(standardDeviation, 2)}`;
    return `${mean === null ? '–' : `${formatNumber(mean, 3)}${spread}`}${missed}`;
  };
  const readout = (i: number) =>
    [
      `${t('race.rate')} ${formatNumber(rates[i], 3)}`,
      ...entrants.map(({ label }, k) => `${label} ${cellText(cellsOf[k]?.get(rates[i]!))}`),
    ].join(' · ');
  if (rates.length === 0) return null;
  return (
    <div className="curvature-view">
      <div className="view-head">
        <Legend items={lines} />
      </div>
      <LinePlot
        label={t('race.curves')}
        xLabel={t('race.rate')}
        yLabel={t(`race.criterion.${criterion}`)}
        xs={rates}
        lines={lines}
        log={log}
        logX
        height={260}
        readout={readout}
        hint={t('race.curvesHint')}
      />
    </div>
  );
}
