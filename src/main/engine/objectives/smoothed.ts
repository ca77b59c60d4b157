import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { TwoParameterFunction } from './twoParameter';

/** Nodes along each axis: cos(aξ) is averaged to 1e-6 up to a = 4, to 1e-2 up to a = 6. */
const nodes = 24;

/**
 * The function blurred by a Gaussian of standard deviation σ, f_σ(θ) = E f(θ + σξ) with ξ ~ N(0, I), the smoothing of
 * continuation methods (Mobahi and Fisher 2015): by Gauss–Hermite quadrature with 24 × 24 nodes, exact for polynomials up to
 * degree 47 in each variable. Its derivatives are those of f, blurred.
 */
export function smoothed(f: TwoParameterFunction, sigma: number): TwoParameterFunction {
  if (sigma === 0) return f;
  const { points, weights } = gaussHermite(nodes);
  const jet = new Float64Array(6);
  return {
    value(x, y) {
      let sum = 0;
      for (let i = 0; i < nodes; i++) {
        for (let j = 0; j < nodes; j++) {
          sum += weights[i]! * weights[j]! * f.value(x + sigma * points[i]!, y + sigma * points[j]!);
        }
      }
      return sum;
    },
    derivatives(x, y, out) {
      out.fill(0);
      for (let i = 0; i < nodes; i++) {
        for (let j = 0; j < nodes; j++) {
          f.derivatives(x + sigma * points[i]!, y + sigma * points[j]!, jet);
          const weight = weights[i]! * weights[j]!;
          for (let k = 0; k < 6; k++) out[k]! += weight * jet[k]!;
        }
      }
    },
  };
}

/** Σ wᵢf(ξᵢ) ≈ E f(ξ), ξ ~ N(0, 1): eigenvalues and first components of the Jacobi matrix (Golub and Welsch 1969). */
function gaussHermite(count: number): { points: Float64Array; weights: Float64Array } {
  const jacobi = Matrix.zeros(count, count);
  for (let k = 1; k < count; k++) {
    jacobi.set(k - 1, k, Math.sqrt(k));
    jacobi.set(k, k - 1, Math.sqrt(k));
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(jacobi, { assumeSymmetric: true });
  return {
    points: Float64Array.from(realEigenvalues),
    weights: Float64Array.from({ length: count }, (_, i) => eigenvectorMatrix.get(0, i) ** 2),
  };
}
