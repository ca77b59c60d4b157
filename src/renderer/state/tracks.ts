import type { RunBatch } from '../../shared/contract';
import type { PlanePath } from '../../shared/model/landscape';
import { type MetricColumns, metricNames } from '../../shared/model/run';
import type { PathBuffers } from '../scene/model';

/**
 * Everything recorded of one run, in preallocated arrays that double when full. They change in place: React never sees
 * them, the scene and the charts read them when told that something moved.
 */
export interface Track {
  readonly runId: string;
  metrics: MetricColumns;
  /** Rows of `metrics` that are real. */
  rows: number;
  readonly path: { current: PathBuffers };
  /** Rows of `path` that are real: at most `rows`, fewer while a plane is being made. */
  readonly pathRows: { current: number };
}

const initialCapacity = 1_024;
const pathColumns = ['x', 'y', 'loss', 'residual'] as const;

export function createTrack(runId: string): Track {
  return {
    runId,
    metrics: emptyMetrics(initialCapacity),
    rows: 0,
    path: { current: emptyPath(initialCapacity) },
    pathRows: { current: 0 },
  };
}

const emptyMetrics = (capacity: number): MetricColumns =>
  Object.fromEntries(metricNames.map((name) => [name, new Float64Array(capacity)])) as MetricColumns;

const emptyPath = (capacity: number): PathBuffers =>
  Object.fromEntries(pathColumns.map((name) => [name, new Float64Array(capacity)])) as unknown as PathBuffers;

function grown(array: Float64Array, capacity: number): Float64Array {
  const next = new Float64Array(capacity);
  next.set(array);
  return next;
}

function reserve(track: Track, rows: number): void {
  const capacity = track.metrics.step.length;
  if (rows <= capacity) return;
  let next = capacity;
  while (next < rows) next *= 2;
  const { metrics } = track;
  track.metrics = Object.fromEntries(metricNames.map((name) => [name, grown(metrics[name], next)])) as MetricColumns;
  const { current } = track.path;
  track.path.current = Object.fromEntries(
    pathColumns.map((name) => [name, grown(current[name], next)]),
  ) as unknown as PathBuffers;
}

/**
 * Writes a batch where its `firstRow` says; rows that came before are overwritten (they come again after a change of
 * plane). A batch that would leave a hole is not written: its rows come with the next plane.
 */
export function appendBatch(track: Track, batch: RunBatch): void {
  const end = batch.firstRow + batch.rows;
  reserve(track, end);
  if (batch.firstRow <= track.rows) {
    for (const name of metricNames)
      track.metrics[name].set(batch.metrics[name].subarray(0, batch.rows), batch.firstRow);
    track.rows = Math.max(track.rows, end);
  }
  if (batch.path && batch.firstRow <= track.pathRows.current) {
    const { x, y, loss, residual } = track.path.current;
    x.set(batch.path.x.subarray(0, batch.rows), batch.firstRow);
    y.set(batch.path.y.subarray(0, batch.rows), batch.firstRow);
    residual.set(batch.path.residual.subarray(0, batch.rows), batch.firstRow);
    loss.set(batch.metrics.loss.subarray(0, batch.rows), batch.firstRow);
    track.pathRows.current = Math.max(track.pathRows.current, end);
  }
}

/** All metrics of a run read from disk. */
export function loadMetrics(track: Track, metrics: MetricColumns): void {
  const rows = metrics.step.length;
  reserve(track, rows);
  for (const name of metricNames) track.metrics[name].set(metrics[name]);
  track.rows = rows;
}

/** The path as seen from a new plane. */
export function replacePath(track: Track, path: PlanePath): void {
  const rows = path.x.length;
  reserve(track, rows);
  const { x, y, loss, residual } = track.path.current;
  x.set(path.x);
  y.set(path.y);
  loss.set(path.loss);
  residual.set(path.residual);
  track.pathRows.current = rows;
}
