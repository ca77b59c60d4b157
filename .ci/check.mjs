import { ensureInstalled, run } from './project.mjs';

/** Each check with the command that runs it; all must pass. */
const checks = [
  ['types', 'tsc', '-b'],
  ['lint and format', 'biome', 'check', '--error-on-warnings'],
  ['import boundaries', 'depcruise', 'src', 'tests', '--config', '.dependency-cruiser.mjs'],
  ['unused code', 'knip'],
];
/** dependency-cruiser passes over what it cannot parse without a word: this few modules mean that it saw no TypeScript. */
const fewestModules = 200;

await ensureInstalled();
const results = await Promise.all(
  checks.map(async ([name = '', tool = '', ...args]) => {
    const started = performance.now();
    const result = await run(process.execPath, [toolPath(tool), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
    });
    const sawTooLittle = tool === 'depcruise' && Number(/(\d+) modules/.exec(result.output)?.[1]) < fewestModules;
    const ok = result.code === 0 && !sawTooLittle;
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    console.log(`${ok ? 'passed' : 'FAILED'}  ${name} (${seconds} s)`);
    if (!ok) console.log(result.output.trim());
    if (sawTooLittle) console.log(`It saw fewer than ${fewestModules} modules: is @swc/core installed?`);
    return ok;
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
