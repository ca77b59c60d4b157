import { z } from 'zod';
import { type Domain, domainSchema, executorChoiceSchema, objectiveSchema } from './experiment';

/** Where the origin and the data of a plane come from. */
export const planeSourceSchema = z.discriminatedUnion('kind', [
  /** One to eight runs of the same objective; the first gives the origin. */
  z.strictObject({ kind: z.literal('runs'), runIds: z.array(z.string()).min(1).max(8) }),
  /** A two-parameter function before anything has run on it. */
  z.strictObject({ kind: z.literal('objective'), objective: objectiveSchema }),
]);
export type PlaneSource = z.infer<typeof planeSourceSchema>;

const row = z.union([z.literal('final'), z.int().min(0)]);

export const planeSpecSchema = z.discriminatedUnion('kind', [
  /** Uncentred PCA of the path about its end: rows θ_t − θ_T (field-notes: the plane contains the end). */
  z.strictObject({ kind: z.literal('pca'), biases: z.boolean().default(true) }),
  /** Two Gaussian directions (Li et al. 2018), orthogonalized after normalization. */
  z.strictObject({
    kind: z.literal('random'),
    seed: z.int().min(0).default(0),
    normalization: z.enum(['filter', 'layer', 'none']).default('filter'),
    /** Biases are zeroed in the directions, or kept as drawn; never copied from the weights. */
    biases: z.enum(['zero', 'keep']).default('zero'),
    origin: row.default('final'),
  }),
  /** Two chosen parameters; coordinates are their own values. */
  z.strictObject({
    kind: z.literal('parameters'),
    indices: z.tuple([z.int().min(0), z.int().min(0)]).default([0, 1]),
    origin: row.default('final'),
  }),
]);
export type PlaneSpec = z.infer<typeof planeSpecSchema>;

export const planeRequestSchema = z.strictObject({ source: planeSourceSchema, plane: planeSpecSchema });
export type PlaneRequest = z.infer<typeof planeRequestSchema>;

/** A run's path seen from a plane. All arrays have one entry per recorded row. */
export interface PlanePath {
  runId: string;
  /** Least-squares coordinates of θ_t on the plane. */
  x: Float64Array;
  y: Float64Array;
  /** Distance of θ_t from the plane. */
  residual: Float64Array;
  /** The true loss at θ_t (not the slice's). */
  loss: Float64Array;
}

export interface Plane {
  spec: PlaneSpec;
  /** P, the dimension of the full space. */
  dimension: number;
  /** ‖d₁‖, ‖d₂‖ in parameter space. */
  norms: [number, number];
  /** Cosine between the two axes. */
  axisCosine: number;
  /** Share of Σ‖θ_t − origin‖² in each axis; null where there is no path. */
  explainedVarianceRatio: [number, number] | null;
  labels: [string, string];
  /** A window holding the paths (or the function's domain) with a margin. */
  range: Domain;
  paths: PlanePath[];
}

export const subsetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('full') }),
  /** n examples drawn without replacement by the seed. */
  z.strictObject({ kind: z.literal('random'), examples: z.int().min(1), seed: z.int().min(0).default(0) }),
]);
export type Subset = z.infer<typeof subsetSchema>;

/** Examples that curvature is measured on. */
export const curvatureSubsetSchema = z.discriminatedUnion('kind', [
  ...subsetSchema.options,
  /** The first minibatches of one epoch shuffled by the seed; their mean, weighted by size. */
  z.strictObject({
    kind: z.literal('batches'),
    batches: z.int().min(1).max(1_000),
    batchSize: z.int().min(1),
    seed: z.int().min(0).default(0),
  }),
]);
export type CurvatureSubset = z.infer<typeof curvatureSubsetSchema>;

/**
 * hessian: of the loss with its L2 term. gaussNewton: JᵀH_ℓJ with J the Jacobian of the network's outputs and H_ℓ the
 * Hessian of the loss in them, plus the L2 term's; for cross-entropy the Fisher information.
 */
export const curvatureMatrixSchema = z.enum(['hessian', 'gaussNewton']);
export type CurvatureMatrix = z.infer<typeof curvatureMatrixSchema>;

export const maximumGridCells = 4_194_304;
export const gridSchema = z
  .tuple([z.int().min(2).max(4_096), z.int().min(2).max(4_096)])
  .refine(([nx, ny]) => nx * ny <= maximumGridCells, { error: `a grid holds at most ${maximumGridCells} cells` });

export const surfaceRequestSchema = planeRequestSchema.extend({
  /** Points along x and y. */
  grid: gridSchema.default([51, 51]),
  /** x0, x1, y0, y1; the plane's own range when left out. */
  range: domainSchema.optional(),
  subset: subsetSchema.default({ kind: 'full' }),
  split: z.enum(['train', 'validation']).default('train'),
  executor: executorChoiceSchema.default('auto'),
  /**
   * Compute only where the surface bends and interpolate the rest, to this error as a share of max − min. Left out: every
   * point is computed.
   */
  adaptive: z.strictObject({ tolerance: z.number().positive().max(1).default(0.01) }).optional(),
  /** Keep the result in the first run's folder (surfaces/ID.npz). */
  save: z.boolean().default(false),
});
export type SurfaceRequest = z.infer<typeof surfaceRequestSchema>;

/** Part of a surface while it is being computed: the cells of one refinement pass. */
export interface SurfaceTile {
  xs: Float64Array;
  ys: Float64Array;
  /** Distance in cells between the points known so far (8, 4, 2, 1). */
  stride: number;
  /** Flat indices j·nx + i of the new points. */
  index: Int32Array;
  loss: Float64Array;
  /** These points are interpolated, not computed (adaptive surfaces). */
  interpolated?: true;
}

/** Which points of an adaptive surface are numbers of the objective, and how good the others are. */
export interface Interpolation {
  /** 1 where the point was computed, 0 where it is interpolated; [ny, nx] as the loss. */
  evaluated: Uint8Array;
  /** Error asked for, as a share of max − min. */
  tolerance: number;
  /** Interpolated points that were computed after all to see how far off they were. */
  checks: number;
  /** The largest |interpolated − computed| among those whose surroundings stayed interpolated; a sample, not a bound. */
  largestError: number;
}

export interface Surface {
  id: string;
  xs: Float64Array;
  ys: Float64Array;
  /** [ny, nx] row-major: loss[j·nx + i] = L(xs[i], ys[j]); NaN where it is not finite. */
  loss: Float64Array;
  /** s/√n per point for a subset; null for full data and functions. */
  standardError: Float64Array | null;
  /** Fraction right per point for classifiers. */
  accuracy: Float64Array | null;
  min: number;
  max: number;
  /** Computed points that were NaN or infinite. */
  masked: number;
  /** Objective evaluations spent. */
  evaluations: number;
  /** Left out where every point was computed. Extremes, standard error and accuracy are those of computed points. */
  interpolation?: Interpolation;
  /**
   * Points taken over from an earlier computation of the same surface, finished or cut off; and why something kept was
   * not used. Left out where nothing was kept.
   */
  reused?: { points: number; refused: string | null };
  seconds: number;
  executor: string;
  subset: Subset;
  split: 'train' | 'validation';
  examples: number;
  plane: Omit<Plane, 'paths'>;
}

/** Where curvature is measured, on which examples, of what and by what. */
export const curvaturePointSchema = z.strictObject({
  runId: z.string(),
  row: row.default('final'),
  subset: curvatureSubsetSchema.default({ kind: 'full' }),
  matrix: curvatureMatrixSchema.default('hessian'),
  seed: z.int().min(0).default(0),
  executor: executorChoiceSchema.default('auto'),
});

/** Settings of every Lanczos search. */
export const lanczosSchema = z.strictObject({
  /** A pair is converged when ‖Hv − λv‖ ≤ tolerance·max|λ|. */
  tolerance: z.number().positive().default(1e-4),
  maxIterations: z.int().min(1).max(10_000).default(400),
});

export const spectrumRequestSchema = curvaturePointSchema.extend({
  /** Largest and smallest eigenvalues asked for. */
  top: z.int().min(0).max(100).default(5),
  bottom: z.int().min(0).max(100).default(2),
  /** Eigenvalues nearest to a shift as well. */
  around: z.strictObject({ shift: z.number().finite(), count: z.int().min(1).max(20).default(3) }).optional(),
  /** dense: every eigenvalue, up to 2,000 parameters. auto: dense up to 200. */
  method: z.enum(['auto', 'lanczos', 'dense']).default('auto'),
  ...lanczosSchema.shape,
});
export type SpectrumRequest = z.infer<typeof spectrumRequestSchema>;

export interface Eigenvalue {
  value: number;
  /** ‖Hv − λv‖₂ with ‖v‖ = 1 */
  residual: number;
  converged: boolean;
}

/** An eigenvalue with what its eigenvector says. */
export interface SpectrumEigenvalue extends Eigenvalue {
  /** Of vᵀHv over the groups of a subset, v held (first order); null on the full data. */
  standardError: number | null;
  /** (gᵀv)²/gᵀg: the share of the gradient along v, from 0 to 1. */
  gradientAlignment: number;
  /** 1/Σv⁴: about how many parameters v lives on. */
  participationRatio: number;
}

export const criticalKinds = ['minimum', 'saddle', 'maximum', 'degenerate', 'notCritical'] as const;
export type CriticalKind = (typeof criticalKinds)[number];

/** What a point is called, and by which tolerances. */
export interface Classification {
  kind: CriticalKind;
  /** Number of negative eigenvalues seen (Morse index); a lower bound unless the whole spectrum is known. */
  index: number | null;
  gradientNorm: number;
  tolerances: { gradient: number; eigenvalue: number };
}

export interface Spectrum extends Classification {
  runId: string | null;
  row: number;
  step: number;
  parameters: number;
  samples: number;
  subset: CurvatureSubset;
  /** H below. Only the Hessian names the point: with gaussNewton the kind is notCritical or degenerate. */
  matrix: CurvatureMatrix;
  loss: number;
  /** gᵀHg and gᵀg: the terms of −εgᵀg + ½ε²gᵀHg. */
  gradientSquared: number;
  gradientHessianGradient: number;
  /** Largest first. */
  eigenvalues: SpectrumEigenvalue[];
  /** Smallest first. */
  bottom: SpectrumEigenvalue[];
  /** Nearest to the shift first; null when none was asked for. */
  around: { shift: number; eigenvalues: SpectrumEigenvalue[] } | null;
  /** dense: every eigenvalue was computed. */
  method: 'lanczos' | 'dense';
  /** All P eigenvalues, ascending, where the method is dense; each within `errorBound` of an exact one. */
  all: { values: number[]; errorBound: number } | null;
  /**
   * max|λ|/min|λ|; null where the smallest magnitude is not known: an eigenvalue that did not converge, one that is ~0,
   * or eigenvalues of both signs of which Lanczos saw the ends only.
   */
  conditionNumber: number | null;
  /** What it can be by the residuals: |λ − θ| ≤ ‖Hv − θv‖. */
  conditionNumberInterval: [number, number] | null;
  iterations: number;
  seconds: number;
  executor: string;
  seed: number;
}

export const probeRequestSchema = planeRequestSchema.extend({ x: z.number().finite(), y: z.number().finite() });

/** The objective at one point of a plane, exactly. */
export interface Probe {
  x: number;
  y: number;
  loss: number;
  /** ∂L/∂x, ∂L/∂y along the plane's axes. */
  gradient: [number, number];
  /** ‖∇L‖ in full space. */
  gradientNorm: number;
}
