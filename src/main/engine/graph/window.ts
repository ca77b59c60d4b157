import type { LayerSpec } from '../../../shared/model/experiment';
import type { ConvolutionWindow, Window2d } from './ir';

type ConvolutionSpec = Extract<LayerSpec, { type: 'conv2d' | 'depthwiseConv2d' }>;
type PoolSpec = Extract<LayerSpec, { type: 'maxPool2d' | 'averagePool2d' }>;

/** What a layer says about its window: one number for both directions, or [height, width]. */
export interface WindowSpec {
  readonly kernel: number | readonly [number, number];
  readonly stride: number | readonly [number, number];
  readonly padding: 'valid' | 'same';
}

export function windowOf(layer: ConvolutionSpec | PoolSpec): WindowSpec {
  if ('kernelSize' in layer) return { kernel: layer.kernelSize, stride: layer.stride, padding: layer.padding };
  return { kernel: layer.poolSize, stride: layer.stride ?? layer.poolSize, padding: 'valid' };
}

/**
 * torch's arithmetic: out = ⌊(in + padding − kernel)/stride⌋ + 1 in each direction. 'same' pads kernel − 1 zeros, the
 * odd one at the end, as torch.nn.Conv2d(padding='same').
 *
 * @param image [channels, height, width], at least as large as the kernel where nothing is padded
 */
export function slide(image: readonly number[], { kernel, stride, padding }: WindowSpec): Window2d {
  const [channels, height, width] = image as [number, number, number];
  const [kernelHeight, kernelWidth] = pair(kernel);
  const [strideY, strideX] = pair(stride);
  const [top, bottom] = padding === 'same' ? around(kernelHeight) : [0, 0];
  const [left, right] = padding === 'same' ? around(kernelWidth) : [0, 0];
  return {
    channels,
    height,
    width,
    outHeight: Math.floor((height + top + bottom - kernelHeight) / strideY) + 1,
    outWidth: Math.floor((width + left + right - kernelWidth) / strideX) + 1,
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    top,
    left,
    bottom,
    right,
  };
}

/** @param depthwise each channel by itself, with `filters` filters for each; else `filters` over all channels */
export function slideFilters(
  image: readonly number[],
  spec: WindowSpec,
  filters: number,
  depthwise: boolean,
): ConvolutionWindow {
  const window = slide(image, spec);
  const { channels } = window;
  return { ...window, filters: depthwise ? filters * channels : filters, groups: depthwise ? channels : 1 };
}

export function pair(size: number | readonly [number, number]): readonly [number, number] {
  return typeof size === 'number' ? [size, size] : size;
}

function around(kernel: number): [number, number] {
  const before = Math.floor((kernel - 1) / 2);
  return [before, kernel - 1 - before];
}
