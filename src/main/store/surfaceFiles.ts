import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { basename, join } from 'node:path';
import type { Surface } from '../../shared/model/landscape';
import type { Volume } from '../../shared/model/sections';
import type { KnownPoints } from '../engine/surface/points';
import { readNpz, writeNpz } from '../exchange/npz';
import type { NamedTensor, NumericArray, Tensor } from '../exchange/tensor';
import { writeFileAtomic } from './atomic';
import { runFiles } from './runFolder';

/**
 * A surface is named by what it is computed from: `key` is a SHA-256 (hex) over plane, grid, data and executor, and a
 * surface's id the beginning of it. Files carry the whole key and a checksum; a file whose key or checksum is another
 * is never used.
 */

/** What a stored file gave. refused: there was one, but it could not be trusted, for this reason. */
export type Stored<T> = { value: T | null; refused: string | null };

const nothing = { value: null, refused: null };

/** surfaces/ID.npz (xs [nx], ys [ny], loss [ny, nx], …) and surfaces/ID.json (all the rest). */
export function writeSurface(runFolder: string, key: string, surface: Surface): void {
  const { id, xs, ys, loss, standardError, accuracy, interpolation, reused: _, ...rest } = surface;
  const shape = [ys.length, xs.length];
  const arrays: Record<string, Tensor> = {
    xs: { shape: [xs.length], data: xs },
    ys: { shape: [ys.length], data: ys },
    loss: { shape, data: loss },
  };
  if (standardError) arrays.lossStandardError = { shape, data: standardError };
  if (accuracy) arrays.accuracy = { shape, data: accuracy };
  if (interpolation) arrays.evaluated = { shape, data: interpolation.evaluated };
  const { evaluated: __, ...interpolationRest } = interpolation ?? { evaluated: null };
  const described = { id, ...rest, ...(interpolation && { interpolation: interpolationRest }) };
  const bytes = writeNpz(arrays);
  const files = surfaceFiles(runFolder, id);
  fs.mkdirSync(runFiles(runFolder).surfaces, { recursive: true });
  writeFileAtomic(files.arrays, bytes);
  writeFileAtomic(
    files.info,
    `${JSON.stringify({ ...described, key, checksum: checksum(bytes, described) }, null, 2)}\n`,
  );
  fs.rmSync(files.unfinished, { force: true });
}

/** The finished surface of this key. */
export function readSurface(runFolder: string, id: string, key: string): Stored<Surface> {
  const { arrays, info } = surfaceFiles(runFolder, id);
  if (!fs.existsSync(info) && !fs.existsSync(arrays)) return nothing;
  try {
    const { key: storedKey, checksum: storedSum, ...described } = JSON.parse(fs.readFileSync(info, 'utf8'));
    if (storedKey !== key) return foreign(info);
    const bytes = fs.readFileSync(arrays);
    if (checksum(bytes, described) !== storedSum) return damaged(arrays, 'its checksum does not fit');
    const tensors = byName(readNpz(bytes, arrays));
    const gap = (value: number | null) => value ?? Number.NaN;
    const evaluated = tensors.get('evaluated');
    return {
      value: {
        ...described,
        min: gap(described.min),
        max: gap(described.max),
        xs: numbers(tensors, 'xs'),
        ys: numbers(tensors, 'ys'),
        loss: numbers(tensors, 'loss'),
        standardError: tensors.has('lossStandardError') ? numbers(tensors, 'lossStandardError') : null,
        accuracy: tensors.has('accuracy') ? numbers(tensors, 'accuracy') : null,
        ...(evaluated && { interpolation: { ...described.interpolation, evaluated: evaluated as Uint8Array } }),
      },
      refused: null,
    };
  } catch (error) {
    return damaged(info, (error as Error).message);
  }
}

/** surfaces/ID.unfinished.npz: the points computed so far. */
export function writeUnfinished(runFolder: string, id: string, key: string, points: KnownPoints): void {
  const vector = <T extends NumericArray>(data: T) => ({ shape: [data.length], data });
  fs.mkdirSync(runFiles(runFolder).surfaces, { recursive: true });
  writeFileAtomic(
    surfaceFiles(runFolder, id).unfinished,
    writeNpz({
      key: vector(Uint8Array.from(Buffer.from(key, 'hex'))),
      checksum: vector(Uint8Array.from(Buffer.from(pointsChecksum(points), 'hex'))),
      done: vector(points.done),
      loss: vector(points.loss),
      accuracy: vector(points.accuracy),
      lossStandardError: vector(points.standardError),
    }),
  );
}

/** The points of an unfinished surface of this key. */
export function readUnfinished(runFolder: string, id: string, key: string, count: number): Stored<KnownPoints> {
  const path = surfaceFiles(runFolder, id).unfinished;
  if (!fs.existsSync(path)) return nothing;
  try {
    const tensors = byName(readNpz(fs.readFileSync(path), path));
    const hex = (name: string) => Buffer.from(bytesOf(tensors, name)).toString('hex');
    if (hex('key') !== key) return foreign(path);
    const points: KnownPoints = {
      done: bytesOf(tensors, 'done'),
      loss: numbers(tensors, 'loss'),
      accuracy: numbers(tensors, 'accuracy'),
      standardError: numbers(tensors, 'lossStandardError'),
    };
    const whole = Object.values(points).every((values) => values.length === count);
    if (!whole || pointsChecksum(points) !== hex('checksum')) return damaged(path, 'its checksum does not fit');
    return { value: points, refused: null };
  } catch (error) {
    return damaged(path, (error as Error).message);
  }
}

/** volumes/ID.npz (xs, ys, zs, loss [nz, ny, nx]) and volumes/ID.json. */
export function writeVolume(runFolder: string, volume: Volume): void {
  const { id, xs, ys, zs, loss, ...rest } = volume;
  const folder = runFiles(runFolder).volumes;
  fs.mkdirSync(folder, { recursive: true });
  writeFileAtomic(
    join(folder, `${id}.npz`),
    writeNpz({
      xs: { shape: [xs.length], data: xs },
      ys: { shape: [ys.length], data: ys },
      zs: { shape: [zs.length], data: zs },
      loss: { shape: [zs.length, ys.length, xs.length], data: loss },
    }),
  );
  writeFileAtomic(join(folder, `${id}.json`), `${JSON.stringify({ id, ...rest }, null, 2)}\n`);
}

const surfaceFiles = (runFolder: string, id: string) => {
  const base = join(runFiles(runFolder).surfaces, id);
  return { arrays: `${base}.npz`, info: `${base}.json`, unfinished: `${base}.unfinished.npz` };
};

function checksum(bytes: Uint8Array, described: unknown): string {
  return createHash('sha256').update(bytes).update(JSON.stringify(described)).digest('hex');
}

function pointsChecksum({ done, loss, accuracy, standardError }: KnownPoints): string {
  const hash = createHash('sha256');
  for (const values of [done, loss, accuracy, standardError]) {
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

const byName = (tensors: readonly NamedTensor[]) => new Map(tensors.map(({ name, data }) => [name, data]));

function numbers(tensors: ReadonlyMap<string, NumericArray>, name: string): Float64Array {
  const data = tensors.get(name);
  if (!(data instanceof Float64Array)) throw new Error(`no float64 array "${name}"`);
  return data;
}

function bytesOf(tensors: ReadonlyMap<string, NumericArray>, name: string): Uint8Array {
  const data = tensors.get(name);
  if (!(data instanceof Uint8Array)) throw new Error(`no byte array "${name}"`);
  return data;
}

const foreign = (path: string): Stored<never> => ({
  value: null,
  refused: `${basename(path)} belongs to another plane, run, data set or executor; it was not used.`,
});
const damaged = (path: string, reason: string): Stored<never> => ({
  value: null,
  refused: `${basename(path)} is damaged (${reason.replace(/\.$/, '')}); it was not used.`,
});
