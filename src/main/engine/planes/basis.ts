import { axisCosine } from '../../../shared/math/projection';
import { dot } from '../vectors';

/** A two-dimensional affine plane origin + x·d₁ + y·d₂ through parameter space, and what a person is told about it. */
export interface PlaneBasis {
  origin: Float64Array;
  d1: Float64Array;
  d2: Float64Array;
  /** Coordinates of the origin row on the plane: (0, 0), or the parameters' own values. */
  center: [number, number];
  /** ‖d₁‖, ‖d₂‖ */
  norms: [number, number];
  /** Cosine between the axes. */
  axisCosine: number;
  labels: [string, string];
  /** Share of Σ‖θ_t − origin row‖² along each axis; null where there is no path that moves. */
  explainedVarianceRatio: [number, number] | null;
}

/** A basis whose norms and cosine are measured. */
export function describeBasis(
  axes: Pick<PlaneBasis, 'origin' | 'd1' | 'd2' | 'center' | 'labels' | 'explainedVarianceRatio'>,
): PlaneBasis {
  const gram = { d11: dot(axes.d1, axes.d1), d12: dot(axes.d1, axes.d2), d22: dot(axes.d2, axes.d2) };
  return { ...axes, norms: [Math.sqrt(gram.d11), Math.sqrt(gram.d22)], axisCosine: axisCosine(gram) };
}
