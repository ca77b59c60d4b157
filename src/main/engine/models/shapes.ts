import { badInput, type UserError } from '../../../shared/errors';
import type { LayerSpec, ModelSpec } from '../../../shared/model/experiment';
import { type Shape, sizeOf } from '../graph/shape';
import { pair, slide, slideFilters, type WindowSpec, windowOf } from '../graph/window';

/** Every step of a recurrent layer is a part of the graph. */
const maximumSteps = 1024;

/**
 * The per-example shape each layer gives, in order; the last is [outputs].
 *
 * @throws UserError badInput where a layer cannot read what the one before gives, naming both shapes
 */
export function layerShapes({ inputShape, layers }: ModelSpec): readonly Shape[] {
  const shapes: Shape[] = [];
  layers.forEach((layer, i) => {
    shapes.push(layerShape(layer, i, [inputShape, ...shapes]));
  });
  const last = shapes.at(-1)!;
  if (last.length !== 1) {
    throw refusal(
      layers.at(-1)!,
      layers.length - 1,
      `gives ${format(last)}; the loss reads a list of outputs`,
      'End the model with a dense layer after {"type":"flatten"}.',
    );
  }
  return shapes;
}

/** Outputs of the model per example. */
export const outputsOf = (model: ModelSpec): number => layerShapes(model).at(-1)![0]!;

/** @param before what the model reads, then what each layer before this one gives */
function layerShape(layer: LayerSpec, i: number, before: readonly Shape[]): Shape {
  const input = before.at(-1)!;
  switch (layer.type) {
    case 'dense':
    case 'linearChain':
      // The data's features are read as a list by a first dense layer, whatever inputShape calls them.
      if (i > 0) {
        expectRank(layer, i, input, 1, 'a list of features', 'Put {"type":"flatten"} before it.');
      }
      return [layer.units];
    case 'conv2d':
    case 'depthwiseConv2d': {
      expectImage(layer, i, input);
      const spec = windowOf(layer);
      checkWindow(layer, i, input, spec);
      const depthwise = layer.type === 'depthwiseConv2d';
      const filters = depthwise ? layer.multiplier : layer.filters;
      const window = slideFilters(input, spec, filters, depthwise);
      return [window.filters, window.outHeight, window.outWidth];
    }
    case 'maxPool2d':
    case 'averagePool2d': {
      expectImage(layer, i, input);
      const spec = windowOf(layer);
      checkWindow(layer, i, input, spec);
      const { channels, outHeight, outWidth } = slide(input, spec);
      return [channels, outHeight, outWidth];
    }
    case 'globalAveragePool':
      expectImage(layer, i, input);
      return [input[0]!];
    case 'flatten':
      return [sizeOf(input)];
    case 'residualAdd': {
      const other = before[layer.from + 1];
      if (other === undefined || layer.from >= i) {
        throw refusal(
          layer,
          i,
          `adds the output of layer ${layer.from}`,
          `Name a layer from -1 (the input) to ${i - 1}.`,
          'from',
        );
      }
      if (format(other) === format(input)) return input;
      const source = layer.from < 0 ? "the model's input" : `the output of layer ${layer.from}`;
      throw refusal(
        layer,
        i,
        `adds ${source}, ${format(other)}, to its input ${format(input)}`,
        'Give both the same shape, e.g. with padding "same" and as many filters.',
        'from',
      );
    }
    case 'layerNorm':
      if ((layer.dimensions ?? 1) <= input.length) return input;
      throw refusal(
        layer,
        i,
        `normalizes over ${layer.dimensions} dimensions; its input ${format(input)} has ${input.length}`,
        'Leave "dimensions" out to normalize over the whole example.',
        'dimensions',
      );
    case 'embedding':
      if (i > 0) {
        throw refusal(layer, i, "reads whole numbers, which only the model's input has", 'Make it the first layer.');
      }
      expectRank(layer, i, input, 1, 'a list of whole numbers', 'Give inputShape as [steps].');
      return [input[0]!, layer.units];
    case 'recurrent': {
      expectRank(
        layer,
        i,
        input,
        2,
        'a sequence [steps, features]',
        'Give inputShape as [steps, features], or put an embedding before it.',
      );
      const steps = input[0]!;
      if (steps > maximumSteps) {
        throw refusal(layer, i, `reads ${steps} steps; at most ${maximumSteps} are unrolled`, 'Use shorter sequences.');
      }
      return layer.returnSequences ? [steps, layer.units] : [layer.units];
    }
    case 'batchNorm':
    case 'dropout':
    case 'activation':
      return input;
    default:
      return layer satisfies never;
  }
}

function checkWindow(layer: LayerSpec, i: number, input: Shape, spec: WindowSpec): void {
  const [, height, width] = input as [number, number, number];
  const [kernelHeight, kernelWidth] = pair(spec.kernel);
  if (spec.padding === 'same') {
    if (Math.max(...pair(spec.stride)) === 1) return;
    throw refusal(
      layer,
      i,
      `has padding "same" with stride ${format(pair(spec.stride))}; "same" goes with stride 1, as in PyTorch`,
      'Use padding "valid", or stride 1 and a pooling layer.',
      'stride',
    );
  }
  const { outHeight, outWidth } = slide(input, spec);
  if (outHeight >= 1 && outWidth >= 1) return;
  throw refusal(
    layer,
    i,
    `has a window of ${kernelHeight} × ${kernelWidth}, larger than its input ${format(input)}, ${height} × ${width}`,
    'Use a smaller window, padding "same", or fewer layers that shrink the image.',
    'kernelSize' in layer ? 'kernelSize' : 'poolSize',
  );
}

function expectImage(layer: LayerSpec, i: number, input: Shape): void {
  const cure =
    i === 0
      ? 'Give inputShape as [channels, height, width], e.g. [1, 28, 28].'
      : 'Put it before {"type":"flatten"} and dense layers.';
  expectRank(layer, i, input, 3, 'an image [channels, height, width]', cure);
}

function expectRank(layer: LayerSpec, i: number, input: Shape, rank: number, what: string, cure: string): void {
  if (input.length !== rank) throw refusal(layer, i, `reads ${what}; its input is ${format(input)}`, cure);
}

function refusal(layer: LayerSpec, i: number, what: string, cure: string, field?: string): UserError {
  return badInput(`Layer ${i} (${layer.type}) ${what}.`, cure, ['layers', i, ...(field ? [field] : [])]);
}

const format = (shape: Shape): string => `[${shape.join(', ')}]`;
