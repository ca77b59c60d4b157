import type { ConvolutionWindow, Window2d } from '../../graph/ir';
import type { Expressions } from '../programs/expressions';
import { type Attributes, type Dimension, type ProgramValue, rowCount } from '../programs/graphBuilder';
import type { Windows } from '../programs/windows';

/** TensorFlow's own operators, on images [N, height, width, channels]: the only layout its CPU kernels have. */
export function createWindows(e: Expressions): Windows {
  const { builder } = e;
  const transposed = (x: ProgramValue, perm: readonly number[]): ProgramValue =>
    builder.node('Transpose', [x], { attributes: { perm }, shape: perm.map((axis) => x.shape[axis]!) });
  const channelsLast = (x: ProgramValue, channels: number, height: number, width: number) =>
    transposed(builder.reshape(x, [rowCount, channels, height, width]), [0, 2, 3, 1]);
  const channelsFirst = (x: ProgramValue) => transposed(x, [0, 3, 1, 2]);
  const image = (x: ProgramValue, { channels, height, width }: Window2d) => channelsLast(x, channels, height, width);
  const pooled = (y: ProgramValue, { channels, outHeight, outWidth }: Window2d) =>
    channelsLast(y, channels, outHeight, outWidth);
  const filtered = (y: ProgramValue, { filters, outHeight, outWidth }: ConvolutionWindow) =>
    channelsLast(y, filters, outHeight, outWidth);

  /** [F, C, …] of every filter over every channel, 1 where the filter reads the channel. */
  const ownChannel = ({ filters, channels, groups }: ConvolutionWindow) => {
    const own = Array.from({ length: filters * channels }, (_, i) =>
      Math.floor(i / channels / (filters / groups)) === i % channels ? 1 : 0,
    );
    return builder.constant('float32', [filters, channels, 1, 1], own);
  };
  /**
   * Depthwise kernels have one stride for both directions; with two, the weight becomes one over all channels, with
   * zeros.
   */
  const isDepthwise = ({ groups, strideY, strideX }: ConvolutionWindow) => groups > 1 && strideY === strideX;
  const kernel = (weight: ProgramValue, window: ConvolutionWindow): ProgramValue => {
    const { channels, filters, groups, kernelHeight, kernelWidth } = window;
    if (isDepthwise(window)) {
      const byChannel = builder.reshape(weight, [channels, filters / channels, kernelHeight, kernelWidth]);
      return transposed(byChannel, [2, 3, 0, 1]);
    }
    return transposed(groups > 1 ? e.mul(weight, ownChannel(window)) : weight, [2, 3, 1, 0]);
  };
  const kernelShape = (window: ConvolutionWindow): readonly number[] => {
    const { channels, filters, kernelHeight, kernelWidth } = window;
    return [kernelHeight, kernelWidth, channels, isDepthwise(window) ? filters / channels : filters];
  };
  const operator = (window: ConvolutionWindow) => (isDepthwise(window) ? 'DepthwiseConv2dNative' : 'Conv2D');
  const maxima = (x: ProgramValue, window: Window2d) =>
    builder.node('MaxPool', [image(x, window)], { attributes: pooling(window), shape: pooledShape(window) });

  return {
    convolution(x, weight, bias, window) {
      const { filters, outHeight, outWidth } = window;
      const result = builder.node(operator(window), [image(x, window), kernel(weight, window)], {
        attributes: sliding(window),
        shape: [rowCount, outHeight, outWidth, filters],
      });
      return channelsFirst(bias === null ? result : e.add(result, bias));
    },
    convolutionInputGradient: (dy, weight, window) =>
      channelsFirst(
        builder.node(`${operator(window)}BackpropInput`, [kernel(weight, window), filtered(dy, window)], {
          attributes: { ...sliding(window), inputSizes: imageSizes(window) },
          shape: [rowCount, ...imageSizes(window)],
        }),
      ),
    convolutionWeightGradient(dy, x, window) {
      const { channels, filters, groups, kernelHeight, kernelWidth } = window;
      const shape = kernelShape(window);
      const gradient = builder.node(
        `${operator(window)}BackpropFilter`,
        [image(x, window), builder.constant('int32', [4], shape), filtered(dy, window)],
        { attributes: sliding(window), shape },
      );
      if (isDepthwise(window)) {
        return builder.reshape(transposed(gradient, [2, 3, 0, 1]), [filters, 1, kernelHeight, kernelWidth]);
      }
      const every = transposed(gradient, [3, 2, 0, 1]);
      return groups > 1 && channels > 1 ? e.sumKeeping(e.mul(every, ownChannel(window)), [1]) : every;
    },

    maximum: (x, window) => channelsFirst(maxima(x, window)),
    /** The gradient of a gradient: linear in dy, as dy is in t. */
    atMaximum: (x, t, window) =>
      channelsFirst(
        builder.node('MaxPoolGradGrad', [image(x, window), maxima(x, window), image(t, window)], {
          attributes: pooling(window),
          shape: pooledShape(window),
        }),
      ),
    toMaximum: (x, dy, window) =>
      channelsFirst(
        builder.node('MaxPoolGrad', [image(x, window), maxima(x, window), pooled(dy, window)], {
          attributes: pooling(window),
        }),
      ),

    average: (x, window) =>
      channelsFirst(
        builder.node('AvgPool', [image(x, window)], { attributes: pooling(window), shape: pooledShape(window) }),
      ),
    averageGradient: (dy, window) =>
      channelsFirst(
        builder.node('AvgPoolGrad', [pooled(dy, window)], {
          attributes: { ...pooling(window), inputSizes: imageSizes(window) },
          shape: [rowCount, ...imageSizes(window)],
        }),
      ),
  };
}

const imageSizes = ({ channels, height, width }: Window2d): readonly number[] => [height, width, channels];

const pooledShape = ({ channels, outHeight, outWidth }: Window2d): readonly Dimension[] => [
  rowCount,
  outHeight,
  outWidth,
  channels,
];

function sliding({ strideY, strideX, top, left, bottom, right }: ConvolutionWindow): Attributes {
  const padded = top + left + bottom + right > 0;
  return {
    strides: [1, strideY, strideX, 1],
    data_format: 'NHWC',
    padding: padded ? 'EXPLICIT' : 'VALID',
    ...(padded && { explicit_paddings: [0, 0, top, bottom, left, right, 0, 0] }),
  };
}

function pooling({ kernelHeight, kernelWidth, strideY, strideX }: Window2d): Attributes {
  return {
    ksize: [1, kernelHeight, kernelWidth, 1],
    strides: [1, strideY, strideX, 1],
    padding: 'VALID',
    data_format: 'NHWC',
  };
}
