import { CsvError, parse } from 'csv-parse/sync';
import { sayError } from '../../../shared/errors';
import { parseNumber } from './number';
import type { FileOptions, RawData, RawTarget } from './rawData';

/** A text of this size still fits into one string with its cells beside it. */
const largestFile = 256 * 2 ** 20;

interface Row {
  /** As a spreadsheet counts: the first line is 1. */
  number: number;
  cells: string[];
}

/**
 * A user's table: every column but the last is a feature, the last is the target. The separator (comma, semicolon or
 * tab) is the commonest of the first line; a first row without any number among its features is a header; empty lines
 * are skipped. Class labels may be text or whole numbers; they are numbered in sorted order.
 *
 * @throws UserError (badInput) naming row and column for a cell that is empty, NaN or not a number, a row of another
 * length, and anything that is not a table
 */
export function parseCsv(bytes: Uint8Array, { target, name }: FileOptions): RawData {
  if (bytes.length > largestFile) {
    throw sayError('badInput', 'csvTooLarge', { file: name, bytes: bytes.length, most: largestFile });
  }
  const rows = readRows(bytes, name);
  const first = rows[0];
  if (!first) throw sayError('badInput', 'csvEmpty', { file: name });
  const columns = first.cells.length;
  if (columns < 2) {
    throw sayError('badInput', 'csvOneColumn', { file: name });
  }
  const hasHeader = first.cells.slice(0, -1).every((cell) => cell !== '' && parseNumber(cell) === null);
  const columnName = (j: number) => (hasHeader ? `"${first.cells[j]}"` : j + 1);
  const data = hasHeader ? rows.slice(1) : rows;
  if (data.length === 0) throw sayError('badInput', 'csvNoRows', { file: name });

  const x = new Float64Array(data.length * (columns - 1));
  data.forEach(({ number, cells }, i) => {
    if (cells.length !== columns) {
      const values = { row: number, file: name, cells: cells.length, first: first.number, columns };
      throw sayError('badInput', 'csvRagged', values);
    }
    for (let j = 0; j < columns - 1; j++) {
      x[i * (columns - 1) + j] = numberOf(cells[j]!, { row: number, column: columnName(j), file: name });
    }
  });
  const targets = data.map(({ number, cells }) => ({
    cell: cells[columns - 1]!,
    where: { row: number, column: columnName(columns - 1), file: name },
  }));
  return {
    examples: data.length,
    inputShape: [columns - 1],
    x,
    target:
      target === 'class'
        ? classTarget(targets)
        : { kind: 'number', values: Float64Array.from(targets, ({ cell, where }) => numberOf(cell, where)), shape: [] },
  };
}

function readRows(bytes: Uint8Array, name: string): Row[] {
  const text = new TextDecoder().decode(bytes);
  const separator = commonestSeparator(text);
  return (text.includes('"') ? quotedRecords(text, separator, name) : plainRecords(text, separator))
    .map((cells, i) => ({ number: i + 1, cells }))
    .filter(({ cells }) => cells.length > 1 || cells[0] !== '');
}

/** Tables of numbers hold no quotes; split like this they are read ten times as fast. */
const plainRecords = (text: string, separator: string): string[][] =>
  text.split(/\r\n|\n|\r/).map((line) => line.split(separator).map((cell) => cell.trim()));

function quotedRecords(text: string, delimiter: string, name: string): string[][] {
  try {
    return parse(text, { trim: true, relax_column_count: true, delimiter }) as string[][];
  } catch (error) {
    if (error instanceof CsvError) throw sayError('badInput', 'csvUnreadable', { file: name, detail: error.message });
    throw error;
  }
}

function commonestSeparator(text: string): string {
  const line = text.slice(0, text.search(/[\r\n]|$/));
  const count = (separator: string) => line.split(separator).length;
  return [',', ';', '\t'].reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

/** Of a cell, as messages name it: a column by its heading, quoted, or its number. */
interface Place {
  row: number;
  column: string | number;
  file: string;
}

function numberOf(cell: string, where: Place): number {
  const value = parseNumber(cell);
  if (value !== null) return value;
  if (cell === '') throw sayError('badInput', 'cellEmpty', { ...where });
  throw sayError('badInput', 'cellNotNumber', { ...where, cell });
}

function classTarget(targets: readonly { cell: string; where: Place }[]): RawTarget {
  const values = targets.map(({ cell }) => parseNumber(cell));
  const areNumbers = values.every((value) => value !== null);
  const names = targets.map(({ cell, where }, i) => {
    if (cell === '') throw sayError('badInput', 'cellEmpty', { ...where });
    if (areNumbers && !Number.isInteger(values[i])) {
      throw sayError('badInput', 'cellNotClass', { ...where, cell });
    }
    return areNumbers ? String(values[i]) : cell;
  });
  const classes = [...new Set(names)].sort(areNumbers ? (a, b) => Number(a) - Number(b) : undefined);
  const index = new Map(classes.map((label, i) => [label, i]));
  return { kind: 'class', labels: Int32Array.from(names, (label) => index.get(label)!), classes };
}
