import fs from 'node:fs';
import { dirname } from 'node:path';
import { badInput } from '../../shared/errors';
import { type MetricColumns, metricNames, type Outcome, type RunInfo } from '../../shared/model/run';
import { writeAll } from './atomic';
import { runFiles, writeRunInfo } from './runFolder';
import { formatSteps, stepsHeader } from './stepsFile';
import { trajectoryHeader, trajectoryHeaderBytes } from './trajectoryFile';

/** Records one run while it trains. After every `append` NumPy can load the files. */
export interface RunWriter {
  /** With the rows recorded so far. */
  readonly info: RunInfo;
  /** Of the rows recorded so far, as their file has them: whoever follows a growing run need not parse it. */
  metrics(): MetricColumns;
  /**
   * Adds rows at the end of both files.
   * @param theta [rows, P], row-major
   * @throws what the file system threw (ENOSPC, …); the rows recorded before stay valid and nothing more is accepted
   */
  append(theta: Float32Array, metrics: MetricColumns): void;
  /** Closes the run. Must be called once, also after a failed `append`. */
  finish(outcome: Outcome, seconds: number): RunInfo;
}

/**
 * Makes the folder, complete under another name and then renamed, so that no half-made run is ever found.
 * @throws badInput when something is already there
 */
export function createRunFolder(folder: string, info: RunInfo): void {
  if (fs.existsSync(folder)) {
    throw badInput(`"${folder}" already exists.`, 'Choose another name or delete it first.', ['path']);
  }
  const unfinished = `${folder}.unfinished-${process.pid}`;
  makeParent(folder);
  try {
    fs.mkdirSync(unfinished);
    const files = runFiles(unfinished);
    fs.writeFileSync(files.trajectory, trajectoryHeader(0, info.parameterCount));
    fs.writeFileSync(files.steps, stepsHeader);
    writeRunInfo(unfinished, info);
    fs.renameSync(unfinished, folder);
  } catch (error) {
    fs.rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

function makeParent(path: string): void {
  const parent = dirname(path);
  try {
    fs.mkdirSync(parent, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    throw badInput(`"${parent}" is not a folder.`, 'Choose another place for the run.', ['path']);
  }
}

/** @param onClose called when the run is finished, however that went */
export function openRunWriter(folder: string, initial: RunInfo, onClose: () => void): RunWriter {
  const files = runFiles(folder);
  const trajectory = fs.openSync(files.trajectory, 'r+');
  const steps = fs.openSync(files.steps, 'r+');
  const dimension = initial.parameterCount;
  let info = initial;
  let trajectoryEnd = trajectoryHeaderBytes;
  let stepsEnd = stepsHeader.length;
  let failed = false;
  const recorded: MetricColumns[] = [];

  return {
    get info() {
      return info;
    },
    metrics() {
      const all = {} as MetricColumns;
      for (const name of metricNames) {
        const column = new Float64Array(info.rows);
        let row = 0;
        for (const { [name]: part } of recorded) {
          column.set(part, row);
          row += part.length;
        }
        all[name] = column;
      }
      return all;
    },
    append(theta, metrics) {
      const rows = metrics.step.length;
      if (theta.length !== rows * dimension) {
        throw new RangeError(`${theta.length} numbers are not ${rows} rows of ${dimension}`);
      }
      if (failed) throw new Error('the run stopped recording after a failed write');
      if (rows === 0) return;
      try {
        const bytes = new Uint8Array(theta.buffer, theta.byteOffset, theta.byteLength);
        const lines = Buffer.from(formatSteps(metrics), 'latin1');
        writeAll(trajectory, bytes, trajectoryEnd);
        writeAll(steps, lines, stepsEnd);
        writeAll(trajectory, trajectoryHeader(info.rows + rows, dimension), 0);
        trajectoryEnd += bytes.length;
        stepsEnd += lines.length;
        info = { ...info, rows: info.rows + rows };
        recorded.push(metrics);
      } catch (error) {
        failed = true;
        fs.ftruncateSync(trajectory, trajectoryEnd);
        fs.ftruncateSync(steps, stepsEnd);
        throw error;
      }
    },
    finish(outcome, seconds) {
      info = { ...info, outcome, seconds };
      try {
        fs.fsyncSync(trajectory);
        fs.fsyncSync(steps);
        writeRunInfo(folder, info);
      } finally {
        fs.closeSync(trajectory);
        fs.closeSync(steps);
        onClose();
      }
      return info;
    },
  };
}
