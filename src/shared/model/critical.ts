import { z } from 'zod';
import type { CriticalPoint } from './catalog';
import { type Domain, domainSchema, executorChoiceSchema, objectiveSchema } from './experiment';
import {
  classificationSchema,
  eigenvalueSchema,
  measuredSchema,
  planeRequestSchema,
  planeSpecSchema,
  vectorSchema,
} from './landscape';

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
const searchOutcomeSchema = z.enum(['converged', 'stalled', 'maxIterations', 'cancelled']);
export type SearchOutcome = z.infer<typeof searchOutcomeSchema>;

/** Where a search starts: a recorded row, or a point of a plane. */
const searchStartSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('row'), row: z.union([z.literal('final'), z.int().min(0)]).default('final') }),
  z.strictObject({ kind: z.literal('plane'), x: z.number().finite(), y: z.number().finite() }),
]);

export const criticalSearchSchema = z.strictObject({
  runId: z.string(),
  from: searchStartSchema.prefault({ kind: 'row' }),
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
const searchStepSchema = z.object({
  iteration: z.number(),
  loss: measuredSchema,
  gradientNorm: measuredSchema,
  /** Hessian products so far. */
  products: z.number(),
});
export type SearchStep = z.output<typeof searchStepSchema>;

/** What a point of full space is, by the eigenvalues of its Hessian. */
const morseIndexSchema = classificationSchema.extend({
  /** Eigenvalues below −tolerance, within it of 0, and above it; null where only the spectrum's ends are known. */
  negative: z.number(),
  zero: z.number().nullable(),
  positive: z.number().nullable(),
  /** `negative` is their number, not a lower bound. */
  indexKnown: z.boolean(),
  /** Largest first. */
  top: z.array(eigenvalueSchema),
  /** Smallest first. */
  bottom: z.array(eigenvalueSchema),
  /** dense: every eigenvalue was computed. */
  spectrum: z.enum(['dense', 'lanczos']),
  /** Hessian products spent. */
  products: z.number(),
});
export type MorseIndex = z.output<typeof morseIndexSchema>;

/** Where a path lies on a plane, point by point, and how far from it. */
const onPlaneSchema = z.object({ x: vectorSchema, y: vectorSchema, distance: vectorSchema });
export type OnPlane = z.output<typeof onPlaneSchema>;

/** The way down from a saddle on one side. */
const descentSchema = z.object({
  /** Of the eigenvector the path starts along. */
  sign: z.union([z.literal(1), z.literal(-1)]),
  /**
   * converged: ‖∇L‖ is within the tolerance; diverged: the loss is not finite or falls without end; stalled: no step
   * lowers it.
   */
  outcome: z.enum(['converged', 'maxSteps', 'diverged', 'stalled']),
  /** Steps of gradient descent. */
  steps: z.number(),
  /** Length of the last stretch where gradient descent crept and saddle-free Newton went on; null where it did not. */
  lastStretch: z.number().nullable(),
  /** Of the path's points that were kept, the saddle first: arc length from it and loss. */
  arcLength: vectorSchema,
  loss: vectorSchema,
  /** null without a plane. */
  onPlane: onPlaneSchema.nullable(),
  gradientNorm: measuredSchema,
  /** What the end is; null where the search did not converge. */
  end: morseIndexSchema.nullable(),
});
export type Descent = z.output<typeof descentSchema>;

/** A critical point in full space and how it was found; what `critical/ID.json` of a run holds. */
export const foundCriticalPointSchema = z.object({
  /** Name of its files in the run's folder, critical/ID.json and .npz; null where it was not kept. */
  id: z.string().nullable(),
  /** ISO 8601. */
  foundAt: z.string(),
  runId: z.string(),
  from: searchStartSchema,
  /** The recorded step, where the search started at one. */
  step: z.number().nullable(),
  method: searchMethodSchema,
  outcome: searchOutcomeSchema,
  parameters: z.number(),
  loss: measuredSchema,
  gradientNorm: measuredSchema,
  /** On ‖∇L‖, and the part of it that is due to the executor's precision. */
  tolerance: measuredSchema,
  floor: measuredSchema,
  /** ‖Hg‖/(‖H‖‖g‖) at the last step; near zero where a search stalled in a gradient-flat region. */
  flatness: z.number().nullable(),
  iterations: z.number(),
  products: z.number(),
  /** The search, step by step; empty in results of versions that did not keep it. */
  steps: z.array(searchStepSchema).default([]),
  /** ‖θ − θ_start‖ */
  distance: measuredSchema,
  /** The plane it is told on; null where none was named, and in results of versions that did not keep it. */
  plane: planeRequestSchema.nullable().default(null),
  /** Coordinates on that plane and distance from it; null where none was named. */
  onPlane: z.object({ x: measuredSchema, y: measuredSchema, distance: measuredSchema }).nullable(),
  index: morseIndexSchema,
  /** Both sides of a saddle; null where none was asked for or the point is no saddle. */
  descents: z.tuple([descentSchema, descentSchema]).nullable(),
  /** Largest difference between both ends after hidden units are matched; null where that is not defined for the model. */
  endsDiffer: z.number().nullable(),
  seconds: z.number(),
  executor: z.string(),
  seed: z.number(),
});
export type FoundCriticalPoint = z.output<typeof foundCriticalPointSchema>;
