import fs from 'node:fs';
import { type MetricColumns, metricNames } from '../../shared/model/run';
import { readAll, withFile } from './atomic';

/**
 * steps.csv: a header with `metricNames`, then one line per recorded row. Numbers are written so that they read back as
 * the same float64; NaN is an empty cell. A last line without its newline was cut off and does not count.
 */
export const stepsHeader = `${metricNames.join(',')}\n`;

const blockBytes = 2 ** 20;
const newline = 0x0a;

export function formatSteps(metrics: MetricColumns): string {
  const columns = metricNames.map((name) => metrics[name]);
  const rows = metrics.step.length;
  let text = '';
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns.length; c++) {
      const value = columns[c]![row]!;
      if (c > 0) text += ',';
      if (Number.isFinite(value)) text += Object.is(value, -0) ? '-0' : value;
      else if (!Number.isNaN(value)) text += value > 0 ? 'inf' : '-inf';
    }
    text += '\n';
  }
  return text;
}

function parseCell(cell: string | undefined): number {
  if (cell === undefined || cell === '') return Number.NaN;
  if (cell === 'inf') return Number.POSITIVE_INFINITY;
  if (cell === '-inf') return Number.NEGATIVE_INFINITY;
  return Number(cell);
}

/** Whole rows in the file. */
export function countSteps(path: string): number {
  return withFile(path, (file) => {
    const block = Buffer.allocUnsafe(blockBytes);
    let lines = 0;
    for (let position = 0; ; position += blockBytes) {
      const got = readAll(file, block, position);
      const part = block.subarray(0, got);
      for (let at = part.indexOf(newline); at >= 0; at = part.indexOf(newline, at + 1)) lines++;
      if (got < blockBytes) return Math.max(0, lines - 1);
    }
  });
}

/** The step of the last line, null when that line is cut off or there is none. */
export function lastWholeStep(path: string): number | null {
  return withFile(path, (file) => {
    const size = fs.fstatSync(file).size;
    const tail = Buffer.alloc(Math.min(size, 4_096));
    readAll(file, tail, size - tail.length);
    if (tail.at(-1) !== newline) return null;
    const start = tail.lastIndexOf(newline, -2);
    const step = start < 0 ? Number.NaN : Number.parseInt(tail.toString('latin1', start + 1), 10);
    return Number.isNaN(step) ? null : step;
  });
}

/** The first `rows` rows, by the names in the file's own header; a column it lacks is NaN throughout. */
export function readSteps(path: string, rows: number): MetricColumns {
  const metrics = Object.fromEntries(
    metricNames.map((name) => [name, new Float64Array(rows).fill(Number.NaN)]),
  ) as MetricColumns;
  let columns: Float64Array[] | null = null;
  let row = 0;
  for (const line of wholeLines(path)) {
    const cells = line.split(',');
    if (!columns) {
      columns = cells.map((name) => metrics[name as keyof MetricColumns] ?? new Float64Array(0));
      continue;
    }
    if (row >= rows) break;
    for (let c = 0; c < columns.length; c++) columns[c]![row] = parseCell(cells[c]);
    row++;
  }
  return metrics;
}

function* wholeLines(path: string): Generator<string> {
  const file = fs.openSync(path, 'r');
  try {
    const block = Buffer.allocUnsafe(blockBytes);
    let rest = '';
    for (let position = 0; ; position += blockBytes) {
      const got = readAll(file, block, position);
      const lines = (rest + block.toString('latin1', 0, got)).split('\n');
      rest = lines.pop()!;
      yield* lines;
      if (got < blockBytes) return;
    }
  } finally {
    fs.closeSync(file);
  }
}
