import { ExtensionCodec, encode as pack, decode as unpack } from '@msgpack/msgpack';

/** The largest message an interface may send: what a person's own data file may be, and no more than a page's memory. */
export const maxMessageBytes = 64 * 2 ** 20;

/**
 * MessagePack with typed arrays, for messages between a browser and its host. A typed array travels as an extension
 * whose payload is its bytes (little-endian on every machine this runs on); Uint8Array is MessagePack's own binary.
 * `undefined` in an object is left out, as JSON does. A decoded array owns its exact-size, aligned buffer.
 */
const typedArrays = [
  [1, Float64Array],
  [2, Float32Array],
  [3, Int32Array],
  [4, Uint32Array],
  [5, Int16Array],
  [6, Uint16Array],
  [7, Int8Array],
  [8, Uint8ClampedArray],
] as const;

const extensionCodec = new ExtensionCodec();
for (const [type, TypedArray] of typedArrays) {
  extensionCodec.register({
    type,
    encode: (value) =>
      value instanceof TypedArray ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : null,
    decode: (bytes) => new TypedArray(bytes.slice().buffer),
  });
}

export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return pack(value, { extensionCodec, ignoreUndefined: true });
}

/** Throws (RangeError, DecodeError) on bytes that are not one whole MessagePack value. */
export function decode(bytes: Uint8Array | ArrayBuffer): unknown {
  // Not a subclass: the slices of Node's Buffer are views of the pool that it shares with others.
  const plain = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes;
  return ownBinary(unpack(plain, { extensionCodec }));
}

/** MessagePack's binary is a view of the whole message: kept as it is, it would keep the message alive with it. */
function ownBinary(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map(ownBinary);
  if (value !== null && typeof value === 'object' && !ArrayBuffer.isView(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ownBinary(inner)]));
  }
  return value;
}
