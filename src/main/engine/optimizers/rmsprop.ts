import type { HyperparameterInfo } from '../../../shared/model/catalog';
import { type GradientTransform, inverseRoots, like, type OptimizerDefinition, stateOf } from './transform';

export const rmspropParameters: HyperparameterInfo[] = [
  {
    name: 'alpha',
    kind: 'number',
    default: 0.99,
    min: 0,
    max: 1,
    maxExclusive: true,
    description: 'α, the share of the mean square kept at each step',
  },
  { name: 'eps', kind: 'number', default: 1e-8, min: 0, description: 'ε, added to the denominator' },
];

export const rmsprop: OptimizerDefinition = {
  name: 'rmsprop',
  title: 'RMSProp',
  rule: String.raw`s_{t+1} = \alpha s_t + (1-\alpha)\, g_t^2,\quad \theta_{t+1} = \theta_t - \epsilon\,\frac{g_t}{\sqrt{s_{t+1}} + \varepsilon}`,
  source: 'torch.optim.RMSprop; Hinton 2012 (lecture 6e)',
  defaultLearningRate: 1e-2,
  parameters: [
    ...rmspropParameters,
    {
      name: 'momentum',
      kind: 'number',
      default: 0,
      min: 0,
      max: 1,
      maxExclusive: true,
      description: 'μ, momentum of the scaled gradient',
    },
    {
      name: 'centered',
      kind: 'boolean',
      default: false,
      description: 'divide by the standard deviation of the gradient instead of its root mean square',
    },
  ],
  create: ({ alpha, eps, momentum, centered }) =>
    scaleByRms({
      alpha: alpha as number,
      eps: eps as number,
      mu: momentum as number,
      centered: centered as boolean,
    }),
};

interface RmsOptions {
  alpha: number;
  eps: number;
  mu: number;
  centered?: boolean;
  nesterov?: boolean;
}

/**
 * s ← αs + (1−α)g²; m ← αm + (1−α)g (centered); u ← g/(√(s − m²) + ε); v ← μv + u and g ← v (momentum) or u + μv
 * (nesterov).
 */
export function scaleByRms({ alpha, eps, mu, centered = false, nesterov = false }: RmsOptions): GradientTransform {
  return {
    init: (params) =>
      stateOf({
        secondMoment: like(params),
        ...(centered && { firstMoment: like(params) }),
        ...(mu > 0 && { velocity: like(params) }),
      }),
    update(updates, state) {
      const { secondMoment, firstMoment, velocity } = state.vectors;
      for (let i = 0; i < updates.length; i++) {
        const g = updates[i]!;
        secondMoment![i] = alpha * secondMoment![i]! + (1 - alpha) * g * g;
        let square = secondMoment![i]!;
        if (firstMoment) {
          firstMoment[i] = alpha * firstMoment[i]! + (1 - alpha) * g;
          square -= firstMoment[i]! * firstMoment[i]!;
        }
        const scaled = g / (Math.sqrt(square) + eps);
        if (velocity) velocity[i] = mu * velocity[i]! + scaled;
        if (!velocity) updates[i] = scaled;
        else updates[i] = nesterov ? scaled + mu * velocity[i]! : velocity[i]!;
      }
      state.count++;
    },
    scales({ vectors: { secondMoment, firstMoment } }, out) {
      const variance = firstMoment ? secondMoment!.map((s, i) => s - firstMoment[i]! ** 2) : secondMoment!;
      inverseRoots(variance, 1, eps, out);
    },
  };
}
