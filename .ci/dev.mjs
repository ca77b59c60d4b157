import { fork } from 'node:child_process';
import { build } from './build.mjs';
import { ensureInstalled, inRoot, root } from './project.mjs';

// The browser host, rebuilt when a source changes: a main-side change restarts it, an interface change needs a reload.
await ensureInstalled();
await build();
process.env.NODE_ENV_ELECTRON_VITE = 'production';
const { resolveConfig } = await import('electron-vite');
const { build: bundle, mergeConfig } = await import('vite');
const { config } = await resolveConfig({ root, logLevel: 'warn' }, 'build', 'production');

/** @type {import('node:child_process').ChildProcess | undefined} */
let host;
for (const target of /** @type {const} */ (['main', 'renderer'])) {
  const watcher = /** @type {import('vite').Rolldown.RolldownWatcher} */ (
    await bundle(mergeConfig(config?.[target] ?? {}, { build: { watch: {} } }))
  );
  watcher.on('event', (event) => {
    if (event.code === 'ERROR') console.error(event.error.message);
    if (event.code !== 'END') return;
    console.error(`Built ${target}.`);
    if (target === 'main') restart();
  });
}

function restart() {
  const start = () => {
    host = fork(inRoot('out', 'main', 'web.js'), ['--dev', ...process.argv.slice(2)], { cwd: root });
  };
  if (!host || host.exitCode !== null) return start();
  host.removeAllListeners('exit');
  host.once('exit', start);
  host.kill('SIGTERM');
}
