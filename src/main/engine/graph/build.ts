import { badInput } from '../../../shared/errors';
import type { ModelSpec } from '../../../shared/model/experiment';
import type { ParameterLayout } from '../../../shared/model/run';
import { layerShapes } from '../models/shapes';
import { createGraphBuilder, type GraphBuilder } from './builder';
import type { Network, TensorId } from './ir';
import { emitLayer } from './layers';
import type { EmittedLayer } from './layers/layer';
import { createSkipSource, type SkipSource } from './layers/residualAdd';
import { emitLoss, targetShape } from './loss';
import { sizeOf } from './shape';

/** θ, v, ∇L and Hv together then take 1 GiB in float32. */
const maximumParameters = 67_108_864;

export interface BuildOptions {
  /**
   * What batchNorm subtracts and divides by. batch: mean and variance of the rows of a command, a function of θ with
   * derivatives of its own, as in PyTorch's training mode. running: `Network.buffers`, as in its evaluation mode.
   */
  statistics?: 'batch' | 'running';
  /** Whether dropout zeroes values, as in PyTorch's training mode; off where left out. */
  dropout?: boolean;
}

/**
 * The four passes of a model as one graph, and the layout of θ: per layer `layers.i.weight`, `layers.i.bias`, in the
 * order, shapes and (up to the prefix) names of the `state_dict` of the equivalent torch Sequential.
 *
 * @throws UserError badInput where layers do not fit each other or the loss, or θ is too large
 */
export function buildNetwork(model: ModelSpec, { statistics = 'batch', dropout = false }: BuildOptions = {}): Network {
  const shapes = layerShapes(model);
  const outputs = shapes.at(-1)![0]!;
  checkLoss(model, outputs);
  const builder = createGraphBuilder();
  const input = builder.tensor('x', true, inputShapeOf(model));
  const target = builder.tensor('target', true, targetShape(model.loss, outputs));

  const layers: EmittedLayer[] = [];
  /** Per layer: whether its x depends on parameters, so that x has a tangent and needs a gradient. */
  const moves: boolean[] = [];
  /** The input and each layer's output, as skips see them. */
  const sources = [createSkipSource(input)];
  let x = input;
  model.layers.forEach((spec, i) => {
    moves.push(builder.parameters.length > 0);
    const inputShape = shapes[i - 1] ?? model.inputShape;
    const layer = emitLayer(builder, { name: `layers.${i}`, x, inputShape, shape: shapes[i]! }, spec, {
      earlier: (from) => sources[from + 1]!,
      statistics,
      dropout,
    });
    layers.push(layer);
    x = layer.y;
    sources.push(createSkipSource(layer.y));
  });
  const prediction = x;
  checkSize(builder.layout);
  const loss = emitLoss(builder, model.loss, prediction, target, outputs);

  const outputGradients: (TensorId | null)[] = layers.map(() => null);
  backwards(layers, sources, builder, 'backward', loss.backward(), (layer, dy, i) => {
    outputGradients[i] = dy;
    return layer.backward(dy, moves[i]!);
  });

  let rx: TensorId | null = null;
  layers.forEach((layer, i) => {
    rx = layer.rForward(rx);
    sources[i + 1]!.tangent = rx;
  });
  backwards(layers, sources, builder, 'rBackward', loss.rBackward(rx!), (layer, rdy) => layer.rBackward(rdy));

  return {
    model,
    layout: builder.layout,
    buffers: builder.bufferLayout,
    coupled: statistics === 'batch' && builder.bufferLayout.length > 0,
    graph: {
      tensors: builder.tensors,
      nodes: builder.nodes(),
      input,
      target,
      parameters: builder.parameters.map((p) => p.value),
      tangents: builder.parameters.map((p) => p.tangent),
      gradients: builder.parameters.map((p) => p.gradient),
      products: builder.parameters.map((p) => p.product),
      masks: builder.masks,
      buffers: builder.buffers,
      statistics: builder.statistics,
      layers: layers.map(({ y, states }, i) => ({
        output: y,
        gradient: outputGradients[i]!,
        states: states?.() ?? [],
      })),
      prediction,
      loss: loss.loss,
      correct: loss.correct,
    },
  };
}

/** Hands dy (or R{dy}) from the last layer to the first, adding at each output what skips have sent back to it. */
function backwards(
  layers: readonly EmittedLayer[],
  sources: readonly SkipSource[],
  builder: GraphBuilder,
  pass: 'backward' | 'rBackward',
  fromLoss: TensorId,
  through: (layer: EmittedLayer, dy: TensorId, i: number) => TensorId | null,
): void {
  let dy: TensorId | null = fromLoss;
  for (let i = layers.length - 1; i >= 0; i--) {
    dy = sources[i + 1]!.collect(builder, pass, dy);
    if (dy === null) return;
    dy = through(layers[i]!, dy, i);
  }
}

/** A first dense layer reads its input as a list. */
function inputShapeOf({ inputShape, layers }: ModelSpec): readonly number[] {
  const { type } = layers[0]!;
  return type === 'dense' || type === 'linearChain' ? [sizeOf(inputShape)] : inputShape;
}

function checkLoss(model: ModelSpec, outputs: number): void {
  switch (model.loss) {
    case 'softmaxCrossEntropy':
    case 'multiClassHinge':
      if (outputs < 2) {
        throw badInput(
          `${model.loss} needs at least 2 outputs, one per class; the last layer has ${outputs}.`,
          'Give the last layer one unit per class, or use binaryCrossEntropy for two classes with one output.',
          ['layers', model.layers.length - 1, 'units'],
        );
      }
      return;
    case 'meanSquaredError':
    case 'huber':
    case 'binaryCrossEntropy':
      return;
    default:
      model.loss satisfies never;
  }
}

function checkSize(layout: ParameterLayout): void {
  const count = layout.reduce((sum, block) => sum + block.size, 0);
  if (count === 0) {
    throw badInput('The model has no parameters: nothing to train.', 'Add a dense or convolution layer.', ['layers']);
  }
  if (count > maximumParameters) {
    throw badInput(
      `The model has ${count.toLocaleString('en')} parameters; at most ${maximumParameters.toLocaleString('en')} fit.`,
      'Use fewer units or fewer layers.',
      ['layers'],
    );
  }
}
