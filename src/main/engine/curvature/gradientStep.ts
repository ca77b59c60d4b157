import type { Objective, Rows, Vector } from '../objectives/objective';
import { dot } from '../vectors';
import { gradientAt } from './operators';

/** What the second-order Taylor series says of a step against the gradient. */
export interface GradientStep {
  loss: number;
  /** gᵀg */
  squaredGradient: number;
  /** gᵀHg */
  curvature: number;
  /** −ε gᵀg + ½ε² gᵀHg: the change of the loss the series predicts. */
  predicted: number;
  /** gᵀg/gᵀHg: the rate the series likes best; infinite where the curvature along g is not positive. */
  bestRate: number;
}

/**
 * The change of L when θ moves by −εg (Goodfellow, Bengio and Courville 2016, equation 8.10, section 8.2.1): one
 * gradient and one exact Hessian product.
 *
 * @throws UserError where loss or gradient are not finite
 */
export async function gradientStep(
  objective: Objective,
  params: Vector,
  rate: number,
  rows?: Rows,
): Promise<GradientStep> {
  const { loss, gradient, squared } = await gradientAt(objective, params, rows);
  const hessian = await objective.hessian(params, rows);
  try {
    const product = new Float64Array(objective.dimension);
    await hessian.apply(gradient, product);
    const curvature = dot(gradient, product);
    return {
      loss,
      squaredGradient: squared,
      curvature,
      predicted: -rate * squared + 0.5 * rate ** 2 * curvature,
      bestRate: curvature > 0 ? squared / curvature : Number.POSITIVE_INFINITY,
    };
  } finally {
    hessian.dispose();
  }
}
