import type { ConvolutionWindow } from '../../graph/ir';

type Values = Float64Array;

/**
 * One kernel entry against the places of the window where it meets the image: `use` gets, for a run of `count` places
 * of one row, the first index into the result and into the image; the image index then grows by strideX.
 */
function slideEntry(
  window: ConvolutionWindow,
  ky: number,
  kx: number,
  use: (out: number, image: number, count: number) => void,
): void {
  const { height, width, outHeight, outWidth, strideY, strideX, top, left } = window;
  const firstX = Math.max(0, Math.ceil((left - kx) / strideX));
  const lastX = Math.min(outWidth - 1, Math.floor((width - 1 + left - kx) / strideX));
  const count = lastX - firstX + 1;
  if (count <= 0) return;
  for (let oy = 0; oy < outHeight; oy++) {
    const y = oy * strideY + ky - top;
    if (y < 0 || y >= height) continue;
    use(oy * outWidth + firstX, y * width + firstX * strideX + kx - left, count);
  }
}

/** Every (row, filter, channel, kernel entry) in turn, with the offsets of its planes and of its weight. */
function eachEntry(
  window: ConvolutionWindow,
  rows: number,
  use: (outPlane: number, imagePlane: number, weight: number, ky: number, kx: number) => void,
): void {
  const { channels, height, width, outHeight, outWidth, kernelHeight, kernelWidth, filters, groups } = window;
  const perGroup = channels / groups;
  const filtersPerGroup = filters / groups;
  for (let n = 0; n < rows; n++) {
    for (let f = 0; f < filters; f++) {
      const firstChannel = Math.floor(f / filtersPerGroup) * perGroup;
      for (let c = 0; c < perGroup; c++) {
        const outPlane = (n * filters + f) * outHeight * outWidth;
        const imagePlane = (n * channels + firstChannel + c) * height * width;
        let weight = (f * perGroup + c) * kernelHeight * kernelWidth;
        for (let ky = 0; ky < kernelHeight; ky++) {
          for (let kx = 0; kx < kernelWidth; kx++) use(outPlane, imagePlane, weight++, ky, kx);
        }
      }
    }
  }
}

/** out[n,f,·] = Σ_c Σ_ky,kx weight[f,c,ky,kx]·x[n,c,·] */
export function conv2d(window: ConvolutionWindow, rows: number, x: Values, weight: Values, out: Values): void {
  const { strideX } = window;
  out.fill(0, 0, rows * window.filters * window.outHeight * window.outWidth);
  eachEntry(window, rows, (outPlane, imagePlane, w, ky, kx) => {
    const factor = weight[w]!;
    slideEntry(window, ky, kx, (o, i, count) => {
      let to = outPlane + o;
      let from = imagePlane + i;
      for (let j = 0; j < count; j++, to++, from += strideX) out[to] = out[to]! + factor * x[from]!;
    });
  });
}

/** out[n,c,·] = Σ_f Σ_ky,kx weight[f,c,ky,kx]·dy[n,f,·] */
export function conv2dInputGrad(
  window: ConvolutionWindow,
  rows: number,
  dy: Values,
  weight: Values,
  out: Values,
): void {
  const { strideX } = window;
  out.fill(0, 0, rows * window.channels * window.height * window.width);
  eachEntry(window, rows, (outPlane, imagePlane, w, ky, kx) => {
    const factor = weight[w]!;
    slideEntry(window, ky, kx, (o, i, count) => {
      let from = outPlane + o;
      let to = imagePlane + i;
      for (let j = 0; j < count; j++, from++, to += strideX) out[to] = out[to]! + factor * dy[from]!;
    });
  });
}

/** out[f,c,ky,kx] = Σ_n Σ dy[n,f,·]·x[n,c,·] */
export function conv2dWeightGrad(window: ConvolutionWindow, rows: number, dy: Values, x: Values, out: Values): void {
  const { strideX } = window;
  out.fill(0);
  eachEntry(window, rows, (outPlane, imagePlane, w, ky, kx) => {
    let sum = 0;
    slideEntry(window, ky, kx, (o, i, count) => {
      let a = outPlane + o;
      let b = imagePlane + i;
      for (let j = 0; j < count; j++, a++, b += strideX) sum += dy[a]! * x[b]!;
    });
    out[w] = out[w]! + sum;
  });
}
