import type { ActivationName } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import type { Op, TensorId } from '../ir';
import { emitActivation } from './activation';
import type { EmittedLayer, LayerPlace } from './layer';

/** B(x, W), linear in each, and its adjoints: ⟨dy, B(x, W)⟩ = ⟨A(dy, W), x⟩ = ⟨C(dy, x), W⟩. */
export interface BilinearMap {
  readonly weightShape: readonly number[];
  /** B(x, W) */
  apply(x: TensorId, weight: TensorId): Op;
  /** C(dy, x), summed over the rows */
  weightGradient(dy: TensorId, x: TensorId): Op;
  /** A(dy, W); null where x is no function of anything */
  readonly inputGradient: ((dy: TensorId, weight: TensorId) => Op) | null;
  /** null: there is none */
  readonly bias: {
    readonly size: number;
    add(x: TensorId, bias: TensorId): Op;
    sum(x: TensorId): Op;
  } | null;
}

/**
 * y = f(z), z = B(x, W) + b. With dz = f'(z)∘dy and V, c the tangents of W and b:
 *
 *     dW = C(dz, x)           R{z}  = B(R{x}, W) + B(x, V) + c
 *     db = Σ dz               R{dW} = C(R{dz}, x) + C(dz, R{x})
 *     dx = A(dz, W)           R{db} = Σ R{dz}
 *                             R{dx} = A(R{dz}, W) + A(dz, V)
 */
export function emitBilinear(
  builder: GraphBuilder,
  { name, x, inputShape, shape }: LayerPlace,
  map: BilinearMap,
  kind: ActivationName,
): EmittedLayer {
  const weight = builder.parameter(`${name}.weight`, map.weightShape, 'weight');
  const bias = map.bias && { ...map.bias, ...builder.parameter(`${name}.bias`, [map.bias.size], 'bias') };

  const product = builder.emit('forward', `${name}.xW`, shape, map.apply(x, weight.value));
  const z = bias ? builder.emit('forward', `${name}.z`, shape, bias.add(product, bias.value)) : product;
  const activation = emitActivation(builder, name, kind, z, shape);

  let dz: TensorId;
  let rx: TensorId | null;
  let inputGradient: BilinearMap['inputGradient'];
  return {
    y: activation.y,
    backward(dy, wanted) {
      inputGradient = wanted ? map.inputGradient : null;
      dz = activation.backward(dy);
      builder.emitInto('backward', weight.gradient, map.weightGradient(dz, x));
      if (bias) builder.emitInto('backward', bias.gradient, bias.sum(dz));
      if (!inputGradient) return null;
      return builder.emit('backward', `d(${name}.x)`, inputShape, inputGradient(dz, weight.value));
    },
    rForward(tangent) {
      rx = tangent;
      let rz = builder.emit('rForward', `${name}.xV`, shape, map.apply(x, weight.tangent));
      if (rx !== null) {
        const carried = builder.emit('rForward', `${name}.RxW`, shape, map.apply(rx, weight.value));
        rz = builder.emit('rForward', `${name}.RxW+xV`, shape, { op: 'add', a: carried, b: rz });
      }
      if (bias) rz = builder.emit('rForward', `R(${name}.z)`, shape, bias.add(rz, bias.tangent));
      return activation.rForward(rz);
    },
    rBackward(rdy) {
      const rdz = activation.rBackward(rdy);
      const products = [map.weightGradient(rdz, x), ...(rx === null ? [] : [map.weightGradient(dz, rx)])];
      builder.emitSumInto('rBackward', weight.product, products);
      if (bias) builder.emitInto('rBackward', bias.product, bias.sum(rdz));
      if (!inputGradient) return null;
      const a = builder.emit('rBackward', `${name}.RdzW`, inputShape, inputGradient(rdz, weight.value));
      const b = builder.emit('rBackward', `${name}.dzV`, inputShape, inputGradient(dz, weight.tangent));
      return builder.emit('rBackward', `Rd(${name}.x)`, inputShape, { op: 'add', a, b });
    },
  };
}
