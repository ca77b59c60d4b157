import { expect, test } from 'vitest';
import { createOutbox, mergeBatches } from '../../../src/main/handlers/outbox';
import type { RunBatch } from '../../../src/shared/contract';
import { type MetricColumns, metricNames } from '../../../src/shared/model/run';

/** A batch whose every number is its row, or `row + mark`. */
function batchOf(firstRow: number, rows: number, { mark = 0, path = true } = {}): RunBatch {
  const column = () => Float64Array.from({ length: rows }, (_, i) => firstRow + i + mark);
  const metrics = Object.fromEntries(metricNames.map((name) => [name, column()])) as MetricColumns;
  return { runId: 'r', firstRow, rows, metrics, path: path ? { x: column(), y: column(), residual: column() } : null };
}

test('sends at once while there are credits, then merges what comes until it is acknowledged', () => {
  const sent: RunBatch[] = [];
  const outbox = createOutbox((batch) => sent.push(batch), 2);
  for (let i = 0; i < 5; i++) outbox.push(batchOf(10 * i, 10));
  expect(sent.map(({ firstRow, rows }) => [firstRow, rows])).toEqual([
    [0, 10],
    [10, 10],
  ]);
  outbox.acknowledge(1);
  expect(sent[2]).toEqual(batchOf(20, 30));
  outbox.push(batchOf(50, 10));
  expect(sent).toHaveLength(3);
  outbox.flush();
  expect(sent[3]).toEqual(batchOf(50, 10));
});

test('acknowledging more than was sent gives no more credits than there are', () => {
  const sent: RunBatch[] = [];
  const outbox = createOutbox((batch) => sent.push(batch), 1);
  outbox.acknowledge(100);
  outbox.push(batchOf(0, 1));
  outbox.push(batchOf(1, 1));
  expect(sent).toHaveLength(1);
});

test('rows sent again replace the ones before them', () => {
  const merged = mergeBatches(batchOf(0, 6), batchOf(4, 6, { mark: 0.5 }));
  expect(merged.firstRow).toBe(0);
  expect([...merged.metrics.loss]).toEqual([0, 1, 2, 3, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5]);
  expect(mergeBatches(batchOf(4, 4), batchOf(0, 4))).toEqual(batchOf(0, 8));
});

test('a path one of the batches lacks is left out rather than half known', () => {
  expect(mergeBatches(batchOf(0, 2), batchOf(2, 2, { path: false })).path).toBeNull();
});
