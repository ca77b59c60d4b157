import { type GradientTransform, inverseRoots, like, type OptimizerDefinition, stateOf } from './transform';

export const adagrad: OptimizerDefinition = {
  name: 'adagrad',
  title: 'AdaGrad',
  rule: String.raw`s_{t+1} = s_t + g_t^2,\quad \theta_{t+1} = \theta_t - \frac{\epsilon}{1 + t\,\delta}\,\frac{g_t}{\sqrt{s_{t+1}} + \varepsilon}`,
  source: 'torch.optim.Adagrad; Duchi et al. 2011',
  defaultLearningRate: 1e-2,
  parameters: [
    { name: 'lrDecay', kind: 'number', default: 0, min: 0, description: 'δ, the decay of the learning rate' },
    {
      name: 'initialAccumulator',
      kind: 'number',
      default: 0,
      min: 0,
      description: 's₀, where the sum of squares starts',
    },
    { name: 'eps', kind: 'number', default: 1e-10, min: 0, description: 'ε, added to the denominator' },
  ],
  create: ({ lrDecay, initialAccumulator, eps }) =>
    scaleByRootSum(lrDecay as number, initialAccumulator as number, eps as number),
};

/** s ← s + g²; g ← g/((1 + tδ)(√s + ε)), t from 0. */
function scaleByRootSum(lrDecay: number, initialAccumulator: number, eps: number): GradientTransform {
  return {
    init: (params) => stateOf({ sumOfSquares: like(params, initialAccumulator) }),
    update(updates, state) {
      const sum = state.vectors.sumOfSquares!;
      const decay = 1 + state.count * lrDecay;
      for (let i = 0; i < updates.length; i++) {
        const g = updates[i]!;
        sum[i]! += g * g;
        updates[i] = g / (Math.sqrt(sum[i]!) + eps) / decay;
      }
      state.count++;
    },
    scales(state, out) {
      inverseRoots(state.vectors.sumOfSquares!, 1, eps, out);
      const decay = 1 + (state.count - 1) * lrDecay;
      for (let i = 0; i < out.length; i++) out[i]! /= decay;
    },
  };
}
