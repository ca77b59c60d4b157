import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import { optimizerColor } from '../../shared/math/optimizerColors';
import type { StudyChart } from '../../shared/model/study';
import { useWords } from '../i18n/words';
import { useSettings } from '../state/settings';
import { formatNumber } from '../ui/format';
import { LinePlot, type PlotLine } from '../ui/LinePlot';

/** A study's chart: lines with their own x, theory dashed, single measurements as points. */
export function StudyChartView({ chart, height }: { chart: StudyChart; height: number }) {
  const { t } = useTranslation();
  const words = useWords();
  const theme = useSettings((state) => state.theme);
  const { xs, columns } = useMemo(() => joined(chart), [chart]);
  const names = useMemo(() => chart.lines.map(({ label }) => words(label)), [chart, words]);
  const lines = useMemo(
    () =>
      chart.lines.map(({ style = 'line', standardError }, i): PlotLine => {
        const { values, error } = columns[i]!;
        return {
          ...{ name: names[i]!, color: optimizerColor(i, theme), values },
          ...(standardError && { standardError: error }),
          ...(style === 'dashed' && { dashed: true }),
          ...(style === 'points' && { marks: 'only' as const }),
        };
      }),
    [chart, columns, theme, names],
  );
  const x = words(chart.x.label);
  const y = words(chart.y.label);
  const readout = (index: number): string => {
    const values = columns.flatMap(({ values: column }, i) => {
      const value = column[index];
      return value === undefined ? [] : [`${names[i]} ${formatNumber(value)}`];
    });
    return [`${x} ${formatNumber(xs[index])}`, ...values].join(' · ');
  };
  return (
    <figure className="study-chart">
      <figcaption>{words(chart.label)}</figcaption>
      <ul className="plot-legend">
        {chart.lines.map(({ style = 'line' }, i) => (
          <li
            key={names[i]}
            className={style}
            style={{ '--matrix-color': optimizerColor(i, theme) } as React.CSSProperties}
          >
            {names[i]}
          </li>
        ))}
      </ul>
      <LinePlot
        label={t('lessons.chart', { label: words(chart.label), x, y })}
        xLabel={x}
        yLabel={y}
        xs={xs}
        lines={lines}
        log={chart.y.log ?? false}
        logX={chart.x.log ?? false}
        height={height}
        readout={readout}
        hint={t('lessons.chartHint')}
      />
    </figure>
  );
}

interface Column {
  values: (number | undefined)[];
  error: (number | undefined)[];
}

/** Every line on one x, in order; undefined where only other lines have a value. */
function joined({ lines, x: { log = false } }: StudyChart): { xs: number[]; columns: Column[] } {
  const tables = lines.map(({ x, y, standardError }): uPlot.AlignedData => {
    // A logarithmic axis has no place for the rest.
    const kept = Array.from(x.keys()).filter((i) => !log || x[i]! > 0);
    const pick = (column: Float64Array) => kept.map((i) => column[i]!);
    return [pick(x), pick(y), standardError ? pick(standardError) : kept.map(() => 0)];
  });
  const [xs = [], ...columns] = tables.length > 0 ? uPlot.join(tables) : [[]];
  const values = columns as (number | undefined)[][];
  return { xs: Array.from(xs), columns: lines.map((_, i) => ({ values: values[2 * i]!, error: values[2 * i + 1]! })) };
}
