import { z } from 'zod';
import { executorChoiceSchema, optimizerSchema, trainingSchema } from './experiment';
import { measuredSchema, rowSchema, type Subset, subsetSchema } from './landscape';

/** What joins two solutions: the straight line, a Bezier curve, or straight segments over bends. */
export const curveKindSchema = z.enum(['line', 'bezier', 'polygon']);
export type CurveKind = z.infer<typeof curveKindSchema>;

export const connectionRequestSchema = z.strictObject({
  /** Two runs of the same objective, or one run twice with different rows. */
  runIds: z.tuple([z.string(), z.string()]),
  rows: z.tuple([rowSchema, rowSchema]).default(['final', 'final']),
  curve: curveKindSchema.default('bezier'),
  /** Nodes between the ends that are trained (Garipov et al. 2018: one). */
  bends: z.int().min(1).max(7).default(1),
  /** Bring the hidden units of the second end into the order of the first before anything else. */
  align: z.boolean().default(false),
  /** Values of t the losses are measured at. */
  points: z.int().min(3).max(1_001).default(61),
  steps: z.int().min(1).max(1_000_000).default(1_000),
  /** As the first run was trained, when left out. */
  batchSize: trainingSchema.shape.batchSize.unwrap().optional(),
  /** Adam with rate 0.01 falling to 0 as a cosine, when left out. */
  optimizer: optimizerSchema.optional(),
  /** Examples the losses are measured on; the curve is trained on all. */
  subset: subsetSchema.default({ kind: 'full' }),
  executor: executorChoiceSchema.default('auto'),
  seed: z.int().min(0).default(0),
  /** Keep the result in the first run's folder (connections/ID.json, ID.npz). */
  save: z.boolean().default(true),
});
export type ConnectionRequest = z.infer<typeof connectionRequestSchema>;

export interface Barrier {
  /** max_t L(φ(t)) − ((1 − t)L(θ_A) + tL(θ_B)); 0 where the curve is nowhere above the ends' line. */
  height: number;
  /** Where. */
  t: number;
  /** Of the height as a mean over examples; null where no example has a loss of its own. */
  standardError: number | null;
}

export interface ConnectionProfile {
  /** Evenly spaced from 0 to 1. */
  t: Float64Array;
  /** NaN where it is not finite. */
  loss: Float64Array;
  /** s/√n for a subset; null for all examples and functions. */
  standardError: Float64Array | null;
  accuracy: Float64Array | null;
  masked: number;
  /** The largest loss. */
  maximum: number;
  /** Of the curve in parameter space. */
  length: number;
  barrier: Barrier;
}

export interface Connection {
  id: string;
  ends: [ConnectionEnd, ConnectionEnd];
  curve: CurveKind;
  /** The straight line between the ends (aligned ones where that was asked for). */
  line: ConnectionProfile;
  /** The trained curve; null for a line. */
  trained: ConnectionProfile | null;
  alignment: {
    /** Hidden units, and how many of them changed places. */
    units: number;
    moved: number;
    /** How many changed sign on both sides (tanh, no activation). */
    flipped: number;
    /** Units were given the scales of the first end's (relu, no activation; not with an L2 term). */
    rescaled: boolean;
    /** ‖θ_A − θ_B‖ before and after. */
    distance: [number, number];
    /** The straight line before the alignment. */
    line: ConnectionProfile;
  } | null;
  steps: number;
  seed: number;
  subset: Subset;
  samples: number;
  seconds: number;
  executor: string;
}

export interface ConnectionEnd {
  runId: string;
  row: number;
  step: number;
}

const endSchema = z.object({ runId: z.string(), row: z.int().min(0), step: z.number() });
const scalarsSchema = z.object({ barrier: z.object({ height: measuredSchema }) });

/** What a run keeps of a connection beside its curve, as far as one is told from another by it. */
export const keptConnectionSchema = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}$/),
  ends: z.tuple([endSchema, endSchema]),
  curve: curveKindSchema,
  line: scalarsSchema,
  trained: scalarsSchema.nullable(),
});
export type KeptConnection = z.infer<typeof keptConnectionSchema>;
