import { type MetricColumns, type MetricName, metricNames } from '../../../shared/model/run';
import type { Vector } from '../objectives/objective';

/** Rows recorded since the last batch, in arrays of exactly their size. */
export interface StepBatch {
  firstRow: number;
  rows: number;
  /** [rows, P] row-major. */
  theta: Float32Array;
  metrics: MetricColumns;
}

export type MetricRow = Record<MetricName, number>;

export const emptyRow = (): MetricRow => Object.fromEntries(metricNames.map((name) => [name, Number.NaN])) as MetricRow;

export interface Recorder {
  add(params: Vector, row: Readonly<MetricRow>): void;
  /** ‖θ(t+1) − θ(t)‖ of the row added last, known only after the step. */
  setUpdateNorm(value: number): void;
  /** null when nothing was recorded since the last call. */
  take(): StepBatch | null;
}

/** Collects rows in buffers that grow and are used again after each `take`. */
export function createRecorder(dimension: number): Recorder {
  let capacity = 16;
  let theta = new Float32Array(capacity * dimension);
  const columns = metricNames.map((name) => ({ name, values: new Float64Array(capacity) }));
  const updateNorm = columns.find(({ name }) => name === 'updateNorm')!;
  let firstRow = 0;
  let rows = 0;

  function grow(): void {
    capacity *= 2;
    const larger = new Float32Array(capacity * dimension);
    larger.set(theta);
    theta = larger;
    for (const column of columns) {
      const values = new Float64Array(capacity);
      values.set(column.values);
      column.values = values;
    }
  }

  return {
    add(params, row) {
      if (rows === capacity) grow();
      theta.set(params, rows * dimension);
      for (const { name, values } of columns) values[rows] = row[name];
      rows++;
    },
    setUpdateNorm(value) {
      if (rows > 0) updateNorm.values[rows - 1] = value;
    },
    take() {
      if (rows === 0) return null;
      const metrics = Object.fromEntries(columns.map(({ name, values }) => [name, values.slice(0, rows)]));
      const batch = {
        firstRow,
        rows,
        theta: theta.slice(0, rows * dimension),
        metrics: metrics as MetricColumns,
      };
      firstRow += rows;
      rows = 0;
      return batch;
    },
  };
}
