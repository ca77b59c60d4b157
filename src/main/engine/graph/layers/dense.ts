import type { LayerSpec } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import { sizeOf } from '../shape';
import { type BilinearMap, emitBilinear } from './bilinear';
import type { EmittedLayer, LayerPlace } from './layer';

/** y = f(x Wᵀ + b), with W [units, inputs] as in torch.nn.Linear: dW = dzᵀ x, dx = dz W. */
export function emitDense(
  builder: GraphBuilder,
  place: LayerPlace,
  spec: Extract<LayerSpec, { type: 'dense' }>,
): EmittedLayer {
  const inputs = sizeOf(place.inputShape);
  const map: BilinearMap = {
    weightShape: [spec.units, inputs],
    apply: (a, b) => ({ op: 'matmul', a, b, transposeA: false, transposeB: true }),
    weightGradient: (a, b) => ({ op: 'matmul', a, b, transposeA: true, transposeB: false }),
    inputGradient: (a, b) => ({ op: 'matmul', a, b, transposeA: false, transposeB: false }),
    bias: spec.bias
      ? {
          size: spec.units,
          add: (x, bias) => ({ op: 'addBias', x, bias }),
          sum: (x) => ({ op: 'sumRows', x }),
        }
      : null,
  };
  return emitBilinear(builder, { ...place, inputShape: [inputs] }, map, spec.activation);
}
