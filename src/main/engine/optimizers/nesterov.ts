import { momentumFactor } from './momentum';
import { type GradientTransform, like, type OptimizerDefinition, stateOf } from './transform';

export const nesterov: OptimizerDefinition = {
  name: 'nesterov',
  title: 'Nesterov',
  rule: String.raw`v_{t+1} = \mu v_t + g_t,\quad \theta_{t+1} = \theta_t - \epsilon\,(g_t + \mu v_{t+1})`,
  source: 'torch.optim.SGD(momentum, nesterov=True); Sutskever et al. 2013',
  defaultLearningRate: 1e-3,
  parameters: [momentumFactor],
  create: ({ momentum }) => scaleByNesterov(momentum as number),
};

/** v ← μv + g; g ← g + μv. */
function scaleByNesterov(mu: number): GradientTransform {
  return {
    init: (params) => stateOf({ velocity: like(params) }),
    update(updates, state) {
      const velocity = state.vectors.velocity!;
      for (let i = 0; i < updates.length; i++) {
        velocity[i] = mu * velocity[i]! + updates[i]!;
        updates[i]! += mu * velocity[i]!;
      }
      state.count++;
    },
  };
}
