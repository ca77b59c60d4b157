import type { RunBatch } from '../../../src/shared/contract';
import { type MetricColumns, metricNames } from '../../../src/shared/model/run';

/** Metrics whose every value is its row (the loss: 1/(row + 1)). */
export function metricsOf(firstRow: number, rows: number): MetricColumns {
  return Object.fromEntries(
    metricNames.map((name) => [
      name,
      Float64Array.from({ length: rows }, (_, i) => (name === 'loss' ? 1 / (firstRow + i + 1) : firstRow + i)),
    ]),
  ) as MetricColumns;
}

/** A batch whose path has x = 10·row + `shift`. */
export function batchOf(runId: string, firstRow: number, rows: number, shift = 0): RunBatch {
  const column = (scale: number) => Float64Array.from({ length: rows }, (_, i) => (firstRow + i) * scale + shift);
  return {
    runId,
    firstRow,
    rows,
    metrics: metricsOf(firstRow, rows),
    path: { x: column(10), y: column(-10), residual: column(0) },
  };
}
