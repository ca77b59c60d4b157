import fs from 'node:fs';
import { join } from 'node:path';
import type { FoundCriticalPoint } from '../../shared/model/critical';
import type { Spectrum, Surface } from '../../shared/model/landscape';
import { writeNpz } from '../exchange/npz';
import type { Tensor } from '../exchange/tensor';
import { writeFileAtomic } from './atomic';
import { runFiles } from './runFolder';

/** Typed arrays become lists, NaN and the infinities null. */
const json = (value: unknown): string => {
  const plain = (_: string, item: unknown) => (ArrayBuffer.isView(item) ? [...(item as Float64Array)] : item);
  return `${JSON.stringify(value, plain, 2)}\n`;
};

/** surfaces/ID.npz (xs [nx], ys [ny], loss [ny, nx], …) and surfaces/ID.json (all the rest). */
export function writeSurface(runFolder: string, surface: Surface): void {
  const { id, xs, ys, loss, standardError, accuracy, ...rest } = surface;
  const folder = runFiles(runFolder).surfaces;
  const shape = [ys.length, xs.length];
  const arrays: Record<string, Tensor> = {
    xs: { shape: [xs.length], data: xs },
    ys: { shape: [ys.length], data: ys },
    loss: { shape, data: loss },
  };
  if (standardError) arrays.lossStandardError = { shape, data: standardError };
  if (accuracy) arrays.accuracy = { shape, data: accuracy };
  fs.mkdirSync(folder, { recursive: true });
  writeFileAtomic(join(folder, `${id}.npz`), writeNpz(arrays));
  writeFileAtomic(join(folder, `${id}.json`), json({ id, ...rest }));
}

/** spectra/ID.json; returns ID: the row, numbered when there is already a spectrum of it. */
export function writeSpectrum(runFolder: string, spectrum: Spectrum): string {
  const folder = runFiles(runFolder).spectra;
  fs.mkdirSync(folder, { recursive: true });
  const id = freeName(folder, `row-${spectrum.row}`);
  writeFileAtomic(join(folder, `${id}.json`), json(spectrum));
  return id;
}

/** The vectors of a critical point, each row P numbers in float64. */
export interface CriticalVectors {
  theta: Float64Array;
  /** Where the search started. */
  start: Float64Array;
  /** The eigenvector of the smallest eigenvalue. */
  lowest: Float64Array;
  /** The ways down from a saddle along +lowest and −lowest, the saddle first. */
  descents: readonly (readonly Float64Array[])[];
}

/**
 * critical/ID.json, and critical/ID.npz: theta, start and lowest [P], downPlus and downMinus [points, P]. Returns ID, the
 * row or the word plane, numbered where that name is taken.
 */
export function writeCriticalPoint(runFolder: string, point: FoundCriticalPoint, vectors: CriticalVectors): string {
  const folder = runFiles(runFolder).critical;
  fs.mkdirSync(folder, { recursive: true });
  const id = freeName(folder, point.from.kind === 'row' ? `row-${point.from.row}` : 'plane');
  const parameters = vectors.theta.length;
  const vector = (data: Float64Array): Tensor => ({ shape: [parameters], data });
  const arrays: Record<string, Tensor> = {
    theta: vector(vectors.theta),
    start: vector(vectors.start),
    lowest: vector(vectors.lowest),
  };
  vectors.descents.forEach((path, side) => {
    const data = new Float64Array(path.length * parameters);
    path.forEach((theta, i) => {
      data.set(theta, i * parameters);
    });
    arrays[side === 0 ? 'downPlus' : 'downMinus'] = { shape: [path.length, parameters], data };
  });
  writeFileAtomic(join(folder, `${id}.npz`), writeNpz(arrays));
  writeFileAtomic(join(folder, `${id}.json`), json({ ...point, id }));
  return id;
}

/** The name, numbered when its .json is there already. */
function freeName(folder: string, name: string): string {
  let id = name;
  for (let n = 2; fs.existsSync(join(folder, `${id}.json`)); n++) id = `${name}-${n}`;
  return id;
}
