import type { LayerSpec } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import { slide, windowOf } from '../window';
import type { EmittedLayer, LayerPlace } from './layer';
import { emitPiecewiseLinear } from './piecewiseLinear';

/** torch.nn.MaxPool2d: tangents are read, gradients written, at the places of the largest values. */
export function emitMaxPool2d(
  builder: GraphBuilder,
  place: LayerPlace,
  spec: Extract<LayerSpec, { type: 'maxPool2d' }>,
): EmittedLayer {
  const window = slide(place.inputShape, windowOf(spec));
  const x = place.x;
  return emitPiecewiseLinear(builder, place, {
    value: () => ({ op: 'maxPool2d', x, window }),
    forward: (t) => ({ op: 'maxPool2dGather', x, t, window }),
    backward: (dy) => ({ op: 'maxPool2dGrad', x, dy, window }),
  });
}

/** torch.nn.AvgPool2d, or with a window as large as the image the mean of each channel. */
export function emitAveragePool2d(
  builder: GraphBuilder,
  place: LayerPlace,
  spec: Extract<LayerSpec, { type: 'averagePool2d' | 'globalAveragePool' }>,
): EmittedLayer {
  const [, height, width] = place.inputShape as [number, number, number];
  const whole = { kernel: [height, width], stride: 1, padding: 'valid' } as const;
  const window = slide(place.inputShape, spec.type === 'globalAveragePool' ? whole : windowOf(spec));
  return emitPiecewiseLinear(builder, place, {
    value: (x) => ({ op: 'averagePool2d', x, window }),
    forward: (x) => ({ op: 'averagePool2d', x, window }),
    backward: (dy) => ({ op: 'averagePool2dGrad', dy, window }),
  });
}
