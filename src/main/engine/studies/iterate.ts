import { type OptimizerSpec, optimizerSchema } from '../../../shared/model/experiment';
import { cooperate } from '../cooperate';
import type { Objective, Vector } from '../objectives/objective';
import { createOptimizer } from '../optimizers';
import { createStepObjective } from '../optimizers/search';
import { norm } from '../vectors';

/** What a claim to more digits than a recorded θ (float32) is about: an optimizer by itself, in the objective's precision. */
export interface IterateOptions {
  steps: number;
  /** Ends where this says so of θ_t and ‖∇L(θ_t)‖. */
  until?: (params: Vector, gradientNorm: number) => boolean;
  signal: AbortSignal;
}

/** Entry t is of θ_t, before step t. */
export interface Iterates {
  loss: number[];
  gradientNorm: number[];
  /** Values, gradients and products computed before θ_t was known, one each. */
  evaluations: number[];
  /** θ where it ended. */
  params: Vector;
}

/** Runs an optimizer on all examples until it stops moving, `until` says so or the steps are spent. */
export async function iterate(
  objective: Objective,
  optimizerSpec: Pick<OptimizerSpec, 'name' | 'learningRate'> & Partial<OptimizerSpec>,
  start: ArrayLike<number>,
  { steps, until, signal }: IterateOptions,
): Promise<Iterates> {
  const optimizer = createOptimizer(optimizerSchema.parse(optimizerSpec));
  const at = optimizer.isSearch ? createStepObjective(objective, signal) : undefined;
  const params = objective.allocate();
  params.set(start);
  const gradient = objective.allocate();
  const state = optimizer.init(params);
  const turn = cooperate(signal);
  const found: Iterates = { loss: [], gradientNorm: [], evaluations: [], params };
  let gradients = 0;
  for (let t = 0; ; t++) {
    await turn();
    const before = gradients + (at?.evaluations ?? 0);
    const arrived = at?.arrived(gradient) ?? null;
    const loss = arrived ?? (await objective.gradient(params, gradient));
    if (arrived === null) gradients++;
    found.loss.push(loss);
    found.gradientNorm.push(norm(gradient));
    found.evaluations.push(before);
    if (t === steps || until?.(params, found.gradientNorm[t]!)) return found;
    at?.begin(loss, undefined);
    const moved = await optimizer.step(gradient, state, params, at);
    if (!(moved > 0 && Number.isFinite(moved))) return found;
  }
}
