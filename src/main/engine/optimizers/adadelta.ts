import { type GradientTransform, like, type OptimizerDefinition, stateOf } from './transform';

export const adadelta: OptimizerDefinition = {
  name: 'adadelta',
  title: 'Adadelta',
  rule: String.raw`s_{t+1} = \rho s_t + (1-\rho)\, g_t^2,\quad \Delta_t = \sqrt{\frac{u_t + \varepsilon}{s_{t+1} + \varepsilon}}\, g_t,\quad u_{t+1} = \rho u_t + (1-\rho)\, \Delta_t^2,\quad \theta_{t+1} = \theta_t - \epsilon\, \Delta_t`,
  source: 'torch.optim.Adadelta; Zeiler 2012',
  defaultLearningRate: 1,
  parameters: [
    {
      name: 'rho',
      kind: 'number',
      default: 0.9,
      min: 0,
      max: 1,
      maxExclusive: true,
      description: 'ρ, the share of both mean squares kept at each step',
    },
    { name: 'eps', kind: 'number', default: 1e-6, min: 0, description: 'ε, added under both roots' },
  ],
  create: ({ rho, eps }) => scaleByAdadelta(rho as number, eps as number),
};

/** s ← ρs + (1−ρ)g²; Δ = g√(u + ε)/√(s + ε); u ← ρu + (1−ρ)Δ²; g ← Δ. */
function scaleByAdadelta(rho: number, eps: number): GradientTransform {
  return {
    init: (params) => stateOf({ secondMoment: like(params), squaredUpdate: like(params), scale: like(params) }),
    update(updates, state) {
      const second = state.vectors.secondMoment!;
      const squared = state.vectors.squaredUpdate!;
      const scales = state.vectors.scale!;
      for (let i = 0; i < updates.length; i++) {
        const g = updates[i]!;
        second[i] = rho * second[i]! + (1 - rho) * g * g;
        const scale = Math.sqrt(squared[i]! + eps) / Math.sqrt(second[i]! + eps);
        const update = scale * g;
        scales[i] = scale;
        squared[i] = rho * squared[i]! + (1 - rho) * update * update;
        updates[i] = update;
      }
      state.count++;
    },
    scales: (state, out) => out.set(state.vectors.scale!),
  };
}
