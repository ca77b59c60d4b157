import type { OptimizerSpec } from '../model/experiment';

/** The largest curvature at which an optimizer's steps on a quadratic do not grow, and its formula. */
export interface StabilityLimit {
  formula: string;
  /** @param learningRate η of the step */
  at(learningRate: number): number;
}

/**
 * 2/η for gradient descent, (2 + 2μ)/η for heavy-ball momentum, (2 + 2μ)/(η(1 + 2μ)) for Nesterov's (Cohen et al. 2021,
 * appendix B), each less the weight decay, which adds its own curvature. null for optimizers that rescale every
 * coordinate: what they are stable against is the rescaled Hessian, not this one.
 */
export function stabilityLimit({ name, parameters, weightDecay }: OptimizerSpec): StabilityLimit | null {
  const mu = Number(parameters.momentum ?? 0.9);
  const limit = (formula: string, factor: number): StabilityLimit => ({
    formula: weightDecay > 0 ? `${formula} − ${weightDecay}` : formula,
    at: (learningRate) => factor / learningRate - weightDecay,
  });
  switch (name) {
    case 'sgd':
      return limit('2/η', 2);
    case 'momentum':
      return limit('(2 + 2μ)/η', 2 + 2 * mu);
    case 'nesterov':
      return limit('(2 + 2μ)/(η(1 + 2μ))', (2 + 2 * mu) / (1 + 2 * mu));
    default:
      return null;
  }
}
