import fs from 'node:fs';
import { join } from 'node:path';
import type { Spectrum } from '../../shared/model/landscape';
import { writeFileAtomic } from './atomic';
import { runFiles } from './runFolder';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** spectra/ID.json; returns ID: the row, numbered when there is already a spectrum of it. */
export function writeSpectrum(runFolder: string, spectrum: Spectrum): string {
  const folder = runFiles(runFolder).spectra;
  fs.mkdirSync(folder, { recursive: true });
  let id = `row-${spectrum.row}`;
  for (let n = 2; fs.existsSync(join(folder, `${id}.json`)); n++) id = `row-${spectrum.row}-${n}`;
  writeFileAtomic(join(folder, `${id}.json`), json(spectrum));
  return id;
}
