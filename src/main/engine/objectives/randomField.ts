import { createRng } from '../random';
import type { LinearOperator, Objective, Vector } from './objective';

/** Cosines the field is a sum of. */
const waves = 400;

/**
 * A sample of a Gaussian random field on ℝᴺ with the covariance exp(−‖θ − θ′‖²/2) and variance 1:
 * f(θ) = √(2/K) Σₖ cos(wₖᵀθ + φₖ) with wₖ ~ N(0, I), φₖ uniform (Rahimi and Recht 2007; Gaussian as K grows, here K = 400).
 * Exact gradients and Hessian products in float64.
 *
 * @param dimension N
 */
export function randomField(dimension: number, seed: number): Objective {
  const rng = createRng(seed, 'random field');
  const w = Float64Array.from({ length: waves * dimension }, () => rng.normal());
  const phase = Float64Array.from({ length: waves }, () => 2 * Math.PI * rng.uniform());
  const amplitude = Math.sqrt(2 / waves);
  const angle = (k: number, params: Vector): number => {
    let sum = phase[k]!;
    for (let i = 0; i < dimension; i++) sum += w[k * dimension + i]! * params[i]!;
    return sum;
  };
  const value = (params: Vector): number => {
    let sum = 0;
    for (let k = 0; k < waves; k++) sum += Math.cos(angle(k, params));
    return amplitude * sum;
  };

  function hessian(params: Vector): LinearOperator {
    const curvature = Float64Array.from({ length: waves }, (_, k) => -amplitude * Math.cos(angle(k, params)));
    return {
      size: dimension,
      apply(v, out) {
        out.fill(0);
        for (let k = 0; k < waves; k++) {
          let along = 0;
          for (let i = 0; i < dimension; i++) along += w[k * dimension + i]! * v[i]!;
          const factor = curvature[k]! * along;
          for (let i = 0; i < dimension; i++) out[i]! += factor * w[k * dimension + i]!;
        }
      },
      dispose() {},
    };
  }

  return {
    dimension,
    layout: [{ name: 'theta', shape: [dimension], offset: 0, size: dimension, role: 'coordinate' }],
    examples: 0,
    precision: 'float64',
    executor: 'analytic (float64)',
    allocate: () => new Float64Array(dimension),
    value,
    gradient(params, out) {
      out.fill(0);
      let sum = 0;
      for (let k = 0; k < waves; k++) {
        const a = angle(k, params);
        sum += Math.cos(a);
        const slope = -amplitude * Math.sin(a);
        for (let i = 0; i < dimension; i++) out[i]! += slope * w[k * dimension + i]!;
      }
      return amplitude * sum;
    },
    hessian,
    measure: (params) => ({ loss: value(params), standardError: Number.NaN, accuracy: Number.NaN }),
    plane({ origin, d1, d2, coordinates }) {
      const points = coordinates.length / 2;
      const unknown = new Float64Array(points).fill(Number.NaN);
      const theta = new Float64Array(dimension);
      const loss = Float64Array.from({ length: points }, (_, p) => {
        for (let i = 0; i < dimension; i++) {
          theta[i] = origin[i]! + coordinates[2 * p]! * d1[i]! + coordinates[2 * p + 1]! * d2[i]!;
        }
        return value(theta);
      });
      return { loss, standardError: unknown, accuracy: unknown };
    },
    dispose() {},
  };
}
