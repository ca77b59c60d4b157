import { z } from 'zod';
import type { ExecutorSelection } from './executors';
import { executorChoiceSchema } from './experiment';
import {
  type CurvatureMatrix,
  type CurvatureSubset,
  curvatureMatrixSchema,
  curvaturePointSchema,
  curvatureSubsetSchema,
  type Eigenvalue,
  lanczosSchema,
} from './landscape';

/** Where and of what a result was measured. */
export interface CurvatureResult {
  runId: string;
  row: number;
  step: number;
  parameters: number;
  samples: number;
  subset: CurvatureSubset;
  matrix: CurvatureMatrix;
  /** Products with the matrix; one with every group of a subset counts as one. */
  products: number;
  seconds: number;
  executor: string;
  executorSelection: ExecutorSelection | null;
  seed: number;
}

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
export interface DensityMoment {
  value: number;
  /** Over the random starts; null for a single one. */
  standardError: number | null;
  /** Over the examples of a subset (delete-a-group jackknife); null on the full data. */
  samplingStandardError: number | null;
}

export interface DensityEstimate {
  method: 'exact' | 'slq';
  /** 0 where exact. */
  starts: number;
  steps: number;
  /** Standard deviation of the kernel, in units of λ. */
  sigma: number;
  /** Smallest and largest eigenvalue seen. */
  range: [number, number];
  xs: Float64Array;
  /** Per unit of λ; integrates to `mass`. */
  density: Float64Array;
  /** Of the density over the random starts; null where exact or for a single one. */
  standardError: Float64Array | null;
  /** ∫ density dλ by the trapezoid rule: 1 up to rounding. */
  mass: number;
  /** First and second: tr H/P and ‖H‖²_F/P. */
  moments: [DensityMoment, DensityMoment];
  /** The quadrature behind the curve: Σ weights·f(nodes) ≈ tr f(H)/P. All eigenvalues where exact. */
  nodes: Float64Array;
  weights: Float64Array;
  products: number;
}
export interface Density extends CurvatureResult, Omit<DensityEstimate, 'products'> {}

export const traceMethodSchema = z.enum(['hutch++', 'hutchinson']);
export type TraceMethod = z.infer<typeof traceMethodSchema>;
const confidence = z.number().gt(0).lt(1).default(0.95);

export const traceRequestSchema = curvaturePointSchema.extend({
  method: traceMethodSchema.default('hutch++'),
  /** With as many as parameters the trace is exact. */
  products: z.int().min(6).max(100_000).default(60),
  confidence,
});

export interface TraceEstimate {
  value: number;
  /** Of both sources together. */
  standardError: number;
  /** From the random probes; 0 where exact. */
  probeStandardError: number;
  /** From the examples of a subset; null on the full data. */
  samplingStandardError: number | null;
  confidence: number;
  /** Student's t with the degrees of freedom of the spreads. */
  interval: [number, number];
  method: TraceMethod | 'exact';
  products: number;
}
export interface Trace extends CurvatureResult, Omit<TraceEstimate, 'products'> {}

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

export interface BlockTrace {
  value: number;
  standardError: number;
  interval: [number, number];
}

export interface LayerCurvature {
  /** e.g. `layers.0` */
  name: string;
  parameters: number;
  /** Largest of the layer's own block, largest first. */
  eigenvalues: Eigenvalue[];
  /** Of the block; Hutchinson. */
  trace: BlockTrace;
  /** Share of the squared gradient norm in this layer. */
  gradientShare: number;
}

export interface LayerEigenvector extends Eigenvalue {
  /** Σv² over each layer; adds up to 1. */
  participation: number[];
  /** 1/Σv⁴: about how many parameters the vector lives on. */
  participationRatio: number;
  /** (gᵀv)²/gᵀg */
  gradientAlignment: number;
}

export interface Layers extends CurvatureResult {
  layers: LayerCurvature[];
  /** Of the whole matrix, largest eigenvalue first. */
  eigenvectors: LayerEigenvector[];
  confidence: number;
}

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
export interface SharpnessPoint extends Eigenvalue {
  row: number;
  step: number;
  /** Of vᵀHv over the groups of a subset; null on the full data. */
  standardError: number | null;
  /** (gᵀv)²/gᵀg */
  gradientAlignment: number;
  /** Of the step taken from here; NaN where none was, as at the end. */
  learningRate: number;
  products: number;
}

export interface PathSharpness extends Omit<CurvatureResult, 'row' | 'step'> {
  every: number;
  points: SharpnessPoint[];
}
