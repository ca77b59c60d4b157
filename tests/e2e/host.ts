import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { request } from '@playwright/test';

/** A browser host in a process of its own, as `npm start -- --browser` runs it, with its own empty data folder. */
export interface Host {
  /** The link that logs in, once. */
  link: string;
  /** http://127.0.0.1:PORT */
  origin: string;
  dataFolder: string;
  process: ChildProcess;
  close(): Promise<void>;
}

export const root = resolve(import.meta.dirname, '..', '..');

export async function startHost(args: string[] = []): Promise<Host> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'loss-atlas-e2e-'));
  const child = spawn(process.execPath, [join(root, 'out', 'main', 'web.js'), '--no-open', ...args], {
    env: { ...process.env, LOSS_ATLAS_DATA: dataFolder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const link = await printedLink(child);
  return {
    link,
    origin: new URL(link).origin,
    dataFolder,
    process: child,
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = new Promise((done) => child.once('exit', done));
        child.kill('SIGTERM');
        await exited;
      }
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

function printedLink(child: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    let output = '';
    const read = (text: string) => {
      output += text;
      const link = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(output)?.[0];
      if (link) done(link);
    };
    child.stdout?.setEncoding('utf8').on('data', read);
    child.stderr?.setEncoding('utf8').on('data', read);
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`The host ended with ${code}: ${output}`)));
  });
}

/** Follows the link and returns the cookies it gave. */
export async function logIn(host: Host) {
  const context = await request.newContext();
  const response = await context.get(host.link);
  if (!response.ok()) throw new Error(`The link was answered with ${response.status()}.`);
  const state = await context.storageState();
  await context.dispose();
  return state;
}

/** Engine processes of a host, known by its data folder on their command line. */
export async function enginePids(dataFolder: string): Promise<number[]> {
  return (await commandLines())
    .filter(({ command }) => command.includes('engine.js') && command.includes(dataFolder))
    .map(({ pid }) => pid);
}

async function commandLines(): Promise<{ pid: number; command: string }[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,args=']);
    return stdout.split('\n').map((line) => ({ pid: Number.parseInt(line, 10), command: line }));
  }
  // A small Linux has no ps.
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => ({
      pid: Number(pid),
      command: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    })),
  );
}
