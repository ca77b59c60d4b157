import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { appFolders } from '../../src/main/folders';
import { type BenchResult, measure } from './harness';
import { type Peer, startPeer } from './peer';
import { describeExecutor, disposeExecutor, rows } from './rows';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, only: { type: 'string' } } });
const chosen = rows.filter(({ name }) => name.toLowerCase().includes((values.only ?? '').toLowerCase()));
if (chosen.length === 0) {
  console.error(`No row "${values.only}". Known:\n${rows.map(({ name }) => `  ${name}`).join('\n')}`);
  process.exit(2);
}

const peer: Peer | null = await startPeer(join(appFolders().root, 'tests', 'bench', 'peer.py')).catch(
  (error: Error) => {
    console.error(`Without a peer: ${error.message}.`);
    return null;
  },
);
const executor = await describeExecutor();
console.error(
  `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${executor}, against ${peer?.description ?? 'nothing'}`,
);

const results: BenchResult[] = [];
for (const row of chosen) {
  console.error(`… ${row.name}`);
  results.push(await measure(row, peer));
}
peer?.close();
await disposeExecutor();

if (values.json) console.log(JSON.stringify(results));
else printTable(results);

function printTable(table: readonly BenchResult[]): void {
  const cells = table.map(({ row, ours, peer: theirs, ratio, target, unit }) => {
    const limit = unit === 'gradients' ? '≤' : '≥';
    const met = ratio === null ? '–' : (unit === 'gradients' ? ratio <= target : ratio >= target) ? 'yes' : 'NO';
    const unitOf = unit === 'gradients' ? 'ms' : unit;
    return [
      row,
      `${format(ours)} ${unitOf}`,
      theirs === null ? '–' : `${format(theirs)} ${unitOf}`,
      ratio === null ? '–' : `${ratio.toFixed(2)} ×`,
      `${limit} ${target} ×`,
      met,
    ];
  });
  const head = ['row', 'ours', 'peer', 'ratio', 'target', 'met'];
  const widths = head.map((_, i) => Math.max(...[head, ...cells].map((line) => line[i]!.length)));
  for (const line of [head, ...cells]) console.log(line.map((cell, i) => cell.padEnd(widths[i]!)).join('  '));
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}
