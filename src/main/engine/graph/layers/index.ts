import type { LayerSpec } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import type { TensorId } from '../ir';
import { emitDense } from './dense';
import type { EmittedLayer } from './layer';

/** Emits the forward pass of any layer; `inputs` is the size of one example of `x`. */
export function emitLayer(
  builder: GraphBuilder,
  name: string,
  spec: LayerSpec,
  x: TensorId,
  inputs: number,
): EmittedLayer {
  switch (spec.type) {
    case 'dense':
      return emitDense(builder, name, spec, x, inputs);
    default:
      return spec.type satisfies never;
  }
}
