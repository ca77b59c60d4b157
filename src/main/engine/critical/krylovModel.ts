import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { KrylovBasis } from '../curvature/krylov';
import { tridiagonalEigen } from '../curvature/tridiagonal';
import type { LinearOperator } from '../objectives/objective';
import type { Rng } from '../random';
import { addScaled } from '../vectors';

/** A step with what it promises to first order. */
export interface ModelStep {
  step: Float64Array;
  /** ‖∇L + Hs‖ */
  residual: number;
  /** gᵀHs: half the slope of ‖∇L‖² along s. */
  slope: number;
  /** gᵀs: the slope of L along s. */
  lossSlope: number;
}

export interface KrylovModel {
  /** Products spent: the dimension of the space. */
  size: number;
  /** Largest singular value of H on the space, an estimate of ‖H‖. */
  largest: number;
  /** ‖Hg‖/(‖H‖‖g‖): near zero where the gradient's norm is nearly stationary although the gradient is not zero. */
  flatness: number;
  /** min ‖g + Hs‖² + μ‖s‖² (Levenberg–Marquardt); for μ = 0 the shortest minimizer of ‖g + Hs‖ (MINRES-QLP). */
  leastSquares(mu: number): Promise<ModelStep>;
  /** Hs = −g on the space (Lanczos–Galerkin, as SYMMLQ). */
  newton(): Promise<ModelStep>;
  /** −(|H| + μ)⁻¹g */
  saddleFree(mu: number): Promise<ModelStep>;
  /** −w(H)g, for a weight w of the eigenvalues. */
  spectral(weight: (theta: number) => number): Promise<ModelStep>;
}

export interface KrylovModelOptions {
  /** Largest dimension of the space. */
  limit: number;
  /** The space grows until min ‖g + Hs‖ ≤ forcing·‖g‖. */
  forcing: number;
  /** Singular values below this share of the largest count as zero. */
  cutoff: number;
  rng: Rng;
  turn: () => Promise<void> | undefined;
}

/**
 * The Krylov space of H started at g, with V an orthonormal basis, HV = VT + βve ᵀ and T̄ = (T; βeᵀ). Everything that the
 * Newton methods of `search.ts` solve for is small on it: ‖g + HVy‖ = ‖‖g‖e₁ + T̄y‖. g lies in it, so that steps have no
 * part in the null space of H, the directions in which symmetries leave the loss as it is.
 */
export async function krylovModel(
  operator: LinearOperator,
  gradient: Float64Array,
  gradientNorm: number,
  { limit, forcing, cutoff, rng, turn }: KrylovModelOptions,
): Promise<KrylovModel> {
  const basis = new KrylovBasis(operator, rng, turn, [], gradient);
  let nextCheck = Math.min(4, limit);
  let decomposition: Decomposition;
  for (;;) {
    await basis.expand();
    const whole = basis.complete || basis.invariant || basis.size >= limit;
    if (!whole && basis.size < nextCheck) continue;
    nextCheck = Math.ceil(1.3 * basis.size) + 1;
    decomposition = decompose(basis);
    if (whole || leastResidual(decomposition, cutoff) <= forcing) break;
  }
  const { values, left, right } = decomposition;
  const { diagonal, offDiagonal } = basis.tridiagonal;
  const m = basis.size;
  const largest = values[0]!;

  const toStep = async (y: Float64Array): Promise<ModelStep> => {
    const product = tridiagonalProduct(basis, y);
    const slope = gradientNorm * product[0]!;
    product[0]! += gradientNorm;
    return {
      step: await basis.combination(y),
      residual: Math.sqrt(product.reduce((sum, entry) => sum + entry * entry, 0)),
      slope,
      lossSlope: gradientNorm * y[0]!,
    };
  };
  /** −‖g‖·Σ s·w(θ)·s₀ over the eigenpairs of T. */
  const spectral = (weight: (theta: number) => number): Promise<ModelStep> => {
    const eigen = tridiagonalEigen(diagonal, offDiagonal);
    const y = new Float64Array(m);
    eigen.values.forEach((theta, i) => {
      const s = eigen.vector(i);
      addScaled(y, -gradientNorm * weight(theta) * s[0]!, s);
    });
    return toStep(y);
  };
  const clear = (theta: number) => Math.abs(theta) > cutoff * largest;

  return {
    size: m,
    largest,
    flatness: largest > 0 ? Math.hypot(diagonal[0]!, offDiagonal[0] ?? basis.tridiagonal.beta) / largest : 0,
    leastSquares(mu) {
      const y = new Float64Array(m);
      values.forEach((sigma, i) => {
        if (!clear(sigma)) return;
        const weight = (-gradientNorm * sigma * left[i]!) / (sigma * sigma + mu);
        addScaled(y, weight, right[i]!);
      });
      return toStep(y);
    },
    spectral,
    newton: () => spectral((theta) => (clear(theta) ? 1 / theta : 0)),
    saddleFree: (mu) => spectral((theta) => (clear(theta) || mu > 0 ? 1 / (Math.abs(theta) + mu) : 0)),
  };
}

/** T̄ = UΣWᵀ: singular values from the largest on, the first row of U, the columns of W. */
interface Decomposition {
  values: number[];
  left: number[];
  right: Float64Array[];
}

function decompose(basis: KrylovBasis): Decomposition {
  const { diagonal, offDiagonal, beta } = basis.tridiagonal;
  const m = diagonal.length;
  const extended = Matrix.zeros(m + 1, m);
  for (let i = 0; i < m; i++) {
    extended.set(i, i, diagonal[i]!);
    extended.set(i + 1, i, i < m - 1 ? offDiagonal[i]! : beta);
    if (i > 0) extended.set(i - 1, i, offDiagonal[i - 1]!);
  }
  const svd = new SingularValueDecomposition(extended);
  const { leftSingularVectors: u, rightSingularVectors: w } = svd;
  return {
    values: svd.diagonal,
    left: Array.from({ length: m }, (_, i) => u.get(0, i)),
    right: Array.from({ length: m }, (_, i) => Float64Array.from(w.getColumn(i))),
  };
}

/** min ‖g + Hs‖/‖g‖ over the space. */
function leastResidual({ values, left }: Decomposition, cutoff: number): number {
  let reached = 0;
  values.forEach((sigma, i) => {
    if (sigma > cutoff * values[0]!) reached += left[i]! ** 2;
  });
  return Math.sqrt(Math.max(1 - reached, 0));
}

/** T̄y, m + 1 entries. */
function tridiagonalProduct(basis: KrylovBasis, y: Float64Array): Float64Array {
  const { diagonal, offDiagonal, beta } = basis.tridiagonal;
  const m = y.length;
  const out = new Float64Array(m + 1);
  for (let i = 0; i < m; i++) {
    out[i] =
      diagonal[i]! * y[i]! +
      (i > 0 ? offDiagonal[i - 1]! * y[i - 1]! : 0) +
      (i < m - 1 ? offDiagonal[i]! * y[i + 1]! : 0);
  }
  out[m] = beta * y[m - 1]!;
  return out;
}
