import type { InexactGradientSpec } from '../../../shared/model/experiment';
import { cooperate } from '../cooperate';
import type { Objective, Vector } from '../objectives/objective';
import type { Rng } from '../random';
import { addScaled, dot, norm } from '../vectors';
import { createInexactGradient } from './inexactGradient';

/** How an inexact gradient ĝ differs from the exact g at one θ; lengths as shares of ‖g‖. */
export interface GradientError {
  /** ‖E ĝ − g‖, less what chance alone would give (0 where that is more). */
  bias: number;
  /** The bias that chance alone would give: √(E‖ĝ − E ĝ‖²/draws). No smaller one can be told from 0. */
  resolution: number;
  /** √E‖ĝ − E ĝ‖² */
  deviation: number;
  /** Mean cosine of the angle between ĝ and g. */
  cosine: number;
}

/**
 * Bias and spread of a gradient estimate, over independent draws: E‖ĝ − g‖² = ‖E ĝ − g‖² + E‖ĝ − E ĝ‖². Of the mean m of
 * K draws, ‖m − g‖² exceeds the squared bias by E‖ĝ − E ĝ‖²/K on average, which is taken off.
 *
 * @param draws at least 2
 */
export async function gradientError(
  objective: Objective,
  params: Vector,
  spec: InexactGradientSpec,
  { draws, rng, signal }: { draws: number; rng: Rng; signal?: AbortSignal },
): Promise<GradientError> {
  const turn = cooperate(signal);
  const inexact = createInexactGradient(spec, objective.examples, rng);
  const exact = objective.allocate();
  await objective.gradient(params, exact);
  const length = norm(exact);
  const estimate = objective.allocate();
  const sum = new Float64Array(exact.length);
  let squares = 0;
  let cosines = 0;
  for (let draw = 0; draw < draws; draw++) {
    await turn();
    if (inexact.sample) await objective.gradient(params, estimate, inexact.sample(undefined), false);
    else estimate.set(exact);
    inexact.distort?.(estimate);
    // Errors, not estimates, are summed: a small spread beside a long gradient keeps its digits.
    let square = 0;
    for (let i = 0; i < sum.length; i++) {
      const error = estimate[i]! - exact[i]!;
      sum[i]! += error;
      square += error * error;
    }
    squares += square;
    cosines += dot(estimate, exact) / (norm(estimate) * length);
  }
  const mean = new Float64Array(sum.length);
  addScaled(mean, 1 / draws, sum);
  const offset = dot(mean, mean);
  const variance = Math.max(0, (squares - draws * offset) / (draws - 1));
  return {
    bias: Math.sqrt(Math.max(0, offset - variance / draws)) / length,
    resolution: Math.sqrt(variance / draws) / length,
    deviation: Math.sqrt(variance) / length,
    cosine: cosines / draws,
  };
}
