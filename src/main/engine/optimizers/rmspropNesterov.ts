import { momentumFactor } from './momentum';
import { rmspropParameters, scaleByRms } from './rmsprop';
import type { OptimizerDefinition } from './transform';

/**
 * The book takes the gradient at the look-ahead point θ + αv. As PyTorch does for SGD, the look-ahead point itself is
 * what is followed here: the same numbers for a constant rate, with one gradient a step at the recorded θ.
 */
export const rmspropNesterov: OptimizerDefinition = {
  name: 'rmspropNesterov',
  title: 'RMSProp, Nesterov',
  rule: String.raw`s_{t+1} = \alpha s_t + (1-\alpha)\, g_t^2,\; u_t = \frac{g_t}{\sqrt{s_{t+1}} + \varepsilon},\; v_{t+1} = \mu v_t + u_t,\quad \theta_{t+1} = \theta_t - \epsilon\,(u_t + \mu v_{t+1})`,
  source: 'Goodfellow, Bengio and Courville 2016, algorithm 8.6; α and ε of torch.optim.RMSprop',
  defaultLearningRate: 1e-3,
  parameters: [...rmspropParameters, momentumFactor],
  create: ({ alpha, eps, momentum }) =>
    scaleByRms({ alpha: alpha as number, eps: eps as number, mu: momentum as number, nesterov: true }),
};
