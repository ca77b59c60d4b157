import type { ActivationName, ModelSpec } from '../../../shared/model/experiment';
import type { ParameterBlock, ParameterLayout } from '../../../shared/model/run';
import { layerShapes } from '../models/shapes';
import type { Vector } from '../objectives/objective';
import { bothScalings, scalingOf } from './scaling';
import type { HiddenUnits, Scaling, UnitUse } from './units';

/** What is open between two layers: the units of the last one, each seen `repeat` times by a flattened image's reader. */
interface Open {
  layer: string;
  units: number;
  repeat: number;
  scaling: Scaling;
  uses: UnitUse[];
}

/**
 * The permutable hidden units of a model, layer by layer: dense layers, linear chains and convolutions with what lies
 * between them (activations, dropout, pools, flatten, batch and layer norms over them). Left out are units that something
 * else reads in their order: residual sums, depthwise convolutions, recurrent layers, embeddings and the outputs.
 */
export function hiddenUnits(model: ModelSpec, layout: ParameterLayout): HiddenUnits[] {
  const block = (name: string): ParameterBlock | undefined => layout.find((one) => one.name === name);
  const shapes = layerShapes(model);
  const skips = new Set(
    model.layers.flatMap((layer, i) => (layer.type === 'residualAdd' ? [layer.from, i - 1, i] : [])),
  );
  const found: HiddenUnits[] = [];
  let open: Open | null = null;

  /** The weight reads the open units along its axis 1 and makes new ones along axis 0. */
  const connect = (name: string, activation: ActivationName): void => {
    const weight = block(`${name}.weight`)!;
    if (open) {
      const inner = weight.size / weight.shape[0]! / open.units;
      open.uses.push({ offset: weight.offset, outer: weight.shape[0]!, inner, own: false });
      const { layer, units, scaling, uses } = open;
      found.push({ layer, units, scaling, uses });
    }
    open = {
      ...{ layer: name, units: weight.shape[0]!, repeat: 1 },
      scaling: scalingOf(activation),
      uses: [ownUse(weight)],
    };
    const bias = block(`${name}.bias`);
    if (bias) open.uses.push({ offset: bias.offset, outer: 1, inner: 1, own: true });
  };
  const ownUse = ({ offset, size, shape }: ParameterBlock): UnitUse => ({
    offset,
    outer: 1,
    inner: size / shape[0]!,
    own: true,
  });

  model.layers.forEach((layer, i) => {
    const name = `layers.${i}`;
    switch (layer.type) {
      case 'dense':
      case 'conv2d':
        connect(name, layer.activation);
        break;
      case 'linearChain':
        for (let k = 0; k < layer.depth; k++) connect(`${name}.${k}`, 'identity');
        break;
      case 'batchNorm':
      case 'layerNorm': {
        if (!open) break;
        // What a norm makes of another scale is another matter: it takes it out again.
        open.scaling = 'none';
        const scale = block(`${name}.weight`)!;
        const rank = (shapes[i - 1] ?? model.inputShape).length;
        // A layer norm over the last dimensions of an image treats all channels alike.
        if (scale.shape.length < rank && layer.type === 'layerNorm') break;
        if (open.repeat > 1) open = null;
        else open.uses.push(ownUse(scale), ownUse(block(`${name}.bias`)!));
        break;
      }
      case 'flatten': {
        const [, ...rest] = shapes[i - 1] ?? model.inputShape;
        if (open) open.repeat *= rest.reduce((product, size) => product * size, 1);
        break;
      }
      case 'activation':
        if (open) open.scaling = bothScalings(open.scaling, scalingOf(layer.activation));
        break;
      case 'maxPool2d':
        if (open) open.scaling = bothScalings(open.scaling, 'positive');
        break;
      case 'dropout':
      case 'averagePool2d':
      case 'globalAveragePool':
        break;
      case 'residualAdd':
      case 'depthwiseConv2d':
      case 'embedding':
      case 'recurrent':
        open = null;
        break;
      default:
        layer satisfies never;
    }
    if (skips.has(i)) open = null;
  });
  return found;
}

/**
 * θ with its hidden units in another order: unit u of layer k becomes the one that was at `permutations[k][u]`. The network
 * computes the same function.
 */
export function permuteHiddenUnits(
  theta: Vector,
  layers: readonly HiddenUnits[],
  permutations: readonly ArrayLike<number>[],
): Float64Array {
  let current = Float64Array.from(theta);
  layers.forEach(({ units, uses }, k) => {
    const permutation = permutations[k]!;
    const permuted = current.slice();
    for (const { offset, outer, inner } of uses) {
      for (let o = 0; o < outer; o++) {
        const start = offset + o * units * inner;
        for (let u = 0; u < units; u++) {
          const from = start + permutation[u]! * inner;
          permuted.set(current.subarray(from, from + inner), start + u * inner);
        }
      }
    }
    current = permuted;
  });
  return current;
}
