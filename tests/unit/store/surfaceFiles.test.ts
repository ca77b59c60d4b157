import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KnownPoints } from '../../../src/main/engine/surface/points';
import { readSurface, readUnfinished, writeSurface, writeUnfinished } from '../../../src/main/store/surfaceFiles';
import { sampleSurface } from '../exchange/sampleSurfaces';
import { temporaryFolder } from './sample';

const key = 'ab'.repeat(32);
const other = 'cd'.repeat(32);
const surface = sampleSurface(
  (x, y) => x * x + y,
  [-1, 1, -1, 1],
  {
    id: 'kept',
    interpolation: { evaluated: new Uint8Array(25).fill(1, 0, 20), tolerance: 0.01, checks: 3, largestError: 0.002 },
    accuracy: new Float64Array(25).fill(0.5),
  },
  5,
);

function points(): KnownPoints {
  const loss = Float64Array.from({ length: 25 }, (_, k) => (k < 9 ? Math.sin(k) : Number.NaN));
  const gaps = () => new Float64Array(25).fill(Number.NaN);
  return { done: new Uint8Array(25).fill(1, 0, 9), loss, accuracy: gaps(), standardError: gaps() };
}

const flipped = (byte: number) => (bytes: Buffer) => {
  bytes.writeUInt8(bytes.readUInt8(byte) ^ 0x10, byte);
  return bytes;
};

/** A kept surface and kept points, and what is there after a change to a file. */
function kept() {
  const folder = temporaryFolder();
  writeSurface(folder, key, surface);
  writeUnfinished(folder, 'surfaces', 'kept', key, points());
  const at = (name: string) => join(folder, 'surfaces', name);
  return {
    folder,
    at,
    finished: (wanted = key) => readSurface(folder, 'kept', wanted),
    unfinished: (wanted = key, count = 25) => readUnfinished(folder, 'surfaces', 'kept', wanted, count),
    change(name: string, edit: (bytes: Buffer) => Buffer | string) {
      fs.writeFileSync(at(name), edit(fs.readFileSync(at(name))));
    },
  };
}

describe('a kept surface', () => {
  it('comes back as it was, gaps and masks included', () => {
    expect(kept().finished()).toEqual({ value: surface, refused: null });
    const folder = temporaryFolder();
    const empty = { ...surface, min: Number.NaN, max: Number.NaN, standardError: new Float64Array(25) };
    writeSurface(folder, key, empty);
    expect(readSurface(folder, 'kept', key).value).toEqual(empty);
    expect(readSurface(folder, 'none', key)).toEqual({ value: null, refused: null });
    // Its unfinished points have had their day.
    expect(fs.readdirSync(join(folder, 'surfaces')).sort()).toEqual(['kept.json', 'kept.npz']);
  });

  it('of another key is refused', () => {
    expect(kept().finished(other)).toEqual({
      value: null,
      refused: expect.stringMatching(/kept\.json belongs to another/),
    });
  });

  it.each([
    ['a flipped bit in the numbers', 'kept.npz', flipped(60)],
    ['numbers cut off', 'kept.npz', (bytes: Buffer) => bytes.subarray(0, 100)],
    ['no numbers at all', 'kept.npz', () => ''],
    ['a description cut off', 'kept.json', (bytes: Buffer) => bytes.subarray(0, 40)],
    ['another description', 'kept.json', (bytes: Buffer) => bytes.toString().replace('"masked": 0', '"masked": 7')],
    ['a description that is none', 'kept.json', () => 'null'],
  ])('with %s is refused, with the reason', (_, name, edit) => {
    const { change, finished } = kept();
    change(name, edit);
    expect(finished()).toEqual({ value: null, refused: expect.stringMatching(/^kept\.\w+ .*it was not used\.$/) });
  });

  it('without its numbers is refused', () => {
    const { at, finished } = kept();
    fs.rmSync(at('kept.npz'));
    expect(finished().refused).toMatch(/damaged/);
  });
});

describe('kept points', () => {
  it('come back as they were', () => {
    expect(kept().unfinished()).toEqual({ value: points(), refused: null });
  });

  it('are refused for another key, another grid, or when damaged anywhere', () => {
    expect(kept().unfinished(other).refused).toMatch(/belongs to another/);
    expect(kept().unfinished(key, 24).refused).toMatch(/damaged/);
    const size = fs.statSync(kept().at('kept.unfinished.npz')).size;
    for (let byte = 0; byte < size; byte += 23) {
      const { change, unfinished } = kept();
      change('kept.unfinished.npz', flipped(byte));
      const found = unfinished();
      // Some bytes of a ZIP archive mean nothing (times, …): then the points are whole.
      if (found.value) expect(found.value).toEqual(points());
      else expect(found.refused).toMatch(/kept\.unfinished\.npz/);
    }
    for (let length = 0; length < size; length += 90) {
      const { change, unfinished } = kept();
      change('kept.unfinished.npz', (bytes) => bytes.subarray(0, length));
      expect(unfinished()).toEqual({ value: null, refused: expect.stringMatching(/kept\.unfinished\.npz/) });
    }
  });
});
