import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { ensureInstalled, inRoot } from './project.mjs';

// Paths on the command line are relative to where the person is, not to the repository.
if (process.env.npm_lifecycle_event === 'atlas' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);

await ensureInstalled({ quiet: true });
await build({ targets: needsPage(process.argv[2]) ? ['main', 'renderer'] : ['main'], quiet: true });
const entry = inRoot('out', 'main', 'cli.js');
process.argv[1] = entry;
await import(pathToFileURL(entry).href);

/** Commands that serve the interface. */
function needsPage(/** @type {string | undefined} */ command) {
  return command === 'serve' || command === 'open';
}
