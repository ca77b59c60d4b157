import type { LayerSpec } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import type { Pass, TensorId } from '../ir';
import { emitActivation } from './activation';
import type { EmittedLayer, LayerPlace } from './layer';

/** A tensor as later layers see it that add it to their input, and what they send back. */
export interface SkipSource {
  readonly value: TensorId;
  /** R{value}, once the R-forward pass has been there; null where it does not depend on any parameter. */
  tangent: TensorId | null;
  /** Keeps a gradient for `collect`. */
  send(dy: TensorId): void;
  /** dy (null: none) plus everything sent since the last call. */
  collect(builder: GraphBuilder, pass: Pass, dy: TensorId | null): TensorId | null;
}

export function createSkipSource(value: TensorId): SkipSource {
  let sent: TensorId[] = [];
  return {
    value,
    tangent: null,
    send: (dy) => sent.push(dy),
    collect(builder, pass, dy) {
      const all = [...(dy === null ? [] : [dy]), ...sent];
      sent = [];
      if (all.length === 0) return null;
      const { name, shape } = builder.tensors[value]!;
      const sum = `${pass === 'backward' ? 'd' : 'Rd'}(${name}).sum`;
      return all.reduce((a, b) => builder.emit(pass, sum, shape, { op: 'add', a, b }));
    },
  };
}

/** y = f(x + s), s the output of an earlier layer (He et al. 2016): both get dz = f'(x + s)∘dy. */
export function emitResidualAdd(
  builder: GraphBuilder,
  { name, x, shape }: LayerPlace,
  spec: Extract<LayerSpec, { type: 'residualAdd' }>,
  source: SkipSource,
): EmittedLayer {
  const z = builder.emit('forward', `${name}.z`, shape, { op: 'add', a: x, b: source.value });
  const activation = emitActivation(builder, name, spec.activation, z, shape);
  let moves: boolean;
  return {
    y: activation.y,
    backward(dy, inputGradient) {
      moves = inputGradient;
      if (!moves) return null;
      const dz = activation.backward(dy);
      source.send(dz);
      return dz;
    },
    rForward(rx) {
      const { tangent } = source;
      if (rx === null) return null;
      const rz =
        tangent === null ? rx : builder.emit('rForward', `R(${name}.z)`, shape, { op: 'add', a: rx, b: tangent });
      return activation.rForward(rz);
    },
    rBackward(rdy) {
      if (!moves) return null;
      const rdz = activation.rBackward(rdy);
      source.send(rdz);
      return rdz;
    },
  };
}
