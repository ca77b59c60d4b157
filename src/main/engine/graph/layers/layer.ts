import type { TensorId } from '../ir';

/**
 * A layer that has emitted its forward pass and holds what its other passes need. The graph's author calls
 * `backward`, `rForward` and `rBackward` once each, in this order, and hands the results to the neighbour.
 *
 * `null` stands for a tensor that is zero or not wanted: the input of the model has no tangent (rx = null) and
 * needs no gradient (`inputGradient` false), so the first layer emits nothing for either.
 */
export interface EmittedLayer {
  /** The result y, a row tensor. */
  readonly y: TensorId;
  /** Per-example shape of y. */
  readonly shape: readonly number[];
  /** From dy = ∂ℓ/∂y: emits the gradients of the parameters; returns dx = ∂ℓ/∂x. */
  backward(dy: TensorId, inputGradient: boolean): TensorId | null;
  /** From rx = R{x}: returns R{y} along the parameters' tangents. */
  rForward(rx: TensorId | null): TensorId;
  /** From rdy = R{dy}: emits the products of the parameters; returns R{dx}. */
  rBackward(rdy: TensorId): TensorId | null;
}
