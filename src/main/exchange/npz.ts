import { strFromU8, unzipSync, type Zippable, zipSync } from 'fflate';
import { badInput, UserError } from '../../shared/errors';
import { readNpy, writeNpy } from './npy';
import type { NamedTensor, Tensor } from './tensor';

/** What an archive may unpack to, all arrays together. */
const maximumBytes = 2 ** 31;
/** Above `bombBytes` an entry that claims to be this many times its packed size is taken for a zip bomb. */
const bombRatio = 200;
const bombBytes = 2 ** 26;

/**
 * The arrays of a .npz (numpy.savez, numpy.savez_compressed), in the archive's order.
 * @param where names the file in the messages
 * @param only unpacks these arrays alone; those that are not there are simply missing from the result
 * @throws badInput for a damaged or cut-off archive, for one that would unpack to more than 2 GiB and for any
 *   array `readNpy` refuses
 */
export function readNpz(bytes: Uint8Array, where: string, only?: readonly string[]): NamedTensor[] {
  if (strFromU8(bytes.subarray(0, 2), true) !== 'PK') {
    throw badInput(`${where} is not a NumPy .npz archive.`, 'Write it with numpy.savez.');
  }
  let total = 0;
  const sizes = new Map<string, number>();
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter({ name, size, originalSize }) {
        if (!name.endsWith('.npy') || (only && !only.includes(arrayName(name)))) return false;
        if (sizes.has(name)) throw badInput(`${where} holds the array "${arrayName(name)}" twice.`);
        total += originalSize;
        if (total > maximumBytes || (originalSize > bombBytes && originalSize > bombRatio * size)) {
          throw badInput(
            `${where}, array "${arrayName(name)}": ${size} packed bytes claim to unpack to ${originalSize}; refused.`,
            'Store it uncompressed with numpy.savez, or in parts.',
          );
        }
        sizes.set(name, originalSize);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw badInput(
      `${where} is damaged or cut off (${(error as Error).message}; ${bytes.length} bytes are there).`,
      'Copy or download the file again.',
    );
  }
  return [...sizes].map(([name, size]) => {
    const place = `${where}, array "${arrayName(name)}",`;
    const file = files[name];
    if (!file || file.length !== size) {
      throw badInput(`${place} unpacks to ${file?.length ?? 0} bytes instead of ${size}.`, 'Copy the file again.');
    }
    return { name: arrayName(name), ...readNpy(file, place.slice(0, -1)) };
  });
}

const arrayName = (file: string): string => file.replace(/\.npy$/, '');

/** A .npz that numpy.load reads; the same arrays give the same bytes. */
export function writeNpz(arrays: Record<string, Tensor>): Uint8Array {
  // ZIP cannot express a time before 1980; a fixed one keeps the bytes the same.
  const mtime = new Date(1980, 0, 1);
  const entries: Zippable = {};
  for (const [name, tensor] of Object.entries(arrays)) entries[`${name}.npy`] = [writeNpy(tensor), { level: 6, mtime }];
  return zipSync(entries);
}
