import { toJson } from '../../../shared/json';
import { formatNumber } from '../../../shared/math/numbers';
import type { Terminal } from './terminal';

/** The result as JSON when asked for, otherwise as lines for people. */
export async function report(
  terminal: Terminal,
  { json }: { json?: boolean | undefined },
  value: unknown,
  lines: readonly string[],
): Promise<void> {
  await terminal.print(json ? `${toJson(value)}\n` : `${lines.join('\n')}\n`);
}

/** Rows of cells as columns of equal width, numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const cells = [
    header,
    ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : cell))),
  ];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? '')].length)));
  const numeric = header.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  return cells.map((row) =>
    row
      .map((cell, column) => (numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}
