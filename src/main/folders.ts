import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where the app's own files are: the repository, or the packaged app. */
export interface AppFolders {
  root: string;
  resources: string;
  kernels: string;
  renderer: string;
  preload: string;
  engine: string;
  probe: string;
}

export function appFolders(): AppFolders {
  const root = rootFolder(import.meta.dirname);
  return {
    root,
    resources: join(root, 'resources'),
    kernels: join(root, 'out', 'kernels'),
    renderer: join(root, 'out', 'renderer'),
    preload: join(root, 'out', 'preload', 'index.cjs'),
    engine: join(root, 'out', 'main', 'engine.js'),
    probe: join(root, 'out', 'main', 'probe.js'),
  };
}

export function appVersion({ root }: AppFolders): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

/** The nearest folder upwards that holds the resources: bundles, their chunks and tests lie at different depths. */
function rootFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'resources')) && existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`No resources folder above ${from}.`);
  }
}

/** Where runs, settings and imported files live unless LOSS_ATLAS_DATA names another folder: the system's own place. */
export function defaultDataFolder(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (environment.LOSS_ATLAS_DATA) return environment.LOSS_ATLAS_DATA;
  switch (platform) {
    case 'win32':
      return join(environment.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Loss Atlas');
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', 'Loss Atlas');
    default:
      return join(environment.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'loss-atlas');
  }
}
