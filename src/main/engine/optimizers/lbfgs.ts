import type { HyperparameterInfo } from '../../../shared/model/catalog';
import type { Vector } from '../objectives/objective';
import { addScaled, dot, scale } from '../vectors';
import { type LineStep, moveAlong, searchLine } from './lineSearch';
import type { Search, SearchDefinition } from './search';

/** c₂ of the strong Wolfe conditions. */
export const wolfeC2 = (value: number): HyperparameterInfo => ({
  name: 'c2',
  kind: 'number',
  default: value,
  min: 0,
  max: 1,
  maxExclusive: true,
  description: 'c₂ of the Wolfe conditions: the share of the slope that may remain along the line',
});

export const lbfgs: SearchDefinition = {
  name: 'lbfgs',
  title: 'L-BFGS',
  rule: String.raw`\theta_{t+1} = \theta_t - \alpha_t H_t g_t,\quad H_{t+1} = V_t^\top H_t V_t + \rho_t s_t s_t^\top,\; V_t = I - \rho_t y_t s_t^\top,\; \rho_t = \frac{1}{y_t^\top s_t}\ \text{from the last } m \text{ pairs}`,
  source: "torch.optim.LBFGS(max_iter=1, line_search_fn='strong_wolfe'), tolerances 0; Nocedal 1980",
  defaultLearningRate: 1,
  parameters: [
    {
      name: 'history',
      kind: 'number',
      default: 10,
      min: 1,
      max: 1_000,
      isInteger: true,
      description: 'm, how many pairs (s, y) are kept',
    },
    wolfeC2(0.9),
    {
      name: 'lineSearch',
      kind: 'boolean',
      default: true,
      description: 'search the line for the strong Wolfe conditions; off: α is the learning rate',
    },
  ],
  createSearch: ({ history, c2, lineSearch }) => limitedMemory(history as number, lineSearch ? (c2 as number) : null),
};

/** The first trial along −g, which has no scale yet: min(1, 1/‖g‖₁), as torch.optim.LBFGS. */
export function firstLength(gradient: Vector): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) sum += Math.abs(gradient[i]!);
  return Math.min(1, 1 / sum);
}

/** −g */
export const steepest = (gradient: Vector): Float64Array => Float64Array.from(gradient, (entry) => -entry);

interface Pair {
  s: Float64Array;
  y: Float64Array;
  /** 1/yᵀs */
  rho: number;
}

/** @param c2 null: no line search */
function limitedMemory(history: number, c2: number | null): Search {
  const pairs: Pair[] = [];
  /** γ of H₀ = γI; 0 before the first step. */
  let gamma = 0;
  return {
    async step(gradient, params, learningRate, at) {
      const direction = steepest(gradient);
      const first = gamma === 0 ? learningRate * firstLength(gradient) : learningRate;
      multiplyByInverse(direction, pairs, gamma === 0 ? 1 : gamma);
      if (!(dot(gradient, direction) < 0)) return 0;
      const step = await (c2 === null
        ? moveAlong(gradient, direction, params, at, first)
        : searchLine(gradient, direction, params, at, { first, c2 }));
      if (step.t === 0) {
        // Nothing lower along it: from steepest descent again.
        pairs.length = 0;
        gamma = 0;
        return 0;
      }
      if (gamma === 0) gamma = 1;
      const pair = pairOf(step, direction);
      if (pair) {
        if (pairs.length === history) pairs.shift();
        pairs.push(pair);
        gamma = 1 / (pair.rho * dot(pair.y, pair.y));
      }
      return step.moved;
    },
  };
}

/** s = t·d and y, where yᵀs is clearly positive (torch: above 1e-10); `direction` becomes s. */
function pairOf({ t, change: y }: LineStep, direction: Float64Array): Pair | null {
  scale(direction, t);
  const curvature = dot(y, direction);
  return curvature > 1e-10 ? { s: direction, y, rho: 1 / curvature } : null;
}

/** q ← Hq, the two loops of Nocedal & Wright 2006, algorithm 7.4. */
function multiplyByInverse(q: Float64Array, pairs: readonly Pair[], gamma: number): void {
  const alphas = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, rho } = pairs[k]!;
    alphas[k] = rho * dot(s, q);
    addScaled(q, -alphas[k]!, y);
  }
  scale(q, gamma);
  pairs.forEach(({ s, y, rho }, k) => {
    addScaled(q, alphas[k]! - rho * dot(y, q), s);
  });
}
