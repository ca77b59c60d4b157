import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { experimentSchema } from '../../../src/shared/model/experiment';
import { type MetricColumns, metricNames, type RunInfo } from '../../../src/shared/model/run';

/** A folder of its own, removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'loss-atlas-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function sampleRun(id: string, parameterCount = 3): RunInfo {
  return {
    schemaVersion: 1,
    id,
    experiment: experimentSchema.parse({
      objective: { kind: 'function', name: 'himmelblau' },
      optimizer: { name: 'sgd', learningRate: 0.01 },
    }),
    parameters: [{ name: 'theta', shape: [parameterCount], offset: 0, size: parameterCount, role: 'coordinate' }],
    parameterCount,
    datasetFingerprint: null,
    examples: { train: 0, validation: 0 },
    executor: 'reference',
    createdAt: '2026-01-02T03:04:05.000Z',
    outcome: { kind: 'running', step: 0 },
    rows: 0,
    seconds: 0,
  };
}

/** Rows with steps from `first` on: awkward float64 numbers, and NaN where a measure does not exist. */
export function sampleMetrics(first: number, rows: number): MetricColumns {
  return Object.fromEntries(
    metricNames.map((name, column) => [
      name,
      Float64Array.from({ length: rows }, (_, row) => {
        if (name === 'step') return first + row;
        if (name === 'validationLoss') return Number.NaN;
        return Math.sin((first + row + 1) * (column + 1)) * 10 ** (column * 3 - 12);
      }),
    ]),
  ) as MetricColumns;
}

export const sampleTheta = (first: number, rows: number, dimension = 3): Float32Array =>
  Float32Array.from({ length: rows * dimension }, (_, i) => Math.fround(Math.cos(first * dimension + i)));
