import { modelSchema } from '../../../shared/model/experiment';
import { createReferenceObjective } from '../executors/reference/objective';
import { buildNetwork } from '../graph/build';
import { createRng } from '../random';
import type { Objective } from './objective';

export interface LinearRegressionOptions {
  examples: number;
  /** Variance of each feature. Half the Hessian's eigenvalues in the limit of many examples. */
  variances: readonly number[];
  /** w*, one per feature. */
  weights: readonly number[];
  /** Standard deviation of ε. */
  noise: number;
  seed: number;
}

/**
 * The mean squared error of y ≈ wᵀx over examples with x_j ~ N(0, variance_j) and y = w*ᵀx + noise·ε, in float64. What its
 * mean over all examples there are is, is known: the generalization error (w − w*)ᵀS(w − w*) + noise² with
 * S = diag(variances), its gradient 2S(w − w*) and its Hessian 2S.
 */
export function linearRegression({ examples, variances, weights, noise, seed }: LinearRegressionOptions): Objective {
  const features = variances.length;
  const rng = createRng(seed, 'linearRegression');
  const x = new Float32Array(examples * features);
  const y = new Float32Array(examples);
  for (let i = 0; i < examples; i++) {
    let sum = 0;
    for (let j = 0; j < features; j++) {
      x[i * features + j] = Math.sqrt(variances[j]!) * rng.normal();
      sum += weights[j]! * x[i * features + j]!;
    }
    y[i] = sum + noise * rng.normal();
  }
  const model = modelSchema.parse({
    inputShape: [features],
    layers: [{ type: 'dense', units: 1, bias: false }],
    loss: 'meanSquaredError',
  });
  return createReferenceObjective(buildNetwork(model), { x, y, examples }, 'reference (float64)');
}
