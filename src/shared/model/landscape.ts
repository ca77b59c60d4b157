import { z } from 'zod';
import { type ExecutorSelection, executorSelectionSchema } from './executors';
import { type Domain, domainSchema, executorChoiceSchema, objectiveSchema } from './experiment';

/** Where the origin and the data of a plane come from. */
export const planeSourceSchema = z.discriminatedUnion('kind', [
  /** One to eight runs of the same objective; the first gives the origin. */
  z.strictObject({ kind: z.literal('runs'), runIds: z.array(z.string()).min(1).max(8) }),
  /** A two-parameter function before anything has run on it. */
  z.strictObject({ kind: z.literal('objective'), objective: objectiveSchema }),
]);
export type PlaneSource = z.infer<typeof planeSourceSchema>;

export const rowSchema = z.union([z.literal('final'), z.int().min(0)]);

/** A recorded θ of the source: which of its runs, counted from 0, and which row. */
const checkpointSchema = z.strictObject({ run: z.int().min(0).max(7).default(0), row: rowSchema.default('final') });
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** The rank-th eigenvector of the Hessian, counted from the largest (top) or from the smallest eigenvalue (bottom). */
const eigenvectorSchema = z.strictObject({
  end: z.enum(['top', 'bottom']).default('top'),
  rank: z.int().min(1).max(20).default(1),
});
export type EigenvectorChoice = z.infer<typeof eigenvectorSchema>;

/** given: the directions as they are, so that coordinates read as shares; orthonormal: the same plane, unit square axes. */
const axes = z.enum(['given', 'orthonormal']).default('given');

/** Biases and the parameters of norms in the directions. */
const biases = z.boolean().default(true);

const flatPlaneSchema = z.discriminatedUnion('kind', [
  /** Uncentred PCA of the path about its end: rows θ_t − θ_T (field-notes: the plane contains the end). */
  z.strictObject({
    kind: z.literal('pca'),
    biases,
    /** The directions are those of at most so many rows, evenly spread over the paths; all rows when left out. */
    maxRows: z.int().min(16).optional(),
  }),
  /** Two Gaussian directions (Li et al. 2018), orthogonalized after normalization. */
  z.strictObject({
    kind: z.literal('random'),
    seed: z.int().min(0).default(0),
    normalization: z.enum(['filter', 'layer', 'none']).default('filter'),
    /** Biases are zeroed in the directions, or kept as drawn; never copied from the weights. */
    biases: z.enum(['zero', 'keep']).default('zero'),
    origin: rowSchema.default('final'),
  }),
  /** Two chosen parameters; coordinates are their own values. */
  z.strictObject({
    kind: z.literal('parameters'),
    indices: z.tuple([z.int().min(0), z.int().min(0)]).default([0, 1]),
    origin: rowSchema.default('final'),
  }),
  /** Two unit eigenvectors of the Hessian of the training loss at the origin. */
  z.strictObject({
    kind: z.literal('eigenvectors'),
    which: z.tuple([eigenvectorSchema, eigenvectorSchema]).default([
      { end: 'top', rank: 1 },
      { end: 'top', rank: 2 },
    ]),
    biases,
    origin: rowSchema.default('final'),
    seed: z.int().min(0).default(0),
  }),
  /** Spanned by the gradient g of the training loss and Hg at the origin; unit square axes, the first along g. */
  z.strictObject({ kind: z.literal('gradient'), biases, origin: rowSchema.default('final') }),
  /**
   * Through three recorded points: coordinates (x, y) are A + x(B − A) + y(C − A), the barycentric weights of B and C.
   * Through two: the same x, and y along a filter-normalized random direction square to the line, as long as it.
   */
  z.strictObject({
    kind: z.literal('points'),
    points: z.array(checkpointSchema).min(2).max(3),
    axes,
    seed: z.int().min(0).default(0),
  }),
  /**
   * One or two directions from files (.safetensors, .npz in the parameter layout, .npy of all parameters). The second
   * of one alone is random, filter-normalized, square to it and as long.
   */
  z.strictObject({
    kind: z.literal('file'),
    paths: z.array(z.string().min(1)).min(1).max(2),
    axes,
    origin: rowSchema.default('final'),
    seed: z.int().min(0).default(0),
  }),
  /** Both ends and the (middle) bend of a curve kept in the first run's folder; coordinates as through three points. */
  z.strictObject({ kind: z.literal('connection'), id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}$/), axes }),
]);
export type FlatPlaneSpec = z.infer<typeof flatPlaneSchema>;

/** A direction of its own, to turn a plane toward; it is made square to the plane. */
export const directionSchema = z.discriminatedUnion('kind', [
  /** Gaussian, filter-normalized, biases zero. */
  z.strictObject({ kind: z.literal('random'), seed: z.int().min(0).default(1) }),
  /** From the origin to a recorded θ. */
  z.strictObject({ kind: z.literal('point'), ...checkpointSchema.shape }),
  z.strictObject({ kind: z.literal('gradient') }),
  z.strictObject({ kind: z.literal('eigenvector'), ...eigenvectorSchema.shape }),
  z.strictObject({ kind: z.literal('file'), path: z.string().min(1) }),
]);
export type DirectionSpec = z.infer<typeof directionSchema>;

/**
 * A plane turned by hand: with û the third direction made square to the plane and as long as the turning axis d, that
 * axis becomes cos(angle)·d + sin(angle)·û; the other stays. The origin may be moved to a row of the first run.
 */
const turnedPlaneSchema = z.strictObject({
  kind: z.literal('turned'),
  base: flatPlaneSchema,
  toward: directionSchema,
  /** Radians. */
  angle: z.number().finite(),
  axis: z.enum(['first', 'second']).default('second'),
  /** 'base' leaves the origin where it is. */
  origin: z.union([z.literal('base'), rowSchema]).default('base'),
});
export type TurnedPlaneSpec = z.infer<typeof turnedPlaneSchema>;

export const planeSpecSchema = z.discriminatedUnion('kind', [...flatPlaneSchema.options, turnedPlaneSchema]);
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

/** A curve between two solutions seen from a plane, from its first end to its second; the run keeps it. */
export interface PlaneCurve extends PlanePath {
  t: Float64Array;
  /** Coordinates of its nodes between the two ends; of several only the middle one is on the plane. */
  bends: { x: Float64Array; y: Float64Array };
}

export interface Plane {
  spec: PlaneSpec;
  /** P, the dimension of the full space. */
  dimension: number;
  /** ‖d₁‖, ‖d₂‖ in parameter space. */
  norms: [number, number];
  /** Cosine between the two axes. */
  axisCosine: number;
  /**
   * Share of Σ‖θ_t − origin‖² in the first axis and in what the second adds to it; null where there is no path.
   */
  explainedVarianceRatio: [number, number] | null;
  /** Of the Hessian along each axis, where the axes are eigenvectors. */
  eigenvalues?: [Eigenvalue, Eigenvalue];
  labels: [string, string];
  /** A window holding the paths (or the function's domain) with a margin. */
  range: Domain;
  paths: PlanePath[];
  /** The curve a 'connection' plane was made for. */
  curve?: PlaneCurve;
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
 * - hessian: of the loss with its L2 term.
 * - gaussNewton: JᵀH_ℓJ with J the Jacobian of the network's outputs and H_ℓ the Hessian of the loss in them, plus the L2
 *   term's. The Fisher information for cross-entropy, and up to the noise variance for squared error (Martens 2020).
 * - empiricalFisher: (1/n)Σ gᵢgᵢᵀ of the examples' own gradients, without the L2 term. Not the Fisher information: it takes
 *   the labels from the data instead of the model (Kunstner, Balles & Hennig 2019).
 */
export const curvatureMatrixSchema = z.enum(['hessian', 'gaussNewton', 'empiricalFisher']);
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
  /** The L2 term of the training loss in the picture, or the loss of the data alone. The validation loss never has it. */
  l2: z.enum(['in', 'out']).default('in'),
  executor: executorChoiceSchema.default('auto'),
  /**
   * Where the run has running statistics of batch norm: those, the same at every point, or the ones of the examples,
   * recomputed at every point.
   */
  statistics: z.enum(['given', 'recomputed']).default('given'),
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
  executorSelection: ExecutorSelection | null;
  subset: Subset;
  split: 'train' | 'validation';
  examples: number;
  plane: Omit<Plane, 'paths' | 'curve'>;
}

/** Where curvature is measured, on which examples, of what and by what. */
export const curvaturePointSchema = z.strictObject({
  runId: z.string(),
  row: rowSchema.default('final'),
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

/** Results are kept as JSON, which knows no NaN: null is read as one. */
export const measuredSchema = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

/** Numbers in a row: typed here, a list in JSON. */
export const vectorSchema = z
  .union([z.instanceof(Float64Array), z.array(z.number().nullable())])
  .transform((values): Float64Array => Float64Array.from(values, (value) => value ?? Number.NaN));

export const eigenvalueSchema = z.object({
  value: measuredSchema,
  /** ‖Hv − λv‖₂ with ‖v‖ = 1 */
  residual: measuredSchema,
  converged: z.boolean(),
});
export type Eigenvalue = z.output<typeof eigenvalueSchema>;

/** An eigenvalue with what its eigenvector says. */
const spectrumEigenvalueSchema = eigenvalueSchema.extend({
  /** Of vᵀHv over the groups of a subset, v held (first order); null on the full data. */
  standardError: z.number().nullable(),
  /** (gᵀv)²/gᵀg: the share of the gradient along v, from 0 to 1. */
  gradientAlignment: measuredSchema,
  /** 1/Σv⁴: about how many parameters v lives on. */
  participationRatio: measuredSchema,
});
export type SpectrumEigenvalue = z.output<typeof spectrumEigenvalueSchema>;

export const criticalKinds = ['minimum', 'saddle', 'maximum', 'degenerate', 'notCritical'] as const;
export type CriticalKind = (typeof criticalKinds)[number];

/** What a point is called, and by which tolerances. */
export const classificationSchema = z.object({
  kind: z.enum(criticalKinds),
  /** Number of negative eigenvalues seen (Morse index); a lower bound unless the whole spectrum is known. */
  index: z.number().nullable(),
  gradientNorm: measuredSchema,
  tolerances: z.object({ gradient: z.number(), eigenvalue: z.number() }),
});
export type Classification = z.output<typeof classificationSchema>;

export const spectrumSchema = classificationSchema.extend({
  runId: z.string().nullable(),
  row: z.number(),
  step: z.number(),
  parameters: z.number(),
  samples: z.number(),
  subset: curvatureSubsetSchema,
  /** H below. Only the Hessian names the point: with the others the kind is notCritical or degenerate. */
  matrix: curvatureMatrixSchema,
  loss: measuredSchema,
  /** gᵀHg and gᵀg: the terms of −εgᵀg + ½ε²gᵀHg. */
  gradientSquared: measuredSchema,
  gradientHessianGradient: measuredSchema,
  /** Largest first. */
  eigenvalues: z.array(spectrumEigenvalueSchema),
  /** Smallest first. */
  bottom: z.array(spectrumEigenvalueSchema),
  /** Nearest to the shift first; null when none was asked for. */
  around: z.object({ shift: z.number(), eigenvalues: z.array(spectrumEigenvalueSchema) }).nullable(),
  /** dense: every eigenvalue was computed. */
  method: z.enum(['lanczos', 'dense']),
  /** All P eigenvalues, ascending, where the method is dense; each within `errorBound` of an exact one. */
  all: z.object({ values: z.array(measuredSchema), errorBound: measuredSchema }).nullable(),
  /**
   * max|λ|/min|λ|; null where the smallest magnitude is not known: an eigenvalue that did not converge, one that is ~0,
   * or eigenvalues of both signs of which Lanczos saw the ends only.
   */
  conditionNumber: z.number().nullable(),
  /** What it can be by the residuals: |λ − θ| ≤ ‖Hv − θv‖. */
  conditionNumberInterval: z.tuple([z.number(), z.number()]).nullable(),
  /** Over the groups of a subset, both eigenvectors held (first order); null on the full data. */
  conditionNumberStandardError: z.number().nullable().default(null),
  iterations: z.number(),
  seconds: z.number(),
  executor: z.string(),
  executorSelection: executorSelectionSchema.nullable().default(null),
  seed: z.number(),
});
export type Spectrum = z.output<typeof spectrumSchema>;

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
