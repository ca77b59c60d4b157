import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';

let counter = 0;

/**
 * Replaces a file as a whole: a neighbour is written, flushed to the disk and renamed over it. Whatever goes wrong, the
 * file is either as before or as wanted.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${counter++}.tmp`);
  try {
    const file = fs.openSync(temporary, 'wx');
    try {
      writeAll(file, typeof content === 'string' ? Buffer.from(content) : content, null);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(temporary, path);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes every byte: a nearly full disk may take a part first and refuse only the rest.
 * @param position where in the file; null: where the file stands
 */
export function writeAll(file: number, bytes: Uint8Array, position: number | null): void {
  let done = 0;
  while (done < bytes.length) {
    done += fs.writeSync(file, bytes, done, bytes.length - done, position === null ? null : position + done);
  }
}

/** Fills `bytes` from the position on; returns how many bytes were there. */
export function readAll(file: number, bytes: Uint8Array, position: number): number {
  let done = 0;
  while (done < bytes.length) {
    const got = fs.readSync(file, bytes, done, bytes.length - done, position + done);
    if (got === 0) break;
    done += got;
  }
  return done;
}

/** Opens, hands the descriptor on, and closes whatever happens. */
export function withFile<T>(path: string, use: (file: number) => T): T {
  const file = fs.openSync(path, 'r');
  try {
    return use(file);
  } finally {
    fs.closeSync(file);
  }
}
