import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { ensureInstalled, inRoot, root } from './project.mjs';

await ensureInstalled();
await build({ targets: ['main'], quiet: true });
// Bundled as the app is, so that what is timed is what runs; beside out/main, so that out/kernels is found alike.
const { build: bundle } = await import('vite');
await bundle({
  root,
  configFile: false,
  logLevel: 'error',
  build: {
    ssr: inRoot('tests', 'bench', 'run.ts'),
    outDir: inRoot('out', 'bench'),
    target: 'node20.19',
    rolldownOptions: { output: { entryFileNames: 'run.js' } },
  },
});
const entry = inRoot('out', 'bench', 'run.js');
process.argv[1] = entry;
await import(pathToFileURL(entry).href);
