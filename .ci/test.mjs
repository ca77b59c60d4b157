import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { buildTensorflow } from '../tests/tensorflow/run.mjs';
import { build } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { ensureInstalled, inRoot, run } from './project.mjs';

/**
 * What one runner found.
 * @typedef {{ passed: number, failed: number, skipped: string[] }} Count
 */

const reports = inRoot('tests', 'output');
/** @type {NodeJS.ProcessEnv} */
const environment = { ...process.env, CI: 'true', FORCE_COLOR: '0' };

await ensureInstalled();
await ensureChromium();
await build();
if (environment.LOSS_ATLAS_TENSORFLOW === 'build') environment.LOSS_ATLAS_TENSORFLOW = await buildTensorflow();
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const counts = [await runVitest(), await runPlaywright()];
const passed = sum(({ passed }) => passed);
const failed = sum(({ failed }) => failed);
const skipped = counts.flatMap(({ skipped }) => skipped);
for (const line of skipped) console.log(`skipped: ${line}`);
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function sum(/** @type {(count: Count) => number} */ of) {
  return counts.reduce((total, count) => total + of(count), 0);
}

/** @returns {Promise<Count>} */
async function runVitest() {
  const file = `${reports}/vitest.json`;
  const { code } = await run(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    { env: environment },
  );
  /** @type {Count} */
  const count = { passed: 0, failed: 0, skipped: [] };
  for (const { name, status, assertionResults } of readJson(file)?.testResults ?? []) {
    // A file that does not even load has no tests to fail.
    if (status === 'failed' && assertionResults.length === 0) count.failed += 1;
    for (const test of assertionResults) {
      if (test.status === 'passed') count.passed += 1;
      else if (test.status === 'failed') count.failed += 1;
      else count.skipped.push([name.slice(inRoot().length + 1), test.fullName, test.meta?.skipReason].join(': '));
    }
  }
  return withExitCode(count, code, 'vitest');
}

/** @returns {Promise<Count>} */
async function runPlaywright() {
  const file = `${reports}/playwright.json`;
  const { code } = await run(
    process.execPath,
    ['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json'],
    { env: { ...environment, PLAYWRIGHT_JSON_OUTPUT_NAME: file } },
  );
  const report = readJson(file);
  /** @type {Count} */
  const count = { passed: 0, failed: report?.errors?.length ?? 0, skipped: [] };
  const visit = (/** @type {any} */ suite) => {
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests) {
        if (test.status === 'flaky') console.log(`passed on the second try: ${spec.file}: ${spec.title}`);
        if (test.status === 'expected' || test.status === 'flaky') count.passed += 1;
        else if (test.status === 'skipped') count.skipped.push(`${spec.file}: ${spec.title}: ${skipReason(test)}`);
        else count.failed += 1;
      }
    }
    for (const inner of suite.suites ?? []) visit(inner);
  };
  for (const suite of report?.suites ?? []) visit(suite);
  return withExitCode(count, code, 'playwright');
}

function skipReason(/** @type {any} */ test) {
  const annotation = test.annotations.find((/** @type {any} */ { type }) => type === 'skip' || type === 'fixme');
  return annotation?.description ?? 'no reason given';
}

/** A runner that failed as a whole has failed, whatever its report says. @returns {Count} */
function withExitCode(/** @type {Count} */ count, /** @type {number} */ code, /** @type {string} */ name) {
  if (code === 0 || count.failed > 0) return count;
  console.log(`${name} ended with exit code ${code} although no test failed.`);
  return { ...count, failed: 1 };
}

function readJson(/** @type {string} */ file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** A Chromium for the browser tests: what is there, else Playwright's, else Debian's. */
async function ensureChromium() {
  if (await findChromium()) return;
  console.log('Fetching a Chromium for the tests…');
  const options = { timeoutMs: 300_000 };
  await run(process.execPath, ['node_modules/playwright/cli.js', 'install', 'chromium'], options);
  const mayInstall = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if ((await findChromium()) && mayInstall) {
    await run(process.execPath, ['node_modules/playwright/cli.js', 'install-deps', 'chromium'], options);
  } else if (mayInstall) {
    await run('apt-get', ['update', '-qq'], options);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
  }
  if (!(await findChromium())) {
    console.log('No Chromium was found or could be fetched: install one and name it in CHROMIUM_PATH.');
  }
}
