import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../../src/shared/codec';

const arrays = [
  new Float64Array([1.5, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324]),
  new Float32Array([1.5, -0, 3.4e38]),
  new Int32Array([-1, 2 ** 31 - 1]),
  new Uint32Array([0, 2 ** 32 - 1]),
  new Int16Array([-32_768]),
  new Uint16Array([65_535, 1, 2]),
  new Int8Array([-128, 127, 1]),
  new Uint8ClampedArray([0, 255]),
  new Uint8Array([7, 8, 9]),
];

describe('codec', () => {
  it.each(arrays.map((array) => [array.constructor.name, array]))('keeps a %s', (_name, array) => {
    const back = decode(encode({ before: 'x', array })) as { array: typeof array };
    expect(back.array.constructor).toBe(array.constructor);
    expect(back.array).toEqual(array);
    expect(back.array.buffer.byteLength).toBe(array.byteLength);
  });

  it('sends only the part of a buffer that a view shows', () => {
    const whole = new Float64Array(1_000).fill(1);
    const bytes = encode(whole.subarray(10, 12));
    expect(bytes.length).toBeLessThan(32);
    expect(decode(bytes)).toEqual(new Float64Array([1, 1]));
  });

  it('decodes from any offset of a larger buffer', () => {
    const packed = encode({ xs: new Float64Array([1, 2, 3]) });
    for (let shift = 0; shift < 9; shift++) {
      const padded = new Uint8Array(packed.length + shift);
      padded.set(packed, shift);
      expect(decode(padded.subarray(shift))).toEqual({ xs: new Float64Array([1, 2, 3]) });
    }
  });

  it("decodes Node's buffers, which share a pool, into arrays of their own", () => {
    const pooled = Buffer.from(encode({ xs: new Float64Array([1, 2]), bytes: new Uint8Array([3]) }));
    expect(pooled.buffer.byteLength).toBeGreaterThan(pooled.byteLength);
    const back = decode(pooled) as { xs: Float64Array; bytes: Uint8Array };
    expect(back).toEqual({ xs: new Float64Array([1, 2]), bytes: new Uint8Array([3]) });
    expect(back.bytes.constructor).toBe(Uint8Array);
    expect([back.xs.buffer.byteLength, back.bytes.buffer.byteLength]).toEqual([16, 1]);
  });

  it('leaves undefined members out and keeps everything else that JSON can say', () => {
    expect(decode(encode({ a: undefined, b: 1 }))).toEqual({ b: 1 });
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown;
        fc.pre(!JSON.stringify(plain).includes('"__proto__"'));
        expect(decode(encode(plain))).toEqual(plain);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('never lets a message set a prototype', () => {
    // {"__proto__": {"polluted": 1}}
    const bytes = new Uint8Array([0x81, 0xa9, ...new TextEncoder().encode('__proto__'), 0x81, 0xa1, 0x61, 1]);
    expect(() => decode(bytes)).toThrow(/__proto__/);
  });

  it.each([[[]], [[0xc1]], [[0x92, 1]], [[1, 1]], [[0xc7, 5, 1, 0, 0]]])('throws on the bytes %j', (bytes) => {
    expect(() => decode(new Uint8Array(bytes))).toThrow();
  });
});
