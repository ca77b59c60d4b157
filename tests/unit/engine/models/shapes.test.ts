import { describe, expect, test } from 'vitest';
import { layerShapes } from '../../../../src/main/engine/models/shapes';
import { UserError } from '../../../../src/shared/errors';
import { modelSchema } from '../../../../src/shared/model/experiment';

const dense = { type: 'dense', units: 3 };
const flatten = { type: 'flatten' };
const shapes = (inputShape: number[], ...layers: unknown[]) =>
  layerShapes(modelSchema.parse({ inputShape, layers, loss: 'softmaxCrossEntropy' }));

function refusal(inputShape: number[], ...layers: unknown[]): UserError {
  try {
    shapes(inputShape, ...layers);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('convolutions', () => {
  test.each([
    ['valid', { kernelSize: 3 }, [2, 8, 6]],
    ['same', { kernelSize: 4, padding: 'same' }, [2, 10, 8]],
    ['stride', { kernelSize: [3, 2], stride: [2, 3] }, [2, 4, 3]],
    ['as large as the image', { kernelSize: [10, 8] }, [2, 1, 1]],
  ])('%s', (_, options, shape) => {
    const conv = { type: 'conv2d', filters: 2, ...options };
    expect(shapes([3, 10, 8], conv, flatten, dense)[0]).toEqual(shape);
    const depthwise = { type: 'depthwiseConv2d', multiplier: 2, ...options };
    expect(shapes([3, 10, 8], depthwise, flatten, dense)[0]).toEqual([6, ...shape.slice(1)]);
  });

  test('a kernel larger than its input is refused with both shapes', () => {
    const error = refusal(
      [1, 5, 5],
      { type: 'conv2d', filters: 2, kernelSize: 4 },
      { type: 'conv2d', filters: 2, kernelSize: 3 },
      flatten,
      dense,
    );
    expect(error.message).toBe('Layer 1 (conv2d) has a window of 3 × 3, larger than its input [2, 2, 2], 2 × 2.');
    expect(error.field).toEqual(['layers', 1, 'kernelSize']);
  });

  test('an input that is no image is refused with its shape', () => {
    const error = refusal([28, 28], { type: 'conv2d', filters: 2, kernelSize: 3 }, flatten, dense);
    expect(error.message).toBe('Layer 0 (conv2d) reads an image [channels, height, width]; its input is [28, 28].');
    expect(error.cure).toContain('[1, 28, 28]');
  });

  test('"same" with a stride is refused, as in PyTorch', () => {
    const conv = { type: 'conv2d', filters: 2, kernelSize: 3, padding: 'same', stride: [1, 2] };
    expect(refusal([1, 8, 8], conv, flatten, dense).message).toMatch(/padding "same" with stride \[1, 2\]/);
  });
});

describe.each(['maxPool2d', 'averagePool2d'])('%s', (type) => {
  test.each([
    [{ poolSize: 2 }, [2, 4, 3]],
    [{ poolSize: 2, stride: 1 }, [2, 8, 6]],
    [{ poolSize: [3, 1] }, [2, 3, 7]],
  ])('%j', (options, shape) => {
    expect(shapes([2, 9, 7], { type, ...options }, flatten, dense)[0]).toEqual(shape);
  });

  test('a window larger than its input is refused with both shapes', () => {
    const error = refusal([2, 9, 3], { type, poolSize: [2, 4] }, flatten, dense);
    expect(error.message).toBe(`Layer 0 (${type}) has a window of 2 × 4, larger than its input [2, 9, 3], 9 × 3.`);
    expect(error.field).toEqual(['layers', 0, 'poolSize']);
  });
});

test('a global average pool gives one value per channel', () => {
  expect(shapes([4, 9, 7], { type: 'globalAveragePool' }, dense)[0]).toEqual([4]);
  expect(refusal([4, 9], { type: 'globalAveragePool' }, dense).message).toContain('its input is [4, 9]');
});

test('a residual sum of two shapes is refused with both, and so is a layer that does not exist', () => {
  const conv = { type: 'conv2d', filters: 2, kernelSize: 3 };
  expect(refusal([2, 5, 5], conv, { type: 'residualAdd', from: -1 }, flatten, dense).message).toBe(
    "Layer 1 (residualAdd) adds the model's input, [2, 5, 5], to its input [2, 3, 3].",
  );
  expect(refusal([2, 5, 5], conv, conv, { type: 'residualAdd', from: 0 }, flatten, dense).message).toBe(
    'Layer 2 (residualAdd) adds the output of layer 0, [2, 3, 3], to its input [2, 1, 1].',
  );
  const error = refusal([3], dense, { type: 'residualAdd', from: 1 });
  expect(error.message).toBe('Layer 1 (residualAdd) adds the output of layer 1.');
  expect(error.cure).toBe('Name a layer from -1 (the input) to 0.');
});

describe('sequences', () => {
  const embedding = { type: 'embedding', vocabulary: 9, units: 4 };
  const recurrent = { type: 'recurrent', units: 5 };

  test('an embedding gives features per step, a recurrent layer its last or all states', () => {
    const all = { ...recurrent, returnSequences: true };
    expect(shapes([7], embedding, all, recurrent, dense)).toEqual([[7, 4], [7, 5], [5], [3]]);
  });

  test('a layer that is no sequence, an embedding in the middle and too many steps are refused', () => {
    expect(refusal([7], recurrent, dense).message).toBe(
      'Layer 0 (recurrent) reads a sequence [steps, features]; its input is [7].',
    );
    expect(refusal([7], dense, embedding).message).toBe(
      "Layer 1 (embedding) reads whole numbers, which only the model's input has.",
    );
    expect(refusal([5000, 2], recurrent, dense).message).toBe(
      'Layer 0 (recurrent) reads 5000 steps; at most 1024 are unrolled.',
    );
  });
});

test('a dense layer in the middle asks for flatten, a first one reads any input as a list', () => {
  const error = refusal([1, 5, 5], { type: 'conv2d', filters: 2, kernelSize: 3 }, dense);
  expect(error.message).toBe('Layer 1 (dense) reads a list of features; its input is [2, 3, 3].');
  expect(error.cure).toContain('flatten');
  expect(shapes([1, 5, 5], dense)).toEqual([[3]]);
});

test('a model that ends in an image is refused', () => {
  expect(refusal([1, 5, 5], { type: 'conv2d', filters: 2, kernelSize: 3 }).message).toBe(
    'Layer 0 (conv2d) gives [2, 3, 3]; the loss reads a list of outputs.',
  );
});
