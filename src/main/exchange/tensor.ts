/** Numbers of any file format, in C (row-major) order whatever the file's order was. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

export interface Tensor {
  /** Empty for a scalar. */
  shape: number[];
  data: NumericArray;
}

/** A tensor as a file names it. Lists of these keep the file's order of appearance. */
export interface NamedTensor extends Tensor {
  name: string;
}

/** "[32, 64]" */
export const formatShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** Product of the dimensions; NaN when it is not an exact integer. */
export function countElements(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return Number.NaN;
    count *= size;
  }
  return Number.isSafeInteger(count) ? count : Number.NaN;
}
