import { descend, norm } from '../vectors';
import type { SearchDefinition } from './search';
import { like } from './transform';

export const sam: SearchDefinition = {
  name: 'sam',
  title: 'SAM',
  rule: String.raw`\hat\theta_t = \theta_t + \rho\,\frac{g_t}{\lVert g_t \rVert},\quad v_{t+1} = \mu v_t + \nabla L(\hat\theta_t),\quad \theta_{t+1} = \theta_t - \epsilon\, v_{t+1}`,
  source: 'Foret et al. 2021, algorithm 1 (sharpness-aware minimization); with momentum as torch.optim.SGD',
  defaultLearningRate: 1e-3,
  parameters: [
    { name: 'radius', kind: 'number', default: 0.05, min: 0, description: 'ρ, how far uphill the gradient is taken' },
    {
      name: 'momentum',
      kind: 'number',
      default: 0,
      min: 0,
      max: 1,
      maxExclusive: true,
      description: 'μ, the share of the velocity kept at each step',
    },
  ],
  createSearch({ radius, momentum }, params) {
    const velocity = like(params);
    const uphill = like(params);
    return {
      async step(gradient, params, learningRate, at) {
        const length = norm(gradient);
        const reach = length > 0 ? (radius as number) / length : 0;
        for (let i = 0; i < params.length; i++) uphill[i] = params[i]! + reach * gradient[i]!;
        await at.gradient(uphill, gradient);
        for (let i = 0; i < params.length; i++) velocity[i] = (momentum as number) * velocity[i]! + gradient[i]!;
        return descend(params, learningRate, velocity);
      },
    };
  },
};
