import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { MemoryRow } from './harness';
import type { Context } from './problem';

/** What the process of a memory row says at its end. */
export interface AloneResult {
  bytes: number;
  executor: string;
}

/** Runs a row's work once in a process of its own, this program with `--alone`. */
export async function runAlone(row: MemoryRow, executor: string): Promise<AloneResult> {
  const child = spawn(process.execPath, [process.argv[1]!, '--alone', row.name, '--executor', executor], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${row.name}: its process ended with code ${code}`);
  return JSON.parse(output) as AloneResult;
}

export async function workAlone(row: MemoryRow, context: Context): Promise<AloneResult> {
  const work = await row.prepare(context);
  await work.run();
  const result = { bytes: peakMemory(), executor: work.executor };
  work.dispose();
  return result;
}

/**
 * The most resident memory of this process so far, in bytes. On Linux not `resourceUsage().maxRSS`: that starts at the
 * parent's.
 */
function peakMemory(): number {
  if (process.platform !== 'linux') return 1_024 * process.resourceUsage().maxRSS;
  return 1_024 * Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
}
