import type { ConvolutionWindow, Window2d } from '../../graph/ir';
import type { Expressions } from '../programs/expressions';
import { type ProgramValue, rowCount } from '../programs/graphBuilder';
import type { Windows } from '../programs/windows';

/** N times the values of a row. */
const flatCount = 'values';

export function createWindows(e: Expressions): Windows {
  const { builder } = e;
  const image = (x: ProgramValue, { channels, height, width }: Window2d) =>
    builder.reshape(x, [rowCount, channels, height, width]);
  const result = (y: ProgramValue, { channels, outHeight, outWidth }: Window2d) =>
    builder.reshape(y, [rowCount, channels, outHeight, outWidth]);
  const filtered = (y: ProgramValue, { filters, outHeight, outWidth }: ConvolutionWindow) =>
    builder.reshape(y, [rowCount, filters, outHeight, outWidth]);
  const flat = (x: ProgramValue) => builder.reshape(x, [flatCount]);
  const transposed = (x: ProgramValue) => {
    const [a, b, ...rest] = x.shape;
    return builder.node('Transpose', [x], { attributes: { perm: [1, 0, 2, 3] }, shape: [b!, a!, ...rest] });
  };

  /** The largest values and their places in the flat x; the first of equals. */
  const maxima = (x: ProgramValue, window: Window2d): readonly [ProgramValue, ProgramValue] => {
    const shape = [rowCount, window.channels, window.outHeight, window.outWidth];
    const results = [
      { type: 'float32', shape },
      { type: 'int64', shape },
    ] as const;
    return builder.nodes('MaxPool', [image(x, window)], results, sliding(window)) as readonly [
      ProgramValue,
      ProgramValue,
    ];
  };

  return {
    convolution: (x, weight, bias, window) =>
      builder.node('Conv', [image(x, window), weight, ...(bias === null ? [] : [bias])], {
        attributes: { ...sliding(window), group: window.groups },
        shape: [rowCount, window.filters, window.outHeight, window.outWidth],
      }),

    convolutionInputGradient(dy, weight, window) {
      const { channels, height, width, groups } = window;
      return builder.node('ConvTranspose', [filtered(dy, window), weight], {
        attributes: { ...sliding(window), group: groups, output_padding: unread(window) },
        shape: [rowCount, channels, height, width],
      });
    },

    /** The correlation of x with dy, examples in the place of channels. */
    convolutionWeightGradient(dy, x, window) {
      const { channels, height, width, filters, groups, outHeight, outWidth, kernelHeight, kernelWidth } = window;
      const [restY, restX] = unread(window);
      const depthwise = groups > 1;
      const byChannel = transposed(image(x, window));
      const sizes = [depthwise ? 1 : channels, filters, kernelHeight + restY!, kernelWidth + restX!];
      const all = builder.node(
        'Conv',
        [
          depthwise ? builder.reshape(byChannel, [1, 'channelRows', height, width]) : byChannel,
          transposed(filtered(dy, window)),
        ],
        {
          attributes: {
            group: groups,
            kernel_shape: [outHeight, outWidth],
            dilations: [window.strideY, window.strideX],
            pads: [window.top, window.left, window.bottom, window.right],
          },
          shape: sizes,
        },
      );
      const used =
        restY === 0 && restX === 0
          ? all
          : builder.node(
              'Slice',
              [
                all,
                builder.constant('int64', [2], [0, 0]),
                builder.constant('int64', [2], [kernelHeight, kernelWidth]),
                builder.constant('int64', [2], [2, 3]),
              ],
              { shape: [sizes[0]!, filters, kernelHeight, kernelWidth] },
            );
      return depthwise ? used : transposed(used);
    },

    maximum(x, window, places) {
      if (places) return maxima(x, window)[0];
      const shape = [rowCount, window.channels, window.outHeight, window.outWidth];
      return builder.node('MaxPool', [image(x, window)], { attributes: sliding(window), shape });
    },
    atMaximum: (x, t, window) =>
      builder.node('Gather', [flat(t), maxima(x, window)[1]], {
        attributes: { axis: 0 },
        shape: [rowCount, window.channels, window.outHeight, window.outWidth],
      }),
    toMaximum(x, dy, window) {
      const places = maxima(x, window)[1];
      const { channels, height, width } = window;
      const shape = [rowCount, channels, height, width];
      const size = builder.node('Shape', [image(x, window)], { shape: [4], type: 'int64' });
      if (!overlaps(window)) {
        const attributes = {
          kernel_shape: [window.kernelHeight, window.kernelWidth],
          strides: [window.strideY, window.strideX],
        };
        return builder.node('MaxUnpool', [result(dy, window), places, size], { attributes, shape });
      }
      const zeros = builder.node('ConstantOfShape', [size], { shape, type: 'float32' });
      const sum = builder.node('ScatterElements', [flat(zeros), flat(places), flat(dy)], {
        attributes: { axis: 0, reduction: 'add' },
        shape: [flatCount],
      });
      return builder.reshape(sum, shape);
    },

    average: (x, window) =>
      builder.node('AveragePool', [image(x, window)], {
        attributes: sliding(window),
        shape: [rowCount, window.channels, window.outHeight, window.outWidth],
      }),
    /** Each result's gradient shared out: a depthwise transposed convolution with 1/(kernel's size). */
    averageGradient(dy, window) {
      const { channels, height, width, kernelHeight, kernelWidth, outHeight, outWidth } = window;
      const share = 1 / (kernelHeight * kernelWidth);
      if (outHeight * kernelHeight === height && outWidth * kernelWidth === width && !overlaps(window)) {
        const ones = builder.constant(
          'float32',
          [kernelHeight, 1, kernelWidth],
          new Array(kernelHeight * kernelWidth).fill(share),
        );
        const spread = e.mul(builder.reshape(dy, [rowCount, channels * outHeight, 1, outWidth, 1]), ones);
        return builder.reshape(spread, [rowCount, channels, height, width]);
      }
      const kernel = new Array<number>(channels * kernelHeight * kernelWidth).fill(share);
      const weight = builder.constant('float32', [channels, 1, kernelHeight, kernelWidth], kernel);
      return builder.node('ConvTranspose', [result(dy, window), weight], {
        attributes: { ...sliding(window), group: channels, output_padding: unread(window) },
        shape: [rowCount, channels, height, width],
      });
    },
  };
}

function sliding({ kernelHeight, kernelWidth, strideY, strideX, top, left, bottom, right }: Window2d) {
  return {
    kernel_shape: [kernelHeight, kernelWidth],
    strides: [strideY, strideX],
    pads: [top, left, bottom, right],
  };
}

/** Rows and columns at the end of the padded image that no window reaches. */
function unread(window: Window2d): [number, number] {
  const { height, width, top, left, bottom, right, outHeight, outWidth } = window;
  return [
    height + top + bottom - window.kernelHeight - (outHeight - 1) * window.strideY,
    width + left + right - window.kernelWidth - (outWidth - 1) * window.strideX,
  ];
}

const overlaps = ({ kernelHeight, kernelWidth, strideY, strideX }: Window2d) =>
  strideY < kernelHeight || strideX < kernelWidth;
