import type { Classification } from '../../../shared/model/landscape';

/**
 * ‖g‖ ≤ 1e-5·max|λ|: a Newton step along the stiffest direction would be below 1e-5 in parameter units. The rule does
 * not change when the loss is multiplied by a constant.
 */
const relativeGradientTolerance = 1e-5;
/** An eigenvalue is "zero" when |λ| ≤ 1e-6·max|λ|: what float32 Hessian products can resolve. */
export const relativeEigenvalueTolerance = 1e-6;
/** Smallest tolerances, for Hessians that vanish altogether. */
const smallestGradientTolerance = 1e-10;
const smallestEigenvalueTolerance = 1e-10;

export interface SpectrumSeen {
  /** Distinct eigenvalues that were computed, in any order (Ritz values where not converged). */
  eigenvalues: readonly number[];
  /** The smallest eigenvalue is among them and converged. */
  smallestKnown: boolean;
  /** The largest eigenvalue is among them and converged. */
  largestKnown: boolean;
}

export interface Point {
  /** P */
  dimension: number;
  gradientNorm: number;
  /** Zero test for eigenvalues where another than the relative one above is called for, e.g. the solver's. */
  eigenvalueTolerance?: number;
}

/**
 * Names a point by its gradient and what is known of its spectrum:
 * - notCritical: ‖g‖ is above the tolerance (also where there is only a slope);
 * - saddle: a clearly negative and a clearly positive eigenvalue. Ritz values lie inside the spectrum, so both are
 *   certain even before they have converged; the index counts the negative ones seen, a lower bound;
 * - minimum: the smallest eigenvalue is known and clearly positive, index 0;
 * - maximum: the largest is known and clearly negative, index P;
 * - degenerate: what is left. The second-order test says nothing, because an eigenvalue is zero within the tolerance
 *   (monkey saddle, flat valley, symmetry of a network) or the deciding one did not converge. No index.
 */
export function classify(
  { dimension, gradientNorm, eigenvalueTolerance }: Point,
  { eigenvalues, smallestKnown, largestKnown }: SpectrumSeen,
): Classification {
  const largestMagnitude = eigenvalues.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const tolerances = {
    gradient: Math.max(relativeGradientTolerance * largestMagnitude, smallestGradientTolerance),
    eigenvalue:
      eigenvalueTolerance ?? Math.max(relativeEigenvalueTolerance * largestMagnitude, smallestEigenvalueTolerance),
  };
  const negative = eigenvalues.filter((value) => value < -tolerances.eigenvalue).length;
  const positive = eigenvalues.filter((value) => value > tolerances.eigenvalue).length;
  const named = (kind: Classification['kind'], index: number | null): Classification => ({
    kind,
    index,
    gradientNorm,
    tolerances,
  });
  if (!(gradientNorm <= tolerances.gradient)) return named('notCritical', null);
  if (negative > 0 && positive > 0) return named('saddle', negative);
  if (smallestKnown && positive > 0 && positive === eigenvalues.length) return named('minimum', 0);
  if (largestKnown && negative > 0 && negative === eigenvalues.length) return named('maximum', dimension);
  return named('degenerate', null);
}
