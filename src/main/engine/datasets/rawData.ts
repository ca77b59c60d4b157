/** A dataset as it was read: every example, in the order of the file, nothing scaled. All numbers are finite. */
export interface RawData {
  readonly examples: number;
  /** Per-example shape of x, e.g. [64] or [channels, height, width]. */
  readonly inputShape: readonly number[];
  /** [n, ...inputShape] row-major. */
  readonly x: Float32Array | Float64Array;
  readonly target: RawTarget;
}

export type RawTarget =
  /** `labels` [n]: indices of `classes`. */
  | { readonly kind: 'class'; readonly labels: Int32Array; readonly classes: readonly string[] }
  /** `values` [n, ...shape]; the shape of a single number is []. */
  | { readonly kind: 'number'; readonly values: Float32Array | Float64Array; readonly shape: readonly number[] };

/** What a user's file is read as, and how messages name it. */
export interface FileOptions {
  /** What the last column (or `y`) holds. */
  target: 'class' | 'number';
  name: string;
}
