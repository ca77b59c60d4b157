import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { probeExecutor } from '../../../src/main/handlers/probeChild';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loss-atlas-probe-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const made = {
  ...{ description: 'onnx (here)', precision: 'float32', threads: 2, library: null, kernels: null },
  ...{ devices: [], software: false },
};
/** A probe process that does this. */
function probe(script: string, signal = new AbortController().signal, onStep?: () => void) {
  const file = join(folder, 'probe.mjs');
  writeFileSync(file, `const tell = (message) => new Promise((sent) => process.send(message, sent));\n${script}`);
  const options = { executor: 'onnx', kernelsFolder: 'k', nets: [], thorough: true } as const;
  return probeExecutor(file, options, { signal, ...(onStep && { onStep }) });
}
const isGone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

test('a process that crashes is a report, with what it did and its last words', async () => {
  const report = await probe(`
    await tell({ type: 'started' });
    await tell({ type: 'made', report: ${JSON.stringify(made)} });
    process.stderr.write('driver: device lost\\n', () => process.kill(process.pid, 'SIGSEGV'));
    setTimeout(() => undefined, 60_000);`);
  expect(report).toMatchObject({ name: 'onnx', state: 'crashed', cure: expect.stringContaining('driver') });
  expect(report.reason).toBe('The process that tried it ended while it was checked (SIGSEGV): driver: device lost.');
});

test('a process that cannot be started says nothing about the executor', async () => {
  const report = await probe('this is no program');
  expect(report).toMatchObject({ state: 'unknown', reason: expect.stringContaining('exit code 1') });
});

test('an executor that is not there comes with its reason and cure', async () => {
  const report = await probe(`
    await tell({ type: 'started' });
    await tell({ type: 'unavailable', reason: 'not installed', cure: 'install it' });
    await tell({ type: 'done' });
    process.exit(0);`);
  expect(report).toMatchObject({ state: 'unavailable', reason: 'not installed', cure: 'install it', speeds: [] });
});

test('a probe that is cancelled ends its process, also one that does not listen', async () => {
  const controller = new AbortController();
  const script = `
    import { writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(join(folder, 'pid'))}, String(process.pid));
    await tell({ type: 'started' });
    for (;;);`;
  await expect(probe(script, controller.signal, () => controller.abort())).rejects.toMatchObject({ code: 'cancelled' });
  expect(isGone(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(true);
  await expect(probe(script, controller.signal)).rejects.toMatchObject({ code: 'cancelled' });
});
