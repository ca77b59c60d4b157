import type { ActivationName } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import { emitActivation } from './activation';
import type { EmittedLayer, LayerPlace } from './layer';

/** y = f(x) as a layer of its own. */
export function emitActivationLayer(
  builder: GraphBuilder,
  { name, x, shape }: LayerPlace,
  kind: ActivationName,
): EmittedLayer {
  const activation = emitActivation(builder, name, kind, x, shape);
  let moves: boolean;
  return {
    y: activation.y,
    backward(dy, inputGradient) {
      moves = inputGradient;
      return moves ? activation.backward(dy) : null;
    },
    rForward: (rx) => (rx === null ? null : activation.rForward(rx)),
    rBackward: (rdy) => (moves ? activation.rBackward(rdy) : null),
  };
}

/** y = x, for flatten in another shape: the same values in the same order. */
export function emitSame({ x }: LayerPlace): EmittedLayer {
  return { y: x, backward: (dy) => dy, rForward: (rx) => rx, rBackward: (rdy) => rdy };
}
