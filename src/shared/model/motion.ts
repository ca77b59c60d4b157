import { z } from 'zod';
import { planeRequestSchema } from './landscape';

export const motionRequestSchema = planeRequestSchema.extend({ runId: z.string().min(1) });

/**
 * What moved an optimizer at a recorded row, seen from a plane: coordinates are those of the orthogonal projection on the
 * plane, in its axes. NaN where there is no such thing.
 */
export const motionNames = [
  /** −g of the gradient the step was made from (of its minibatch, before clipping and decay). */
  'descentX',
  'descentY',
  /** −v of the memory the optimizer arrived with: the velocity, or else the mean of its gradients. 0 at first. */
  'velocityX',
  'velocityY',
  /** θ(t+1) − θ(t) */
  'stepX',
  'stepY',
  /**
   * The diagonal matrix D of the parameters' own rates in this step, as a form on the unit axes: d̂₁ᵀDd̂₁, d̂₁ᵀDd̂₂, d̂₂ᵀDd̂₂.
   * NaN for rules with one rate for all.
   */
  'rate11',
  'rate12',
  'rate22',
] as const;
export type MotionName = (typeof motionNames)[number];
/** One column per name, all of the same length. */
export type MotionColumns = Record<MotionName, Float64Array>;

/** Rows that were repeated since the last ones. */
export interface MotionRows {
  firstRow: number;
  rows: number;
  columns: MotionColumns;
}

/**
 * All recorded rows. From the last one no step was taken: its gradient is that of all examples, and step is NaN.
 */
export interface Motion {
  runId: string;
  rows: number;
  columns: MotionColumns;
  /** What the optimizer remembers; null where it has no memory of where it was going. */
  memory: 'velocity' | 'firstMoment' | null;
  /** Every parameter has a rate of its own. */
  adaptive: boolean;
  executor: string;
  seconds: number;
}
