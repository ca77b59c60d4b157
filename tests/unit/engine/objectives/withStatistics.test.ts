import { expect, test } from 'vitest';
import { createReferenceExecutor } from '../../../../src/main/engine/executors/reference';
import { buildNetwork } from '../../../../src/main/engine/graph/build';
import { withStatistics } from '../../../../src/main/engine/objectives/withStatistics';
import { modelSchema } from '../../../../src/shared/model/experiment';
import { normalVector } from '../../../numeric/networks';

const model = modelSchema.parse({
  inputShape: [2],
  layers: [{ type: 'dense', units: 3, activation: 'tanh' }, { type: 'batchNorm' }, { type: 'dense', units: 2 }],
  loss: 'softmaxCrossEntropy',
});
const examples = (count: number, seed: number) => ({
  x: Float32Array.from(normalVector(2 * count, seed)),
  y: Float32Array.from({ length: count }, (_, i) => i % 2),
  examples: count,
});
const reference = createReferenceExecutor();
const training = await reference.load(buildNetwork(model), examples(30, 1));
const running = () => reference.load(buildNetwork(model, { statistics: 'running' }), examples(7, 2));
const params = normalVector(training.dimension, 3);
const moved = normalVector(training.dimension, 4);

test('values, gradients, Hessians and measures are those at the statistics of the training data at that θ', async () => {
  const validation = withStatistics(await running(), training);
  const by = await running();
  for (const at of [params, moved, params]) {
    by.buffers!.set(await training.statistics!(at));
    expect(await validation.value(at)).toBe(await by.value(at));
    expect(await validation.measure(at)).toEqual(await by.measure(at));
    const got = new Float64Array(params.length);
    const want = new Float64Array(params.length);
    await validation.gradient(at, got);
    await by.gradient(at, want);
    expect(got).toEqual(want);
    await (await validation.hessian(at)).apply(params, got);
    await (await by.hessian(at)).apply(params, want);
    expect(got).toEqual(want);
  }
  expect(await validation.value(params)).not.toBe(await validation.value(moved));
});

test('a Hessian keeps the statistics it was made with', async () => {
  const validation = withStatistics(await running(), training);
  const hessian = await validation.hessian(params);
  const before = new Float64Array(params.length);
  await hessian.apply(moved, before);
  await validation.value(moved);
  const after = new Float64Array(params.length);
  await hessian.apply(moved, after);
  expect(after).toEqual(before);
});

test('along a plane every point has its own statistics', async () => {
  const validation = withStatistics(await running(), training);
  const coordinates = Float64Array.of(0, 0, 0.5, -0.25, 1, 2);
  const values = await validation.plane({ origin: params, d1: moved, d2: params, coordinates });
  for (let point = 0; point < 3; point++) {
    const at = params.map((p, i) => p + coordinates[2 * point]! * moved[i]! + coordinates[2 * point + 1]! * p);
    const { loss, standardError, accuracy } = await validation.measure(at);
    expect([values.loss[point], values.standardError[point], values.accuracy[point]]).toEqual([
      loss,
      standardError,
      accuracy,
    ]);
  }
});
