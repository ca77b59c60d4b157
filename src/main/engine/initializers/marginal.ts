import { badInput } from '../../../shared/errors';
import type { ModelSpec } from '../../../shared/model/experiment';
import { layerShapes } from '../models/shapes';

/**
 * Biases with which the last layer, its other inputs zero, gives the constant of the lowest loss: the mean of the targets
 * for squared error (and for Huber's, near it), log p_k for softmax and log(p/(1 − p)) for binary cross-entropy, p the
 * frequencies among the targets (Goodfellow, Bengio and Courville 2016, section 8.4). A frequency of 0 counts as half an
 * example.
 *
 * @param y targets as the executors read them: class indices, or outputs values an example
 * @throws UserError badInput where the last layer is not dense with biases and without activation, and for the hinge loss
 */
export function marginalBiases(model: ModelSpec, y: Float32Array): Float64Array {
  const field = ['objective', 'biasInitializer', 'name'];
  const last = model.layers.at(-1)!;
  if (last.type !== 'dense' || !last.bias || last.activation !== 'identity') {
    throw badInput(
      'Biases from the targets need a last layer that is dense, has biases and no activation.',
      'Initialize the biases with zeros or a constant.',
      field,
    );
  }
  const outputs = layerShapes(model).at(-1)![0]!;
  const examples = model.loss === 'softmaxCrossEntropy' ? y.length : y.length / outputs;
  const frequency = (count: number) => Math.min(Math.max(count, 0.5), examples - 0.5) / examples;
  switch (model.loss) {
    case 'softmaxCrossEntropy': {
      const counts = new Float64Array(outputs);
      for (const label of y) counts[label]!++;
      return counts.map((count) => Math.log(Math.max(count, 0.5) / examples));
    }
    case 'binaryCrossEntropy':
      return sums(y, outputs).map((sum) => Math.log(frequency(sum) / (1 - frequency(sum))));
    case 'meanSquaredError':
    case 'huber':
      return sums(y, outputs).map((sum) => sum / examples);
    case 'multiClassHinge':
      throw badInput(
        'The hinge loss has no biases that belong to the class frequencies.',
        'Initialize the biases with zeros or a constant.',
        field,
      );
    default:
      return model.loss satisfies never;
  }
}

function sums(y: Float32Array, outputs: number): Float64Array {
  const total = new Float64Array(outputs);
  for (let i = 0; i < y.length; i++) total[i % outputs]! += y[i]!;
  return total;
}
