import type { HyperparameterInfo } from '../../../shared/model/catalog';
import type { LinearOperator } from '../objectives/objective';
import { descend } from '../vectors';
import { curvatureModel, krylovParameters } from './curvatureModel';
import type { Search, SearchDefinition } from './search';
import type { Hyperparameters } from './transform';

export const newtonDamping: HyperparameterInfo = {
  name: 'damping',
  kind: 'number',
  default: 0,
  min: 0,
  description: 'λ, added to every curvature; networks need about 1 for Newton, 0.1 for saddle-free Newton',
};

export const newton: SearchDefinition = {
  name: 'newton',
  title: 'Newton',
  rule: String.raw`\theta_{t+1} = \theta_t - \epsilon\,(H_t + \lambda I)^{-1} g_t`,
  source: 'Goodfellow et al. 2016, equation (8.28); flat directions (rounding) are left out',
  defaultLearningRate: 1,
  parameters: [newtonDamping, ...krylovParameters],
  createSearch: (parameters) => damped(parameters),
};

/** Goes to the stationary point of the quadratic model, whatever its kind. */
function damped(parameters: Hyperparameters): Search {
  const damping = parameters.damping as number;
  return {
    async step(gradient, params, learningRate, at) {
      const hessian = await at.hessian(params);
      try {
        const model = await curvatureModel(shifted(hessian, damping), gradient, parameters, at);
        const step = await model.step((value) => (Math.abs(value) > model.cutoff ? 1 / value : 0));
        return descend(params, -learningRate, step);
      } finally {
        hessian.dispose();
      }
    },
  };
}

/** A + λI */
function shifted(operator: LinearOperator, lambda: number): LinearOperator {
  return {
    size: operator.size,
    async apply(v, out) {
      await operator.apply(v, out);
      for (let i = 0; i < v.length; i++) out[i]! += lambda * v[i]!;
    },
    dispose: () => operator.dispose(),
  };
}
