import { badInput } from '../../shared/errors';
import type { NumericArray } from './tensor';

/** How one element is stored, little-endian. */
export interface ScalarType {
  bytes: number;
  /** Decodes a copy of `source`, whose length is a multiple of `bytes`. `where` starts the message of a refusal. */
  decode(source: Uint8Array, where: string): NumericArray;
}

/** A copy, so that the elements are aligned whatever the offset was. Every platform Node runs on is little-endian. */
const copyOf = (source: Uint8Array): ArrayBuffer => Uint8Array.from(source).buffer;

export const float64: ScalarType = { bytes: 8, decode: (source) => new Float64Array(copyOf(source)) };
export const float32: ScalarType = { bytes: 4, decode: (source) => new Float32Array(copyOf(source)) };
export const int8: ScalarType = { bytes: 1, decode: (source) => new Int8Array(copyOf(source)) };
export const uint8: ScalarType = { bytes: 1, decode: (source) => new Uint8Array(copyOf(source)) };
export const int16: ScalarType = { bytes: 2, decode: (source) => new Int16Array(copyOf(source)) };
export const uint16: ScalarType = { bytes: 2, decode: (source) => new Uint16Array(copyOf(source)) };
export const int32: ScalarType = { bytes: 4, decode: (source) => new Int32Array(copyOf(source)) };
export const uint32: ScalarType = { bytes: 4, decode: (source) => new Uint32Array(copyOf(source)) };

/** IEEE half precision; every value is exact in float32. */
export const float16: ScalarType = {
  bytes: 2,
  decode: (source) => Float32Array.from(new Uint16Array(copyOf(source)), halfToNumber),
};

/** The upper half of a float32. */
export const bfloat16: ScalarType = {
  bytes: 2,
  decode(source) {
    const halves = new Uint16Array(copyOf(source));
    const bits = Uint32Array.from(halves, (half) => half << 16);
    return new Float32Array(bits.buffer);
  },
};

/** 64-bit integers as numbers; those beyond ±(2⁵³ − 1) are refused because they would change. */
export const int64: ScalarType = {
  bytes: 8,
  decode: (source, where) => checkedIntegers(new BigInt64Array(copyOf(source)), where),
};
export const uint64: ScalarType = {
  bytes: 8,
  decode: (source, where) => checkedIntegers(new BigUint64Array(copyOf(source)), where),
};

function checkedIntegers(integers: BigInt64Array | BigUint64Array, where: string): Float64Array {
  const out = new Float64Array(integers.length);
  for (let i = 0; i < out.length; i++) {
    const value = Number(integers[i]);
    if (!Number.isSafeInteger(value)) {
      throw badInput(
        `${where} holds the integer ${integers[i]} at position ${i}, which has no exact float64.`,
        'Store it as float64 or as a smaller integer.',
      );
    }
    out[i] = value;
  }
  return out;
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
