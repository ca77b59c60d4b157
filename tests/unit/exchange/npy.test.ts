import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { npyHeader, readNpy, writeNpy } from '../../../src/main/exchange/npy';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../../fixtures/exchange', name));
const read = (name: string) => readNpy(fixture(name), `"${name}"`);
const grid = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5];

describe('files written by NumPy', () => {
  it.each(['f8.npy', 'v2.npy', 'f4-fortran.npy', 'f2.npy'])('%s', (name) => {
    const { shape, data } = read(name);
    expect(shape).toEqual([2, 3]);
    expect([...data]).toEqual(grid);
  });

  it('reorders three axes of a Fortran array', () => {
    expect([...read('f8-fortran-3d.npy').data]).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  it('reads integers, bools and scalars', () => {
    expect([...read('i8.npy').data]).toEqual([-2, -1, 0, 1, 2, 3].map((value) => value * 2 ** 40));
    expect([...read('u2.npy').data]).toEqual([0, 1, 65_535]);
    expect([...read('bool.npy').data]).toEqual([1, 0, 1]);
    expect(read('scalar.npy')).toEqual({ shape: [], data: new Float64Array([7.25]) });
  });

  it('refuses what it does not know, with the cure', () => {
    expect(() => read('big-endian.npy')).toThrow(/big-endian \(">f8"\)/);
    expect(() => read('structured.npy')).toThrow(/structured array/);
  });
});

describe('damaged files', () => {
  it('is refused at every length, naming the file and the missing bytes', () => {
    const bytes = fixture('f8.npy');
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readNpy(bytes.subarray(0, length), '"a.npy"')).toThrow(
        /^"a\.npy" is cut off: \d+ bytes are missing/,
      );
    }
    expect(() => readNpy(bytes.subarray(0, bytes.length - 5), '"a.npy"')).toThrow('5 bytes are missing');
  });

  it('refuses trailing bytes, other files and absurd headers before allocating', () => {
    const bytes = fixture('f8.npy');
    expect(() => readNpy(Buffer.concat([bytes, Buffer.from('!')]), 'a')).toThrow('1 bytes more');
    expect(() => readNpy(Buffer.from('PK\x03\x04 not an array'), 'a')).toThrow('not a NumPy .npy file');
    expect(() => readNpy(npyHeader('<f8', [4e15, 4e15]), 'a')).toThrow('impossible shape');
    expect(() => readNpy(npyHeader('<f8', [1e9]), 'a')).toThrow('8000000000 bytes are missing');
    expect(() => readNpy(npyHeader('|O', [1]), 'a')).toThrow('type "|O"');
    expect(() => readNpy(npyHeader('<toString', [1]), 'a')).toThrow('type "<toString"');
  });

  it('refuses integers without an exact float64', () => {
    const header = npyHeader('<i8', [1]);
    const bytes = Buffer.concat([header, Buffer.alloc(8)]);
    bytes.writeBigInt64LE(2n ** 53n, header.length);
    expect(() => readNpy(bytes, 'a')).toThrow('9007199254740992 at position 0');
  });
});

it('reads back what it wrote, bit for bit', () => {
  fc.assert(
    fc.property(fc.float64Array({ maxLength: 24 }), (data) => {
      const shape = data.length % 2 === 0 ? [2, data.length / 2] : [data.length];
      const back = readNpy(writeNpy({ shape, data }), 'a');
      expect(back.shape).toEqual(shape);
      expect(new Uint8Array(back.data.buffer)).toEqual(new Uint8Array(data.slice().buffer));
    }),
    { seed: 1 },
  );
});

it('pads a header to the wanted length', () => {
  expect(npyHeader('<f4', [0, 7], 128).length).toBe(128);
  expect(npyHeader('<f4', [10 ** 15, 10 ** 9], 128).length).toBe(128);
});
