import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { npyHeader } from '../../../src/main/exchange/npy';
import { readNpz, writeNpz } from '../../../src/main/exchange/npz';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../../fixtures/exchange', name));

it.each(['plain.npz', 'compressed.npz'])('reads %s of NumPy in its order', (name) => {
  const arrays = readNpz(fixture(name), `"${name}"`);
  expect(arrays.map((array) => array.name)).toEqual(['x', 'y']);
  expect([...arrays[0]!.data]).toEqual([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]);
  expect([...arrays[1]!.data]).toEqual([0, 1]);
});

it('unpacks only what is asked for', () => {
  expect(readNpz(fixture('plain.npz'), 'a', ['y', 'z']).map((array) => array.name)).toEqual(['y']);
});

it('reads back what it wrote, with the same bytes each time', () => {
  const arrays = { loss: { shape: [2, 2], data: new Float64Array([1, Number.NaN, 3, 4]) } };
  const bytes = writeNpz(arrays);
  expect(readNpz(bytes, 'a')).toEqual([{ name: 'loss', ...arrays.loss }]);
  expect(writeNpz(arrays)).toEqual(bytes);
});

it('refuses an archive cut off anywhere', () => {
  const bytes = fixture('plain.npz');
  for (let length = 0; length < bytes.length; length += 7) {
    expect(() => readNpz(bytes.subarray(0, length), '"a.npz"')).toThrow(/^"a\.npz" is (damaged or cut off|not a)/);
  }
});

it('refuses a zip bomb before unpacking it', () => {
  const zeros = new Uint8Array(80 * 2 ** 20);
  zeros.set(npyHeader('|u1', [zeros.length - 128], 128));
  const bomb = zipSync({ 'x.npy': zeros });
  expect(() => readNpz(bomb, '"bomb.npz"')).toThrow(/array "x": \d+ packed bytes claim to unpack to 83886080/);
});

it('refuses sizes that do not agree', () => {
  const bytes = Buffer.from(zipSync({ 'x.npy': npyHeader('<f8', [0]) }));
  const central = bytes.indexOf('PK\x01\x02', 0, 'latin1');
  bytes.writeUInt32LE(2 ** 31 + 1, central + 24);
  expect(() => readNpz(bytes, 'a')).toThrow('claim to unpack to 2147483649');
  bytes.writeUInt32LE(200, central + 24);
  expect(() => readNpz(bytes, 'a')).toThrow();
});
