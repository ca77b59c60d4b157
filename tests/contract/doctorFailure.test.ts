import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { runCommandLine } from '../../src/main/hosts/cli/program';
import type { DoctorReport, ExecutorReport } from '../../src/shared/model/executors';
import type { ExecutorName } from '../../src/shared/model/experiment';
import { recordedTerminal } from '../unit/cli/sample';

/** What each executor is found to be; the others are not there. */
const found = vi.hoisted(() => ({}) as Partial<Record<ExecutorName, Partial<ExecutorReport>>>);
vi.mock('../../src/main/handlers/probeChild', async (original) => {
  const actual = await original<typeof import('../../src/main/handlers/probeChild')>();
  return {
    ...actual,
    probeExecutor: async (_file: string, { executor }: { executor: ExecutorName }) => ({
      ...actual.absentReport(executor, 'unavailable', { text: 'gone', cure: 'fetch it' }),
      ...found[executor],
    }),
  };
});

const dataFolder = mkdtempSync(join(tmpdir(), 'loss-atlas-doctor-'));
afterAll(() => rmSync(dataFolder, { recursive: true, force: true }));
const check = { net: 'dense', quantity: 'gradient', tolerance: 1e-5 } as const;
const there = { state: 'available', reason: null, cure: null } as const;
const speeds = [{ net: 'tiny', gradient: 1e-9, point: 1e-9, examples: 128, measured: 128 }] as const;

async function doctor(...args: string[]) {
  const terminal = recordedTerminal();
  const code = await runCommandLine(['doctor', '--data-folder', dataFolder, ...args], terminal);
  return { code, out: terminal.out, err: terminal.err };
}

test('a check that fails is exit code 1, said after the report; auto leaves that executor out, fast as it is', async () => {
  found.wasm = { ...there, checks: [{ ...check, error: 0.3, passed: false }], speeds: [...speeds] };
  found.reference = { ...there, checks: [{ ...check, error: 1e-9, passed: true }] };
  const { code, out, err } = await doctor('--json');
  expect(code).toBe(1);
  expect(err).toBe(
    'A check failed: the numbers of wasm cannot be trusted here. Choose another executor; auto does so by itself.\n',
  );
  const report = JSON.parse(out) as DoctorReport;
  expect(report.choices.map(({ gradient }) => gradient.executor)).toEqual(report.choices.map(() => 'reference'));
  expect(report.choices[0]!.gradient.selection.passedOver).toContainEqual({
    executor: 'wasm',
    reason: 'its numbers failed their check',
    said: { key: 'checkFailed', values: {} },
  });
  expect((await doctor()).out).toMatch(/FAILED {2}dense gradient: relative error 3.0e-1 \(tolerance 1e-5\)/);
});

test('an executor that throws on what it says it can run has failed; where nothing works that is exit code 1', async () => {
  found.wasm = { ...there, checks: [{ ...check, error: null, passed: false, message: 'out of memory' }] };
  expect(await doctor()).toMatchObject({
    code: 1,
    out: expect.stringContaining('FAILED  dense gradient: out of memory'),
  });
  delete found.wasm;
  delete found.reference;
  const { code, out, err } = await doctor();
  expect([code, err]).toEqual([1, 'No executor works here. Reinstall Loss Atlas.\n']);
  expect(out).toContain('wasm: unavailable\n  gone fetch it');
});
