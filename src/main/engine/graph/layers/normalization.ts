import type { ActivationName, LayerSpec } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import type { NormalizedSets, Op, TensorId } from '../ir';
import { sizeOf } from '../shape';
import { emitActivation } from './activation';
import type { EmittedLayer, LayerPlace } from './layer';

/** x ↦ x̂ with a symmetric Jacobian J. */
interface Normalizer {
  value(x: TensorId): Op;
  /** J t */
  jacobian(t: TensorId): Op;
  /** R{J} dy along rx; null where J does not change with x. */
  curvature: ((rx: TensorId, dy: TensorId) => Op) | null;
}

/** torch.nn.BatchNorm: statistics of the batch, or the running ones it keeps. */
export function emitBatchNorm(
  builder: GraphBuilder,
  place: LayerPlace,
  { epsilon, momentum, activation }: Extract<LayerSpec, { type: 'batchNorm' }>,
  statistics: 'batch' | 'running',
): EmittedLayer {
  const { name, x, shape } = place;
  const channels = shape[0]!;
  const inner = sizeOf(shape) / channels;
  const mean = builder.buffer(`${name}.running_mean`, [channels], { initial: 0, momentum });
  const variance = builder.buffer(`${name}.running_var`, [channels], { initial: 1, momentum });
  const affine = { size: [channels], inner };
  if (statistics === 'running') {
    const normalizer: Normalizer = {
      value: (id) => ({ op: 'standardize', x: id, mean, variance, inner, epsilon }),
      jacobian: (t) => ({ op: 'standardize', x: t, mean: null, variance, inner, epsilon }),
      curvature: null,
    };
    return emitNormalization(builder, place, normalizer, affine, activation);
  }
  builder.statistic(`${name}.mean`, [channels], { op: 'batchMean', x, inner });
  builder.statistic(`${name}.variance`, [channels], { op: 'batchVariance', x, inner });
  return emitNormalization(builder, place, over({ over: 'batch', channels, inner }, epsilon, x), affine, activation);
}

/** torch.nn.LayerNorm: each example by itself, over its last dimensions. */
export function emitLayerNorm(
  builder: GraphBuilder,
  place: LayerPlace,
  { epsilon, dimensions }: Extract<LayerSpec, { type: 'layerNorm' }>,
): EmittedLayer {
  const size = place.shape.slice(-(dimensions ?? place.shape.length));
  const normalizer = over({ over: 'example', length: sizeOf(size) }, epsilon, place.x);
  return emitNormalization(builder, place, normalizer, { size, inner: 1 }, 'identity');
}

function over(sets: NormalizedSets, epsilon: number, x: TensorId): Normalizer {
  return {
    value: () => ({ op: 'normalize', x, sets, epsilon }),
    jacobian: (t) => ({ op: 'normalizeGrad', x, t, sets, epsilon }),
    curvature: (rx, dy) => ({ op: 'normalizeGrad2', x, rx, dy, sets, epsilon }),
  };
}

/**
 * y = f(z), z = γ∘x̂ + β. With dz = f'(z)∘dy, and g, b the tangents of γ and β:
 *
 *     dγ = Σ dz∘x̂        R{x̂}  = J R{x}
 *     dβ = Σ dz           R{z}   = γ∘R{x̂} + g∘x̂ + b
 *     dx̂ = γ∘dz          R{dγ}  = Σ (R{dz}∘x̂ + dz∘R{x̂})
 *     dx = J dx̂          R{dβ}  = Σ R{dz}
 *                         R{dx̂} = γ∘R{dz} + g∘dz
 *                         R{dx}  = J R{dx̂} + R{J} dx̂
 */
function emitNormalization(
  builder: GraphBuilder,
  { name, x, shape }: LayerPlace,
  { value, jacobian, curvature }: Normalizer,
  affine: { size: readonly number[]; inner: number },
  kind: ActivationName,
): EmittedLayer {
  const { inner } = affine;
  const gamma = builder.parameter(`${name}.weight`, affine.size, 'scale');
  const beta = builder.parameter(`${name}.bias`, affine.size, 'bias');
  const scaled = (id: TensorId, vector: TensorId): Op => ({ op: 'scaleAlong', x: id, vector, inner });
  const shifted = (id: TensorId, vector: TensorId): Op => ({ op: 'addAlong', x: id, vector, inner });
  const summed = (id: TensorId): Op => ({ op: 'sumAlong', x: id, inner });

  const normalized = builder.emit('forward', `${name}.x̂`, shape, value(x));
  const product = builder.emit('forward', `${name}.γx̂`, shape, scaled(normalized, gamma.value));
  const z = builder.emit('forward', `${name}.z`, shape, shifted(product, beta.value));
  const activation = emitActivation(builder, name, kind, z, shape);

  let dz: TensorId;
  let dNormalized: TensorId | null = null;
  let rx: TensorId | null;
  let rNormalized: TensorId | null;
  return {
    y: activation.y,
    backward(dy, inputGradient) {
      dz = activation.backward(dy);
      const toGamma = builder.emit('backward', `${name}.dz∘x̂`, shape, { op: 'multiply', a: dz, b: normalized });
      builder.emitInto('backward', gamma.gradient, summed(toGamma));
      builder.emitInto('backward', beta.gradient, summed(dz));
      if (!inputGradient) return null;
      dNormalized = builder.emit('backward', `d(${name}.x̂)`, shape, scaled(dz, gamma.value));
      return builder.emit('backward', `d(${name}.x)`, shape, jacobian(dNormalized));
    },
    rForward(tangent) {
      rx = tangent;
      let rz = builder.emit('rForward', `${name}.gx̂`, shape, scaled(normalized, gamma.tangent));
      rNormalized = rx === null ? null : builder.emit('rForward', `R(${name}.x̂)`, shape, jacobian(rx));
      if (rNormalized !== null) {
        const carried = builder.emit('rForward', `${name}.γRx̂`, shape, scaled(rNormalized, gamma.value));
        rz = builder.emit('rForward', `${name}.γRx̂+gx̂`, shape, { op: 'add', a: carried, b: rz });
      }
      return activation.rForward(builder.emit('rForward', `R(${name}.z)`, shape, shifted(rz, beta.tangent)));
    },
    rBackward(rdy) {
      const rdz = activation.rBackward(rdy);
      let toGamma = builder.emit('rBackward', `${name}.Rdz∘x̂`, shape, { op: 'multiply', a: rdz, b: normalized });
      if (rNormalized !== null) {
        const b = builder.emit('rBackward', `${name}.dz∘Rx̂`, shape, { op: 'multiply', a: dz, b: rNormalized });
        toGamma = builder.emit('rBackward', `${name}.Rdγ`, shape, { op: 'add', a: toGamma, b });
      }
      builder.emitInto('rBackward', gamma.product, summed(toGamma));
      builder.emitInto('rBackward', beta.product, summed(rdz));
      if (dNormalized === null) return null;

      const a = builder.emit('rBackward', `${name}.γRdz`, shape, scaled(rdz, gamma.value));
      const b = builder.emit('rBackward', `${name}.gdz`, shape, scaled(dz, gamma.tangent));
      const rdNormalized = builder.emit('rBackward', `Rd(${name}.x̂)`, shape, { op: 'add', a, b });
      const linear = builder.emit('rBackward', `Rd(${name}.x).linear`, shape, jacobian(rdNormalized));
      if (curvature === null || rx === null) return linear;
      const curved = builder.emit('rBackward', `Rd(${name}.x).curved`, shape, curvature(rx, dNormalized));
      return builder.emit('rBackward', `Rd(${name}.x)`, shape, { op: 'add', a: linear, b: curved });
    },
  };
}
