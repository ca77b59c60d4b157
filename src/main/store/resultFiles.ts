import fs from 'node:fs';
import { join } from 'node:path';
import type { Spectrum, Surface } from '../../shared/model/landscape';
import { writeNpz } from '../exchange/npz';
import type { Tensor } from '../exchange/tensor';
import { writeFileAtomic } from './atomic';
import { runFiles } from './runFolder';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

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
  let id = `row-${spectrum.row}`;
  for (let n = 2; fs.existsSync(join(folder, `${id}.json`)); n++) id = `row-${spectrum.row}-${n}`;
  writeFileAtomic(join(folder, `${id}.json`), json(spectrum));
  return id;
}
