import type { CurveKind } from '../../../shared/model/connection';
import type { Vector } from '../objectives/objective';
import { addScaled } from '../vectors';

/** φ(t) = Σ w_k(t) θ_k for t in [0, 1], from the first node to the last. */
export interface Curve {
  kind: CurveKind;
  /** θ_A, the bends, θ_B. A line has no bends. */
  nodes: readonly Vector[];
}

/**
 * The weights w_k(t) of n nodes; they add up to 1.
 * - line, polygon: the two neighbours of t among n nodes evenly spaced in t (Garipov et al. 2018, eq. 4);
 * - bezier: the Bernstein polynomials of degree n − 1, w_k = C(n−1, k) tᵏ(1−t)ⁿ⁻¹⁻ᵏ (eq. 5 for one bend).
 */
export function nodeWeights(kind: CurveKind, n: number, t: number): Float64Array {
  const weights = new Float64Array(n);
  switch (kind) {
    case 'line':
    case 'polygon': {
      const segment = Math.min(Math.floor(t * (n - 1)), n - 2);
      const share = t * (n - 1) - segment;
      weights[segment] = 1 - share;
      weights[segment + 1] = share;
      return weights;
    }
    case 'bezier': {
      let binomial = 1;
      for (let k = 0; k < n; k++) {
        weights[k] = binomial * t ** k * (1 - t) ** (n - 1 - k);
        binomial = (binomial * (n - 1 - k)) / (k + 1);
      }
      return weights;
    }
    default:
      return kind satisfies never;
  }
}

/** out ← φ(t) */
export function pointOn({ kind, nodes }: Curve, t: number, out: Float64Array): void {
  const weights = nodeWeights(kind, nodes.length, t);
  out.fill(0);
  nodes.forEach((node, k) => {
    if (weights[k] !== 0) addScaled(out, weights[k]!, node);
  });
}

/** A curve on its straight line: where the search for a better one starts. */
export function straightCurve(kind: CurveKind, a: Vector, b: Vector, bends: number): Curve {
  const nodes = Array.from({ length: bends + 2 }, (_, k) => {
    const share = k / (bends + 1);
    return Float64Array.from(a, (value, i) => (1 - share) * value + share * b[i]!);
  });
  nodes[0]!.set(a);
  nodes.at(-1)!.set(b);
  return { kind, nodes };
}
