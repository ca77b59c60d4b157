import { expect, test } from 'vitest';
import { curveData, hasValues, maximumPoints, rowAtStep } from '../../../../src/renderer/panels/inspection/curveData';
import { createTrack, loadMetrics } from '../../../../src/renderer/state/tracks';
import { metricsOf } from '../batchFixture';

function track(rows: number, stride = 1) {
  const made = createTrack('a');
  const metrics = metricsOf(0, rows);
  metrics.step = metrics.step.map((row) => row * stride);
  loadMetrics(made, metrics);
  return made;
}

test('curves of different strides share one axis of steps, with gaps where one has no row', () => {
  const [steps, every, third] = curveData(
    [
      { track: track(4), metric: 'batchLoss' },
      { track: track(2, 3), metric: 'batchLoss' },
    ],
    false,
  );
  expect(steps).toEqual([0, 1, 2, 3]);
  expect(every).toEqual([0, 1, 2, 3]);
  expect(third).toEqual([0, null, null, 1]);
});

test('a logarithmic axis leaves out what it cannot show, every axis what is not finite', () => {
  const one = track(3);
  one.metrics.gradientNorm.set([0, Number.NaN, 2]);
  expect(curveData([{ track: one, metric: 'gradientNorm' }], true)[1]).toEqual([null, null, 2]);
  expect(curveData([{ track: one, metric: 'gradientNorm' }], false)[1]).toEqual([0, null, 2]);
});

test('long runs are thinned, the last row kept', () => {
  const [steps] = curveData([{ track: track(100_001), metric: 'loss' }], false);
  expect(steps.length).toBeLessThanOrEqual(maximumPoints + 1);
  expect(steps.at(-1)).toBe(100_000);
});

test('a column of NaN is no curve', () => {
  const one = track(3);
  one.metrics.validationLoss.fill(Number.NaN);
  expect(hasValues(one, 'validationLoss')).toBe(false);
  expect(hasValues(one, 'loss')).toBe(true);
});

test('the nearest recorded row of a step', () => {
  const one = track(11, 10);
  expect([-5, 0, 4, 6, 54, 56, 100, 900].map((step) => rowAtStep(one, step))).toEqual([0, 0, 0, 1, 5, 6, 10, 10]);
});
