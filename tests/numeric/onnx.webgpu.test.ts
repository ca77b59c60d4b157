import { afterAll, describe, expect, test } from 'vitest';
import { createOnnxExecutor } from '../../src/main/engine/executors/onnx';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import type { Rows } from '../../src/main/engine/objectives/objective';
import { UserError } from '../../src/shared/errors';
import { productAt } from './derivatives';
import { type CaseOptions, makeCase, normalVector, relativeError } from './networks';

const found = await createOnnxExecutor({ provider: 'webgpu' }).catch((error: unknown) => error);
if (found instanceof UserError) console.warn(`webgpu is not tested: ${found.message}`);
else if (found instanceof Error) throw found;

describe.skipIf(found instanceof UserError)('webgpu agrees with the reference', () => {
  const executor = found as Awaited<ReturnType<typeof createOnnxExecutor>>;
  const reference = createReferenceExecutor();
  afterAll(() => executor.dispose());

  // Shaders are compiled for every new graph, which takes seconds in software: few networks, one choice of rows each.
  const cases: [CaseOptions, Rows | undefined][] = [
    [{ activation: 'gelu', loss: 'softmaxCrossEntropy', sizes: [17, 9, 6, 4], examples: 31 }, undefined],
    [{ activation: 'tanh', loss: 'binaryCrossEntropy', sizes: [5, 7, 3], examples: 37 }, Int32Array.of(3, 0, 3, 7)],
  ];
  test.each(cases.map(([options, rows]) => ({ item: makeCase(options), rows })))(
    '$item.name',
    async ({ item, rows }) => {
      const { params } = item;
      const actual = await executor.load(item.network, item.data);
      const expected = await reference.load(item.network, item.data);
      expect(actual.executor).toBe('webgpu (ONNX Runtime)');
      const [got, want] = [actual.allocate(), expected.allocate()];
      const loss = await expected.gradient(params, want, rows);
      expect(await actual.gradient(params, got, rows)).toBeAllclose(loss, { rtol: 1e-5 });
      expect(relativeError(got, want)).toBeLessThanOrEqual(1e-5);
      const v = normalVector(params.length, 3);
      const product = await productAt(expected, params, v, rows);
      expect(relativeError(await productAt(actual, params, v, rows), product)).toBeLessThanOrEqual(1e-5);
      const d1 = normalVector(params.length, 5).map((value) => value / 8);
      const tile = { origin: params, d1, d2: v, coordinates: Float64Array.of(0, 0, 0.5, -0.25) };
      const [plane, wanted] = [await actual.plane(tile, rows), await expected.plane(tile, rows)];
      expect(relativeError(plane.loss, wanted.loss)).toBeLessThanOrEqual(1e-5);
      expect(plane.accuracy).toEqual(wanted.accuracy);
      actual.dispose();
    },
  );
});
