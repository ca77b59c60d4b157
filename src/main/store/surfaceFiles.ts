import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Surface } from '../../shared/model/landscape';
import type { Volume } from '../../shared/model/sections';
import type { KnownPoints } from '../engine/surface/points';
import { readNpz, writeNpz } from '../exchange/npz';
import type { NamedTensor, NumericArray, Tensor } from '../exchange/tensor';
import { writeFileAtomic } from './atomic';
import { runFiles } from './runFolder';

/**
 * A surface or volume is named by what it is computed from: `key` is a SHA-256 (hex) over plane, grid, data and executor,
 * and its id the beginning of it. Files carry the whole key and a checksum; a file whose key or checksum is another
 * is never used.
 */

/** What a stored file gave. refused: there was one, but it could not be trusted, for this reason. */
export type Stored<T> = { value: T | null; refused: string | null };

/** Folders of a run that hold such files. */
export type KeptKind = 'surfaces' | 'volumes';
export type KeptVolume = Omit<Volume, 'paths'>;

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
  writeKept(filesOf(runFolder, 'surfaces', id), key, arrays, {
    id,
    ...rest,
    ...(interpolation && { interpolation: interpolationRest }),
  });
}

/** The finished surface of this key. */
export const readSurface = (runFolder: string, id: string, key: string): Stored<Surface> =>
  readKept(filesOf(runFolder, 'surfaces', id), key, (described, tensors) => {
    const evaluated = tensors.get('evaluated');
    return {
      ...(described as Surface),
      xs: numbers(tensors, 'xs'),
      ys: numbers(tensors, 'ys'),
      loss: numbers(tensors, 'loss'),
      standardError: tensors.has('lossStandardError') ? numbers(tensors, 'lossStandardError') : null,
      accuracy: tensors.has('accuracy') ? numbers(tensors, 'accuracy') : null,
      ...(evaluated && {
        interpolation: { ...(described as Surface).interpolation!, evaluated: evaluated as Uint8Array },
      }),
    };
  });

/** volumes/ID.npz (xs, ys, zs, loss [nz, ny, nx]) and volumes/ID.json. The paths are the runs' own. */
export function writeVolume(runFolder: string, key: string, volume: KeptVolume): void {
  const { id, xs, ys, zs, loss, reused: _, ...rest } = volume;
  const arrays: Record<string, Tensor> = {
    xs: { shape: [xs.length], data: xs },
    ys: { shape: [ys.length], data: ys },
    zs: { shape: [zs.length], data: zs },
    loss: { shape: [zs.length, ys.length, xs.length], data: loss },
  };
  writeKept(filesOf(runFolder, 'volumes', id), key, arrays, { id, ...rest });
}

/** The finished volume of this key. */
export const readVolume = (runFolder: string, id: string, key: string): Stored<KeptVolume> =>
  readKept(filesOf(runFolder, 'volumes', id), key, (described, tensors) => ({
    ...(described as KeptVolume),
    xs: numbers(tensors, 'xs'),
    ys: numbers(tensors, 'ys'),
    zs: numbers(tensors, 'zs'),
    loss: numbers(tensors, 'loss'),
  }));

function writeKept(files: KeptFiles, key: string, arrays: Record<string, Tensor>, described: object): void {
  const bytes = writeNpz(arrays);
  fs.mkdirSync(dirname(files.arrays), { recursive: true });
  writeFileAtomic(files.arrays, bytes);
  writeFileAtomic(
    files.info,
    `${JSON.stringify({ ...described, key, checksum: checksum(bytes, described) }, null, 2)}\n`,
  );
  fs.rmSync(files.unfinished, { force: true });
}

function readKept<T extends { min: number; max: number }>(
  { arrays, info }: KeptFiles,
  key: string,
  assemble: (described: unknown, tensors: ReadonlyMap<string, NumericArray>) => T,
): Stored<T> {
  if (!fs.existsSync(info) && !fs.existsSync(arrays)) return nothing;
  try {
    const { key: storedKey, checksum: storedSum, ...described } = JSON.parse(fs.readFileSync(info, 'utf8'));
    if (storedKey !== key) return foreign(info);
    const bytes = fs.readFileSync(arrays);
    if (checksum(bytes, described) !== storedSum) return damaged(arrays, 'its checksum does not fit');
    const value = assemble(described, byName(readNpz(bytes, arrays)));
    return { value: { ...value, min: value.min ?? Number.NaN, max: value.max ?? Number.NaN }, refused: null };
  } catch (error) {
    return damaged(info, (error as Error).message);
  }
}

/** surfaces/ID.unfinished.npz, volumes/ID.unfinished.npz: the points computed so far. */
export function writeUnfinished(runFolder: string, kind: KeptKind, id: string, key: string, points: KnownPoints): void {
  const vector = <T extends NumericArray>(data: T) => ({ shape: [data.length], data });
  const { unfinished } = filesOf(runFolder, kind, id);
  fs.mkdirSync(dirname(unfinished), { recursive: true });
  writeFileAtomic(
    unfinished,
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

/** The points of an unfinished surface or volume of this key. */
export function readUnfinished(
  runFolder: string,
  kind: KeptKind,
  id: string,
  key: string,
  count: number,
): Stored<KnownPoints> {
  const path = filesOf(runFolder, kind, id).unfinished;
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

interface KeptFiles {
  arrays: string;
  info: string;
  unfinished: string;
}

function filesOf(runFolder: string, kind: KeptKind, id: string): KeptFiles {
  const base = join(runFiles(runFolder)[kind], id);
  return { arrays: `${base}.npz`, info: `${base}.json`, unfinished: `${base}.unfinished.npz` };
}

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
