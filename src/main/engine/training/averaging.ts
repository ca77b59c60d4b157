import type { AveragingSpec } from '../../../shared/model/experiment';
import type { Vector } from '../objectives/objective';

/** The mean of the iterates so far, kept in float64 beside a training, which it does not change. */
export interface Average {
  /** θ̄_t; NaN before the first iterate. */
  readonly params: Float64Array;
  /** Takes θ_t, for t = 0, 1, … in turn; one that was taken before is left out. */
  add(params: Vector, step: number): void;
}

/**
 * θ̄_t = θ_t up to t = start; after that
 *
 * uniform: the mean of θ_start … θ_t (Polyak and Juditsky 1992; torch.optim.swa_utils.AveragedModel).
 * exponential: θ̄_t = decay·θ̄_{t−1} + (1 − decay)·θ_t (get_ema_multi_avg_fn).
 */
export function createAverage(spec: AveragingSpec, dimension: number): Average {
  const mean = new Float64Array(dimension).fill(Number.NaN);
  let next = 0;
  return {
    params: mean,
    add(params, step) {
      if (step < next) return;
      next = step + 1;
      const share = spec.kind === 'uniform' ? 1 / (step - spec.start + 1) : 1 - spec.decay;
      if (step <= spec.start) mean.set(params);
      else for (let i = 0; i < dimension; i++) mean[i]! += share * (params[i]! - mean[i]!);
    },
  };
}
