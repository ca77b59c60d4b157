import { z } from 'zod';
import { type Experiment, experimentSchema, optimizerSchema } from './experiment';

/** An optimizer of a race: everything but the learning rate, which is tuned. */
const entrantSchema = optimizerSchema.omit({ learningRate: true });
export type RaceEntrantSpec = z.infer<typeof entrantSchema>;

/** Most learning rates on a grid. */
export const maximumRates = 64;

export interface RateGrid {
  lowest: number;
  highest: number;
  perDecade: number;
}

/** Ascending, rounded to 12 digits so that 10^−3 is 0.001. */
export function gridRates({ lowest, highest, perDecade }: RateGrid): number[] {
  // A highest rate that is meant to be on the grid may miss it by rounding.
  const last = Math.floor(perDecade * Math.log10(highest / lowest) + 1e-9);
  return Array.from({ length: last + 1 }, (_, k) => Number((lowest * 10 ** (k / perDecade)).toPrecision(12)));
}

/** lowest·10^(k/perDecade) for k = 0, 1, … up to `highest`: the same rates for every optimizer. */
export const rateGridSchema = z
  .strictObject({
    lowest: z.number().positive().finite().default(1e-4),
    highest: z.number().positive().finite().default(1),
    perDecade: z.int().min(1).max(20).default(2),
  })
  .refine(({ lowest, highest }) => lowest <= highest, { error: 'the lowest rate is above the highest', abort: true })
  .refine((grid) => gridRates(grid).length <= maximumRates, { error: `a grid has at most ${maximumRates} rates` });

/** What is compared; lower is better. */
export const raceCriterionSchema = z.discriminatedUnion('kind', [
  /** The objective (with its L2 term) over the whole training part after the last step. */
  z.strictObject({ kind: z.literal('loss') }),
  z.strictObject({ kind: z.literal('validationLoss') }),
  /** The first recorded step whose training loss is at or below the target (see `recordEvery`); by evaluations, their number. */
  z.strictObject({ kind: z.literal('stepsToTarget'), target: z.number().finite() }),
]);
export type RaceCriterion = z.infer<typeof raceCriterionSchema>;

export const raceRequestSchema = z.strictObject({
  /**
   * What is raced on. Every optimizer takes `training.stop.steps` steps (see `budget`); the rules that end a run earlier
   * are left out, so that the budgets are equal. `seed` is the first tuning seed.
   */
  experiment: experimentSchema.omit({ optimizer: true }),
  /**
   * evaluations: `training.stop.steps` counts evaluations of the loss or its gradient and curvature products instead, of
   * which a search takes several per step; a run ends with the step that reaches it.
   */
  budget: z.enum(['steps', 'evaluations']).default('steps'),
  optimizers: z.array(entrantSchema).min(1).max(8),
  grid: rateGridSchema.prefault({}),
  /** In place of the grid; sorted, each counted once. */
  rates: z.array(z.number().positive().finite()).min(1).max(maximumRates).optional(),
  criterion: raceCriterionSchema.default({ kind: 'loss' }),
  /** Seeds the rates are chosen on, and as many other seeds the chosen ones are reported on. */
  tuningSeeds: z.int().min(1).max(100).default(3),
  reportSeeds: z.int().min(2).max(100).default(5),
  /**
   * Two-parameter functions: each seed draws a starting point, normal about the function's own with this share of the
   * domain's sides as standard deviation, inside the domain. 0: all start at the same point, and no seed matters.
   */
  startSpread: z.number().min(0).max(1).default(0.05),
});
export type RaceRequest = z.infer<typeof raceRequestSchema>;

/** One training of a race. */
export interface RaceRun {
  seed: number;
  /** The criterion; null where it has none, for the reason in `failure`. */
  value: number | null;
  /** diverged: a loss, gradient or parameter was not finite; notReached: the loss never came down to the target. */
  failure: 'diverged' | 'notReached' | null;
  /** Steps taken: the budget, or fewer where it diverged. */
  steps: number;
  /** Evaluations that the steps made, one each: of the loss, of its gradient, products with a curvature matrix. */
  evaluations: number;
  /** Gradients computed, over all examples or of a batch; full batch needs one more to know the last loss. */
  gradientEvaluations: number;
}

/** One optimizer with one learning rate over several seeds. */
export interface RaceCell {
  learningRate: number;
  runs: RaceRun[];
  failed: number;
  /** Over the runs that did not fail; null where all did. */
  mean: number | null;
  /** With n − 1; null for fewer than two runs that did not fail. */
  standardDeviation: number | null;
  /** standardDeviation/√n */
  standardError: number | null;
}

export interface RaceEntrant {
  optimizer: RaceEntrantSpec;
  /** On the tuning seeds, one for each rate of the grid, ascending. */
  tuning: RaceCell[];
  /** The rate with the fewest failures, then the lowest mean, on the tuning seeds; null where every run failed. */
  learningRate: number | null;
  /** The chosen rate on the report seeds. */
  report: RaceCell | null;
  /** 1 is the best on the report seeds: fewest failures, then the lowest mean; null where every run failed. */
  rank: number | null;
  /** To the best, seed by seed (the seeds are the same); null for the best, and where a run of either failed. */
  toBest: RaceDifference | null;
  /** The run of the first report seed, to be started again; null where there is no rate. */
  experiment: Experiment | null;
}

export interface RaceDifference {
  /** Mean over seeds of (this − best). */
  mean: number;
  /** Of that mean: s/√n of the differences. */
  standardError: number;
  /** The difference is at most one standard error. */
  isTie: boolean;
}

export type RaceWarning =
  /** The chosen rate is the lowest or highest of the grid: a better one may lie beyond. */
  | { kind: 'edgeOfGrid'; optimizer: number; learningRate: number }
  /** No rate of the grid gave a criterion on any tuning seed. */
  | { kind: 'nothingFinished'; optimizer: number }
  /** A chosen rate failed on some report seeds. */
  | { kind: 'failedReport'; optimizer: number; failed: number }
  /** No optimizer's criterion differed between the report seeds: the spread says nothing. */
  | { kind: 'seedsDoNotMatter' };

/** Streamed as soon as it is known. */
export interface RaceProgress {
  stage: 'tuning' | 'report';
  /** Index into the request's `optimizers`. */
  optimizer: number;
  cell: RaceCell;
}

export interface FairRace {
  criterion: RaceCriterion;
  budget: RaceRequest['budget'];
  /** The budget of each run, in steps or evaluations. */
  steps: number;
  learningRates: number[];
  /** No seed is in both: the report does not profit from the tuning. */
  seeds: { tuning: number[]; report: number[] };
  /** In the order of the request. */
  entrants: RaceEntrant[];
  warnings: RaceWarning[];
  /** Of all runs. */
  gradientEvaluations: number;
  seconds: number;
  executor: string;
}
