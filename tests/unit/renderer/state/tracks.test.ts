import { expect, test } from 'vitest';
import { appendBatch, createTrack, loadMetrics, replacePath } from '../../../../src/renderer/state/tracks';
import { batchOf, metricsOf } from '../batchFixture';

test('batches are written where they belong, and the arrays grow without losing anything', () => {
  const track = createTrack('a');
  for (let first = 0; first < 5_000; first += 500) appendBatch(track, batchOf('a', first, 500));
  expect(track.rows).toBe(5_000);
  expect(track.pathRows.current).toBe(5_000);
  expect(track.metrics.step.length).toBeGreaterThanOrEqual(5_000);
  for (const row of [0, 499, 500, 1_023, 1_024, 4_999]) {
    expect(track.metrics.step[row]).toBe(row);
    expect(track.path.current.x[row]).toBe(row * 10);
    expect(track.path.current.loss[row]).toBe(track.metrics.loss[row]);
  }
});

test('rows sent again after a change of plane take the place of the old ones', () => {
  const track = createTrack('a');
  appendBatch(track, batchOf('a', 0, 10));
  appendBatch(track, batchOf('a', 4, 8, 1_000));
  expect(track.rows).toBe(12);
  expect(track.path.current.x[3]).toBe(30);
  expect(track.path.current.x[4]).toBe(1_040);
  expect(track.path.current.x[11]).toBe(1_110);
});

test('a batch without a path, or with a hole before it, does not lengthen the path', () => {
  const track = createTrack('a');
  appendBatch(track, batchOf('a', 0, 4));
  appendBatch(track, { ...batchOf('a', 4, 4), path: null });
  expect([track.rows, track.pathRows.current]).toEqual([8, 4]);
  appendBatch(track, batchOf('a', 8, 4));
  expect([track.rows, track.pathRows.current]).toEqual([12, 4]);
  appendBatch(track, batchOf('a', 20, 4));
  expect(track.rows).toBe(12);
});

test('a new plane replaces the path and its length', () => {
  const track = createTrack('a');
  loadMetrics(track, metricsOf(0, 2_000));
  expect([track.rows, track.pathRows.current]).toEqual([2_000, 0]);
  const column = Float64Array.from({ length: 2_000 }, (_, i) => -i);
  replacePath(track, { runId: 'a', x: column, y: column, residual: column, loss: column });
  expect(track.pathRows.current).toBe(2_000);
  expect(track.path.current.y[1_999]).toBe(-1_999);
});
