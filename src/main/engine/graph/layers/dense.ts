import type { LayerSpec } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import type { Op, TensorId } from '../ir';
import { emitActivation } from './activation';
import type { EmittedLayer } from './layer';

/**
 * y = f(z), z = x Wᵀ + b, with W [units, inputs] as in PyTorch's Linear. With dz = f'(z)∘dy:
 *
 *     dW = dzᵀ x              R{z}  = R{x} Wᵀ + x Vᵀ + c          V, c: the tangents of W and b
 *     db = Σ dz               R{dW} = R{dz}ᵀ x + dzᵀ R{x}
 *     dx = dz W               R{db} = Σ R{dz}
 *                             R{dx} = R{dz} W + dz V
 *
 * @param name prefix of the parameter names, e.g. `layers.0`
 * @param x row tensor [N, inputs]
 */
export function emitDense(
  builder: GraphBuilder,
  name: string,
  spec: Extract<LayerSpec, { type: 'dense' }>,
  x: TensorId,
  inputs: number,
): EmittedLayer {
  const shape = [spec.units];
  const weight = builder.parameter(`${name}.weight`, [spec.units, inputs], 'weight');
  const bias = spec.bias ? builder.parameter(`${name}.bias`, [spec.units], 'bias') : null;

  const product = builder.emit('forward', `${name}.xW`, shape, timesTransposed(x, weight.value));
  const z = bias
    ? builder.emit('forward', `${name}.z`, shape, { op: 'addBias', x: product, bias: bias.value })
    : product;
  const activation = emitActivation(builder, name, spec.activation, z, shape);

  let dz: TensorId;
  let rx: TensorId | null;
  let inputGradientWanted: boolean;
  return {
    y: activation.y,
    shape,
    backward(dy, inputGradient) {
      inputGradientWanted = inputGradient;
      dz = activation.backward(dy);
      builder.emitInto('backward', weight.gradient, transposedTimes(dz, x));
      if (bias) builder.emitInto('backward', bias.gradient, { op: 'sumRows', x: dz });
      return inputGradient ? builder.emit('backward', `d(${name}.x)`, [inputs], times(dz, weight.value)) : null;
    },
    rForward(tangent) {
      rx = tangent;
      let rz = builder.emit('rForward', `${name}.xV`, shape, timesTransposed(x, weight.tangent));
      if (rx !== null) {
        const carried = builder.emit('rForward', `${name}.RxW`, shape, timesTransposed(rx, weight.value));
        rz = builder.emit('rForward', `${name}.RxW+xV`, shape, { op: 'add', a: carried, b: rz });
      }
      if (bias) rz = builder.emit('rForward', `R(${name}.z)`, shape, { op: 'addBias', x: rz, bias: bias.tangent });
      return activation.rForward(rz);
    },
    rBackward(rdy) {
      const rdz = activation.rBackward(rdy);
      if (rx === null) builder.emitInto('rBackward', weight.product, transposedTimes(rdz, x));
      else builder.emitSumInto('rBackward', weight.product, transposedTimes(rdz, x), transposedTimes(dz, rx));
      if (bias) builder.emitInto('rBackward', bias.product, { op: 'sumRows', x: rdz });
      if (!inputGradientWanted) return null;
      const a = builder.emit('rBackward', `${name}.RdzW`, [inputs], times(rdz, weight.value));
      const b = builder.emit('rBackward', `${name}.dzV`, [inputs], times(dz, weight.tangent));
      return builder.emit('rBackward', `Rd(${name}.x)`, [inputs], { op: 'add', a, b });
    },
  };
}

const times = (a: TensorId, b: TensorId): Op => ({ op: 'matmul', a, b, transposeA: false, transposeB: false });
const timesTransposed = (a: TensorId, b: TensorId): Op => ({
  op: 'matmul',
  a,
  b,
  transposeA: false,
  transposeB: true,
});
const transposedTimes = (a: TensorId, b: TensorId): Op => ({
  op: 'matmul',
  a,
  b,
  transposeA: true,
  transposeB: false,
});
