import { adamParameters } from './adam';
import { type GradientTransform, inverseRoots, like, type OptimizerDefinition, stateOf } from './transform';

export const nadam: OptimizerDefinition = {
  name: 'nadam',
  title: 'NAdam',
  rule: String.raw`\mu_t = \beta_1\bigl(1 - \tfrac12\, 0.96^{t\psi}\bigr),\; \hat m = \frac{\mu_{t+2}\, m_{t+1}}{1 - \prod_{i=1}^{t+2}\mu_i} + \frac{(1-\mu_{t+1})\, g_t}{1 - \prod_{i=1}^{t+1}\mu_i},\quad \theta_{t+1} = \theta_t - \epsilon\,\frac{\hat m}{\sqrt{s_{t+1}/(1-\beta_2^{t+1})} + \varepsilon}`,
  source: 'torch.optim.NAdam; Dozat 2016',
  defaultLearningRate: 2e-3,
  parameters: [
    ...adamParameters,
    {
      name: 'momentumDecay',
      kind: 'number',
      default: 4e-3,
      min: 0,
      description: 'ψ, how fast μ rises from β₁/2 to β₁',
    },
  ],
  create: ({ b1, b2, eps, momentumDecay }) =>
    scaleByNadam(b1 as number, b2 as number, eps as number, momentumDecay as number),
};

/** With t from 1: m ← β₁m + (1−β₁)g; s ← β₂s + (1−β₂)g²; g ← (μ(t+1)m/(1−Πμ(t+1)) + (1−μ(t))g/(1−Πμ(t)))/(√ŝ + ε). */
function scaleByNadam(b1: number, b2: number, eps: number, momentumDecay: number): GradientTransform {
  const mu = (t: number) => b1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
  return {
    init: (params) => stateOf({ firstMoment: like(params), secondMoment: like(params) }, [], { momentumProduct: 1 }),
    update(updates, state) {
      const first = state.vectors.firstMoment!;
      const second = state.vectors.secondMoment!;
      const t = ++state.count;
      const product = state.scalars.momentumProduct! * mu(t);
      state.scalars.momentumProduct = product;
      const shareOfGradient = (1 - mu(t)) / (1 - product);
      const shareOfMoment = mu(t + 1) / (1 - product * mu(t + 1));
      const rootCorrection2 = Math.sqrt(1 - b2 ** t);
      for (let i = 0; i < updates.length; i++) {
        const g = updates[i]!;
        first[i] = b1 * first[i]! + (1 - b1) * g;
        second[i] = b2 * second[i]! + (1 - b2) * g * g;
        const root = Math.sqrt(second[i]!) / rootCorrection2 + eps;
        updates[i] = (shareOfGradient * g + shareOfMoment * first[i]!) / root;
      }
    },
    scales: (state, out) => inverseRoots(state.vectors.secondMoment!, Math.sqrt(1 - b2 ** state.count), eps, out),
  };
}
