import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The repository's root. */
export const root = resolve(import.meta.dirname, '..');
export const inRoot = (/** @type {string[]} */ ...parts) => resolve(root, ...parts);

/**
 * Runs a program to its end in the repository's root.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { timeoutMs?: number }} [options]
 * @returns {Promise<{ code: number, output: string }>} 127 when it could not be started, 124 when it ran out of time;
 *   `output` is what it wrote to the streams that were asked for with stdio 'pipe'
 */
export function run(command, args, options = {}) {
  const { timeoutMs, ...spawnOptions } = options;
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...spawnOptions });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    let timedOut = false;
    const timer = timeoutMs
      ? setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, timeoutMs)
      : undefined;
    child.on('error', (error) => done({ code: 127, output: error.message }));
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ code: timedOut ? 124 : (code ?? 1), output });
    });
  });
}

/** npm as a program and its first arguments: the one that runs us, or the one on the path. */
function npm() {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js') && existsSync(script)) return { command: process.execPath, first: [script] };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', first: [] };
}

/**
 * Installs the dependencies of package-lock.json where they are missing or of another version. Where `npm ci` refuses
 * the lock (a registry mirror that lacks other platforms' packages can make it), `npm install` still follows it.
 */
export async function ensureInstalled({ quiet = false } = {}) {
  if (isInstalled()) return;
  if (!quiet) console.error('Installing dependencies (npm ci)…');
  const { command, first } = npm();
  let output = '';
  for (const how of [['ci'], ['install', '--no-save']]) {
    const result = await run(command, [...first, ...how, '--no-fund', '--no-audit', '--loglevel=error'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: command.endsWith('.cmd'),
    });
    if (result.code === 0) return;
    output += result.output;
  }
  console.error(output.trim());
  console.error('The dependencies could not be installed. A network connection is needed once.');
  process.exit(1);
}

function isInstalled() {
  const wanted = readPackages('package-lock.json');
  const present = readPackages('node_modules/.package-lock.json');
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([path, { version, optional, peer, link }]) => {
    if (path === '' || link) return true;
    const found = present[path];
    return found ? found.version === version : Boolean(optional || peer);
  });
}

/** @returns {Record<string, { version?: string, optional?: boolean, peer?: boolean, link?: boolean }> | null} */
function readPackages(/** @type {string} */ path) {
  try {
    return JSON.parse(readFileSync(inRoot(path), 'utf8')).packages;
  } catch {
    return null;
  }
}
