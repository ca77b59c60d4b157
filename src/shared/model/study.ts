import { z } from 'zod';
import type { ExperimentInput } from './experiment';
import type { CriticalKind } from './landscape';
import type { Words } from './words';

/**
 * A study is a measured experiment of some seconds on one question: given parameters it trains, cuts or differentiates,
 * and comes back with facts (numbers beside what theory says), charts, scenes and tables. Lessons are told with studies.
 */

interface Named {
  label: Words;
}

/** Plain data: forms, sliders and `--set` are drawn from it. */
export type StudyParameter = Named &
  (
    | { kind: 'number'; default: number; min: number; max: number /** Sliders move by factors. */; log?: boolean }
    | { kind: 'integer'; default: number; min: number; max: number; log?: boolean }
    | { kind: 'boolean'; default: boolean }
    | { kind: 'choice'; default: string; choices: readonly string[] /** One per choice. */; names?: readonly Words[] }
    | { kind: 'numbers'; default: readonly number[]; min: number; max: number }
    /** Whole experiments, as a person writes them; one to eight. */
    | { kind: 'experiments'; default: readonly ExperimentInput[] }
  );

export interface StudyInfo {
  name: string;
  title: Words;
  /** What is measured and how, in one or two sentences. */
  summary: Words;
  parameters: Readonly<Record<string, StudyParameter>>;
}

/** One measured number. NaN where it could not be had; it is then drawn as a dash and fails every claim. */
export interface Fact extends Named {
  value: number;
  /** Of `value`, where it is an estimate; what it was estimated from belongs into the label. */
  standardError?: number;
  /** What theory says it is, and by which formula (TeX). */
  theory?: { value: number; formula?: string };
  unit?: string;
}

export interface StudyLine extends Named {
  /** The same length; NaN is a gap. x is ascending. */
  x: Float64Array;
  y: Float64Array;
  /** Drawn as a band. */
  standardError?: Float64Array;
  /** 'dashed' is for theory, 'points' for single measurements. */
  style?: 'line' | 'dashed' | 'points';
}

export interface StudyChart extends Named {
  x: Named & { log?: boolean };
  y: Named & { log?: boolean };
  /** In the order of their colours. */
  lines: StudyLine[];
}

/** A landscape with what moves and stands on it. */
export interface StudyScene extends Named {
  axes: [Words, Words];
  /** What the height is. */
  height: Words;
  heightScale: 'auto' | 'linear' | 'log';
  xs: Float64Array;
  ys: Float64Array;
  /** [ny, nx] row-major; NaN is a gap. */
  heights: Float64Array;
  /** In the order of their colours. `residual`: distance from the plane, left out where the path lies in it. */
  paths: (Named & { x: Float64Array; y: Float64Array; height: Float64Array; residual?: Float64Array })[];
  marks: (Named & { kind: CriticalKind; x: number; y: number })[];
}

export interface StudyTable extends Named {
  columns: Words[];
  /** Numbers are formatted by the interface. */
  rows: (number | Words)[][];
}

/** Everything a study found, by names a lesson refers to. */
export interface StudyResult {
  facts: Record<string, Fact>;
  charts: Record<string, StudyChart>;
  scenes: Record<string, StudyScene>;
  tables: Record<string, StudyTable>;
  seconds: number;
  /** Every executor that took part, in words. */
  executors: string[];
}

/** Names and values of a study's parameters; what is left out has its default. */
export const studyRequestSchema = z.strictObject({
  name: z.string().min(1),
  parameters: z.record(z.string(), z.unknown()).default({}),
});
export type StudyRequest = z.infer<typeof studyRequestSchema>;
