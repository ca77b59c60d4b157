import { sayError } from '../../../shared/errors';
import { parameterLabel } from '../../../shared/math/parameterLabel';
import type { ParameterLayout } from '../../../shared/model/run';
import { describeBasis, type PlaneBasis } from './basis';

/**
 * The plane of two chosen parameters through `point`: unit axes, with the origin's two coordinates set to zero so that
 * plane coordinates are the parameters' own values.
 *
 * @throws badInput for an index that does not exist or the same one twice
 */
export function parametersPlane(
  point: Float64Array,
  layout: ParameterLayout,
  indices: readonly [number, number],
): PlaneBasis {
  const dimension = point.length;
  indices.forEach((index, i) => {
    if (index < dimension) return;
    const values = { index, count: dimension, last: dimension - 1 };
    throw sayError('badInput', 'parameterUnknown', values, ['plane', 'indices', i]);
  });
  const [first, second] = indices;
  if (first === second) {
    throw sayError('badInput', 'parameterTwice', { index: first }, ['plane', 'indices']);
  }
  const axis = (index: number) => {
    const d = new Float64Array(dimension);
    d[index] = 1;
    return d;
  };
  const origin = point.slice();
  origin[first] = 0;
  origin[second] = 0;
  return describeBasis({
    origin,
    d1: axis(first),
    d2: axis(second),
    center: [point[first]!, point[second]!],
    labels: [parameterLabel(layout, first), parameterLabel(layout, second)],
    explainedVarianceRatio: null,
  });
}
