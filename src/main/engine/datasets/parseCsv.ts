import { CsvError, parse } from 'csv-parse/sync';
import { badInput } from '../../../shared/errors';
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
    throw badInput(`"${name}" has ${bytes.length} bytes; a CSV may have ${largestFile}.`, 'Store it as .npz instead.');
  }
  const rows = readRows(bytes, name);
  const first = rows[0];
  if (!first) throw badInput(`"${name}" is empty.`, 'Use a file with one row per example, the target last.');
  const columns = first.cells.length;
  if (columns < 2) {
    throw badInput(
      `"${name}" has one column.`,
      'Give every row its features and then its target, separated by commas.',
    );
  }
  const hasHeader = first.cells.slice(0, -1).every((cell) => cell !== '' && parseNumber(cell) === null);
  const columnName = (j: number) => (hasHeader ? `column "${first.cells[j]}"` : `column ${j + 1}`);
  const data = hasHeader ? rows.slice(1) : rows;
  if (data.length === 0) throw badInput(`"${name}" has a header and no rows.`, 'Add one row per example.');

  const x = new Float64Array(data.length * (columns - 1));
  data.forEach(({ number, cells }, i) => {
    if (cells.length !== columns) {
      throw badInput(
        `Row ${number} of "${name}" has ${cells.length} cells; row ${first.number} has ${columns}.`,
        'Give every row the same number of cells.',
      );
    }
    for (let j = 0; j < columns - 1; j++) {
      x[i * (columns - 1) + j] = numberOf(cells[j]!, `Row ${number}, ${columnName(j)} of "${name}"`);
    }
  });
  const targets = data.map(({ number, cells }) => ({
    cell: cells[columns - 1]!,
    where: `Row ${number}, ${columnName(columns - 1)} of "${name}"`,
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
    if (error instanceof CsvError) throw badInput(`"${name}" cannot be read as CSV: ${error.message}.`);
    throw error;
  }
}

function commonestSeparator(text: string): string {
  const line = text.slice(0, text.search(/[\r\n]|$/));
  const count = (separator: string) => line.split(separator).length;
  return [',', ';', '\t'].reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

function numberOf(cell: string, where: string): number {
  const value = parseNumber(cell);
  if (value !== null) return value;
  if (cell === '') throw badInput(`${where} is empty.`, 'Fill the cell or leave the row out; nothing is guessed.');
  throw badInput(`${where} is "${cell}", not a finite number.`, 'Correct the cell or leave the row out.');
}

function classTarget(targets: readonly { cell: string; where: string }[]): RawTarget {
  const values = targets.map(({ cell }) => parseNumber(cell));
  const areNumbers = values.every((value) => value !== null);
  const names = targets.map(({ cell, where }, i) => {
    if (cell === '') throw badInput(`${where} is empty.`, 'Fill the cell or leave the row out; nothing is guessed.');
    if (areNumbers && !Number.isInteger(values[i])) {
      throw badInput(
        `${where} is ${cell}, not a class.`,
        'Use whole numbers or names, or read the target as a number.',
      );
    }
    return areNumbers ? String(values[i]) : cell;
  });
  const classes = [...new Set(names)].sort(areNumbers ? (a, b) => Number(a) - Number(b) : undefined);
  const index = new Map(classes.map((label, i) => [label, i]));
  return { kind: 'class', labels: Int32Array.from(names, (label) => index.get(label)!), classes };
}
