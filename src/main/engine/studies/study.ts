import { badInput } from '../../../shared/errors';
import {
  type Experiment,
  type ExperimentInput,
  experimentSchema,
  type ObjectiveSpec,
} from '../../../shared/model/experiment';
import type { MetricColumns, Outcome } from '../../../shared/model/run';
import type { StudyInfo, StudyParameter, StudyResult } from '../../../shared/model/study';
import type { PreparedData } from '../datasets/prepareData';
import type { Objective, Rows, Vector } from '../objectives/objective';
import type { TrajectoryRows } from '../trajectory/rows';

/** An objective in use until the study ends. */
export interface StudyObjective {
  spec: ObjectiveSpec;
  train: Objective;
  /** What steps follow where the model has dropout. */
  stepping: Objective | null;
  validation: Objective | null;
  /** null for functions and expressions. */
  data: PreparedData | null;
}

/** A training kept in memory. */
export interface StudyRun {
  experiment: Experiment;
  objective: StudyObjective;
  outcome: Outcome;
  metrics: MetricColumns;
  /** θ of every recorded row. */
  trajectory: TrajectoryRows;
  /** The last finite θ, in the objective's own storage. */
  final: Vector;
  /** The mean of the iterates, where the optimizer keeps one. */
  average: Float64Array | null;
}

/** What a study may ask for; everything ends with it. */
export interface StudyContext {
  signal: AbortSignal;
  /** In any unit; nothing is shown before the first call. */
  progress(done: number, total: number): void;
  /** Defaults are filled in. The executor is `auto` where left out; `reference` computes in float64. */
  load(spec: ExperimentInput['objective'], executor?: Experiment['executor']): Promise<StudyObjective>;
  /** θ₀ of an experiment, as `run/start` would draw it. */
  start(experiment: ExperimentInput): Promise<{ objective: StudyObjective; params: Vector }>;
  /**
   * Trains to the end, with the same numbers as `run/start`.
   * @param from θ₀ in place of the experiment's own
   * @param ranking the examples from easy to hard, for a curriculum, in place of the run it names
   * @throws UserError cancelled
   */
  train(experiment: ExperimentInput, from?: Vector, ranking?: Rows): Promise<StudyRun>;
}

type ValueOf<P extends StudyParameter> = P['kind'] extends 'number' | 'integer'
  ? number
  : P['kind'] extends 'boolean'
    ? boolean
    : P['kind'] extends 'choice'
      ? string
      : P['kind'] extends 'numbers'
        ? readonly number[]
        : readonly Experiment[];
export type StudyValues<P extends Readonly<Record<string, StudyParameter>>> = {
  readonly [K in keyof P]: ValueOf<P[K]>;
};

/** What a study gives; the caller adds time and executors. */
export type StudyFindings = Partial<Omit<StudyResult, 'seconds' | 'executors'>>;

/** A study: one file, one entry of the list in index.ts. */
export interface StudyDefinition extends StudyInfo {
  run(values: Record<string, unknown>, context: StudyContext): Promise<StudyFindings>;
}

/** Gives `run` the types of the parameters. */
export function defineStudy<const P extends Readonly<Record<string, StudyParameter>>>(
  study: StudyInfo & {
    parameters: P;
    run(values: StudyValues<P>, context: StudyContext): Promise<StudyFindings>;
  },
): StudyDefinition {
  return study as unknown as StudyDefinition;
}

/**
 * The values of all parameters, defaults filled in.
 * @throws badInput naming the parameter, the value and what is allowed
 */
export function studyValues(
  { name, parameters }: StudyInfo,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(parameters, key)) continue;
    throw badInput(
      `The study "${name}" has no parameter "${key}".`,
      `Known: ${Object.keys(parameters).join(', ') || 'none'}.`,
      ['parameters', key],
    );
  }
  return Object.fromEntries(
    Object.entries(parameters).map(([key, parameter]) => [
      key,
      checkedValue(key, parameter, given[key] ?? parameter.default),
    ]),
  );
}

function checkedValue(key: string, parameter: StudyParameter, value: unknown): unknown {
  const refuse = (allowed: string) =>
    badInput(`${key} cannot be ${JSON.stringify(value)}.`, `It is ${allowed}.`, ['parameters', key]);
  switch (parameter.kind) {
    case 'number':
    case 'integer': {
      const { kind, min, max } = parameter;
      const fits = typeof value === 'number' && value >= min && value <= max;
      if (!fits || (kind === 'integer' && !Number.isInteger(value))) {
        throw refuse(`${kind === 'integer' ? 'a whole number' : 'a number'} from ${min} to ${max}`);
      }
      return value;
    }
    case 'boolean':
      if (typeof value !== 'boolean') throw refuse('true or false');
      return value;
    case 'choice':
      if (!parameter.choices.includes(value as string)) throw refuse(`one of ${parameter.choices.join(', ')}`);
      return value;
    case 'numbers': {
      const { min, max } = parameter;
      const fits = (entry: unknown) => typeof entry === 'number' && entry >= min && entry <= max;
      if (!Array.isArray(value) || value.length === 0 || !value.every(fits)) {
        throw refuse(`a list of numbers from ${min} to ${max}`);
      }
      return value;
    }
    case 'experiments': {
      const parsed = experimentSchema.array().min(1).max(8).safeParse(value);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0]!;
      throw badInput(`${[key, ...issue.path].join('.')}: ${issue.message}`, 'Give one to eight experiments.', [
        'parameters',
        key,
      ]);
    }
    default:
      return parameter satisfies never;
  }
}
