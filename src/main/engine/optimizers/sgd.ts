import { identity, type OptimizerDefinition } from './transform';

export const sgd: OptimizerDefinition = {
  name: 'sgd',
  title: 'SGD',
  rule: String.raw`\theta_{t+1} = \theta_t - \epsilon\, g_t`,
  source: 'torch.optim.SGD',
  defaultLearningRate: 1e-3,
  parameters: [],
  create: () => identity,
};
