import type { HyperparameterInfo } from '../../../shared/model/catalog';
import { type GradientTransform, like, type OptimizerDefinition, stateOf } from './transform';

/** μ of heavy-ball and Nesterov momentum. */
export const momentumFactor: HyperparameterInfo = {
  name: 'momentum',
  kind: 'number',
  default: 0.9,
  min: 0,
  max: 1,
  maxExclusive: true,
  description: 'μ, the share of the velocity kept at each step',
};

export const momentum: OptimizerDefinition = {
  name: 'momentum',
  title: 'Momentum',
  rule: String.raw`v_{t+1} = \mu v_t + g_t,\quad \theta_{t+1} = \theta_t - \epsilon\, v_{t+1}`,
  source: 'torch.optim.SGD(momentum), dampening 0; Polyak 1964',
  defaultLearningRate: 1e-3,
  parameters: [momentumFactor],
  create: ({ momentum }) => scaleByMomentum(momentum as number),
};

/** v ← μv + g; g ← v. The velocity v starts at 0. */
function scaleByMomentum(mu: number): GradientTransform {
  return {
    init: (params) => stateOf({ velocity: like(params) }),
    update(updates, state) {
      const velocity = state.vectors.velocity!;
      for (let i = 0; i < updates.length; i++) {
        velocity[i] = mu * velocity[i]! + updates[i]!;
        updates[i] = velocity[i]!;
      }
      state.count++;
    },
  };
}
