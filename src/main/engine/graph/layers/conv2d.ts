import type { LayerSpec } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import { slideFilters, windowOf } from '../window';
import { type BilinearMap, emitBilinear } from './bilinear';
import type { EmittedLayer, LayerPlace } from './layer';

/**
 * y = f(W ⋆ x + b), the cross-correlation of torch.nn.Conv2d, with W [filters, channels/groups, kernelHeight,
 * kernelWidth]; a depthwise convolution has one group per channel.
 */
export function emitConv2d(
  builder: GraphBuilder,
  place: LayerPlace,
  spec: Extract<LayerSpec, { type: 'conv2d' | 'depthwiseConv2d' }>,
): EmittedLayer {
  const depthwise = spec.type === 'depthwiseConv2d';
  const filters = depthwise ? spec.multiplier : spec.filters;
  const window = slideFilters(place.inputShape, windowOf(spec), filters, depthwise);
  const inner = window.outHeight * window.outWidth;
  const map: BilinearMap = {
    weightShape: [window.filters, window.channels / window.groups, window.kernelHeight, window.kernelWidth],
    apply: (x, weight) => ({ op: 'conv2d', x, weight, window }),
    weightGradient: (dy, x) => ({ op: 'conv2dWeightGrad', dy, x, window }),
    inputGradient: (dy, weight) => ({ op: 'conv2dInputGrad', dy, weight, window }),
    bias: spec.bias
      ? {
          size: window.filters,
          add: (x, vector) => ({ op: 'addAlong', x, vector, inner }),
          sum: (x) => ({ op: 'sumAlong', x, inner }),
        }
      : null,
  };
  return emitBilinear(builder, place, map, spec.activation);
}
