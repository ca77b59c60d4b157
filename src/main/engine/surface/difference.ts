import { sampleBilinear } from '../../../shared/math/bilinear';
import { finiteExtent } from '../../../shared/math/heightTransform';
import type { Surface } from '../../../shared/model/landscape';
import type { SurfaceDifference } from '../../../shared/model/sections';

type Heights = Pick<Surface, 'xs' | 'ys' | 'loss' | 'interpolation'>;
type Difference = Omit<SurfaceDifference, 'minuend' | 'subtrahend'>;

/**
 * minuend − subtrahend on the minuend's grid. Where the grids differ the subtrahend is resampled bilinearly; what lies
 * outside of it, or beside a masked point of it, is masked. Coordinates are compared, not parameters: the difference
 * means what the two planes mean.
 */
export function surfaceDifference(minuend: Heights, subtrahend: Heights): Difference {
  const { xs, ys } = minuend;
  const sameGrid = equal(xs, subtrahend.xs) && equal(ys, subtrahend.ys);
  const other = { xs: subtrahend.xs, ys: subtrahend.ys, values: subtrahend.loss };
  const difference = minuend.loss.map((value, cell) => {
    const [x, y] = [xs[cell % xs.length]!, ys[Math.floor(cell / xs.length)]!];
    return value - (sameGrid ? subtrahend.loss[cell]! : (sampleBilinear(other, x, y)?.value ?? Number.NaN));
  });
  const computed = (cell: number) =>
    minuend.interpolation?.evaluated[cell] !== 0 && subtrahend.interpolation?.evaluated[cell] !== 0;
  const [min, max] = finiteExtent(difference) ?? [Number.NaN, Number.NaN];
  const finite = difference.filter((value) => !Number.isNaN(value));
  return {
    xs,
    ys,
    difference,
    exact: Uint8Array.from(difference, (value, cell) => Number(!Number.isNaN(value) && sameGrid && computed(cell))),
    resampled: !sameGrid,
    min,
    max,
    masked: difference.length - finite.length,
    rootMeanSquare:
      finite.length > 0 ? Math.sqrt(finite.reduce((sum, value) => sum + value ** 2, 0) / finite.length) : Number.NaN,
  };
}

const equal = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);
