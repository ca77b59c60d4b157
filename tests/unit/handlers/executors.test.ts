import { expect, test } from 'vitest';
import type { Executor } from '../../../src/main/engine/executors/executor';
import { createReferenceExecutor } from '../../../src/main/engine/executors/reference';
import { buildNetwork } from '../../../src/main/engine/graph/build';
import { firstAble, requireSupport } from '../../../src/main/handlers/executors';
import { modelSchema } from '../../../src/shared/model/experiment';

const { load, dispose } = createReferenceExecutor();
/** An executor that does not say what it supports runs dense networks alone. */
const wasm: Executor = { name: 'wasm', description: 'wasm (2 threads)', precision: 'float32', load, dispose };

const network = (...layers: unknown[]) =>
  buildNetwork(
    modelSchema.parse({
      inputShape: [1, 4, 4],
      layers: [...layers, { type: 'dense', units: 2 }],
      loss: 'softmaxCrossEntropy',
    }),
  );
const dense = network();
const convolution = network({ type: 'conv2d', filters: 1, kernelSize: 3 }, { type: 'flatten' });

test('auto takes the first that can, and makes no executor it does not need', async () => {
  const never = () => Promise.reject(new Error('was made'));
  expect(await firstAble([async () => wasm, never], dense)).toBe(wasm);
  const able: Executor = { ...wasm, name: 'onnx', supports: () => ({ ok: true }) };
  expect(await firstAble([async () => wasm, async () => able, never], convolution)).toBe(able);
});

test('auto falls back to the reference, saying why no other could', async () => {
  const absent = () => Promise.reject(new Error('onnxruntime-node is not installed'));
  const fallback = await firstAble([async () => wasm, absent], convolution);
  expect(fallback.name).toBe('reference');
  expect(fallback.description).toBe(
    'reference (float64; wasm has no conv2d, flatten; onnxruntime-node is not installed)',
  );
});

test('an executor asked for by name is never replaced', () => {
  expect(() => requireSupport(wasm, dense)).not.toThrow();
  expect(() => requireSupport(wasm, convolution)).toThrow(/executor wasm has no conv2d.*cannot run this model/);
});
