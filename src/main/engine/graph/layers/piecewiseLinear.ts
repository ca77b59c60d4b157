import type { GraphBuilder } from '../builder';
import type { Op, TensorId } from '../ir';
import type { EmittedLayer, LayerPlace } from './layer';

/** y = f(x) without parameters whose Jacobian J does not change with x, almost everywhere. */
export interface PiecewiseLinearMap {
  /** f(x) */
  value(x: TensorId): Op;
  /** J t */
  forward(t: TensorId): Op;
  /** Jᵀ dy */
  backward(dy: TensorId): Op;
}

/** Tangents go through J, gradients and their tangents through Jᵀ. */
export function emitPiecewiseLinear(
  builder: GraphBuilder,
  { name, x, inputShape, shape }: LayerPlace,
  map: PiecewiseLinearMap,
): EmittedLayer {
  let moves: boolean;
  return {
    y: builder.emit('forward', `${name}.y`, shape, map.value(x)),
    backward(dy, inputGradient) {
      moves = inputGradient;
      return moves ? builder.emit('backward', `d(${name}.x)`, inputShape, map.backward(dy)) : null;
    },
    rForward: (rx) => (rx === null ? null : builder.emit('rForward', `R(${name}.y)`, shape, map.forward(rx))),
    rBackward: (rdy) => (moves ? builder.emit('rBackward', `Rd(${name}.x)`, inputShape, map.backward(rdy)) : null),
  };
}
