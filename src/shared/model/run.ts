import { z } from 'zod';
import { executorSelectionSchema } from './executors';
import { experimentSchema } from './experiment';

/** One named block of the parameter vector, in PyTorch's order and shape. */
export const parameterBlockSchema = z.strictObject({
  /** e.g. `layers.0.weight` */
  name: z.string(),
  shape: z.array(z.int().min(1)),
  offset: z.int().min(0),
  size: z.int().min(1),
  /** scale: the factors of a normalization, 1 at first. */
  role: z.enum(['weight', 'bias', 'scale', 'coordinate']),
});
export type ParameterBlock = z.infer<typeof parameterBlockSchema>;
export type ParameterLayout = readonly ParameterBlock[];

/**
 * How a run ended.
 * converged: the gradient-norm rule; patience: the validation rule; interrupted: found cut off when opened;
 * imported: not trained here, one row of weights from elsewhere.
 */
export const outcomeSchema = z.strictObject({
  kind: z.enum(['running', 'converged', 'maxSteps', 'patience', 'diverged', 'cancelled', 'interrupted', 'imported']),
  /** Steps taken. */
  step: z.int().min(0),
  /** What decided: the gradient norm, the loss that was not finite, … */
  detail: z.string().optional(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** Columns of steps.csv, in order. A value that does not exist is an empty cell, NaN in memory. */
export const metricNames = [
  'step',
  'epoch',
  /** The objective (with its L2 term) over the whole training part at the recorded θ. */
  'loss',
  /** The loss of the batch this step's gradient came from. */
  'batchLoss',
  'validationLoss',
  /** Fraction right on the training part (networks that classify). */
  'accuracy',
  'validationAccuracy',
  /** The objective at the mean of the iterates, and without its L2 term on the validation part (runs with averaging). */
  'averageLoss',
  'averageValidationLoss',
  /** ‖g‖ of the gradient used for the step, before clipping. */
  'gradientNorm',
  /** ‖θ(t+1) − θ(t)‖ */
  'updateNorm',
  'learningRate',
  /**
   * Evaluations of the loss and of its gradient and products with a curvature matrix, one each, that the steps before
   * this row took; what is only measured does not count.
   */
  'evaluations',
] as const;
export type MetricName = (typeof metricNames)[number];
/** One column per metric, all of the same length. */
export type MetricColumns = Record<MetricName, Float64Array>;

export const runSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}$/),
  experiment: experimentSchema,
  parameters: z.array(parameterBlockSchema),
  parameterCount: z.int().min(1),
  /** SHA-256 of the prepared data (x, y, split); null for functions. */
  datasetFingerprint: z.string().nullable(),
  /** Examples in the training and the validation part; 0 for functions. */
  examples: z.strictObject({ train: z.int().min(0), validation: z.int().min(0) }),
  /** e.g. "wasm (relaxed SIMD, 2 threads)" */
  executor: z.string(),
  /** Why that one; left out for functions, and by versions that did not choose. */
  executorSelection: executorSelectionSchema.optional(),
  createdAt: z.string(),
  outcome: outcomeSchema,
  /** Rows recorded so far (θ and metrics). */
  rows: z.int().min(0),
  seconds: z.number().min(0),
});
export type RunInfo = z.infer<typeof runSchema>;

/** Of the training or the validation part, at every n-th recorded row and the last. */
export const marginsRequestSchema = z.strictObject({
  runId: z.string().min(1),
  part: z.enum(['train', 'validation']).default('train'),
  every: z.int().min(1).default(1),
});

/** An example's margin is the output of its class less the largest other one; one entry per row looked at. */
export interface RunMargins {
  row: Float64Array;
  step: Float64Array;
  /** The smallest margin: positive once every example is right. */
  minimum: Float64Array;
  mean: Float64Array;
  /** Share of positive margins. */
  right: Float64Array;
}

/** A file or folder that should hold something of ours, and why it could not be read. */
export interface UnreadableFile {
  path: string;
  reason: string;
}
