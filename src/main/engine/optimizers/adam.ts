import type { HyperparameterInfo } from '../../../shared/model/catalog';
import { type GradientTransform, inverseRoots, like, type OptimizerDefinition, stateOf } from './transform';

export const adamParameters: HyperparameterInfo[] = [
  {
    name: 'b1',
    kind: 'number',
    default: 0.9,
    min: 0,
    max: 1,
    maxExclusive: true,
    description: 'β₁, decay of the mean of the gradient',
  },
  {
    name: 'b2',
    kind: 'number',
    default: 0.999,
    min: 0,
    max: 1,
    maxExclusive: true,
    description: 'β₂, decay of the mean square of the gradient',
  },
  { name: 'eps', kind: 'number', default: 1e-8, min: 0, description: 'ε, added to the denominator' },
];

export const adam: OptimizerDefinition = {
  name: 'adam',
  title: 'Adam',
  rule: String.raw`m_{t+1} = \beta_1 m_t + (1-\beta_1) g_t,\; s_{t+1} = \beta_2 s_t + (1-\beta_2) g_t^2,\quad \theta_{t+1} = \theta_t - \epsilon\,\frac{m_{t+1}/(1-\beta_1^{t+1})}{\sqrt{s_{t+1}/(1-\beta_2^{t+1})} + \varepsilon}`,
  source: 'torch.optim.Adam; Kingma and Ba 2015',
  defaultLearningRate: 1e-3,
  parameters: adamParameters,
  create: ({ b1, b2, eps }) => scaleByAdam(b1 as number, b2 as number, eps as number),
};

/** m ← β₁m + (1−β₁)g; s ← β₂s + (1−β₂)g²; g ← m̂/(√ŝ + ε) with the bias-corrected m̂ and ŝ. */
export function scaleByAdam(b1: number, b2: number, eps: number): GradientTransform {
  return {
    init: (params) => stateOf({ firstMoment: like(params), secondMoment: like(params) }),
    update(updates, state) {
      const first = state.vectors.firstMoment!;
      const second = state.vectors.secondMoment!;
      state.count++;
      const correction1 = 1 - b1 ** state.count;
      const rootCorrection2 = Math.sqrt(1 - b2 ** state.count);
      for (let i = 0; i < updates.length; i++) {
        const g = updates[i]!;
        first[i] = b1 * first[i]! + (1 - b1) * g;
        second[i] = b2 * second[i]! + (1 - b2) * g * g;
        updates[i] = first[i]! / correction1 / (Math.sqrt(second[i]!) / rootCorrection2 + eps);
      }
    },
    scales: (state, out) => inverseRoots(state.vectors.secondMoment!, Math.sqrt(1 - b2 ** state.count), eps, out),
  };
}
