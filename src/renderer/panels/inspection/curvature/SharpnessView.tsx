import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { stabilityLimit } from '../../../../shared/math/stability';
import type { SharpnessPoint } from '../../../../shared/model/curvature';
import type { OptimizerSpec } from '../../../../shared/model/experiment';
import type { CurvatureMatrix } from '../../../../shared/model/landscape';
import { useSettings } from '../../../state/settings';
import { formatInteger, formatNumber } from '../../../ui/format';
import { LinePlot, type PlotLine } from '../../../ui/LinePlot';
import { Segmented } from '../../../ui/Segmented';
import { Legend } from './Legend';
import { matrixColor } from './matrixColor';

interface SharpnessViewProps {
  paths: readonly { matrix: CurvatureMatrix; points: readonly SharpnessPoint[] }[];
  optimizer: OptimizerSpec;
  large: boolean;
  /** A recorded row was picked. */
  onPick(row: number): void;
}

/** λmax along the path of each matrix, and the curvature at which the optimizer's steps would begin to grow. */
export function SharpnessView({ paths, optimizer, large, onPick }: SharpnessViewProps) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const [scale, setScale] = useState<'linear' | 'log'>('linear');
  const longest = paths.reduce<readonly SharpnessPoint[]>(
    (most, { points }) => (points.length > most.length ? points : most),
    [],
  );
  if (longest.length === 0) return null;
  const limit = stabilityLimit(optimizer);
  const lines = paths.map(
    ({ matrix, points }): PlotLine => ({
      name: t(`curvature.matrix.${matrix}`),
      color: matrixColor(matrix, theme),
      values: longest.map((_, i) => points[i]?.value ?? Number.NaN),
      standardError: points.some(({ standardError }) => standardError !== null)
        ? longest.map((_, i) => points[i]?.standardError ?? 0)
        : null,
      marks: longest.length <= 60,
    }),
  );
  const limits = limit ? longest.map((_, i) => limit.at(rateAt(longest, i))) : [];
  const edge: PlotLine[] = limit
    ? [{ name: limit.formula, color: theme === 'dark' ? '#c9d0dd' : '#3b4150', values: limits, dashed: true }]
    : [];
  const all = [...lines, ...edge];
  const readout = (i: number) =>
    [
      t('curvature.path.atStep', { step: formatInteger(longest[i]?.step ?? 0) }),
      ...paths.map(({ matrix, points }) => {
        const { value, standardError, residual } = points[i] ?? {};
        const error = formatNumber(standardError ?? residual, 2);
        return `${paths.length > 1 ? t(`curvature.matrix.${matrix}`) : 'λ₁'} ${formatNumber(value)} ± ${error}`;
      }),
      ...(limit ? [`${limit.formula} ${formatNumber(limits[i])}`] : []),
    ].join(' · ');
  const above = limit ? longest.filter(({ value }, i) => value > limits[i]!).length : 0;
  return (
    <div className="curvature-view">
      <div className="view-head">
        <Legend items={all} />
        <Segmented
          label={t('curves.scale')}
          value={scale}
          options={[
            { value: 'linear', label: t('display.linear') },
            { value: 'log', label: t('display.log') },
          ]}
          onChange={(value) => setScale(value)}
        />
      </div>
      <LinePlot
        label={t('curvature.path.label')}
        xLabel={t('curvature.path.x')}
        yLabel={t('curvature.path.y')}
        xs={longest.map(({ step }) => step)}
        lines={all}
        log={scale === 'log'}
        height={large ? 380 : 200}
        readout={readout}
        hint={t('curvature.path.hint')}
        onPick={(i) => onPick(longest[i]?.row ?? 0)}
      />
      <p className="hint">
        {limit
          ? t('curvature.path.above', {
              formula: limit.formula,
              above: formatInteger(above),
              of: formatInteger(longest.length),
            })
          : t('curvature.path.noLimit')}
      </p>
    </div>
  );
}

/** η of the step taken from a point; from the last one none was taken: that of the one before. */
function rateAt(points: readonly SharpnessPoint[], i: number): number {
  const rate = points[i]?.learningRate ?? Number.NaN;
  return Number.isNaN(rate) && i > 0 ? (points[i - 1]?.learningRate ?? Number.NaN) : rate;
}
