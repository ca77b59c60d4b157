import { badInput } from '../../../shared/errors';
import type { CriticalPoint } from '../../../shared/model/catalog';
import type { Objective } from '../objectives/objective';
import { classify } from './classify';
import { gradientNorm, hasFiniteJet, type Jet, jetsOf, requireTwoParameters } from './jet';

/** How the search ended. stalled: no step lowers ‖∇f‖ although it is not zero (a local minimum of it, a kink, an edge). */
type RefineOutcome = 'converged' | 'stalled' | 'maxIterations';

export interface RefinedPoint {
  outcome: RefineOutcome;
  iterations: number;
  /** Where the search ended, whatever the outcome: `kind` is notCritical unless it converged. */
  point: CriticalPoint;
}

export interface RefineOptions {
  /** On ‖∇f‖ (default 1e-10); loosened to what float64 can resolve where the curvature is large. */
  gradientTolerance?: number;
  /** Default 200. */
  maxIterations?: number;
}

/** Where the gradient is small enough, the search ends when steps are below this, relative to the point. */
const stepTolerance = 1e-12;
/** Distance at which the Hessian is looked at to tell what is "zero" at the point itself. */
const neighbourhood = 0.1;
/** An eigenvalue is zero at 1e-8 of the largest curvature around the point: a monkey saddle has none at its centre. */
const neighbourhoodTolerance = 1e-8;

/**
 * From (x, y) to a stationary point of a two-parameter objective, of whatever kind, by Newton's method damped on
 * ½‖∇f‖² (Levenberg–Marquardt: (H² + μI)s = −Hg, μ lowered while steps succeed). μ → 0 makes it Newton's method, with
 * quadratic convergence where the Hessian is regular; where it is singular the error halves per step, so the search
 * goes on until the steps vanish, not only the gradient.
 *
 * @throws badInput for objectives that do not have two parameters or a start outside the domain
 */
export async function refineCriticalPoint(
  objective: Objective,
  start: readonly [number, number],
  { gradientTolerance = 1e-10, maxIterations = 200 }: RefineOptions = {},
): Promise<RefinedPoint> {
  requireTwoParameters(objective);
  const jet = jetsOf(objective);
  let at = await jet(start[0], start[1]);
  if (!hasFiniteJet(at)) {
    throw badInput(`The function is not finite at (${start[0]}, ${start[1]}).`, 'Start inside its domain.');
  }
  let damping = 0;
  let iterations = 0;
  let outcome: RefineOutcome = 'maxIterations';
  for (; iterations < maxIterations; iterations++) {
    if (gradientNorm(at) === 0) {
      outcome = 'converged';
      break;
    }
    const [sx, sy] = dampedStep(at, damping);
    const relativeStep = Math.hypot(sx, sy) / (1 + Math.hypot(at.x, at.y));
    if (relativeStep <= stepTolerance && gradientNorm(at) <= resolvable(at, gradientTolerance)) {
      outcome = 'converged';
      break;
    }
    if (relativeStep <= Number.EPSILON / 4) {
      outcome = 'stalled';
      break;
    }
    const next = await jet(at.x + sx, at.y + sy);
    const squaredCurvature = at.xx ** 2 + 2 * at.xy ** 2 + at.yy ** 2;
    if (hasFiniteJet(next) && gradientNorm(next) < gradientNorm(at)) {
      at = next;
      damping = damping < 1e-12 * squaredCurvature ? 0 : damping / 10;
    } else if (gradientNorm(at) <= resolvable(at, gradientTolerance)) {
      // Rounding decides which of two neighbours is better: nothing left to gain.
      outcome = 'converged';
      break;
    } else {
      damping = Math.max(10 * damping, 1e-6 * squaredCurvature, Number.MIN_VALUE);
    }
  }
  if (outcome === 'maxIterations' && gradientNorm(at) <= resolvable(at, gradientTolerance)) outcome = 'converged';
  return { outcome, iterations, point: await named(jet, at, outcome === 'converged') };
}

/** The tolerance, or 256 ulp of the products that make up the gradient where that is more. */
function resolvable(at: Jet, tolerance: number): number {
  return Math.max(tolerance, 256 * Number.EPSILON * curvature(at) * (1 + Math.hypot(at.x, at.y)));
}

/** s = −(H² + μI)⁻¹Hg; for μ = 0 the Newton step, or along the regular direction only where H is singular. */
function dampedStep({ gx, gy, xx, xy, yy }: Jet, mu: number): [number, number] {
  const [low, high] = eigenvalues(xx, xy, yy);
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
  // Unit eigenvector of `high`; the other is perpendicular.
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const alongHigh = c * gx + s * gy;
  const alongLow = -s * gx + c * gy;
  const factor = (lambda: number) => {
    const denominator = lambda * lambda + mu;
    return denominator > 0 ? -lambda / denominator : 0;
  };
  const a = factor(high) * alongHigh;
  const b = factor(low) * alongLow;
  return [c * a - s * b, s * a + c * b];
}

/** Eigenvalues of [xx xy; xy yy], ascending, without cancellation in the discriminant. */
function eigenvalues(xx: number, xy: number, yy: number): [number, number] {
  const mean = (xx + yy) / 2;
  const radius = Math.hypot((xx - yy) / 2, xy);
  return [mean - radius, mean + radius];
}

async function named(jet: ReturnType<typeof jetsOf>, at: Jet, converged: boolean): Promise<CriticalPoint> {
  const values = eigenvalues(at.xx, at.xy, at.yy);
  const residual = gradientNorm(at);
  const point = { x: at.x, y: at.y, value: at.value, eigenvalues: values, residual };
  if (!converged) return { ...point, kind: 'notCritical', index: null };
  let around = curvature(at);
  const reach = neighbourhood * (1 + Math.hypot(at.x, at.y));
  for (const [dx, dy] of [
    [reach, 0],
    [-reach, 0],
    [0, reach],
    [0, -reach],
  ] as const) {
    const near = curvature(await jet(at.x + dx, at.y + dy));
    if (Number.isFinite(near)) around = Math.max(around, near);
  }
  const { kind, index } = classify(
    { dimension: 2, gradientNorm: 0, eigenvalueTolerance: Math.max(neighbourhoodTolerance * around, 1e-12) },
    { eigenvalues: values, smallestKnown: true, largestKnown: true },
  );
  return { ...point, kind, index };
}

/** ‖H‖_F */
function curvature({ xx, xy, yy }: Jet): number {
  return Math.hypot(xx, Math.SQRT2 * xy, yy);
}
