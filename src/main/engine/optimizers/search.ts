import type { OptimizerInfo } from '../../../shared/model/catalog';
import { cooperate } from '../cooperate';
import type { LinearOperator, Objective, Rows, Vector } from '../objectives/objective';
import type { Hyperparameters } from './transform';

/** The objective on the examples of one step (and with that step's dropout), for optimizers that look before they move. */
export interface StepObjective {
  readonly precision: Objective['precision'];
  /** L(θ_t) on the step's examples. */
  readonly loss: number;
  /** Aborted: every method throws `cancelled()`. */
  readonly signal: AbortSignal;
  value(params: Vector): Promise<number>;
  /** out ← ∇L(params); returns L(params). */
  gradient(params: Vector, out: Vector): Promise<number>;
  /** The caller disposes of it. */
  hessian(params: Vector): Promise<LinearOperator>;
  /** The Gauss–Newton matrix; the caller disposes of it. */
  gaussNewton(params: Vector): Promise<LinearOperator>;
  /** Loss and gradient (copied) at θ_{t+1}, where the search knows them: a next step on the same examples saves its own. */
  arrive(loss: number, gradient: Vector): void;
}

/** An optimizer's memory of one run, and the steps it takes in it. */
export interface Search {
  /**
   * params ← θ_{t+1}. Until that is known params hold θ_t, so that a cancelled step has not moved.
   *
   * @param gradient ∇L(θ_t) on the step's examples
   * @returns ‖θ_{t+1} − θ_t‖; 0 where no point was better
   * @throws `cancelled` within 100 ms of the signal, or after the evaluation under way
   */
  step(gradient: Vector, params: Vector, learningRate: number, at: StepObjective): Promise<number>;
}

/** An optimizer that evaluates the objective inside its steps: one file, one entry of the registry in index.ts. */
export interface SearchDefinition extends Omit<OptimizerInfo, 'isSearch'> {
  /** Largest P it can work with, where there is one. */
  maxDimension?: number;
  /** Uses Gauss–Newton products, which only networks have. */
  usesGaussNewton?: boolean;
  createSearch(parameters: Hyperparameters, params: Vector): Search;
}

/** What a trainer holds between the steps of a search. */
export interface StepObjectiveControl extends StepObjective {
  /** Evaluations of L and ∇L and products so far, one each. */
  readonly evaluations: number;
  /** Turns to the examples of the next step; what `arrive` was told is forgotten. */
  begin(loss: number, rows: Rows | undefined): void;
  /** The loss that `arrive` was told, its gradient into `out`; null where it was told none since `begin`. */
  arrived(out: Vector): number | null;
}

export function createStepObjective(objective: Objective, signal: AbortSignal): StepObjectiveControl {
  const turn = cooperate(signal);
  const known = new Float64Array(objective.dimension);
  let knownLoss: number | null = null;
  let rows: Rows | undefined;
  let loss = Number.NaN;
  let evaluations = 0;

  const counted = (operator: LinearOperator): LinearOperator => ({
    size: operator.size,
    async apply(v, out) {
      await turn();
      evaluations++;
      await operator.apply(v, out);
    },
    dispose: () => operator.dispose(),
  });

  return {
    precision: objective.precision,
    signal,
    get loss() {
      return loss;
    },
    get evaluations() {
      return evaluations;
    },
    async value(params) {
      await turn();
      evaluations++;
      return objective.value(params, rows);
    },
    async gradient(params, out) {
      await turn();
      evaluations++;
      return objective.gradient(params, out, rows);
    },
    hessian: async (params) => counted(await objective.hessian(params, rows)),
    gaussNewton: async (params) => counted(await objective.gaussNewton!(params, rows)),
    arrive(arrivedLoss, gradient) {
      knownLoss = arrivedLoss;
      known.set(gradient);
    },
    begin(nextLoss, nextRows) {
      loss = nextLoss;
      rows = nextRows;
      knownLoss = null;
    },
    arrived(out) {
      if (knownLoss !== null) out.set(known);
      return knownLoss;
    },
  };
}
