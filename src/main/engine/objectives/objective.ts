import type { ParameterLayout } from '../../../shared/model/run';

export type Vector = Float32Array | Float64Array;
/** Unit roundoff: a float32 executor stores θ and gradients with 24 bits. */
export const roundoff = { float32: 2 ** -24, float64: 2 ** -53 } as const;
/** Indices of examples. Left out: all of them. */
export type Rows = Int32Array;
/** Executors in this process answer at once; those behind a queue answer with a promise. Always `await`. */
export type MaybePromise<T> = T | Promise<T>;

/** v ↦ Av for a symmetric A, the only thing the estimators of `curvature/` know. */
export interface LinearOperator {
  readonly size: number;
  /** out ← A v. `v` and `out` must not be the same array. */
  apply(v: Vector, out: Vector): MaybePromise<void>;
  dispose(): void;
}

/** Sums over the chosen rows, divided by their number. */
export interface Measure {
  loss: number;
  /** s/√n of the per-example losses; NaN for functions or a single example. */
  standardError: number;
  /** Fraction right; NaN where it makes no sense. */
  accuracy: number;
}

/** Points origin + a·d₁ + b·d₂; `coordinates` is a₀, b₀, a₁, b₁, … */
export interface PlaneTile {
  origin: Vector;
  d1: Vector;
  d2: Vector;
  coordinates: Float64Array;
}

/** One entry per point. A point whose loss is not finite has NaN in every array. */
export interface PlaneValues {
  loss: Float64Array;
  standardError: Float64Array;
  accuracy: Float64Array;
}

/**
 * A scalar L(θ), however it is computed: a network on an executor, a test function, an expression.
 * Losses are means over examples (PyTorch's convention) plus the L2 term where there is one.
 */
export interface Objective {
  /** P */
  readonly dimension: number;
  readonly layout: ParameterLayout;
  /** n; 0 when L is not a mean over examples. */
  readonly examples: number;
  readonly precision: 'float32' | 'float64';
  /** Named beside every result, e.g. "wasm (SIMD, 2 threads)". */
  readonly executor: string;
  /**
   * Zeroed storage for one θ in the objective's own precision; passing it back saves a copy. It may live in the
   * executor's memory and end with `dispose`: copy what must outlive the objective.
   */
  allocate(): Vector;
  value(params: Vector, rows?: Rows): MaybePromise<number>;
  /**
   * out ← ∇L(params); returns L(params).
   *
   * @param isLossWanted false: the answer may be NaN instead of the loss, where leaving it out is faster; true by default
   */
  gradient(params: Vector, out: Vector, rows?: Rows, isLossWanted?: boolean): MaybePromise<number>;
  /** The exact Hessian at `params` (copied), Pearlmutter's R-operator; keeps what it can between products. */
  hessian(params: Vector, rows?: Rows): MaybePromise<LinearOperator>;
  /**
   * The Gauss–Newton matrix JᵀH_ℓJ at `params` (copied), positive semidefinite for convex losses; with the L2 term's
   * Hessian where there is one. Left out where there is no network behind the loss, or no such pass.
   */
  gaussNewton?(params: Vector, rows?: Rows): MaybePromise<LinearOperator>;
  measure(params: Vector, rows?: Rows): MaybePromise<Measure>;
  plane(tile: PlaneTile, rows?: Rows): MaybePromise<PlaneValues>;
  /**
   * ∇ℓ of each example by itself (no L2 term), row by row [rows, P]. Left out where the executor has none or where no
   * example has a loss of its own: functions, and networks whose batchNorm uses the statistics of the batch.
   */
  exampleGradients?(params: Vector, rows?: Rows): MaybePromise<Vector>;
  /**
   * What the network keeps beside θ, laid out as `Network.buffers`: running statistics. Every call reads it; writing to
   * it changes what they give. Left out where there is nothing to keep.
   */
  readonly buffers?: Vector;
  /** The statistics of the rows as one batch, laid out as `buffers`. Left out where given statistics are used. */
  statistics?(params: Vector, rows?: Rows): MaybePromise<Vector>;
  /** The dropout masks of the calls that follow: one set for each `draw`, a 32-bit number. Left out without dropout. */
  redraw?(draw: number): void;
  dispose(): void;
}
