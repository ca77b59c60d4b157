import { cooperate } from '../cooperate';
import type { Objective, Vector } from '../objectives/objective';
import type { Rng } from '../random';
import { addScaled, dot } from '../vectors';

/** A linear map of gradients, e.g. g ↦ H⁻¹g; `out` and `g` differ. */
export type GradientMap = (g: Float64Array, out: Float64Array) => void;

/** How much the gradients of single examples differ. */
export interface GradientSpread {
  /** ∇L over all examples, mapped where there is a map. */
  mean: Float64Array;
  /** σ² = tr Σ = (1/n) Σ ‖gᵢ − ḡ‖², of the mapped gradients where there is a map. */
  variance: number;
}

/**
 * The population mean and variance of the examples' gradients at θ: n gradients of one example each. An L2 term is the
 * same in all of them and does not spread.
 *
 * @param map applied to every gradient
 * @throws UserError `cancelled`
 */
export async function gradientSpread(
  objective: Objective,
  params: Vector,
  { map, signal }: { map?: GradientMap; signal?: AbortSignal } = {},
): Promise<GradientSpread> {
  const { dimension, examples } = objective;
  const turn = cooperate(signal);
  const gradient = objective.allocate();
  const mean = new Float64Array(dimension);
  const delta = new Float64Array(dimension);
  const mapped = new Float64Array(dimension);
  const row = new Int32Array(1);
  let squares = 0;
  // Welford's update: no cancellation between two large sums.
  for (let i = 0; i < examples; i++) {
    await turn();
    row[0] = i;
    await objective.gradient(params, gradient, row, false);
    mapped.set(gradient);
    if (map) map(Float64Array.from(gradient), mapped);
    delta.set(mapped);
    addScaled(delta, -1, mean);
    addScaled(mean, 1 / (i + 1), delta);
    addScaled(mapped, -1, mean);
    squares += dot(delta, mapped);
  }
  return { mean, variance: squares / examples };
}

export interface NoiseOptions {
  /** Examples in a minibatch. */
  batchSize: number;
  /** Minibatches measured, at least 2. */
  draws: number;
  /** Independent draws of single examples; otherwise a minibatch holds no example twice. */
  replacement: boolean;
  rng: Rng;
  map?: GradientMap;
  signal?: AbortSignal;
}

export interface GradientNoise {
  /** (1/draws) Σ ‖g_B − ḡ‖² */
  variance: number;
  /** √variance: the root mean square error of a minibatch's gradient. */
  standardError: number;
  /** Of `standardError`, from the spread of the draws. */
  uncertainty: number;
}

/**
 * The error of the minibatch gradient g_B against the mean ḡ of all examples, measured on minibatches drawn at random. In
 * theory its variance is σ²/m with replacement and σ²/m·(n − m)/(n − 1) without (`minibatchVariance`).
 *
 * @param mean ḡ, mapped where there is a map
 * @throws UserError `cancelled`
 */
export async function minibatchNoise(
  objective: Objective,
  params: Vector,
  mean: Float64Array,
  { batchSize, draws, replacement, rng, map, signal }: NoiseOptions,
): Promise<GradientNoise> {
  const { dimension, examples } = objective;
  const turn = cooperate(signal);
  const gradient = objective.allocate();
  const error = new Float64Array(dimension);
  const order = Int32Array.from({ length: examples }, (_, i) => i);
  const rows = new Int32Array(batchSize);
  const squares: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    await turn();
    for (let k = 0; k < batchSize; k++) {
      if (replacement) rows[k] = rng.integer(examples);
      else {
        const j = k + rng.integer(examples - k);
        [order[k], order[j]] = [order[j]!, order[k]!];
        rows[k] = order[k]!;
      }
    }
    await objective.gradient(params, gradient, rows, false);
    error.set(gradient);
    if (map) map(Float64Array.from(gradient), error);
    addScaled(error, -1, mean);
    squares.push(dot(error, error));
  }
  const variance = squares.reduce((sum, value) => sum + value, 0) / draws;
  const spread = squares.reduce((sum, value) => sum + (value - variance) ** 2, 0) / (draws - 1);
  const standardError = Math.sqrt(variance);
  return {
    variance,
    standardError,
    uncertainty: variance === 0 ? 0 : Math.sqrt(spread / draws) / (2 * standardError),
  };
}

/** E‖g_B − ḡ‖² for minibatches of m out of n examples whose gradients have the variance σ². */
export function minibatchVariance(variance: number, m: number, n: number, replacement: boolean): number {
  return (variance / m) * (replacement || n === 1 ? 1 : (n - m) / (n - 1));
}
