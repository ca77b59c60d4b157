import { badInput } from '../../../shared/errors';
import { readsClassIndex } from '../../../shared/model/experiment';
import type { Network } from '../graph/ir';
import type { ExampleSet } from './executor';

/**
 * Examples that do not have the shape the graph reads, or a class index without an output, would be read past their
 * end without a word: every executor's `load` calls this first.
 *
 * @throws UserError badInput
 */
export function checkExamples({ model, graph }: Network, { x, y, examples }: ExampleSet): void {
  const [first] = model.layers;
  const features = graph.tensors[graph.input]!.size;
  const values = graph.tensors[graph.target]!.size;
  if (examples < 1) throw badInput('The data hold no examples.', 'Use data with at least one example.');
  if (x.length !== examples * features) {
    throw badInput(
      `The model's input is [${model.inputShape.join(', ')}], ${features} values; ` +
        `the data have ${x.length / examples} values per example.`,
      'Set inputShape to the number of features.',
      ['inputShape'],
    );
  }
  if (y.length !== examples * values) {
    throw badInput(
      `${model.loss} reads ${values} target value${values === 1 ? '' : 's'} per example; ` +
        `the data have ${y.length / examples}.`,
      'Give the last layer one unit per target value.',
      ['layers', model.layers.length - 1, 'units'],
    );
  }
  if (first?.type === 'embedding') checkTokens(x, first.vocabulary);
  if (readsClassIndex(model.loss)) checkClasses(y, graph.tensors[graph.prediction]!.size, model.layers.length);
  if (model.loss === 'binaryCrossEntropy') checkProbabilities(y);
}

function checkTokens(x: Float32Array, vocabulary: number): void {
  const wrong = x.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabulary);
  if (wrong === undefined) return;
  throw badInput(
    `The embedding reads whole numbers from 0 to ${vocabulary - 1}; the data hold ${wrong}.`,
    'Give it a vocabulary as large as the data need, and turn standardization off.',
    ['layers', 0, 'vocabulary'],
  );
}

function checkClasses(y: Float32Array, outputs: number, layers: number): void {
  const wrong = y.find((label) => !Number.isInteger(label) || label < 0 || label >= outputs);
  if (wrong === undefined) return;
  throw badInput(
    `Class ${wrong} is not one of 0 … ${outputs - 1}, the model's ${outputs} outputs.`,
    'Give the last layer one unit per class.',
    ['layers', layers - 1, 'units'],
  );
}

function checkProbabilities(y: Float32Array): void {
  const wrong = y.find((value) => !(value >= 0 && value <= 1));
  if (wrong === undefined) return;
  throw badInput(`binaryCrossEntropy needs targets from 0 to 1; the data hold ${wrong}.`, 'Use meanSquaredError.', [
    'loss',
  ]);
}
