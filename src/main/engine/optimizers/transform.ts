import type { OptimizerInfo } from '../../../shared/model/catalog';
import type { Vector } from '../objectives/objective';

/** What a transform remembers between steps. */
export interface TransformState {
  /** Updates made so far. */
  count: number;
  /** Accumulators of the parameters' length and number type, by name: `velocity`, `secondMoment`, … */
  readonly vectors: Readonly<Record<string, Vector>>;
  /** Single numbers that change from step to step, by name. */
  readonly scalars: Record<string, number>;
  /** States of the links of a chain. */
  readonly links: readonly TransformState[];
}

/**
 * One link of an optimizer, after optax: a gradient comes in, a direction against which θ is moved goes out.
 * `update` works in place and allocates nothing.
 */
export interface GradientTransform {
  init(params: Vector): TransformState;
  update(updates: Vector, state: TransformState, params: Vector): void;
  /**
   * Rules that rescale each coordinate: out ← what the last update multiplied coordinate i of the gradient (or of its
   * mean, bias correction included) by.
   */
  scales?(state: TransformState, out: Float64Array): void;
}

/** The checked hyperparameters of an optimizer; every name of its info is there. */
export type Hyperparameters = Readonly<Record<string, number | boolean>>;

/** An optimizer: one file, one entry of the registry in index.ts. */
export interface OptimizerDefinition extends Omit<OptimizerInfo, 'isSearch'> {
  /** The direction of descent before the learning rate: θ ← θ − ε·direction. */
  create(parameters: Hyperparameters): GradientTransform;
}

/** Zeroed (or filled) storage like `params`. */
export function like(params: Vector, fill = 0): Vector {
  const vector = params instanceof Float32Array ? new Float32Array(params.length) : new Float64Array(params.length);
  return fill === 0 ? vector : vector.fill(fill);
}

export const stateOf = (
  vectors: Record<string, Vector> = {},
  links: readonly TransformState[] = [],
  scalars: Record<string, number> = {},
): TransformState => ({
  count: 0,
  vectors,
  scalars,
  links,
});

/** out ← 1/(√s/rootCorrection + ε) */
export function inverseRoots(s: Vector, rootCorrection: number, eps: number, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = 1 / (Math.sqrt(s[i]!) / rootCorrection + eps);
}

/** Applies the transforms one after the other; its state shows the vectors of them all. */
export function chain(...transforms: readonly GradientTransform[]): GradientTransform {
  const scaling = transforms.findIndex((transform) => transform.scales);
  return {
    ...(scaling >= 0 && {
      scales: (state: TransformState, out: Float64Array) => transforms[scaling]!.scales!(state.links[scaling]!, out),
    }),
    init(params) {
      const links = transforms.map((transform) => transform.init(params));
      return stateOf(Object.assign({}, ...links.map(({ vectors }) => vectors)), links);
    },
    update(updates, state, params) {
      for (let i = 0; i < transforms.length; i++) transforms[i]!.update(updates, state.links[i]!, params);
      state.count++;
    },
  };
}

/** g ← g; plain gradient descent. */
export const identity: GradientTransform = { init: () => stateOf(), update() {} };

/** g ← g·min(1, threshold/(‖g‖₂ + 1e-6)), PyTorch's clip_grad_norm_. */
export function clipByGlobalNorm(threshold: number): GradientTransform {
  return {
    init: () => stateOf(),
    update(updates) {
      let squares = 0;
      for (let i = 0; i < updates.length; i++) squares += updates[i]! * updates[i]!;
      const factor = threshold / (Math.sqrt(squares) + 1e-6);
      if (factor < 1) for (let i = 0; i < updates.length; i++) updates[i]! *= factor;
    },
  };
}

/** Each component into [−threshold, threshold], PyTorch's clip_grad_value_. */
export function clipByValue(threshold: number): GradientTransform {
  return {
    init: () => stateOf(),
    update(updates) {
      for (let i = 0; i < updates.length; i++) {
        const value = updates[i]!;
        if (value > threshold) updates[i] = threshold;
        else if (value < -threshold) updates[i] = -threshold;
      }
    },
  };
}

/** g ← g + λθ: PyTorch's coupled `weight_decay`. */
export function addDecayedWeights(weightDecay: number): GradientTransform {
  return {
    init: () => stateOf(),
    update(updates, _, params) {
      for (let i = 0; i < updates.length; i++) updates[i]! += weightDecay * params[i]!;
    },
  };
}
