import type { TensorId } from '../ir';

/**
 * A layer that has emitted its forward pass and holds what its other passes need. The graph's author calls
 * `backward`, `rForward` and `rBackward` once each, in this order, and hands the results to the neighbour.
 *
 * `null` stands for a tensor that is zero or not wanted: as long as no layer has had parameters, x has no tangent
 * (rx = null) and needs no gradient (`inputGradient` false), and nothing is emitted for either.
 */
export interface EmittedLayer {
  /** The result y, a row tensor. */
  readonly y: TensorId;
  /** After `backward`: hₜ and ∂ℓ/∂hₜ of a layer that goes through time. */
  states?(): { value: TensorId; gradient: TensorId }[];
  /** From dy = ∂ℓ/∂y: emits the gradients of the parameters; returns dx = ∂ℓ/∂x. */
  backward(dy: TensorId, inputGradient: boolean): TensorId | null;
  /** From rx = R{x}: returns R{y} along the parameters' tangents; null where y does not depend on any parameter. */
  rForward(rx: TensorId | null): TensorId | null;
  /** From rdy = R{dy}: emits the products of the parameters; returns R{dx}. */
  rBackward(rdy: TensorId): TensorId | null;
}

/** What every layer is told about its place. */
export interface LayerPlace {
  /** Prefix of the names of parameters, e.g. `layers.0`. */
  readonly name: string;
  readonly x: TensorId;
  /** Per-example shapes of x and y. */
  readonly inputShape: readonly number[];
  readonly shape: readonly number[];
}
