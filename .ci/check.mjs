import { ensureInstalled, run } from './project.mjs';

/** Each check with the command that runs it; all must pass. */
const checks = [
  ['types', 'tsc', '-b'],
  ['lint and format', 'biome', 'check', '--error-on-warnings'],
  ['import boundaries', 'depcruise', 'src', 'tests', '--config', '.dependency-cruiser.mjs'],
  ['unused code', 'knip'],
];

await ensureInstalled();
const results = await Promise.all(
  checks.map(async ([name = '', tool = '', ...args]) => {
    const started = performance.now();
    const { code, output } = await run(process.execPath, [toolPath(tool), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
    });
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    console.log(`${code === 0 ? 'passed' : 'FAILED'}  ${name} (${seconds} s)`);
    if (code !== 0) console.log(output.trim());
    return code === 0;
  }),
);
process.exitCode = results.every(Boolean) ? 0 : 1;

function toolPath(/** @type {string} */ name) {
  const scripts = {
    tsc: 'typescript/bin/tsc',
    biome: '@biomejs/biome/bin/biome',
    depcruise: 'dependency-cruiser/bin/dependency-cruise.mjs',
    knip: 'knip/bin/knip.js',
  };
  return `node_modules/${scripts[/** @type {keyof typeof scripts} */ (name)]}`;
}
