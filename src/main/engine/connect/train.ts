import { badInput, UserError } from '../../../shared/errors';
import type { OptimizerSpec, TrainingSpec } from '../../../shared/model/experiment';
import { cooperate } from '../cooperate';
import type { Objective } from '../objectives/objective';
import { createOptimizer } from '../optimizers';
import { createRng } from '../random';
import { createBatches } from '../training/batches';
import { type Curve, nodeWeights, pointOn } from './curve';

export interface CurveTraining {
  steps: number;
  batchSize: TrainingSpec['batchSize'];
  optimizer: OptimizerSpec;
  /** Of t and of the batches. */
  seed: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Minimizes E_t L(φ(t)) over the bends with t uniform in [0, 1] (Garipov et al. 2018, "Loss surfaces, mode connectivity,
 * and fast ensembling of DNNs"; Draxler et al. 2018): each step draws t and a batch, and as ∂φ/∂θ_k = w_k(t) the gradient
 * of bend k is w_k(t)∇L(φ(t)). The ends stay where they are. No dropout.
 *
 * @throws UserError where the loss or a bend is not finite; cancelled()
 */
export async function trainCurve(
  objective: Objective,
  { kind, nodes }: Curve,
  { steps, batchSize, optimizer: spec, seed, signal, onProgress }: CurveTraining,
): Promise<Curve> {
  const { dimension } = objective;
  const optimizer = createOptimizer(spec);
  if (optimizer.isSearch) {
    throw badInput(
      `${optimizer.name} cannot train a curve: a search would need the loss of all its bends at once.`,
      'Use an optimizer of the gradient alone, e.g. sgd or adam.',
      ['optimizer', 'name'],
    );
  }
  const turn = cooperate(signal);
  const rng = createRng(seed, 'connect/t');
  const batches = createBatches({ batchSize, order: 'shuffled' }, objective.examples, createRng(seed, 'batches'));
  const bends = new Float64Array((nodes.length - 2) * dimension);
  const moving = nodes.map((node, k) => {
    if (k === 0 || k === nodes.length - 1) return node;
    const bend = bends.subarray((k - 1) * dimension, k * dimension);
    bend.set(node);
    return bend;
  });
  const curve: Curve = { kind, nodes: moving };
  const state = optimizer.init(bends);
  const gradient = new Float64Array(bends.length);
  const theta = new Float64Array(dimension);
  const params = objective.allocate();
  const slope = objective.allocate();
  for (let step = 0; step < steps; step++) {
    const t = rng.uniform();
    pointOn(curve, t, theta);
    params.set(theta);
    const loss = await objective.gradient(params, slope, batches?.next());
    const weights = nodeWeights(kind, nodes.length, t);
    for (let k = 1; k < nodes.length - 1; k++) {
      const start = (k - 1) * dimension;
      for (let i = 0; i < dimension; i++) gradient[start + i] = weights[k]! * slope[i]!;
    }
    const moved = await optimizer.step(gradient, state, bends);
    if (!Number.isFinite(loss) || !Number.isFinite(moved)) {
      throw new UserError('engine', `The curve diverged at step ${step}: the loss is ${loss}.`, {
        cure: 'Use a smaller learning rate.',
      });
    }
    onProgress?.(step + 1, steps);
    await turn();
  }
  return { kind, nodes: moving.map((node) => Float64Array.from(node)) };
}
