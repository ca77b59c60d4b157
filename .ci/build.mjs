import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ensureInstalled, inRoot, root } from './project.mjs';

/** @typedef {'main' | 'preload' | 'renderer'} Target */

/** What each bundle is made of: newer sources mean a new build. */
const sources = {
  main: ['src/main', 'src/shared'],
  preload: ['src/preload', 'src/shared'],
  renderer: ['src/renderer', 'src/shared'],
};
const configuration = ['electron.vite.config.ts', 'package-lock.json', '.ci/build.mjs'];
const stampOf = (/** @type {Target} */ target) => inRoot('out', `.built-${target}`);

/** Newest modification time in milliseconds of a file, or of a folder and all it holds. */
function newest(/** @type {string} */ path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  let latest = stat.mtimeMs;
  if (stat.isDirectory()) {
    // A folder's own time tells of files that were removed.
    for (const name of readdirSync(path)) latest = Math.max(latest, newest(`${path}/${name}`));
  }
  return latest;
}

function isUpToDate(/** @type {Target} */ target) {
  const stamp = statSync(stampOf(target), { throwIfNoEntry: false });
  if (!stamp) return false;
  return [...sources[target], ...configuration].every((path) => newest(inRoot(path)) <= stamp.mtimeMs);
}

/**
 * Builds the WebAssembly kernels and the bundles whose sources are newer than they are.
 * @param {{ targets?: Target[], quiet?: boolean }} [options] `quiet`: only errors, on stderr
 */
export async function build({ targets = ['main', 'preload', 'renderer'], quiet = false } = {}) {
  const release = await lock();
  try {
    const { buildKernels } = await import('./kernels.mjs');
    await buildKernels();
    const stale = targets.filter((target) => !isUpToDate(target));
    if (stale.length === 0) return;
    process.env.NODE_ENV_ELECTRON_VITE = 'production';
    const { resolveConfig } = await import('electron-vite');
    const { build: bundle, mergeConfig } = await import('vite');
    const { config } = await resolveConfig({ root, logLevel: quiet ? 'error' : 'warn' }, 'build', 'production');
    for (const target of stale) {
      const started = new Date();
      const targetConfig = config?.[target];
      if (!targetConfig) throw new Error(`electron.vite.config.ts has no section "${target}".`);
      if (!quiet) console.error(`Building ${target}…`);
      // A build that fails, or an app that runs meanwhile, keeps the files of the last one.
      await bundle(mergeConfig(targetConfig, { build: { emptyOutDir: false } })).catch((/** @type {Error} */ error) => {
        console.error(error.message);
        release();
        process.exit(1);
      });
      removeOlder(inRoot('out', target), started.getTime());
      writeFileSync(stampOf(target), started.toISOString());
      utimesSync(stampOf(target), started, started);
    }
  } finally {
    release();
  }
}

/** Removes the files that this build has not written. */
function removeOlder(/** @type {string} */ folder, /** @type {number} */ time) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`;
    if (entry.isFile() && statSync(path).mtimeMs < time) rmSync(path);
  }
}

/** One build at a time in this folder; the lock of a build that died is taken over. */
async function lock() {
  const path = inRoot('out', '.lock');
  mkdirSync(inRoot('out'), { recursive: true });
  for (;;) {
    try {
      mkdirSync(path);
      writeFileSync(`${path}/pid`, String(process.pid));
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      if (isAbandoned(path)) rmSync(path, { recursive: true, force: true });
      else await sleep(100);
    }
  }
  const release = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', release);
  return () => {
    process.off('exit', release);
    release();
  };
}

function isAbandoned(/** @type {string} */ path) {
  try {
    const pid = Number(readFileSync(`${path}/pid`, 'utf8'));
    process.kill(pid, 0);
    return false;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM') return false;
    // Made a moment ago and not yet signed?
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && (existsSync(`${path}/pid`) || Date.now() - stat.mtimeMs > 2_000);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await ensureInstalled();
  await build();
}
