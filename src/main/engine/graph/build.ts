import { badInput } from '../../../shared/errors';
import type { ModelSpec } from '../../../shared/model/experiment';
import { countParameters } from '../models/countParameters';
import { createGraphBuilder } from './builder';
import type { Network, TensorId } from './ir';
import { emitLayer } from './layers';
import type { EmittedLayer } from './layers/layer';
import { emitLoss, targetShape } from './loss';

/** θ, v, ∇L and Hv together then take 1 GiB in float32. */
const maximumParameters = 67_108_864;

/**
 * The four passes of a model as one graph, and the layout of θ: per layer `layers.i.weight`, `layers.i.bias`, in the
 * order, shapes and (up to the prefix) names of the `state_dict` of the equivalent torch Sequential.
 *
 * @throws UserError badInput where the loss and the last layer do not go together, or θ is too large
 */
export function buildNetwork(model: ModelSpec): Network {
  checkLoss(model);
  checkSize(model);
  const builder = createGraphBuilder();
  const inputs = model.inputShape.reduce((a, b) => a * b, 1);
  const outputs = model.layers.at(-1)!.units;
  const input = builder.tensor('x', true, [inputs]);
  const target = builder.tensor('target', true, targetShape(model.loss, outputs));

  const layers: EmittedLayer[] = [];
  let x = input;
  let size = inputs;
  model.layers.forEach((spec, i) => {
    const layer = emitLayer(builder, `layers.${i}`, spec, x, size);
    layers.push(layer);
    x = layer.y;
    size = layer.shape.reduce((a, b) => a * b, 1);
  });
  const prediction = x;
  const loss = emitLoss(builder, model.loss, prediction, target, outputs);

  let dy: TensorId = loss.backward();
  for (let i = layers.length - 1; i >= 0; i--) dy = layers[i]!.backward(dy, i > 0) ?? dy;

  let rx: TensorId | null = null;
  for (const layer of layers) rx = layer.rForward(rx);
  let rdy: TensorId = loss.rBackward(rx!);
  for (let i = layers.length - 1; i >= 0; i--) rdy = layers[i]!.rBackward(rdy) ?? rdy;

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

function checkLoss(model: ModelSpec): void {
  const units = model.layers.at(-1)!.units;
  const field = ['layers', model.layers.length - 1, 'units'];
  switch (model.loss) {
    case 'softmaxCrossEntropy':
      if (units < 2) {
        throw badInput(
          `softmaxCrossEntropy needs at least 2 outputs, one per class; the last layer has ${units}.`,
          'Give the last layer one unit per class, or use binaryCrossEntropy for two classes with one output.',
          field,
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

function checkSize(model: ModelSpec): void {
  const count = countParameters(model);
  if (count > maximumParameters) {
    throw badInput(
      `The model has ${count.toLocaleString('en')} parameters; at most ${maximumParameters.toLocaleString('en')} fit.`,
      'Use fewer units or fewer layers.',
      ['layers'],
    );
  }
}
