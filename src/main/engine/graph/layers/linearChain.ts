import type { LayerSpec } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import { emitDense } from './dense';
import type { EmittedLayer, LayerPlace } from './layer';

/** Dense layers without activations, named `NAME.0` to `NAME.depth−1` as in a torch Sequential inside the model's. */
export function emitLinearChain(
  builder: GraphBuilder,
  place: LayerPlace,
  { units, depth, bias }: Extract<LayerSpec, { type: 'linearChain' }>,
): EmittedLayer {
  const links: EmittedLayer[] = [];
  for (let i = 0; i < depth; i++) {
    const link = {
      name: `${place.name}.${i}`,
      x: links.at(-1)?.y ?? place.x,
      inputShape: i === 0 ? place.inputShape : place.shape,
      shape: place.shape,
    };
    links.push(emitDense(builder, link, { type: 'dense', units, activation: 'identity', bias }));
  }
  return {
    y: links.at(-1)!.y,
    backward: (dy, inputGradient) =>
      links.reduceRight<number | null>((d, link, i) => link.backward(d!, i > 0 || inputGradient), dy),
    rForward: (rx) => links.reduce((r, link) => link.rForward(r), rx),
    rBackward: (rdy) => links.reduceRight<number | null>((r, link) => link.rBackward(r!), rdy),
  };
}
