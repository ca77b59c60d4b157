import type { LayerSpec } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import { emitConv2d } from './conv2d';
import { emitDense } from './dense';
import { emitDropout } from './dropout';
import { emitActivationLayer, emitSame } from './elementwise';
import { emitEmbedding } from './embedding';
import type { EmittedLayer, LayerPlace } from './layer';
import { emitLinearChain } from './linearChain';
import { emitBatchNorm, emitLayerNorm } from './normalization';
import { emitAveragePool2d, emitMaxPool2d } from './pool2d';
import { emitRecurrent } from './recurrent';
import { emitResidualAdd, type SkipSource } from './residualAdd';

/** What some layers need beside their place. */
export interface LayerContext {
  /** The output of the layer of that index, −1 the input. */
  earlier(layer: number): SkipSource;
  readonly statistics: 'batch' | 'running';
  readonly dropout: boolean;
}

/** Emits the forward pass of any layer. */
export function emitLayer(
  builder: GraphBuilder,
  place: LayerPlace,
  spec: LayerSpec,
  context: LayerContext,
): EmittedLayer {
  switch (spec.type) {
    case 'dense':
      return emitDense(builder, place, spec);
    case 'conv2d':
    case 'depthwiseConv2d':
      return emitConv2d(builder, place, spec);
    case 'maxPool2d':
      return emitMaxPool2d(builder, place, spec);
    case 'averagePool2d':
    case 'globalAveragePool':
      return emitAveragePool2d(builder, place, spec);
    case 'flatten':
      return emitSame(place);
    case 'dropout':
      return context.dropout ? emitDropout(builder, place, spec) : emitSame(place);
    case 'embedding':
      return emitEmbedding(builder, place, spec);
    case 'recurrent':
      return emitRecurrent(builder, place, spec);
    case 'batchNorm':
      return emitBatchNorm(builder, place, spec, context.statistics);
    case 'layerNorm':
      return emitLayerNorm(builder, place, spec);
    case 'residualAdd':
      return emitResidualAdd(builder, place, spec, context.earlier(spec.from));
    case 'linearChain':
      return emitLinearChain(builder, place, spec);
    case 'activation':
      return emitActivationLayer(builder, place, spec.activation);
    default:
      return spec satisfies never;
  }
}
