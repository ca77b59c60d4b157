import fs from 'node:fs';
import { basename } from 'node:path';
import { badInput } from '../../shared/errors';
import type { TrajectoryRows } from '../engine/trajectory/rows';
import { npyHeader, parseNpyHeader } from '../exchange/npy';
import { readAll, withFile } from './atomic';

/** trajectory.npy: float32 [rows, P]. The header has room for any number of rows, so it is rewritten in place. */
export const trajectoryHeaderBytes = 128;
export const trajectoryHeader = (rows: number, dimension: number): Uint8Array =>
  npyHeader('<f4', [rows, dimension], trajectoryHeaderBytes);

interface Extent {
  dataOffset: number;
  /** Whole rows that are there: the file's size counts, not the header's claim. */
  rows: number;
}

/** @throws badInput when the file is not a float32 [*, dimension] array */
export function trajectoryExtent(path: string, dimension: number): Extent {
  return withFile(path, (file) => {
    const size = fs.fstatSync(file).size;
    if (size < trajectoryHeaderBytes) return { dataOffset: size, rows: 0 };
    const head = Buffer.alloc(Math.min(size, 4_096));
    readAll(file, head, 0);
    const header = parseNpyHeader(head, basename(path));
    const { descr, shape, fortranOrder, dataOffset } = header;
    if (descr !== '<f4' || fortranOrder || shape.length !== 2 || shape[1] !== dimension) {
      throw badInput(
        `${basename(path)} holds ${descr} [${shape.join(', ')}] instead of float32 [rows, ${dimension}] in C order.`,
      );
    }
    return { dataOffset, rows: Math.floor((size - dataOffset) / (4 * dimension)) };
  });
}

/** @param rows how many rows there are at the time of asking (a run being written grows) */
export function openTrajectory(path: string, dimension: number, rows: () => number): TrajectoryRows {
  const { dataOffset } = trajectoryExtent(path, dimension);
  return {
    dimension,
    get rows() {
      return rows();
    },
    read(first, count) {
      if (first < 0 || count < 0 || first + count > rows()) {
        throw new RangeError(`rows ${first} … ${first + count - 1} of ${rows()}`);
      }
      const block = new Float32Array(count * dimension);
      const bytes = new Uint8Array(block.buffer);
      const got = withFile(path, (file) => readAll(file, bytes, dataOffset + 4 * dimension * first));
      if (got < bytes.length) throw badInput(`${basename(path)} was cut off while it was read.`);
      return block;
    },
  };
}
