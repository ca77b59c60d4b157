import type { LayerSpec } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import type { Op } from '../ir';
import type { EmittedLayer, LayerPlace } from './layer';
import { emitPiecewiseLinear } from './piecewiseLinear';

/** y = m∘x, m drawn anew for each step (Srivastava et al. 2014, "inverted" as in torch.nn.Dropout). */
export function emitDropout(
  builder: GraphBuilder,
  place: LayerPlace,
  { rate }: Extract<LayerSpec, { type: 'dropout' }>,
): EmittedLayer {
  const mask = builder.mask(`${place.name}.mask`, place.shape, rate);
  const masked = (x: number): Op => ({ op: 'multiply', a: x, b: mask });
  return emitPiecewiseLinear(builder, place, { value: masked, forward: masked, backward: masked });
}
