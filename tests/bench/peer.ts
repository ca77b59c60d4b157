import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One repetition of the peer's job: how long, and how many units of work that was. */
export interface Repetition {
  seconds: number;
  count: number;
}

export interface Peer {
  description: string;
  run(job: Record<string, unknown>): Promise<Repetition>;
  close(): void;
}

const torch = 'torch==2.13.0';

/**
 * A Python with torch in a virtual environment outside the tree, made on the first use.
 * `LOSS_ATLAS_PEERS` may name the folder of one that exists. Returns the reason when there is none to be had.
 */
function findPython(): { python: string } | { reason: string } {
  const folder = process.env.LOSS_ATLAS_PEERS ?? join(homedir(), '.cache', 'loss-atlas', 'peers');
  const python = join(folder, 'bin', 'python');
  const works = () => spawnSync(python, ['-c', 'import torch']).status === 0;
  if (existsSync(python) && works()) return { python };
  process.stderr.write(`Installing the peer (${torch}) into ${folder} …\n`);
  if (spawnSync('python3', ['-m', 'venv', folder], { stdio: 'ignore' }).status !== 0)
    return { reason: 'no python3 with venv' };
  const pip = spawnSync(python, ['-m', 'pip', 'install', '-q', torch, 'numpy'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return works()
    ? { python }
    : { reason: `pip could not install ${torch}: ${String(pip.stderr).trim().split('\n').at(-1)}` };
}

/** Starts the peer; throws with the reason when it cannot be had. */
export async function startPeer(script: string): Promise<Peer> {
  const found = findPython();
  if ('reason' in found) throw new Error(found.reason);
  const child = spawn(found.python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<Record<string, unknown>> => {
    const line = await lines.next();
    if (line.done) throw new Error('the peer ended');
    return JSON.parse(line.value) as Record<string, unknown>;
  };
  const ready = await read();
  return {
    description: `torch ${String(ready.torch)}`,
    async run(job) {
      child.stdin.write(`${JSON.stringify(job)}\n`);
      return (await read()) as unknown as Repetition;
    },
    close: () => void child.stdin.end(),
  };
}
