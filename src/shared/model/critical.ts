import { z } from 'zod';
import type { CriticalPoint } from './catalog';
import { type Domain, domainSchema, executorChoiceSchema, objectiveSchema } from './experiment';
import { type Classification, type Eigenvalue, planeSpecSchema } from './landscape';

export const allCriticalPointsSchema = z.strictObject({
  objective: objectiveSchema,
  /** x0, x1, y0, y1; the function's own domain when left out. */
  window: domainSchema.optional(),
});

/** Where the search found neither a point nor its absence. */
export interface UnresolvedPlace {
  /**
   * kink: ∇f jumps or is not finite (a cone's tip, a pole); flat: a curve or an area on which ∇f is zero or nearly so;
   * crowded: more points than could be told apart.
   */
  kind: 'kink' | 'flat' | 'crowded';
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

/**
 * newtonMR, dampedNewton: Newton steps shortened until ‖∇L‖ falls; gaussNewton: minimize ½‖∇L‖²; saddleFree: −|H|⁻¹∇L,
 * which passes saddles.
 */
export const searchMethodSchema = z.enum(['newtonMR', 'gaussNewton', 'dampedNewton', 'saddleFree']);
export type SearchMethod = z.infer<typeof searchMethodSchema>;

/** stalled: steps no longer lower ‖∇L‖ (saddleFree: L) although it is above the tolerance. */
export type SearchOutcome = 'converged' | 'stalled' | 'maxIterations' | 'cancelled';

export const criticalSearchSchema = z.strictObject({
  runId: z.string(),
  /** Where the search starts: a recorded row, or a point of a plane. */
  from: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('row'), row: z.union([z.literal('final'), z.int().min(0)]).default('final') }),
      z.strictObject({ kind: z.literal('plane'), x: z.number().finite(), y: z.number().finite() }),
    ])
    .prefault({ kind: 'row' }),
  /** Where the point is told on, and a start of kind "plane" lies. */
  plane: planeSpecSchema.optional(),
  /** Runs that plane is made of, in their order; the run alone when left out. */
  planeRuns: z.array(z.string()).min(1).optional(),
  method: searchMethodSchema.default('newtonMR'),
  /** On ‖∇L‖; loosened to what the executor's precision can resolve. */
  tolerance: z.number().positive().default(1e-8),
  maxIterations: z.int().min(1).max(10_000).default(100),
  /** Hessian products of one iteration at most. */
  maxProducts: z.int().min(1).max(2_000).default(200),
  /** Largest eigenvalues reported; of the smallest as many, and more while they are negative. */
  top: z.int().min(1).max(100).default(5),
  /** Follow the most negative eigenvector down both sides of a saddle. */
  descend: z.boolean().default(false),
  /** Go on in float64 (reference) from where a float32 executor's search ended. */
  polish: z.boolean().default(false),
  seed: z.int().min(0).default(0),
  /** auto: the float64 reference where parameters × examples ≤ 500,000, else as for runs. */
  executor: executorChoiceSchema.default('auto'),
});
export type CriticalSearch = z.infer<typeof criticalSearchSchema>;

/** One step of a search as it is taken. */
export interface SearchStep {
  iteration: number;
  loss: number;
  gradientNorm: number;
  /** Hessian products so far. */
  products: number;
}

/** What a point of full space is, by the eigenvalues of its Hessian. */
export interface MorseIndex extends Classification {
  /** Eigenvalues below −tolerance, within it of 0, and above it; null where only the spectrum's ends are known. */
  negative: number;
  zero: number | null;
  positive: number | null;
  /** `negative` is their number, not a lower bound. */
  indexKnown: boolean;
  /** Largest first. */
  top: Eigenvalue[];
  /** Smallest first. */
  bottom: Eigenvalue[];
  /** dense: every eigenvalue was computed. */
  spectrum: 'dense' | 'lanczos';
  /** Hessian products spent. */
  products: number;
}

/** Where a path lies on a plane, point by point, and how far from it. */
export interface OnPlane {
  x: Float64Array;
  y: Float64Array;
  distance: Float64Array;
}

/** The way down from a saddle on one side. */
export interface Descent {
  /** Of the eigenvector the path starts along. */
  sign: 1 | -1;
  /**
   * converged: ‖∇L‖ is within the tolerance; diverged: the loss is not finite or falls without end; stalled: no step
   * lowers it.
   */
  outcome: 'converged' | 'maxSteps' | 'diverged' | 'stalled';
  /** Steps of gradient descent. */
  steps: number;
  /** Length of the last stretch where gradient descent crept and saddle-free Newton went on; null where it did not. */
  lastStretch: number | null;
  /** Of the path's points that were kept, the saddle first: arc length from it and loss. */
  arcLength: Float64Array;
  loss: Float64Array;
  /** null without a plane. */
  onPlane: OnPlane | null;
  gradientNorm: number;
  /** What the end is; null where the search did not converge. */
  end: MorseIndex | null;
}

/** A critical point in full space and how it was found. */
export interface FoundCriticalPoint {
  /** Name of its files in the run's folder, critical/ID.json and .npz; null where it was not kept. */
  id: string | null;
  runId: string;
  from: CriticalSearch['from'];
  /** The recorded step, where the search started at one. */
  step: number | null;
  method: SearchMethod;
  outcome: SearchOutcome;
  parameters: number;
  loss: number;
  gradientNorm: number;
  /** On ‖∇L‖, and the part of it that is due to the executor's precision. */
  tolerance: number;
  floor: number;
  /** ‖Hg‖/(‖H‖‖g‖) at the last step; near zero where a search stalled in a gradient-flat region. */
  flatness: number | null;
  iterations: number;
  products: number;
  /** ‖θ − θ_start‖ */
  distance: number;
  /** Coordinates on the plane and distance from it; null where none was named. */
  onPlane: { x: number; y: number; distance: number } | null;
  index: MorseIndex;
  /** Both sides of a saddle; null where none was asked for or the point is no saddle. */
  descents: [Descent, Descent] | null;
  /** Largest difference between both ends after hidden units are matched; null where that is not defined for the model. */
  endsDiffer: number | null;
  seconds: number;
  executor: string;
  seed: number;
}
