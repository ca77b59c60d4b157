import { dot, scale } from '../vectors';
import { firstLength, steepest, wolfeC2 } from './lbfgs';
import { searchLine } from './lineSearch';
import type { Search, SearchDefinition } from './search';

export const bfgs: SearchDefinition = {
  name: 'bfgs',
  title: 'BFGS',
  rule: String.raw`\theta_{t+1} = \theta_t - \alpha_t H_t g_t,\quad H_{t+1} = (I - \rho_t s_t y_t^\top) H_t (I - \rho_t y_t s_t^\top) + \rho_t s_t s_t^\top,\; \rho_t = \frac{1}{y_t^\top s_t}`,
  source: 'Nocedal & Wright 2006, algorithm 6.1, H₀ by (6.20); the line search of torch.optim.LBFGS',
  defaultLearningRate: 1,
  parameters: [wolfeC2(0.9)],
  maxDimension: 2_000,
  createSearch: ({ c2 }, { length }) => denseInverse(length, c2 as number),
};

function denseInverse(size: number, c2: number): Search {
  /** H, row by row; null before the first pair: the identity. */
  let inverse: Float64Array | null = null;
  let isFirst = true;
  return {
    async step(gradient, params, learningRate, at) {
      const direction = steepest(gradient);
      if (inverse) direction.set(product(inverse, direction));
      if (!(dot(gradient, direction) < 0)) return 0;
      const first = isFirst ? learningRate * firstLength(gradient) : learningRate;
      const { t, moved, change: y } = await searchLine(gradient, direction, params, at, { first, c2 });
      isFirst = t === 0;
      if (t === 0) {
        // Nothing lower along it: from steepest descent again.
        inverse = null;
        return 0;
      }
      scale(direction, t);
      const curvature = dot(y, direction);
      // Below this the pair is rounding.
      if (curvature > Number.EPSILON * dot(y, y)) {
        inverse ??= scaledIdentity(size, curvature / dot(y, y));
        update(inverse, direction, y, curvature);
      }
      return moved;
    },
  };
}

function scaledIdentity(size: number, factor: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = factor;
  return matrix;
}

function product(matrix: Float64Array, v: Float64Array): Float64Array {
  const size = v.length;
  return v.map((_, i) => dot(matrix.subarray(i * size, (i + 1) * size), v));
}

/** H ← H − ρ(s(Hy)ᵀ + (Hy)sᵀ) + ρ(1 + ρyᵀHy)ssᵀ, the update multiplied out. */
function update(inverse: Float64Array, s: Float64Array, y: Float64Array, curvature: number): void {
  const size = s.length;
  const hy = product(inverse, y);
  const rho = 1 / curvature;
  const factor = rho * (1 + rho * dot(y, hy));
  for (let i = 0; i < size; i++) {
    const row = inverse.subarray(i * size, (i + 1) * size);
    const ofS = factor * s[i]! - rho * hy[i]!;
    const ofHy = rho * s[i]!;
    for (let j = 0; j < size; j++) row[j]! += ofS * s[j]! - ofHy * hy[j]!;
  }
}
