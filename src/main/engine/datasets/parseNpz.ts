import { badInput, sayError } from '../../../shared/errors';
import type { FileOptions, RawData, RawTarget } from './rawData';

/** An array of the file, already decoded, in row-major order. */
export interface NumberArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

const mostClasses = 65_536;

/**
 * A user's arrays: `x` [n, features], [n, height, width] or [n, channels, height, width] (or [n]: one feature), and `y`:
 * [n] class indices from 0 (PyTorch's convention: an index is kept even where a class has no example), or [n] or [n, k]
 * numbers.
 *
 * @throws UserError (badInput) naming array, shape or element that does not fit, NaN and Infinity among them
 */
export function parseNpzArrays(arrays: readonly NumberArray[], { target, name }: FileOptions): RawData {
  const x = named(arrays, 'x', name);
  const y = named(arrays, 'y', name);
  const [examples, ...inputShape] = x.shape;
  if (examples === undefined || inputShape.length > 3 || inputShape.includes(0)) {
    throw sayError('badInput', 'npzShapeOfX', { file: name, shape: brackets(x.shape) });
  }
  if (y.shape[0] !== examples) {
    const values = { file: name, rows: examples, x: brackets(x.shape), y: brackets(y.shape) };
    throw sayError('badInput', 'npzRowsDiffer', values);
  }
  return {
    examples,
    inputShape: inputShape.length === 0 ? [1] : inputShape,
    x: finite(x, name),
    target: target === 'class' ? classTarget(y, name) : numberTarget(y, name),
  };
}

function named(arrays: readonly NumberArray[], wanted: string, file: string): NumberArray {
  const found = arrays.find((array) => array.name === wanted);
  if (found) return found;
  const known = arrays.map((array) => array.name).join(', ') || 'none';
  throw sayError('badInput', 'npzNoArray', { file, wanted, known });
}

const brackets = (shape: readonly number[]) => `[${shape.join(', ')}]`;

function finite({ name, shape, data }: NumberArray, file: string): Float32Array | Float64Array {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) {
      throw sayError('badInput', 'npzNotFinite', {
        element: `${name}${brackets(place(i, shape))}`,
        file,
        value: data[i]!,
      });
    }
  }
  return data instanceof Float32Array ? data : Float64Array.from(data);
}

/** The indices of flat element i. */
function place(i: number, shape: readonly number[]): number[] {
  let rest = i;
  return shape
    .toReversed()
    .map((size) => {
      const index = rest % size;
      rest = Math.floor(rest / size);
      return index;
    })
    .reverse();
}

function classTarget(y: NumberArray, file: string): RawTarget {
  if (y.shape.length > 2 || (y.shape.length === 2 && y.shape[1] !== 1)) {
    throw badInput(
      `The array y of "${file}" has shape ${brackets(y.shape)}; class indices have one per example.`,
      'Store y as [examples] (argmax of one-hot rows), or read the target as numbers.',
    );
  }
  let largest = 0;
  for (let i = 0; i < y.data.length; i++) {
    const label = y.data[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= mostClasses) {
      throw badInput(
        `y[${i}] of "${file}" is ${label}, not a class index from 0 to ${mostClasses - 1}.`,
        'Number the classes from 0, or read the target as a number.',
      );
    }
    largest = Math.max(largest, label);
  }
  return {
    kind: 'class',
    labels: Int32Array.from(y.data),
    classes: Array.from({ length: largest + 1 }, (_, i) => String(i)),
  };
}

function numberTarget(y: NumberArray, file: string): RawTarget {
  if (y.shape.length > 2 || y.shape[1] === 0) {
    throw badInput(
      `The array y of "${file}" has shape ${brackets(y.shape)}.`,
      'Store numeric targets as [examples] or [examples, values].',
    );
  }
  return { kind: 'number', values: finite(y, file), shape: y.shape.slice(1) };
}
