import { z } from 'zod';
import { saidSchema } from '../messages';
import { type ExecutorName, executorNames } from './experiment';

const executorName = z.enum(executorNames);

/** Why this executor: kept and shown wherever a result names it. */
export const executorSelectionSchema = z.strictObject({
  /**
   * asked: named by the experiment or the command; preferred: named by the settings; measured: the fastest by what was
   * measured on this machine; typical: the fastest by the built-in table, before anything was measured.
   */
  by: z.enum(['asked', 'preferred', 'measured', 'typical']),
  /** What was to be fast: gradients, which training and curvature are made of, or the points of a surface. */
  per: z.enum(['gradient', 'point']),
  /** Predicted seconds of one, fastest first; [] where the executor was named. */
  estimates: z.array(z.strictObject({ executor: executorName, seconds: z.number().positive() })),
  /** Those that would have come before it, and why they did not. */
  passedOver: z.array(z.strictObject({ executor: executorName, reason: z.string(), said: saidSchema.optional() })),
});
export type ExecutorSelection = z.infer<typeof executorSelectionSchema>;

export type ExecutorPurpose = ExecutorSelection['per'];

/** Networks every executor is timed on, by name. */
export const representativeNets = ['tiny', 'wide', 'medium', 'convolution', 'recurrent'] as const;
export type RepresentativeNet = (typeof representativeNets)[number];

export const executorCheckSchema = z.strictObject({
  net: z.enum(['dense', 'convolution']),
  quantity: z.enum(['gradient', 'hessianProduct']),
  /**
   * max|a − b|/max|b| against the float64 reference (the reference: against central differences); null where there is
   * no finite number.
   */
  error: z.number().nullable(),
  /** What was thrown instead of an answer. */
  message: z.string().optional(),
  tolerance: z.number(),
  passed: z.boolean(),
});
export type ExecutorCheck = z.infer<typeof executorCheckSchema>;

export const executorReportSchema = z.strictObject({
  name: executorName,
  /** crashed: the process that tried it died; unknown: no process could be started to try it. */
  state: z.enum(['available', 'unavailable', 'crashed', 'unknown']),
  /** "wasm (relaxed SIMD, 2 threads)"; its bare name where it is not there. */
  description: z.string(),
  /** Why it is not there, and what to do about it. */
  reason: z.string().nullable(),
  cure: z.string().nullable(),
  /** Both as a message of the catalog, where they are one. */
  said: saidSchema.optional(),
  precision: z.enum(['float32', 'float64']).nullable(),
  threads: z.int().nullable(),
  library: z.strictObject({ name: z.string(), version: z.string() }).nullable(),
  /** Of the kernels: "SIMD" or "relaxed SIMD". */
  kernels: z.string().nullable(),
  /** Processors or graphics cards, as their drivers name them. */
  devices: z.array(z.string()),
  /** The graphics card is imitated on the processor: right results, no speed. */
  software: z.boolean(),
  checks: z.array(executorCheckSchema),
  /** Kinds of network it was not checked on, and why. */
  unchecked: z.array(
    z.strictObject({ net: executorCheckSchema.shape.net, reason: z.string(), said: saidSchema.optional() }),
  ),
  /**
   * Seconds of one gradient, and of one point of a surface, over all examples of a representative network. `measured`
   * examples were timed; where these are fewer, the seconds are scaled up.
   */
  speeds: z.array(
    z.strictObject({
      net: z.enum(representativeNets),
      gradient: z.number().positive(),
      point: z.number().positive(),
      examples: z.int().min(1),
      measured: z.int().min(1),
    }),
  ),
});
export type ExecutorReport = z.infer<typeof executorReportSchema>;
export type ExecutorSpeed = ExecutorReport['speeds'][number];

export interface DoctorChoice {
  executor: ExecutorName;
  description: string;
  selection: ExecutorSelection;
}

/** What `atlas doctor` tells. */
export interface DoctorReport {
  machine: {
    cpu: string;
    cores: number;
    memoryBytes: number;
    platform: string;
    node: string;
    v8: string;
    electron: string | null;
    version: string;
    dataFolder: string;
    dataFolderWritable: boolean;
    /** Of the wasm executor: "SIMD" or "relaxed SIMD"; null where it is not there. */
    kernels: string | null;
  };
  executors: ExecutorReport[];
  /** What auto runs each representative network on: its gradients, and the points of its surfaces. */
  choices: {
    net: RepresentativeNet;
    model: string;
    parameters: number;
    examples: number;
    gradient: DoctorChoice;
    point: DoctorChoice;
  }[];
  /** When the speeds were measured; null where some could not be. */
  measuredAt: string | null;
}

/** Whether a report says that a check failed: then the executor's numbers cannot be trusted. */
export const hasFailedCheck = ({ checks }: Pick<ExecutorReport, 'checks'>): boolean =>
  checks.some(({ passed }) => !passed);
