import type { LayerSpec } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import { type BilinearMap, emitBilinear } from './bilinear';
import type { EmittedLayer, LayerPlace } from './layer';

/** y[t] = W[x[t]], with W [vocabulary, units] as in torch.nn.Embedding; x has no gradient. */
export function emitEmbedding(
  builder: GraphBuilder,
  place: LayerPlace,
  { vocabulary, units }: Extract<LayerSpec, { type: 'embedding' }>,
): EmittedLayer {
  const map: BilinearMap = {
    weightShape: [vocabulary, units],
    apply: (tokens, weight) => ({ op: 'embed', tokens, weight }),
    weightGradient: (dy, tokens) => ({ op: 'embedGrad', tokens, dy }),
    inputGradient: null,
    bias: null,
  };
  return emitBilinear(builder, place, map, 'identity');
}
