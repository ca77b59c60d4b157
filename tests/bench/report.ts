import { cpus, totalmem } from 'node:os';
import type { AppInfo } from '../../src/shared/contract';
import { type BenchResult, median } from './harness';
import type { Peer } from './peer';

/** What the numbers were measured on. */
export interface Machine {
  date: string;
  processor: string;
  cores: number;
  memoryBytes: number;
  node: string;
  v8: string;
  executors: AppInfo['executors'];
  peer: Peer['about'] | null;
}

export const describeMachine = (executors: AppInfo['executors'], peer: Peer | null): Machine => ({
  date: new Date().toISOString(),
  processor: cpus()[0]?.model.trim() ?? 'unknown processor',
  cores: cpus().length,
  memoryBytes: totalmem(),
  node: process.versions.node,
  v8: process.versions.v8,
  executors,
  peer: peer?.about ?? null,
});

/** One line. */
export function formatMachine({ date, processor, cores, memoryBytes, node, v8, executors, peer }: Machine): string {
  const packages = peer && Object.entries(peer.packages).map(([name, version]) => `${name} ${version}`);
  return [
    date.slice(0, 10),
    `${cores} × ${processor}, ${(memoryBytes / 1e9).toFixed(0)} GB`,
    `Node ${node}, V8 ${v8}`,
    ...executors.map(({ description }) => description),
    packages ? `Python ${peer.python}, ${packages.join(', ')}, by default ${peer.threads} threads` : 'no peer',
  ].join(' · ');
}

const head = ['row', 'executor', 'ours', 'peer', 'better by', 'range', 'target', 'met'];

/** Columns for a terminal. */
export function formatTable(results: readonly BenchResult[]): string {
  const lines = [head, ...results.map(cells)];
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function formatMarkdown(results: readonly BenchResult[], machine: Machine): string {
  const line = (values: readonly string[]) => `| ${values.join(' | ')} |`;
  const notes = results.flatMap(({ row, note }) => (note === undefined ? [] : [`- ${row}: ${note}.`]));
  return [
    formatMachine(machine),
    '',
    line(head),
    line(head.map(() => '---')),
    ...results.map((result) => line(cells(result))),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n');
}

function cells(result: BenchResult): string[] {
  const { row, executor, values, value, target, met, settings, isLowerBound } = result;
  const { ours, theirs } = sides(result);
  const bound = isLowerBound ? '≥ ' : '';
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [
    row,
    executor,
    ours,
    theirs + (settings ? ` (${formatSettings(settings)})` : ''),
    value === null ? '–' : bound + formatValue(result, value),
    values.length > 1 ? `${bound}${short(low)}–${short(high)}` : '–',
    target ? formatTarget(result, target) : '–',
    met === null ? '–' : met ? 'yes' : 'NO',
  ];
}

function sides({ kind, unit, ours, theirs, sizes, of, isLowerBound }: BenchResult): { ours: string; theirs: string } {
  if (kind === 'scaling') {
    const times = (ours as number[][]).map((seconds) => short(median(seconds)));
    return {
      ours: `${times.join(', ')} s for ${sizes!.map((size) => size.toLocaleString('en')).join(', ')} ${of}`,
      theirs: '–',
    };
  }
  const give = (values: readonly number[]) => `${short(median(values))} ${unit}`;
  return {
    ours: give(ours as number[]),
    theirs: theirs && theirs.length > 0 ? (isLowerBound ? '≥ ' : '') + give(theirs) : '–',
  };
}

function formatValue({ kind, unit, theirs }: BenchResult, value: number): string {
  switch (kind) {
    case 'comparison':
      return `${short(value)} ×`;
    case 'gradients':
      return `${short(value)} gradients`;
    case 'scaling':
      return `slope ${value.toFixed(2)}`;
    case 'memory':
      return theirs && theirs.length > 0 ? `${short(median(theirs) / value)} ×` : `${short(value)} MB`;
    case 'own':
      return `${short(value)} ${unit}`;
    default:
      return kind satisfies never;
  }
}

function formatTarget({ kind, unit: own }: BenchResult, target: NonNullable<BenchResult['target']>): string {
  const unit = { comparison: ' ×', gradients: ' gradients', scaling: '', memory: ' MB', own: ` ${own}` }[kind];
  if ('atLeast' in target) return `≥ ${target.atLeast}${unit}`;
  if ('atMost' in target) return `≤ ${target.atMost}${unit}`;
  return `${target.between[0]}–${target.between[1]}${unit}`;
}

/** "2 threads, batch 4" */
function formatSettings({ threads, ...others }: Record<string, unknown>): string {
  const named = Object.entries(others).flatMap(([name, value]) =>
    value === true ? [name] : value === false ? [] : [`${name} ${value}`],
  );
  return [`${threads} ${threads === 1 ? 'thread' : 'threads'}`, ...named].join(', ');
}

const short = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 });
