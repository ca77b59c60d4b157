import { expect, test } from 'vitest';
import type { Executor } from '../../../src/main/engine/executors/executor';
import { createReferenceExecutor } from '../../../src/main/engine/executors/reference';
import { buildNetwork } from '../../../src/main/engine/graph/build';
import { chooseFor } from '../../../src/main/handlers/executors';
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

test('auto runs what the fast executor can and falls back to the reference, saying why', () => {
  expect(chooseFor('auto', wasm, dense)).toBe(wasm);
  const fallback = chooseFor('auto', wasm, convolution);
  expect(fallback.name).toBe('reference');
  expect(fallback.description).toMatch(/^reference \(float64; wasm has no conv2d, flatten\)$/);
});

test('an executor asked for by name is never replaced', () => {
  expect(chooseFor('wasm', wasm, dense)).toBe(wasm);
  expect(() => chooseFor('wasm', wasm, convolution)).toThrow(/executor wasm has no conv2d.*cannot run this model/);
});
