import { describe, expect, test } from 'vitest';
import { checkExamples } from '../../../../src/main/engine/executors/checkExamples';
import { buildNetwork } from '../../../../src/main/engine/graph/build';
import { checkModel, type DataShape } from '../../../../src/main/engine/models/checkModel';
import { UserError } from '../../../../src/shared/errors';
import { type LossName, type ModelSpec, modelSchema } from '../../../../src/shared/model/experiment';

const model = (inputShape: number[], units: number, loss: LossName): ModelSpec =>
  modelSchema.parse({
    inputShape,
    layers: [
      { type: 'dense', units: 7 },
      { type: 'dense', units },
    ],
    loss,
  });
const classes = (features: number, count: number): DataShape => ({
  features,
  classes: Array.from({ length: count }, (_, i) => `class ${i}`),
  targetShape: [],
});
const numbers = (features: number, targetShape: number[]): DataShape => ({ features, classes: [], targetShape });

function refusal(action: () => void): UserError {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a model that fits its data', () => {
  test.each([
    ['an image of 64 pixels in ten classes', model([1, 8, 8], 10, 'softmaxCrossEntropy'), classes(64, 10)],
    ['two classes, one output', model([30], 1, 'binaryCrossEntropy'), classes(30, 2)],
    ['two classes as numbers', model([2], 1, 'meanSquaredError'), classes(2, 2)],
    ['one number', model([1], 1, 'meanSquaredError'), numbers(1, [])],
    ['three numbers', model([5], 3, 'meanSquaredError'), numbers(5, [3])],
    ['three yes/no labels', model([5], 3, 'binaryCrossEntropy'), numbers(5, [3])],
  ])('%s', (_, spec, data) => {
    expect(() => checkModel(spec, data)).not.toThrow();
  });
});

describe('a model that does not fit names both sides and the field', () => {
  test.each<[string, ModelSpec, DataShape, RegExp, (string | number)[]]>([
    [
      'input',
      model([1, 8, 8], 2, 'softmaxCrossEntropy'),
      classes(30, 2),
      /\[1, 8, 8\], 64 values.*30 features/,
      ['inputShape'],
    ],
    ['classes', model([4], 2, 'softmaxCrossEntropy'), classes(4, 3), /2 units.*3 classes/, ['layers', 1, 'units']],
    ['too many classes', model([4], 1, 'binaryCrossEntropy'), classes(4, 3), /3 classes/, ['loss']],
    [
      'two outputs for two classes',
      model([4], 2, 'meanSquaredError'),
      classes(4, 2),
      /1 output.*2 units/,
      ['layers', 1, 'units'],
    ],
    ['numbers as classes', model([1], 2, 'softmaxCrossEntropy'), numbers(1, []), /needs class labels/, ['loss']],
    [
      'target values',
      model([5], 2, 'meanSquaredError'),
      numbers(5, [3]),
      /2 units.*3 target values/,
      ['layers', 1, 'units'],
    ],
  ])('%s', (_, spec, data, message, field) => {
    const error = refusal(() => checkModel(spec, data));
    expect(error).toMatchObject({ code: 'badInput', field });
    expect(error.message).toMatch(message);
    expect(error.cure).toBeTruthy();
  });
});

describe('images', () => {
  const cnn = (inputShape: number[]) =>
    modelSchema.parse({
      inputShape,
      layers: [{ type: 'conv2d', filters: 2, kernelSize: 1 }, { type: 'flatten' }, { type: 'dense', units: 2 }],
      loss: 'softmaxCrossEntropy',
    });
  const images = (inputShape: number[]): DataShape => ({
    ...classes(
      inputShape.reduce((a, b) => a * b),
      2,
    ),
    inputShape,
  });

  test('fit as they are; lists of as many numbers fit as well', () => {
    expect(() => checkModel(cnn([1, 4, 6]), images([1, 4, 6]))).not.toThrow();
    expect(() => checkModel(cnn([1, 4, 6]), images([4, 6]))).not.toThrow();
    expect(() => checkModel(cnn([1, 4, 6]), classes(24, 2))).not.toThrow();
    expect(() => checkModel(model([24], 2, 'softmaxCrossEntropy'), images([1, 4, 6]))).not.toThrow();
  });

  test.each([
    [
      'another number of channels',
      [3, 4, 6],
      "The model's input is [3, 4, 6], 72 values; the data have [1, 4, 6], 24 values.",
    ],
    ['channels last', [4, 6, 1], "The model's input is [4, 6, 1], 24 values; the data have [1, 4, 6], 24 values."],
    ['turned', [1, 6, 4], "The model's input is [1, 6, 4], 24 values; the data have [1, 4, 6], 24 values."],
  ])('%s is refused with both shapes', (_, inputShape, message) => {
    const error = refusal(() => checkModel(cnn(inputShape), images([1, 4, 6])));
    expect(error.message).toBe(message);
    expect(error.cure).toBe('Set inputShape to [1, 4, 6].');
  });
});

test('the 0–1 error is refused as a loss, with the reason', () => {
  const parsed = modelSchema.safeParse({
    inputShape: [2],
    layers: [{ type: 'dense', units: 2 }],
    loss: 'zeroOneError',
  });
  expect(parsed.error?.issues[0]?.message).toMatch(/0–1 error is a measure.*gradient is zero/);
  const unknown = modelSchema.safeParse({ inputShape: [2], layers: [{ type: 'dense', units: 2 }], loss: 'l1' });
  expect(unknown.error?.issues[0]?.message).toContain('multiClassHinge');
});

describe('examples that the graph would misread are refused at the door of every executor', () => {
  const softmax = buildNetwork(model([2], 3, 'softmaxCrossEntropy'));
  const binary = buildNetwork(model([2], 1, 'binaryCrossEntropy'));
  const x = new Float32Array(4);
  test.each([
    ['none', softmax, { x: new Float32Array(), y: new Float32Array(), examples: 0 }, 'no examples'],
    ['short x', softmax, { x: new Float32Array(3), y: Float32Array.of(0, 1), examples: 2 }, '1.5 values per example'],
    ['short y', softmax, { x, y: Float32Array.of(0), examples: 2 }, 'the data have 0.5'],
    ['class beyond the outputs', softmax, { x, y: Float32Array.of(0, 3), examples: 2 }, 'Class 3 is not one of 0 … 2'],
    ['class that is no integer', softmax, { x, y: Float32Array.of(0, 0.5), examples: 2 }, 'Class 0.5'],
    ['probability beyond 1', binary, { x, y: Float32Array.of(0, 2), examples: 2 }, 'the data hold 2'],
  ])('%s', (_, network, data, message) => {
    expect(refusal(() => checkExamples(network, data)).message).toContain(message);
  });
});
