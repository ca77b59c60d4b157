import { badInput, cancelled } from '../../../shared/errors';
import type { RaceCriterion, RaceRequest, RaceRun } from '../../../shared/model/race';
import type { Objective } from '../objectives/objective';
import { type TrainOptions, train } from '../training/train';

export interface RaceRunOptions
  extends Pick<
    TrainOptions,
    'objective' | 'stepping' | 'validation' | 'params' | 'optimizer' | 'training' | 'seed' | 'signal' | 'ranking'
  > {
  criterion: RaceCriterion;
  /** What `training.stop.steps` counts; steps by default. */
  budget?: RaceRequest['budget'];
  /** Told the gradients computed so far, once for each. */
  onGradient?: (count: number) => void;
}

/**
 * Trains for exactly `training.stop.steps` steps, or to the end of the step that reaches as many evaluations (no rule ends
 * a run early; only divergence does) and gives the criterion.
 * A criterion that is not finite counts as diverged, and so does a run that diverged after it had reached the target.
 *
 * @throws UserError cancelled; badInput for the validation loss where there are no validation data
 */
export async function raceRun(options: RaceRunOptions): Promise<RaceRun> {
  const { objective, stepping, validation, training, criterion, seed, budget = 'steps' } = options;
  if (criterion.kind === 'validationLoss' && !validation) {
    throw badInput(
      'The criterion is the validation loss, and there are no validation data.',
      'Set a validation fraction above 0, or compare the training loss.',
      ['criterion'],
    );
  }
  const { steps } = training.stop;
  let gradientEvaluations = 0;
  const count = () => {
    gradientEvaluations++;
    options.onGradient?.(gradientEvaluations);
  };
  const batches = train({
    ...options,
    objective: counted(objective, count),
    stepping: stepping ? counted(stepping, count) : null,
    validation: criterion.kind === 'validationLoss' ? (validation ?? null) : null,
    // Only the way to a target has to be seen on the way.
    training: {
      ...training,
      stop: { steps, ...(budget === 'evaluations' && { evaluations: steps }) },
      recordEvery: criterion.kind === 'stepsToTarget' ? training.recordEvery : steps,
    },
    classify: false,
  });
  let value: number | null = null;
  let evaluations = 0;
  for (;;) {
    const next = await batches.next();
    if (next.done) {
      const { kind, step } = next.value;
      if (kind === 'cancelled') throw cancelled();
      const hasDiverged = kind === 'diverged' || (value !== null && !Number.isFinite(value));
      const failure = hasDiverged ? 'diverged' : value === null ? 'notReached' : null;
      return { seed, value: failure ? null : value, failure, steps: step, evaluations, gradientEvaluations };
    }
    const { metrics } = next.value;
    evaluations = metrics.evaluations.at(-1)!;
    if (criterion.kind !== 'stepsToTarget') value = metrics[criterion.kind].at(-1)!;
    else if (value === null) {
      const row = metrics.loss.findIndex((loss) => loss <= criterion.target);
      if (row >= 0) value = metrics[budget === 'steps' ? 'step' : 'evaluations'][row]!;
    }
  }
}

/** The same objective; `count` is called for each gradient. */
function counted(objective: Objective, count: () => void): Objective {
  return {
    ...objective,
    gradient(...args) {
      count();
      return objective.gradient(...args);
    },
  };
}
