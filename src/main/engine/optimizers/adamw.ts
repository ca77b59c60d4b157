import type { HyperparameterInfo } from '../../../shared/model/catalog';
import { adamParameters, scaleByAdam } from './adam';
import { addDecayedWeights, chain, type OptimizerDefinition } from './transform';

/** λ of decoupled weight decay; the coupled one, `weightDecay`, is part of the gradient and so of the moments. */
export const decoupledDecay = (standard: number): HyperparameterInfo => ({
  name: 'decay',
  kind: 'number',
  default: standard,
  min: 0,
  description: 'λ of the decoupled weight decay, θ ← θ − ελθ beside the step',
});

export const adamw: OptimizerDefinition = {
  name: 'adamw',
  title: 'AdamW',
  rule: String.raw`m_{t+1} = \beta_1 m_t + (1-\beta_1)\, g_t,\; s_{t+1} = \beta_2 s_t + (1-\beta_2)\, g_t^2,\quad \theta_{t+1} = (1-\epsilon\lambda)\,\theta_t - \epsilon\,\frac{m_{t+1}/(1-\beta_1^{t+1})}{\sqrt{s_{t+1}/(1-\beta_2^{t+1})} + \varepsilon}`,
  source: 'torch.optim.AdamW; Loshchilov and Hutter 2019',
  defaultLearningRate: 1e-3,
  parameters: [...adamParameters, decoupledDecay(1e-2)],
  create: ({ b1, b2, eps, decay }) =>
    chain(scaleByAdam(b1 as number, b2 as number, eps as number), addDecayedWeights(decay as number)),
};
