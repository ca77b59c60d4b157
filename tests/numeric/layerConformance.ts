import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Executor } from '../../src/main/engine/executors/executor';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { type BuildOptions, buildNetwork } from '../../src/main/engine/graph/build';
import type { Objective, Rows } from '../../src/main/engine/objectives/objective';
import { modelSchema } from '../../src/shared/model/experiment';
import fixture from '../fixtures/torch/layers.json';
import { type ConformanceTolerances, float32Tolerances } from './conformance';
import { gradientAt, productAt } from './derivatives';
import { normalVector, relativeError } from './networks';

type Item = (typeof fixture.cases)[number];

const float32 = (values: readonly number[]) => Float64Array.from(values, Math.fround);

/** Each network as it is, and with running statistics and dropout where they make a difference. */
const variants = fixture.cases.flatMap((item) => {
  const same: [string, Item, BuildOptions] = [item.name, item, {}];
  const all = [same];
  if ('running' in item) all.push([`${item.name}, running statistics`, item, { statistics: 'running' }]);
  if (item.model.layers.some(({ type }) => type === 'dropout')) {
    all.push([`${item.name}, on`, item, { dropout: true }]);
  }
  return all;
});

/** Checks every layer of an executor against the float64 reference, on the networks recorded from PyTorch. */
export function layerConformance(
  name: string,
  create: () => Promise<Executor>,
  tolerances: ConformanceTolerances = float32Tolerances,
): void {
  describe(`${name} runs the layers as the reference does`, () => {
    const reference = createReferenceExecutor();
    let executor: Executor;
    beforeAll(async () => {
      executor = await create();
    });
    afterAll(() => executor.dispose());

    test.each(variants)('%s', async (_, item, options) => {
      const network = buildNetwork(modelSchema.parse(item.model), options);
      const data = { x: Float32Array.from(item.x), y: Float32Array.from(item.y), examples: fixture.examples };
      expect(executor.supports?.(network)).toEqual({ ok: true });
      const actual = await executor.load(network, data);
      const expected = await reference.load(network, data);
      const params = float32(item.params);
      if (expected.buffers) {
        const state = float32([...expected.buffers].map((value, i) => value + 0.3 + 0.1 * Math.sin(i)));
        expected.buffers.set(state);
        actual.buffers!.set(state);
      }
      for (const objective of [actual, expected]) objective.redraw?.(12_345);
      for (const rows of [undefined, Int32Array.of(4, 1, 2, 1)])
        await check(actual, expected, params, tolerances, rows);
      actual.dispose();
    });
  });
}

async function check(
  actual: Objective,
  expected: Objective,
  params: Float64Array,
  tolerances: ConformanceTolerances,
  rows: Rows | undefined,
): Promise<void> {
  const close = { rtol: tolerances.value, atol: tolerances.value / 10 };
  const want = await expected.measure(params, rows);
  const got = await actual.measure(params, rows);
  expect(await actual.value(params, rows)).toBeAllclose(want.loss, close);
  expect(got.loss).toBeAllclose(want.loss, close);
  expect(got.standardError).toBeAllclose(want.standardError, close);
  expect(got.accuracy).toEqual(want.accuracy);

  const gradient = await gradientAt(expected, params, rows);
  expect(relativeError(await gradientAt(actual, params, rows), gradient)).toBeLessThanOrEqual(tolerances.gradient);
  const v = normalVector(params.length, 3);
  const product = await productAt(expected, params, v, rows);
  expect(relativeError(await productAt(actual, params, v, rows), product)).toBeLessThanOrEqual(tolerances.product);

  const tile = {
    origin: params,
    d1: normalVector(params.length, 5).map((value) => value / 8),
    d2: normalVector(params.length, 6).map((value) => value / 8),
    coordinates: Float64Array.of(0, 0, 0.25, -0.5, 0.5, 0.5),
  };
  const [plane, wanted] = [await actual.plane(tile, rows), await expected.plane(tile, rows)];
  expect(relativeError(plane.loss, wanted.loss)).toBeLessThanOrEqual(tolerances.plane);
  expect(relativeError(plane.standardError, wanted.standardError)).toBeLessThanOrEqual(tolerances.plane);
  expect(plane.accuracy).toEqual(wanted.accuracy);

  if (expected.exampleGradients && actual.exampleGradients) {
    const each = await expected.exampleGradients(params, rows);
    expect(relativeError(await actual.exampleGradients(params, rows), each)).toBeLessThanOrEqual(tolerances.gradient);
  }
  expect(actual.statistics === undefined).toBe(expected.statistics === undefined);
  if (expected.statistics) {
    const statistics = await expected.statistics(params, rows);
    expect(relativeError(await actual.statistics!(params, rows), statistics)).toBeLessThanOrEqual(tolerances.value);
  }
}
