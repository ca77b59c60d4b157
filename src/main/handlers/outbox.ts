import type { RunBatch } from '../../shared/contract';
import { type MetricColumns, metricNames } from '../../shared/model/run';

/** Sends a run's batches while the receiver keeps up; merges and holds back what comes faster. */
export interface Outbox {
  push(batch: RunBatch): void;
  /** The receiver has used this many batches. */
  acknowledge(batches: number): void;
  /** Sends what is held back, whatever the credits: the run has ended. */
  flush(): void;
}

/** @param credits batches that may be on their way unacknowledged (2 to 8 are sensible) */
export function createOutbox(send: (batch: RunBatch) => void, credits = 4): Outbox {
  let underWay = 0;
  let held: RunBatch | null = null;
  const flush = () => {
    if (!held) return;
    const batch = held;
    held = null;
    underWay += 1;
    send(batch);
  };
  return {
    push(batch) {
      held = held ? mergeBatches(held, batch) : batch;
      if (underWay < credits) flush();
    },
    acknowledge(batches) {
      underWay = Math.max(0, underWay - batches);
      flush();
    },
    flush,
  };
}

/** Two batches as one; rows both have are taken from the later one. A path that one of them lacks is left out. */
export function mergeBatches(first: RunBatch, second: RunBatch): RunBatch {
  const firstRow = Math.min(first.firstRow, second.firstRow);
  const end = Math.max(first.firstRow + first.rows, second.firstRow + second.rows);
  const join = (a: Float64Array, b: Float64Array) => {
    const joined = new Float64Array(end - firstRow).fill(Number.NaN);
    joined.set(a, first.firstRow - firstRow);
    joined.set(b, second.firstRow - firstRow);
    return joined;
  };
  const metrics = {} as MetricColumns;
  for (const name of metricNames) metrics[name] = join(first.metrics[name], second.metrics[name]);
  const path =
    first.path && second.path
      ? {
          x: join(first.path.x, second.path.x),
          y: join(first.path.y, second.path.y),
          residual: join(first.path.residual, second.path.residual),
        }
      : null;
  return { runId: first.runId, firstRow, rows: end - firstRow, metrics, path };
}
