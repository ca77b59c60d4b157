import { adamParameters } from './adam';
import { type GradientTransform, inverseRoots, like, type OptimizerDefinition, stateOf } from './transform';

export const amsgrad: OptimizerDefinition = {
  name: 'amsgrad',
  title: 'AMSGrad',
  rule: String.raw`m_{t+1} = \beta_1 m_t + (1-\beta_1)\, g_t,\; s_{t+1} = \beta_2 s_t + (1-\beta_2)\, g_t^2,\; \bar s_{t+1} = \max(\bar s_t, s_{t+1}),\quad \theta_{t+1} = \theta_t - \epsilon\,\frac{m_{t+1}/(1-\beta_1^{t+1})}{\sqrt{\bar s_{t+1}/(1-\beta_2^{t+1})} + \varepsilon}`,
  source: 'torch.optim.Adam(amsgrad=True); Reddi et al. 2018',
  defaultLearningRate: 1e-3,
  parameters: adamParameters,
  create: ({ b1, b2, eps }) => scaleByAmsgrad(b1 as number, b2 as number, eps as number),
};

/** As Adam, with the largest s so far, s̄ ← max(s̄, s), in place of s: no coordinate's rate grows (but by the correction). */
function scaleByAmsgrad(b1: number, b2: number, eps: number): GradientTransform {
  return {
    init: (params) =>
      stateOf({ firstMoment: like(params), secondMoment: like(params), largestSecondMoment: like(params) }),
    update(updates, state) {
      const first = state.vectors.firstMoment!;
      const second = state.vectors.secondMoment!;
      const largest = state.vectors.largestSecondMoment!;
      state.count++;
      const correction1 = 1 - b1 ** state.count;
      const rootCorrection2 = Math.sqrt(1 - b2 ** state.count);
      for (let i = 0; i < updates.length; i++) {
        const g = updates[i]!;
        first[i] = b1 * first[i]! + (1 - b1) * g;
        second[i] = b2 * second[i]! + (1 - b2) * g * g;
        largest[i] = Math.max(largest[i]!, second[i]!);
        updates[i] = first[i]! / correction1 / (Math.sqrt(largest[i]!) / rootCorrection2 + eps);
      }
    },
    scales: (state, out) =>
      inverseRoots(state.vectors.largestSecondMoment!, Math.sqrt(1 - b2 ** state.count), eps, out),
  };
}
