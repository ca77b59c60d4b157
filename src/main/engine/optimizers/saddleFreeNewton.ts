import { descend } from '../vectors';
import { curvatureModel, krylovParameters } from './curvatureModel';
import { newtonDamping } from './newton';
import type { Search, SearchDefinition } from './search';
import type { Hyperparameters } from './transform';

export const saddleFreeNewton: SearchDefinition = {
  name: 'saddleFreeNewton',
  title: 'Saddle-free Newton',
  rule: String.raw`\theta_{t+1} = \theta_t - \epsilon\,(|H_t| + \lambda I)^{-1} g_t,\quad |H| = \textstyle\sum_i |\lambda_i|\, v_i v_i^\top`,
  source: 'Dauphin et al. 2014, |H| on a Krylov space above 200 parameters; flat directions (rounding) are left out',
  defaultLearningRate: 1,
  parameters: [newtonDamping, ...krylovParameters],
  createSearch: (parameters) => saddleFree(parameters),
};

/** Rescales by the curvature's size, and so goes down where it is negative instead of up to the saddle. */
function saddleFree(parameters: Hyperparameters): Search {
  const damping = parameters.damping as number;
  return {
    async step(gradient, params, learningRate, at) {
      const hessian = await at.hessian(params);
      try {
        const model = await curvatureModel(hessian, gradient, parameters, at);
        const step = await model.step((value) =>
          damping > 0 || Math.abs(value) > model.cutoff ? 1 / (Math.abs(value) + damping) : 0,
        );
        return descend(params, -learningRate, step);
      } finally {
        hessian.dispose();
      }
    },
  };
}
