import type { Window2d } from '../../graph/ir';

type Values = Float64Array;

/** Every window in turn: the index of its result and of its first value. */
function eachWindow(window: Window2d, rows: number, use: (out: number, first: number) => void): void {
  const { channels, height, width, outHeight, outWidth, strideY, strideX } = window;
  let out = 0;
  for (let plane = 0; plane < rows * channels; plane++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) use(out++, (plane * height + oy * strideY) * width + ox * strideX);
    }
  }
}

/** Where x is largest in each window (the first of equals; a NaN is larger than all). */
function eachLargest(window: Window2d, rows: number, x: Values, use: (out: number, largest: number) => void): void {
  const { width, kernelHeight, kernelWidth } = window;
  eachWindow(window, rows, (out, first) => {
    let largest = first;
    for (let ky = 0; ky < kernelHeight; ky++) {
      for (let kx = 0; kx < kernelWidth; kx++) {
        const i = first + ky * width + kx;
        if (x[i]! > x[largest]! || Number.isNaN(x[i]!)) largest = i;
      }
    }
    use(out, largest);
  });
}

export function maxPool2d(window: Window2d, rows: number, x: Values, out: Values): void {
  maxPool2dGather(window, rows, x, x, out);
}

export function maxPool2dGather(window: Window2d, rows: number, x: Values, t: Values, out: Values): void {
  eachLargest(window, rows, x, (o, largest) => {
    out[o] = t[largest]!;
  });
}

export function maxPool2dGrad(window: Window2d, rows: number, x: Values, dy: Values, out: Values): void {
  out.fill(0, 0, rows * imageSize(window));
  eachLargest(window, rows, x, (o, largest) => {
    out[largest] = out[largest]! + dy[o]!;
  });
}

export function averagePool2d(window: Window2d, rows: number, x: Values, out: Values): void {
  const { width, kernelHeight, kernelWidth } = window;
  eachWindow(window, rows, (o, first) => {
    let sum = 0;
    for (let ky = 0; ky < kernelHeight; ky++) {
      for (let kx = 0; kx < kernelWidth; kx++) sum += x[first + ky * width + kx]!;
    }
    out[o] = sum / (kernelHeight * kernelWidth);
  });
}

export function averagePool2dGrad(window: Window2d, rows: number, dy: Values, out: Values): void {
  const { width, kernelHeight, kernelWidth } = window;
  out.fill(0, 0, rows * imageSize(window));
  eachWindow(window, rows, (o, first) => {
    const share = dy[o]! / (kernelHeight * kernelWidth);
    for (let ky = 0; ky < kernelHeight; ky++) {
      for (let kx = 0; kx < kernelWidth; kx++) {
        const i = first + ky * width + kx;
        out[i] = out[i]! + share;
      }
    }
  });
}

const imageSize = ({ channels, height, width }: Window2d): number => channels * height * width;
