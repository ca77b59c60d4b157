import { sayError } from '../../../shared/errors';
import { axisCosine } from '../../../shared/math/projection';
import type { Domain } from '../../../shared/model/experiment';
import type { Eigenvalue } from '../../../shared/model/landscape';
import type { ProjectedPath } from '../trajectory/project';
import { addScaled, dot, norm, scale } from '../vectors';

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
  /** Of the Hessian along each axis, where the axes are its eigenvectors. */
  eigenvalues?: [Eigenvalue, Eigenvalue];
}

export interface MadePlane {
  basis: PlaneBasis;
  /** One per trajectory. */
  paths: ProjectedPath[];
  /** A window that holds the paths (or the domain). */
  range: Domain;
}

/** Of sin² of the angle between the axes: what float32 directions leave of a second dimension. */
const parallelTolerance = 1e-10;

/**
 * A basis whose norms and cosine are measured.
 * @throws badInput for axes that are zero, not finite or parallel: a line is no plane
 */
export function describeBasis(
  axes: Pick<PlaneBasis, 'origin' | 'd1' | 'd2' | 'center' | 'labels' | 'explainedVarianceRatio' | 'eigenvalues'>,
): PlaneBasis {
  const gram = { d11: dot(axes.d1, axes.d1), d12: dot(axes.d1, axes.d2), d22: dot(axes.d2, axes.d2) };
  [gram.d11, gram.d22].forEach((squared, i) => {
    if (squared > 0 && Number.isFinite(squared)) return;
    throw sayError('badInput', 'directionLength', { direction: axes.labels[i]!, length: Math.sqrt(squared) }, [
      'plane',
    ]);
  });
  const cosine = axisCosine(gram);
  if (1 - cosine ** 2 <= parallelTolerance) {
    const [first, second] = axes.labels;
    throw sayError('badInput', 'directionsParallel', { first, second, cosine: cosine.toFixed(6) }, ['plane']);
  }
  return { ...axes, norms: [Math.sqrt(gram.d11), Math.sqrt(gram.d22)], axisCosine: cosine };
}

/** d ← d without its components along the axes, which may be oblique. Twice, so that rounding leaves nothing. */
export function makeSquare(d: Float64Array, axes: readonly Float64Array[]): void {
  const units: Float64Array[] = [];
  for (const axis of axes) {
    const unit = axis.slice();
    for (const other of units) addScaled(unit, -dot(unit, other), other);
    scale(unit, 1 / norm(unit));
    units.push(unit);
  }
  for (let pass = 0; pass < 2; pass++) for (const unit of units) addScaled(d, -dot(d, unit), unit);
}

/** The same plane with unit square axes, the first along d₁. */
export function orthonormalized(basis: PlaneBasis): PlaneBasis {
  const d1 = basis.d1.slice();
  scale(d1, 1 / norm(d1));
  const d2 = basis.d2.slice();
  makeSquare(d2, [d1]);
  scale(d2, 1 / norm(d2));
  return describeBasis({ ...basis, d1, d2 });
}
