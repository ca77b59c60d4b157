import { descend, dot } from '../vectors';
import { curvatureModel, krylovParameters } from './curvatureModel';
import type { Search, SearchDefinition } from './search';
import { type Hyperparameters, like } from './transform';

export const gaussNewton: SearchDefinition = {
  name: 'gaussNewton',
  title: 'Levenberg–Marquardt',
  rule: String.raw`\theta_{t+1} = \theta_t - \epsilon\,(G_t + \mu_t I)^{-1} g_t,\quad G = J^\top H_\ell J,\quad \mu_{t+1} = \mu_t \cdot \begin{cases} 1/10 & \rho_t > \tfrac34 \\ 10 & \rho_t < \tfrac14 \end{cases}`,
  source: 'Marquardt 1963 (factor 10); gain ratio ρ as in Nocedal & Wright 2006, algorithm 4.1; G of Schraudolph 2002',
  defaultLearningRate: 1,
  parameters: [
    { name: 'mu', kind: 'number', default: 1e-3, min: 0, description: 'μ₀, the damping to begin with' },
    ...krylovParameters,
  ],
  usesGaussNewton: true,
  createSearch: (parameters) => levenbergMarquardt(parameters),
};

/** Changes of μ tried within a step. */
const mostTrials = 12;
/** Least gain ratio of a step that is taken. */
const leastGain = 1e-4;

/**
 * The gain ratio ρ is the decrease of the loss over the one that the quadratic model −gᵀs − ½sᵀGs promised. A step with
 * ρ ≤ 10⁻⁴ is not taken but tried again with ten times the damping, on the same matrix; where none of twelve is taken,
 * θ and μ stay.
 */
function levenbergMarquardt(parameters: Hyperparameters): Search {
  let mu = parameters.mu as number;
  return {
    async step(gradient, params, learningRate, at) {
      const operator = await at.gaussNewton(params);
      try {
        const model = await curvatureModel(operator, gradient, parameters, at);
        const trial = like(params);
        const slopes = like(params);
        const before = mu;
        for (let k = 0; k < mostTrials; k++) {
          mu = Math.max(mu, model.cutoff);
          const step = await model.step((value) => 1 / (Math.max(value, 0) + mu));
          // (G + μ)s = −g, also on a Krylov space, for s in it.
          const slope = dot(gradient, step);
          const curvature = -slope - mu * dot(step, step);
          const promised = -learningRate * slope - 0.5 * learningRate ** 2 * curvature;
          trial.set(params);
          const moved = descend(trial, -learningRate, step);
          const loss = await at.gradient(trial, slopes);
          const gain = (at.loss - loss) / promised;
          if (gain > leastGain) {
            if (gain > 0.75) mu /= 10;
            else if (gain < 0.25) mu *= 10;
            params.set(trial);
            at.arrive(loss, slopes);
            return moved;
          }
          mu *= 10;
        }
        mu = before;
        return 0;
      } finally {
        operator.dispose();
      }
    },
  };
}
