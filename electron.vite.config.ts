import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/** Bundles of the main side: out/main/NAME.js. Only `index` imports electron; the others run under plain Node. */
const mainEntries = existing({
  index: 'src/main/hosts/electron/index.ts',
  engine: 'src/main/engineProcess.ts',
  probe: 'src/main/probeProcess.ts',
  web: 'src/main/hosts/web/main.ts',
  cli: 'src/main/hosts/cli/index.ts',
});

export default defineConfig({
  main: {
    build: {
      // Plain Node 20 runs the same bundles as Electron.
      target: 'node20.19',
      rolldownOptions: { input: mainEntries },
    },
  },
  preload: {
    build: {
      // A sandboxed preload is one CommonJS file that can require nothing but electron.
      externalizeDeps: false,
      rolldownOptions: {
        input: existing({ index: 'src/preload/index.ts' }),
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react()],
    build: {
      minify: true,
      // Loaded from this machine: one file is as good as ten.
      chunkSizeWarningLimit: 4_000,
      rolldownOptions: { input: existing({ index: 'src/renderer/index.html' }) },
    },
  },
});

function existing(entries: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entries)
      .map(([name, path]) => [name, resolve(import.meta.dirname, path)] as const)
      .filter(([, path]) => existsSync(path)),
  );
}
