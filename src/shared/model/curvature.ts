import { z } from 'zod';
import { executorSelectionSchema } from './executors';
import { executorChoiceSchema, type LossName } from './experiment';
import {
  curvatureMatrixSchema,
  curvaturePointSchema,
  curvatureSubsetSchema,
  eigenvalueSchema,
  lanczosSchema,
  measuredSchema,
  spectrumSchema,
  vectorSchema,
} from './landscape';

/** What can be measured of the curvature; each is a request `curvature/NAME`. */
export const measurementSchema = z.enum(['spectrum', 'density', 'trace', 'layers', 'alongPath']);
export type Measurement = z.infer<typeof measurementSchema>;

const interval = z.tuple([measuredSchema, measuredSchema]);

/** Where and of what a result was measured. */
const resultSchema = z.object({
  runId: z.string(),
  row: z.number(),
  step: z.number(),
  parameters: z.number(),
  samples: z.number(),
  subset: curvatureSubsetSchema,
  matrix: curvatureMatrixSchema,
  /** Products with the matrix; one with every group of a subset counts as one. */
  products: z.number(),
  seconds: z.number(),
  executor: z.string(),
  /** Why that executor; null in results of versions that did not keep it. */
  executorSelection: executorSelectionSchema.nullable().default(null),
  seed: z.number(),
});
export type CurvatureResult = z.output<typeof resultSchema>;

export const densityRequestSchema = curvaturePointSchema.extend({
  /** auto: exact where that takes no more products than starts × steps. exact: up to 2,000 parameters. */
  method: z.enum(['auto', 'slq', 'exact']).default('auto'),
  /** Random start vectors; their spread gives the error band. */
  starts: z.int().min(1).max(200).default(8),
  /** Lanczos steps from each. */
  steps: z.int().min(2).max(600).default(80),
  distribution: z.enum(['rademacher', 'gaussian']).default('rademacher'),
  /** Standard deviation of the Gaussian kernel, relative to λmax − λmin. */
  width: z.number().min(0.001).max(0.2).default(0.01),
});

/** Mean of λ^k over the eigenvalues. */
const momentSchema = z.object({
  value: measuredSchema,
  /** Over the random starts; null for a single one. */
  standardError: z.number().nullable(),
  /** Over the examples of a subset (delete-a-group jackknife); null on the full data. */
  samplingStandardError: z.number().nullable(),
});
export type DensityMoment = z.output<typeof momentSchema>;

export const densitySchema = resultSchema.extend({
  method: z.enum(['exact', 'slq']),
  /** 0 where exact. */
  starts: z.number(),
  steps: z.number(),
  /** Standard deviation of the kernel, in units of λ. */
  sigma: z.number(),
  /** Smallest and largest eigenvalue seen. */
  range: interval,
  xs: vectorSchema,
  /** Per unit of λ; integrates to `mass`. */
  density: vectorSchema,
  /** Of the density over the random starts; null where exact or for a single one. */
  standardError: vectorSchema.nullable(),
  /** ∫ density dλ by the trapezoid rule: 1 up to rounding. */
  mass: measuredSchema,
  /** First and second: tr H/P and ‖H‖²_F/P. */
  moments: z.tuple([momentSchema, momentSchema]),
  /** The quadrature behind the curve: Σ weights·f(nodes) ≈ tr f(H)/P. All eigenvalues where exact. */
  nodes: vectorSchema,
  weights: vectorSchema,
});
export type Density = z.output<typeof densitySchema>;
/** What the estimator knows; the caller adds where and of what it was measured. */
export type DensityEstimate = Omit<Density, Exclude<keyof CurvatureResult, 'products'>>;

export const traceMethodSchema = z.enum(['hutch++', 'hutchinson']);
export type TraceMethod = z.infer<typeof traceMethodSchema>;
const confidence = z.number().gt(0).lt(1).default(0.95);

export const traceRequestSchema = curvaturePointSchema.extend({
  method: traceMethodSchema.default('hutch++'),
  /** With as many as parameters the trace is exact. */
  products: z.int().min(6).max(100_000).default(60),
  confidence,
});

export const traceSchema = resultSchema.extend({
  value: measuredSchema,
  /** Of both sources together. */
  standardError: measuredSchema,
  /** From the random probes; 0 where exact. */
  probeStandardError: measuredSchema,
  /** From the examples of a subset; null on the full data. */
  samplingStandardError: z.number().nullable(),
  confidence: z.number(),
  /** Student's t with the degrees of freedom of the spreads. */
  interval,
  method: z.enum([...traceMethodSchema.options, 'exact']),
});
export type Trace = z.output<typeof traceSchema>;
export type TraceEstimate = Omit<Trace, Exclude<keyof CurvatureResult, 'products'>>;

export const layersRequestSchema = curvaturePointSchema.extend({
  /** Eigenvectors of the whole matrix whose shares are told. */
  top: z.int().min(0).max(20).default(3),
  /** Largest eigenvalues of each layer's block. */
  blockTop: z.int().min(0).max(20).default(1),
  /** Products for the traces, shared by all layers. */
  products: z.int().min(2).max(10_000).default(40),
  confidence,
  ...lanczosSchema.shape,
});

const layerCurvatureSchema = z.object({
  /** e.g. `layers.0` */
  name: z.string(),
  parameters: z.number(),
  /** Largest of the layer's own block, largest first. */
  eigenvalues: z.array(eigenvalueSchema),
  /** Of the block; Hutchinson. */
  trace: z.object({ value: measuredSchema, standardError: measuredSchema, interval }),
  /** Share of the squared gradient norm in this layer. */
  gradientShare: measuredSchema,
});

const layerEigenvectorSchema = eigenvalueSchema.extend({
  /** Σv² over each layer; adds up to 1. */
  participation: z.array(measuredSchema),
  /** 1/Σv⁴: about how many parameters the vector lives on. */
  participationRatio: measuredSchema,
  /** (gᵀv)²/gᵀg */
  gradientAlignment: measuredSchema,
});

export const layersSchema = resultSchema.extend({
  layers: z.array(layerCurvatureSchema),
  /** Of the whole matrix, largest eigenvalue first. */
  eigenvectors: z.array(layerEigenvectorSchema),
  confidence: z.number(),
});
export type Layers = z.output<typeof layersSchema>;

export const pathRequestSchema = z.strictObject({
  runId: z.string(),
  /** Every n-th recorded row, and the last. */
  every: z.int().min(1).default(1),
  subset: curvatureSubsetSchema.default({ kind: 'full' }),
  matrix: curvatureMatrixSchema.default('hessian'),
  seed: z.int().min(0).default(0),
  executor: executorChoiceSchema.default('auto'),
  ...lanczosSchema.shape,
});

/** λmax at one recorded row. */
const sharpnessPointSchema = eigenvalueSchema.extend({
  row: z.number(),
  step: z.number(),
  /** Of vᵀHv over the groups of a subset; null on the full data. */
  standardError: z.number().nullable(),
  /** (gᵀv)²/gᵀg */
  gradientAlignment: measuredSchema,
  /** Of the step taken from here; NaN where none was, as at the end. */
  learningRate: measuredSchema,
  products: z.number(),
});
export type SharpnessPoint = z.output<typeof sharpnessPointSchema>;

export const pathSharpnessSchema = resultSchema.omit({ row: true, step: true }).extend({
  every: z.number(),
  points: z.array(sharpnessPointSchema),
});
export type PathSharpness = z.output<typeof pathSharpnessSchema>;

const saved = <M extends Measurement, S extends z.ZodType>(measurement: M, result: S) =>
  z.object({ id: z.string(), measurement: z.literal(measurement), measuredAt: z.string(), result });

/** A result kept in a run's folder, as `spectra/ID.json`. */
export const savedCurvatureSchema = z.discriminatedUnion('measurement', [
  saved('spectrum', spectrumSchema),
  saved('density', densitySchema),
  saved('trace', traceSchema),
  saved('layers', layersSchema),
  saved('alongPath', pathSharpnessSchema),
]);
export type SavedCurvature = z.output<typeof savedCurvatureSchema>;
export type ResultOf<M extends Measurement> = Extract<SavedCurvature, { measurement: M }>['result'];
/** Results of one measurement side by side: of one point and sample, one of each matrix. */
export type CurvatureComparison = {
  [M in Measurement]: { measurement: M; results: readonly ResultOf<M>[] };
}[Measurement];
/** A result with its name, before it is kept. */
export type MeasuredCurvature = {
  [M in Measurement]: Pick<Extract<SavedCurvature, { measurement: M }>, 'measurement' | 'result'>;
}[Measurement];

/**
 * What the Gauss–Newton matrix of a loss is to the Fisher information of the model's distribution (Martens 2020): the same
 * for cross-entropies, a multiple (the noise variance is not the model's) for squared error, something else otherwise.
 */
export function gaussNewtonAsFisher(loss: LossName): 'equal' | 'proportional' | 'different' {
  switch (loss) {
    case 'softmaxCrossEntropy':
    case 'binaryCrossEntropy':
      return 'equal';
    case 'meanSquaredError':
      return 'proportional';
    case 'multiClassHinge':
    case 'huber':
      return 'different';
    default:
      return loss satisfies never;
  }
}
