import type { Eigenvalue } from '../../../shared/model/landscape';

export interface ConditionNumber {
  /** max|λ|/min|λ| */
  value: number;
  interval: [number, number];
  /** Where its eigenvalues stand in what was given: index into `all.values`, else into top followed by bottom. */
  least: number;
  most: number;
}

/**
 * max|λ|/min|λ| with the interval that the residuals leave, |λ − θ| ≤ ‖Av − θv‖ for some eigenvalue λ of A:
 * from (max − r)/(min + r) to (max + r)/(min − r).
 *
 * null where it is not known: an eigenvalue seen has not converged or is within `zero` of zero, or only the ends of the
 * spectrum were seen and they differ in sign, so that the smallest magnitude lies somewhere between.
 */
export function conditionNumber(
  seen: {
    top: readonly Eigenvalue[];
    bottom: readonly Eigenvalue[];
    all: { values: readonly number[]; errorBound: number } | null;
  },
  zero: number,
): ConditionNumber | null {
  const { top, bottom, all } = seen;
  const values = all
    ? all.values.map((value) => ({ value, residual: all.errorBound, converged: true }))
    : [...top, ...bottom];
  if (values.length === 0 || values.some(({ converged }) => !converged)) return null;
  if (!all && top[0]!.value > 0 !== bottom[0]!.value > 0) return null;
  const byMagnitude = values.map((_, i) => i).sort((a, b) => Math.abs(values[a]!.value) - Math.abs(values[b]!.value));
  const [leastAt, mostAt] = [byMagnitude[0]!, byMagnitude.at(-1)!];
  const [least, most] = [values[leastAt]!, values[mostAt]!];
  const [low, high] = [Math.abs(least.value), Math.abs(most.value)];
  if (low <= zero || low <= least.residual) return null;
  return {
    value: high / low,
    interval: [(high - most.residual) / (low + least.residual), (high + most.residual) / (low - least.residual)],
    least: leastAt,
    most: mostAt,
  };
}
