import { z } from 'zod';
import type { CriticalPoint } from './catalog';
import { type Domain, domainSchema, objectiveSchema } from './experiment';

export const allCriticalPointsSchema = z.strictObject({
  objective: objectiveSchema,
  /** x0, x1, y0, y1; the function's own domain when left out. */
  window: domainSchema.optional(),
});

/** Where the search found neither a point nor its absence. */
export interface UnresolvedPlace {
  /** kink: ∇f jumps or is not finite (a cone's tip, a pole); flat: a curve or an area on which ∇f is zero or nearly so. */
  kind: 'kink' | 'flat';
  /** x0, x1, y0, y1 of a box around it. */
  box: Domain;
  /** Winding number of ∇f around the box; null where ∇f vanishes or is not finite on its edge. */
  index: number | null;
}

/** All critical points of a two-parameter function in a window. */
export interface CriticalPoints {
  window: Domain;
  /** Minima by value, then saddles, maxima and degenerate points. */
  points: CriticalPoint[];
  unresolved: UnresolvedPlace[];
  /** Share of the window where value or derivatives are not finite: nothing is claimed there. */
  maskedShare: number;
  /**
   * Poincaré–Hopf: the winding number of ∇f along the window's edge is the sum of the indices inside (minimum and maximum
   * +1, saddle −1, monkey saddle −2). null where a number does not exist: ∇f vanishes or is not finite on the way.
   */
  windingNumber: { edge: number | null; inside: number | null };
  /** The two winding numbers agree, nothing is unresolved or masked and two different grids gave the same points. */
  verified: boolean;
  /** Cells along a side of the finest grid the search began with. */
  grid: number;
  /** Points at which value, gradient and Hessian were evaluated, those of Newton's method aside. */
  evaluations: number;
  seconds: number;
}
