import { useTranslation } from 'react-i18next';
import { optimizerColor } from '../../../shared/math/optimizerColors';
import type { DataPreview } from '../../../shared/model/catalog';
import { useSettings } from '../../state/settings';

const width = 132;
const height = 100;
const margin = 5;

/** The first two features of up to 400 training examples, coloured by class; for regression, the value over the input. */
export function DataScatter({ points, classes }: Pick<DataPreview, 'points' | 'classes'>) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const regression = classes.length === 0;
  const vertical = regression ? points.target : points.y;
  const x = scale(points.x, margin, width - margin);
  const y = scale(vertical, height - margin, margin);
  const dots = Array.from(points.x, (value, i) => ({
    id: i,
    cx: x(value),
    cy: y(vertical[i] as number),
    fill: optimizerColor(regression ? 1 : (points.target[i] as number), theme),
  }));
  return (
    <svg className="scatter" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t('data.scatter')}>
      {dots.map(({ id, ...dot }) => (
        <circle key={id} r={1.7} {...dot} />
      ))}
    </svg>
  );
}

function scale(values: Float64Array, from: number, to: number): (value: number) => number {
  const min = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const max = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const span = max - min || 1;
  return (value) => from + ((value - min) / span) * (to - from);
}
