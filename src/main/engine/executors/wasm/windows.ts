import type { ConvolutionWindow, Window2d } from '../../graph/ir';

/** Bytes of one value of a panel. */
const placeBytes = 32;

/** A convolution as `assembly/convolution.ts` reads it. */
export interface Correlation {
  readonly words: readonly number[];
  /** For each packed weight its place in the weight, `noWeight` where it is zero. */
  readonly permutation: readonly number[];
  /** For a copy of one panel with zeros around its images; 0 where there are none. */
  readonly roomBytes: number;
}

export const noWeight = 0xffffffff;

/** Images [planes, height, width] with `top` and `left` zeros before and `bottom` and `right` behind. */
interface Source {
  readonly planes: number;
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

interface Tap {
  readonly plane: number;
  /** From the place of the part, in the source with its zeros. */
  readonly y: number;
  readonly x: number;
  /** The weight of output `o`. */
  readonly weight: (o: number) => number;
}

interface Part {
  readonly rows: number;
  readonly columns: number;
  /** Of the first place in the result, and from one to the next. */
  readonly out: { readonly y: number; readonly x: number; readonly stepY: number; readonly stepX: number };
  readonly stepY: number;
  readonly stepX: number;
  readonly taps: readonly Tap[];
}

interface Shape {
  readonly source: Source;
  readonly outputs: number;
  readonly height: number;
  readonly width: number;
  readonly perGroup: number;
  readonly planesPerGroup: number;
  readonly parts: readonly Part[];
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** `conv2d`: each place of the result sums channels × kernel taps; also what its adjoint in weight slides over. */
export function correlationOf(window: ConvolutionWindow): Correlation {
  const { channels, groups, filters, kernelHeight, kernelWidth, strideY, strideX } = window;
  const perChannel = kernelHeight * kernelWidth;
  const planesPerGroup = channels / groups;
  return encode({
    source: { planes: channels, ...window },
    outputs: filters,
    height: window.outHeight,
    width: window.outWidth,
    perGroup: filters / groups,
    planesPerGroup,
    parts: [
      {
        rows: window.outHeight,
        columns: window.outWidth,
        out: { y: 0, x: 0, stepY: 1, stepX: 1 },
        stepY: strideY,
        stepX: strideX,
        taps: range(planesPerGroup * perChannel).map((tap) => ({
          plane: Math.floor(tap / perChannel),
          y: Math.floor((tap % perChannel) / kernelWidth),
          x: tap % kernelWidth,
          weight: (f) => f * planesPerGroup * perChannel + tap,
        })),
      },
    ],
  });
}

/**
 * `conv2dInputGrad`: the places of the image that have the same remainder by the stride sum the same kernel entries over
 * neighbouring places of dy, so that each remainder is a correlation with stride 1.
 */
export function adjointOf(window: ConvolutionWindow): Correlation {
  const { channels, groups, filters, kernelHeight, kernelWidth, strideY, strideX, height, width } = window;
  const perGroup = channels / groups;
  const filtersPerGroup = filters / groups;
  const ys = phases(height, kernelHeight, strideY, window.top);
  const xs = phases(width, kernelWidth, strideX, window.left);
  const top = zerosBefore(ys);
  const left = zerosBefore(xs);
  return encode({
    source: {
      planes: filters,
      height: window.outHeight,
      width: window.outWidth,
      top,
      left,
      bottom: zerosBehind(ys, window.outHeight),
      right: zerosBehind(xs, window.outWidth),
    },
    outputs: channels,
    height,
    width,
    perGroup,
    planesPerGroup: filtersPerGroup,
    parts: ys.flatMap((y) =>
      xs.map(
        (x): Part => ({
          rows: y.count,
          columns: x.count,
          out: { y: y.start, x: x.start, stepY: strideY, stepX: strideX },
          stepY: 1,
          stepX: 1,
          taps: range(filtersPerGroup).flatMap((plane) =>
            y.entries.flatMap((fromY) =>
              x.entries.map((fromX) => ({
                plane,
                y: top + fromY.place,
                x: left + fromX.place,
                weight: (c: number) => {
                  const f = Math.floor(c / perGroup) * filtersPerGroup + plane;
                  return ((f * perGroup + (c % perGroup)) * kernelHeight + fromY.k) * kernelWidth + fromX.k;
                },
              })),
            ),
          ),
        }),
      ),
    ),
  });
}

/** Places start, start + stride … of an image, and the kernel entries that meet them, each with its place of dy for the first. */
interface Phase {
  readonly start: number;
  readonly count: number;
  readonly entries: readonly { readonly k: number; readonly place: number }[];
}

function phases(size: number, kernel: number, stride: number, before: number): Phase[] {
  return range(Math.min(stride, size)).map((start) => ({
    start,
    count: Math.ceil((size - start) / stride),
    entries: range(kernel)
      .filter((k) => (start + before - k) % stride === 0)
      .map((k) => ({ k, place: (start + before - k) / stride })),
  }));
}

const zerosBefore = (all: readonly Phase[]): number =>
  Math.max(0, ...all.flatMap(({ entries }) => entries.map(({ place }) => -place)));
const zerosBehind = (all: readonly Phase[], size: number): number =>
  Math.max(0, ...all.flatMap(({ entries, count }) => entries.map(({ place }) => place + count - size)));

function encode({ source, outputs, height, width, perGroup, planesPerGroup, parts }: Shape): Correlation {
  const paddedHeight = source.height + source.top + source.bottom;
  const paddedWidth = source.width + source.left + source.right;
  const line = paddedWidth * placeBytes;
  const plane = paddedHeight * line;
  const shared = perGroup === outputs;
  const headWords = 12;
  const partWords = 11;
  const tables: number[] = [];
  const permutation: number[] = [];
  const described = parts.flatMap(({ rows, columns, out, stepY, stepX, taps }) => {
    const words = [
      rows,
      columns,
      (out.y * width + out.x) * placeBytes,
      out.stepY * width * placeBytes,
      out.stepX * placeBytes,
      0,
      stepY * line,
      stepX * placeBytes,
      taps.length,
      4 * (headWords + partWords * parts.length + tables.length),
      4 * permutation.length,
    ];
    tables.push(...taps.map((tap) => tap.plane * plane + tap.y * line + tap.x * placeBytes));
    const tile = shared ? 4 : 1;
    for (let o = 0; o < outputs; o += tile) {
      for (const { weight } of taps) {
        for (let q = 0; q < tile; q++) permutation.push(o + q < outputs ? weight(o + q) : noWeight);
      }
    }
    return words;
  });
  const padded = paddedHeight !== source.height || paddedWidth !== source.width;
  return {
    words: [
      source.planes,
      source.height,
      source.width,
      source.top,
      source.left,
      paddedHeight,
      paddedWidth,
      outputs,
      height * width * placeBytes,
      perGroup,
      planesPerGroup * plane,
      parts.length,
      ...described,
      ...tables,
    ],
    permutation,
    roomBytes: padded ? source.planes * plane : 0,
  };
}

/** A pool as `assembly/pooling.ts` reads it. */
export function poolingOf(window: Window2d): number[] {
  const { channels, height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideY, strideX } = window;
  return [
    channels,
    height * width * placeBytes,
    outHeight,
    outWidth,
    strideY * width * placeBytes,
    strideX * placeBytes,
    kernelHeight * kernelWidth,
    ...range(kernelHeight).flatMap((y) => range(kernelWidth).map((x) => (y * width + x) * placeBytes)),
  ];
}
