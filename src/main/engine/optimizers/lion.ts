import { decoupledDecay } from './adamw';
import { addDecayedWeights, chain, type GradientTransform, like, type OptimizerDefinition, stateOf } from './transform';

export const lion: OptimizerDefinition = {
  name: 'lion',
  title: 'Lion',
  rule: String.raw`c_t = \beta_1 m_t + (1-\beta_1)\, g_t,\quad \theta_{t+1} = \theta_t - \epsilon\,(\operatorname{sign}(c_t) + \lambda\theta_t),\quad m_{t+1} = \beta_2 m_t + (1-\beta_2)\, g_t`,
  source: 'Chen et al. 2023, algorithm 2 and its published defaults',
  defaultLearningRate: 1e-4,
  parameters: [
    {
      name: 'b1',
      kind: 'number',
      default: 0.9,
      min: 0,
      max: 1,
      maxExclusive: true,
      description: 'β₁, the share of the mean gradient in the step',
    },
    {
      name: 'b2',
      kind: 'number',
      default: 0.99,
      min: 0,
      max: 1,
      maxExclusive: true,
      description: 'β₂, decay of the mean of the gradient',
    },
    decoupledDecay(0),
  ],
  create: ({ b1, b2, decay }) => chain(signOfMean(b1 as number, b2 as number), addDecayedWeights(decay as number)),
};

/** g ← sign(β₁m + (1−β₁)g); m ← β₂m + (1−β₂)g with the g that came in. */
function signOfMean(b1: number, b2: number): GradientTransform {
  return {
    init: (params) => stateOf({ firstMoment: like(params) }),
    update(updates, state) {
      const first = state.vectors.firstMoment!;
      for (let i = 0; i < updates.length; i++) {
        const g = updates[i]!;
        updates[i] = Math.sign(b1 * first[i]! + (1 - b1) * g);
        first[i] = b2 * first[i]! + (1 - b2) * g;
      }
      state.count++;
    },
  };
}
