import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { hasDisplay, obtainElectron } from './electron.mjs';
import { ensureInstalled, inRoot, root } from './project.mjs';

const wanted = process.argv.slice(2);
const browserOnly = wanted.includes('--browser');

await ensureInstalled();
const electron = browserOnly || !hasDisplay() ? null : await obtainElectron();
await build();

const reason = browserOnly ? null : await runDesktop(electron);
if (browserOnly || reason !== null) await runBrowserHost(reason);

/**
 * Runs the desktop app until it is closed.
 * @returns {Promise<string | null>} why it could not start, or null when it ran
 */
async function runDesktop(/** @type {string | null} */ path) {
  if (!hasDisplay()) return 'there is no display';
  if (path === null) return "Electron's binary is not installed and could not be fetched";
  const args = [root, ...wanted];
  // Chromium refuses its own sandbox to the root user; everyone else keeps it.
  if (process.platform === 'linux' && process.getuid?.() === 0) args.unshift('--no-sandbox');
  const started = Date.now();
  const code = await new Promise((done) => {
    const child = spawn(path, args, { stdio: 'inherit' });
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
    child.on('error', () => done(127));
    child.on('exit', (exitCode, signal) => done(signal ? 0 : exitCode));
  });
  // A missing system library shows itself as an early death.
  if (code !== 0 && Date.now() - started < 5_000) return `Electron could not start here (exit code ${code})`;
  process.exitCode = code;
  return null;
}

/** The same app in a browser on this machine; prints one line with the link, and why there is no window. */
async function runBrowserHost(/** @type {string | null} */ reason) {
  const entry = inRoot('out', 'main', 'web.js');
  const args = wanted.filter((arg) => arg !== '--browser');
  process.argv = [process.argv[0] ?? '', entry, ...args, ...(reason ? ['--reason', reason] : [])];
  await import(pathToFileURL(entry).href);
}
