import { badInput } from '../../../shared/errors';
import type { ModelSpec } from '../../../shared/model/experiment';
import type { ParameterLayout } from '../../../shared/model/run';
import { layerShapes } from '../models/shapes';
import { createGraphBuilder } from './builder';
import type { Network, TensorId } from './ir';
import { emitLayer } from './layers';
import type { EmittedLayer } from './layers/layer';
import { emitLoss, targetShape } from './loss';
import { sizeOf } from './shape';

/** θ, v, ∇L and Hv together then take 1 GiB in float32. */
const maximumParameters = 67_108_864;

/**
 * The four passes of a model as one graph, and the layout of θ: per layer `layers.i.weight`, `layers.i.bias`, in the
 * order, shapes and (up to the prefix) names of the `state_dict` of the equivalent torch Sequential.
 *
 * @throws UserError badInput where layers do not fit each other or the loss, or θ is too large
 */
export function buildNetwork(model: ModelSpec): Network {
  const shapes = layerShapes(model);
  const outputs = shapes.at(-1)![0]!;
  checkLoss(model, outputs);
  const builder = createGraphBuilder();
  const input = builder.tensor('x', true, inputShapeOf(model));
  const target = builder.tensor('target', true, targetShape(model.loss, outputs));

  const layers: EmittedLayer[] = [];
  /** Per layer: whether its x depends on parameters, so that x has a tangent and needs a gradient. */
  const moves: boolean[] = [];
  let x = input;
  model.layers.forEach((spec, i) => {
    moves.push(builder.parameters.length > 0);
    const inputShape = shapes[i - 1] ?? model.inputShape;
    const layer = emitLayer(builder, { name: `layers.${i}`, x, inputShape, shape: shapes[i]! }, spec);
    layers.push(layer);
    x = layer.y;
  });
  const prediction = x;
  checkSize(builder.layout);
  const loss = emitLoss(builder, model.loss, prediction, target, outputs);

  let dy: TensorId | null = loss.backward();
  for (let i = layers.length - 1; i >= 0 && dy !== null; i--) dy = layers[i]!.backward(dy, moves[i]!);

  let rx: TensorId | null = null;
  for (const layer of layers) rx = layer.rForward(rx);
  let rdy: TensorId | null = loss.rBackward(rx!);
  for (let i = layers.length - 1; i >= 0 && rdy !== null; i--) rdy = layers[i]!.rBackward(rdy);

  return {
    model,
    layout: builder.layout,
    graph: {
      tensors: builder.tensors,
      nodes: builder.nodes(),
      input,
      target,
      parameters: builder.parameters.map((p) => p.value),
      tangents: builder.parameters.map((p) => p.tangent),
      gradients: builder.parameters.map((p) => p.gradient),
      products: builder.parameters.map((p) => p.product),
      prediction,
      loss: loss.loss,
      correct: loss.correct,
    },
  };
}

/** A first dense layer reads its input as a list. */
function inputShapeOf({ inputShape, layers }: ModelSpec): readonly number[] {
  return layers[0]!.type === 'dense' ? [sizeOf(inputShape)] : inputShape;
}

function checkLoss(model: ModelSpec, outputs: number): void {
  switch (model.loss) {
    case 'softmaxCrossEntropy':
      if (outputs < 2) {
        throw badInput(
          `softmaxCrossEntropy needs at least 2 outputs, one per class; the last layer has ${outputs}.`,
          'Give the last layer one unit per class, or use binaryCrossEntropy for two classes with one output.',
          ['layers', model.layers.length - 1, 'units'],
        );
      }
      return;
    case 'meanSquaredError':
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
