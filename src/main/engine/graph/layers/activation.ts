import type { ActivationName } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import type { TensorId } from '../ir';

/** f'' is zero wherever it exists, so its node is left out. */
const piecewiseLinear: ReadonlySet<ActivationName> = new Set(['identity', 'relu', 'leakyRelu']);

/** An elementwise y = f(x) that has emitted its forward pass; the other passes mirror `EmittedLayer`. */
export interface EmittedActivation {
  readonly y: TensorId;
  /** dx = f'(x)∘dy */
  backward(dy: TensorId): TensorId;
  /** R{y} = f'(x)∘R{x} */
  rForward(rx: TensorId): TensorId;
  /** R{dx} = f'(x)∘R{dy} + f''(x)∘R{x}∘dy */
  rBackward(rdy: TensorId): TensorId;
}

export function emitActivation(
  builder: GraphBuilder,
  name: string,
  kind: ActivationName,
  x: TensorId,
  shape: readonly number[],
): EmittedActivation {
  if (kind === 'identity') {
    const same = (id: TensorId) => id;
    return { y: x, backward: same, rForward: same, rBackward: same };
  }
  const y = builder.emit('forward', `${name}.y`, shape, { op: 'activation', kind, x });
  let dy: TensorId;
  let rx: TensorId;
  return {
    y,
    backward(incoming) {
      dy = incoming;
      return builder.emit('backward', `d(${name}.z)`, shape, { op: 'activationGrad', kind, x, y, dy });
    },
    rForward(tangent) {
      rx = tangent;
      return builder.emit('rForward', `R(${name}.y)`, shape, { op: 'activationGrad', kind, x, y, dy: rx });
    },
    rBackward(rdy) {
      const linear = builder.emit('rBackward', `Rd(${name}.z).linear`, shape, {
        op: 'activationGrad',
        kind,
        x,
        y,
        dy: rdy,
      });
      if (piecewiseLinear.has(kind)) return linear;
      const curved = builder.emit('rBackward', `Rd(${name}.z).curved`, shape, {
        op: 'activationGrad2',
        kind,
        x,
        y,
        rx,
        dy,
      });
      return builder.emit('rBackward', `Rd(${name}.z)`, shape, { op: 'add', a: linear, b: curved });
    },
  };
}
