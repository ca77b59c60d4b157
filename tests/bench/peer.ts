import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { appFolders } from '../../src/main/folders';

/** One repetition of a job: how long, and how many units of work that was. */
export interface Repetition {
  seconds: number;
  count: number;
  /** false: it gave up at its time limit, so that `seconds` is only a lower bound. */
  finished?: boolean;
}

/** What the peer is asked for, without what varies between its settings. */
export type PeerJob = { job: string } & Record<string, unknown>;

export interface Peer {
  about: { python: string; packages: Record<string, string>; threads: number };
  run(job: PeerJob): Promise<Repetition>;
  close(): void;
}

const requirements = ['torch==2.13.0', 'numpy', 'pyhessian==0.1', 'loss-landscapes==3.0.6'];
const imports = 'import torch, numpy, pyhessian, loss_landscapes';

/**
 * A Python with the peers in a virtual environment outside the tree, made on the first use.
 * `LOSS_ATLAS_PEERS` may name the folder of one that exists. Returns the reason when there is none to be had.
 */
function findPython(): { python: string } | { reason: string } {
  const folder = process.env.LOSS_ATLAS_PEERS ?? join(homedir(), '.cache', 'loss-atlas', 'peers');
  const python = join(folder, 'bin', 'python');
  const works = () => spawnSync(python, ['-c', imports], { stdio: 'ignore' }).status === 0;
  if (existsSync(python) && works()) return { python };
  process.stderr.write(`Installing the peers (${requirements.join(', ')}) into ${folder} …\n`);
  if (spawnSync('python3', ['-m', 'venv', folder], { stdio: 'ignore' }).status !== 0)
    return { reason: 'no python3 with venv' };
  const pip = spawnSync(python, ['-m', 'pip', 'install', '-q', ...requirements], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return works()
    ? { python }
    : { reason: `pip could not install ${requirements.join(', ')}: ${String(pip.stderr).trim().split('\n').at(-1)}` };
}

/** Starts a process of the peer; throws with the reason when it cannot be had. */
export async function startPeer(): Promise<Peer> {
  const found = findPython();
  if ('reason' in found) throw new Error(found.reason);
  const script = join(appFolders().root, 'tests', 'bench', 'peer.py');
  const child = spawn(found.python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done) throw new Error('the peer ended');
    return JSON.parse(line.value);
  };
  const about = (await read()) as Peer['about'];
  return {
    about,
    async run(job) {
      child.stdin.write(`${JSON.stringify(job)}\n`);
      const answer = (await read()) as Repetition | { error: string };
      if ('error' in answer) throw new Error(`the peer's ${answer.error}`);
      return answer;
    },
    close: () => void child.stdin.end(),
  };
}
