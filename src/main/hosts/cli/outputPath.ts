import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { badInput } from '../../../shared/errors';

/** Refuses an output that is there already, unless it may be replaced. */
export function requireFree(path: string, force: boolean | undefined): void {
  if (existsSync(path) && !force)
    throw badInput(`"${path}" already exists.`, 'Choose another name, or replace it with --force.');
}

/** Writes a file as a whole: it is there complete, or as it was before. */
export function writeOutput(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, bytes, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

export const isRun = (path: string): boolean => existsSync(join(path, 'run.json'));

/**
 * Runs `use` while what is at `path` stands aside; it is removed when `use` succeeds and put back when it fails.
 * @param isOurs refuses to replace what is none of the program's own folders
 */
export async function replacing<T>(path: string, isOurs: (path: string) => boolean, use: () => Promise<T>): Promise<T> {
  if (!existsSync(path)) return use();
  if (!isOurs(path)) throw badInput(`"${path}" is not a run; it is not replaced.`, 'Choose another name.');
  const aside = join(dirname(path), `.${basename(path)}.replaced-${process.pid}`);
  renameSync(path, aside);
  try {
    const value = await use();
    rmSync(aside, { recursive: true, force: true });
    return value;
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    renameSync(aside, path);
    throw error;
  }
}
