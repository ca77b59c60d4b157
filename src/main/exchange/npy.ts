import { badInput } from '../../shared/errors';
import * as scalar from './scalarTypes';
import { countElements, formatShape, type NumericArray, type Tensor } from './tensor';

/**
 * NumPy's .npy, versions 1.0 to 3.0 (numpy.lib.format): "\x93NUMPY", two version bytes, the header's length
 * (u16, from 2.0 on u32), a Python dict with descr, fortran_order and shape, then the elements.
 */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** NumPy itself refuses to evaluate headers above 10,000 characters. */
const maximumHeaderBytes = 65_536;

export interface NpyHeader {
  /** e.g. "<f4" */
  descr: string;
  type: scalar.ScalarType;
  fortranOrder: boolean;
  shape: number[];
  /** Where the elements begin. */
  dataOffset: number;
}

const types: Record<string, scalar.ScalarType> = {
  f8: scalar.float64,
  f4: scalar.float32,
  f2: scalar.float16,
  i1: scalar.int8,
  i2: scalar.int16,
  i4: scalar.int32,
  i8: scalar.int64,
  u1: scalar.uint8,
  u2: scalar.uint16,
  u4: scalar.uint32,
  u8: scalar.uint64,
  b1: scalar.uint8,
};

/**
 * The header alone; `bytes` may end anywhere after it.
 * @param where names the file in the messages, e.g. `"data.npz", array "x"`
 * @throws badInput when it is not a .npy file or not one of plain little-endian numbers
 */
export function parseNpyHeader(bytes: Uint8Array, where: string): NpyHeader {
  if (bytes.length < 10 && magic.every((byte, i) => i >= bytes.length || bytes[i] === byte)) {
    throw cutOff(where, 10 - bytes.length, 'in its header');
  }
  if (!magic.every((byte, i) => bytes[i] === byte)) {
    throw badInput(`${where} is not a NumPy .npy file.`, 'Write it with numpy.save.');
  }
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw badInput(`${where} has .npy version ${version}; versions 1 to 3 are known.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw cutOff(where, start - bytes.length, 'in its header');
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maximumHeaderBytes) {
    throw badInput(`${where} claims a header of ${length} bytes; at most ${maximumHeaderBytes} are read.`);
  }
  const dataOffset = start + length;
  if (bytes.length < dataOffset) throw cutOff(where, dataOffset - bytes.length, 'in its header');
  const text = new TextDecoder().decode(bytes.subarray(start, dataOffset));

  const descr = /['"]descr['"]\s*:\s*(['"])(.*?)\1/.exec(text)?.[2];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const shapeText = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (descr === undefined && /['"]descr['"]\s*:\s*\[/.test(text)) {
    throw badInput(`${where} is a structured array.`, 'Store its fields as separate plain arrays.');
  }
  if (descr === undefined || order === undefined || shapeText === undefined) {
    throw badInput(`${where} has an unreadable .npy header.`, 'Write it again with numpy.save.');
  }
  const type = typeOf(descr, where);
  const shape = (shapeText.match(/\d+/g) ?? []).map(Number);
  if (Number.isNaN(countElements([...shape, type.bytes]))) {
    throw badInput(`${where} claims the impossible shape ${formatShape(shape)}.`);
  }
  return { descr, type, fortranOrder: order === 'True', shape, dataOffset };
}

function typeOf(descr: string, where: string): scalar.ScalarType {
  const [byteOrder, code] = [descr[0]!, descr.slice(1)];
  const type = Object.hasOwn(types, code) ? types[code] : undefined;
  if (!type) {
    throw badInput(
      `${where} holds elements of type "${descr}".`,
      `Known: ${Object.keys(types).join(', ')}; convert it with x.astype("float32").`,
    );
  }
  if (byteOrder === '>' && type.bytes > 1) {
    throw badInput(`${where} is big-endian ("${descr}").`, `Convert it with x.astype("<${code}").`);
  }
  return type;
}

/** @throws badInput, also when elements are missing (the message says how many bytes) */
export function readNpy(bytes: Uint8Array, where: string): Tensor {
  const { type, shape, fortranOrder, dataOffset } = parseNpyHeader(bytes, where);
  const size = countElements(shape) * type.bytes;
  const present = bytes.length - dataOffset;
  if (present < size) throw cutOff(where, size - present, `its shape ${formatShape(shape)} needs ${size}`);
  if (present > size) {
    throw badInput(`${where} has ${present - size} bytes more than its shape ${formatShape(shape)} needs.`);
  }
  const data = type.decode(bytes.subarray(dataOffset), where);
  return { shape, data: fortranOrder ? toRowMajor(data, shape) : data };
}

const cutOff = (where: string, missing: number, detail: string) =>
  badInput(`${where} is cut off: ${missing} bytes are missing (${detail}).`, 'Copy or download the file again.');

/** Column-major elements reordered to row-major. */
function toRowMajor<T extends NumericArray>(data: T, shape: readonly number[]): T {
  if (shape.length < 2) return data;
  const out = data.slice() as T;
  const index = new Array<number>(shape.length).fill(0);
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  for (let flat = 0; flat < out.length; flat++) {
    let source = 0;
    for (let axis = 0; axis < index.length; axis++) source += index[axis]! * strides[axis]!;
    out[flat] = data[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return out;
}

function descrOf(data: NumericArray): string {
  if (data instanceof Float32Array) return '<f4';
  if (data instanceof Float64Array) return '<f8';
  if (data instanceof Int8Array) return '|i1';
  if (data instanceof Uint8Array) return '|u1';
  if (data instanceof Int16Array) return '<i2';
  if (data instanceof Uint16Array) return '<u2';
  if (data instanceof Int32Array) return '<i4';
  if (data instanceof Uint32Array) return '<u4';
  return data satisfies never;
}

/**
 * A version 1.0 header in C order, padded with spaces so that the elements begin at a multiple of 64 bytes.
 * @param minimumBytes padded at least to this length, so that a growing shape can be rewritten in place
 */
export function npyHeader(descr: string, shape: readonly number[], minimumBytes = 0): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const bytes = Math.max(minimumBytes, Math.ceil((10 + dict.length + 1) / 64) * 64);
  const header = new Uint8Array(bytes).fill(0x20);
  header.set([...magic, 1, 0, (bytes - 10) & 0xff, (bytes - 10) >> 8]);
  header.set(new TextEncoder().encode(dict), 10);
  header[bytes - 1] = 0x0a;
  return header;
}

export function writeNpy({ shape, data }: Tensor): Uint8Array {
  if (countElements(shape) !== data.length) {
    throw new RangeError(`${data.length} elements do not fill the shape ${formatShape(shape)}`);
  }
  const header = npyHeader(descrOf(data), shape);
  const out = new Uint8Array(header.length + data.byteLength);
  out.set(header);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length);
  return out;
}
