import { dot } from '../vectors';
import type { Objective, Vector } from './objective';

/**
 * L(θ) = ½ Σ λᵢθᵢ² with the given eigenvalues, in float64. Every quadratic is this one in the coordinates of its
 * eigenvectors, and methods that know no coordinates (descent, Newton, conjugate gradients, BFGS) cannot tell the difference.
 */
export function diagonalQuadratic(eigenvalues: Float64Array): Objective {
  const dimension = eigenvalues.length;
  const times = (v: Vector, out: Vector): void => {
    for (let i = 0; i < dimension; i++) out[i] = eigenvalues[i]! * v[i]!;
  };
  const value = (params: Vector): number => {
    let sum = 0;
    for (let i = 0; i < dimension; i++) sum += 0.5 * eigenvalues[i]! * params[i]! ** 2;
    return sum;
  };
  return {
    dimension,
    layout: [{ name: 'theta', shape: [dimension], offset: 0, size: dimension, role: 'coordinate' }],
    examples: 0,
    precision: 'float64',
    executor: 'analytic (float64)',
    allocate: () => new Float64Array(dimension),
    value,
    gradient(params, out) {
      times(params, out);
      return 0.5 * dot(params, out);
    },
    hessian: () => ({ size: dimension, apply: times, dispose() {} }),
    measure: (params) => ({ loss: value(params), standardError: Number.NaN, accuracy: Number.NaN }),
    plane({ origin, d1, d2, coordinates }) {
      const points = coordinates.length / 2;
      const gap = () => new Float64Array(points).fill(Number.NaN);
      const loss = Float64Array.from({ length: points }, (_, k) =>
        value(origin.map((entry, i) => entry + coordinates[2 * k]! * d1[i]! + coordinates[2 * k + 1]! * d2[i]!)),
      );
      return { loss, standardError: gap(), accuracy: gap() };
    },
    dispose() {},
  };
}
