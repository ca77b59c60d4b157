import { badInput } from '../../../shared/errors';
import type { ModelSpec } from '../../../shared/model/experiment';
import { sizeOf } from '../graph/shape';
import { outputsOf } from './shapes';

/** What a model has to fit. */
export interface DataShape {
  /** Values per example of x. */
  readonly features: number;
  /** Per-example shape of x, e.g. [channels, height, width]; left out, [features]. */
  readonly inputShape?: readonly number[];
  /** Names of the classes; none for numeric targets. */
  readonly classes: readonly string[];
  /** Per-example shape of y: [] for one value, [k] for k. */
  readonly targetShape: readonly number[];
}

/**
 * Refuses a model that does not fit the data, naming both shapes: the input against the features, the outputs against
 * the classes or target values, the loss against the kind of target.
 *
 * Class labels go with softmaxCrossEntropy and multiClassHinge (one output per class), and two classes, as 0 and 1, also with one output
 * of binaryCrossEntropy, meanSquaredError or huber. Numbers go with one output per number.
 *
 * @throws UserError badInput
 */
export function checkModel(model: ModelSpec, data: DataShape): void {
  checkInput(model, data);
  if (data.classes.length > 0) checkClassOutputs(model, data.classes.length);
  else checkNumberOutputs(model, data.targetShape);
}

/**
 * A list of features can be read as an image and an image as a list, but an image only as the image it is; grey images
 * may come without their one channel.
 */
function checkInput(model: ModelSpec, { features, inputShape = [features] }: DataShape): void {
  const inputs = sizeOf(model.inputShape);
  const areImages = model.inputShape.length > 1 && inputShape.length > 1;
  const shape = format(model.inputShape);
  const fits = !areImages || shape === format(inputShape) || shape === format([1, ...inputShape]);
  if (inputs === features && fits) return;
  const have = areImages
    ? `${format(inputShape)}, ${count(features, 'value')}`
    : `${count(features, 'feature')}${inputShape.length > 1 ? `, ${format(inputShape)}` : ''}`;
  throw badInput(
    `The model's input is ${shape}, ${count(inputs, 'value')}; the data have ${have}.`,
    `Set inputShape to ${format(inputShape)}.`,
    ['inputShape'],
  );
}

function checkClassOutputs(model: ModelSpec, classes: number): void {
  const outputs = outputsOf(model);
  switch (model.loss) {
    case 'softmaxCrossEntropy':
    case 'multiClassHinge':
      if (outputs === classes) return;
      throw badInput(
        `The last layer has ${count(outputs, 'unit')}; the data have ${count(classes, 'class', 'classes')}.`,
        `Give the last layer ${count(classes, 'unit')}, one per class.`,
        unitsField(model),
      );
    case 'binaryCrossEntropy':
    case 'meanSquaredError':
    case 'huber':
      if (classes !== 2) {
        throw badInput(
          `${model.loss} tells two classes apart, labelled 0 and 1; the data have ${count(classes, 'class', 'classes')}.`,
          `Use softmaxCrossEntropy with ${count(classes, 'unit')} in the last layer.`,
          ['loss'],
        );
      }
      if (outputs === 1) return;
      throw badInput(
        `${model.loss} tells two classes apart with 1 output; the last layer has ${count(outputs, 'unit')}.`,
        'Give the last layer 1 unit, or use softmaxCrossEntropy.',
        unitsField(model),
      );
    default:
      model.loss satisfies never;
  }
}

function checkNumberOutputs(model: ModelSpec, targetShape: readonly number[]): void {
  const outputs = outputsOf(model);
  const values = targetShape.reduce((a, b) => a * b, 1);
  switch (model.loss) {
    case 'softmaxCrossEntropy':
    case 'multiClassHinge':
      throw badInput(
        `${model.loss} needs class labels; the target of the data is a number.`,
        'Use meanSquaredError or huber, or read the target as a class.',
        ['loss'],
      );
    case 'binaryCrossEntropy':
    case 'meanSquaredError':
    case 'huber':
      if (outputs === values) return;
      throw badInput(
        `The last layer has ${count(outputs, 'unit')}; the data have ${count(values, 'target value')} per example.`,
        `Give the last layer ${count(values, 'unit')}.`,
        unitsField(model),
      );
    default:
      model.loss satisfies never;
  }
}

const unitsField = (model: ModelSpec): (string | number)[] => ['layers', model.layers.length - 1, 'units'];
const format = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
