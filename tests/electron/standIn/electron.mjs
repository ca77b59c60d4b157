#!/usr/bin/env node
// Stands in for Electron's executable: see ../README.md.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import inspector from 'node:inspector';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumArguments, findChromium } from '../../../.ci/chromium.mjs';
import { Connection } from './cdp.mjs';
import * as electron from './module.mjs';

const [appFolder = '.'] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const folder = resolve(appFolder);
electron.standIn.openApp(folder);

// `electron` is this module for whatever the app imports, and for what a debugger evaluates.
const load = /** @type {any} */ (Module)._load;
/** @type {any} */ (Module)._load = (/** @type {string} */ name, /** @type {unknown[]} */ ...rest) =>
  name === 'electron' ? electron : load(name, ...rest);
/** @type {any} */ (globalThis).require = createRequire(import.meta.url);
const hooks = `export const resolve = (name, context, next) => name === 'electron'
  ? { url: ${JSON.stringify(import.meta.resolve('./module.mjs'))}, shortCircuit: true } : next(name, context);`;
Module.register(`data:text/javascript,${encodeURIComponent(hooks)}`);

if (process.argv.some((argument) => argument.startsWith('--inspect'))) inspector.open(0, '127.0.0.1');

const profile = mkdtempSync(join(tmpdir(), 'electron-stand-in-'));
const path = await findChromium();
if (!path) throw new Error('The Electron stand-in needs a Chromium.');
const chromium = spawn(
  path,
  [
    ...chromiumArguments,
    '--headless=new',
    '--no-startup-window',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
  ],
  { stdio: ['ignore', 'ignore', 'pipe'] },
);
const chromiumEnded = new Promise((done) => chromium.once('close', done));
/** Ends Chromium and removes its profile, which its processes write to until they are gone. */
const end = async () => {
  chromium.kill();
  await chromiumEnded;
  rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
};
process.once('exit', () => chromium.kill('SIGKILL'));
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(signal, () => electron.app.quit());

/** Playwright waits for the same line. @type {string} */
const address = await new Promise((done, failed) => {
  let output = '';
  chromium.stderr.setEncoding('utf8').on('data', (text) => {
    output += text;
    const found = /DevTools listening on (ws:\/\/\S+)/.exec(output)?.[1];
    if (found) done(found);
  });
  chromium.once('exit', (code) => failed(new Error(`Chromium ended with ${code}: ${output}`)));
});
const connection = await Connection.open(address);

const { main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
await import(pathToFileURL(join(folder, main)).href);
await electron.standIn.start({ connection, end });
process.stderr.write(`\nDevTools listening on ${address}\n`);
