import { existsSync, readFileSync } from 'node:fs';
import { inRoot, run } from './project.mjs';

/** The path of Electron's executable when it is installed, else null. Never asks the module `electron`: it downloads. */
export function electronPath() {
  const packageFolder = inRoot('node_modules', 'electron');
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? `${packageFolder}/dist`;
  try {
    const path = `${folder}/${readFileSync(`${packageFolder}/path.txt`, 'utf8')}`;
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

/** Windows and macOS always have a screen; elsewhere a display server has to be running. */
export function hasDisplay() {
  return (
    process.platform === 'win32' ||
    process.platform === 'darwin' ||
    Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
  );
}

/** Fetches Electron's binary where its download can be reached; returns its path or null. */
export async function obtainElectron() {
  const present = electronPath();
  if (present) return present;
  if (process.env.ELECTRON_SKIP_BINARY_DOWNLOAD || !(await isReachable())) return null;
  console.error('Fetching the Electron binary (once, about 110 MB)…');
  await run(process.execPath, ['node_modules/electron/install.js'], { stdio: 'ignore', timeoutMs: 180_000 });
  return electronPath();
}

async function isReachable() {
  const mirror =
    process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? 'https://github.com/electron/electron/';
  try {
    const response = await fetch(mirror, { method: 'HEAD', signal: AbortSignal.timeout(5_000) });
    return response.status < 500;
  } catch {
    return false;
  }
}
