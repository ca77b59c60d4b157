import { expect, test } from 'vitest';
import { denseCapabilities, supportWith } from '../../../../src/main/engine/executors/supports';
import { buildNetwork } from '../../../../src/main/engine/graph/build';
import { modelSchema } from '../../../../src/shared/model/experiment';

const network = (layers: unknown[]) =>
  buildNetwork(modelSchema.parse({ inputShape: [1, 4, 4], layers, loss: 'softmaxCrossEntropy' }));

test('dense networks need nothing beyond dense layers', () => {
  const dense = network([
    { type: 'dense', units: 4, activation: 'gelu' },
    { type: 'dense', units: 2, bias: false },
  ]);
  expect(supportWith(dense, denseCapabilities)).toEqual({ ok: true });
});

test('what is lacking is named once', () => {
  const convolution = network([
    { type: 'conv2d', filters: 2, kernelSize: 3 },
    { type: 'flatten' },
    { type: 'dense', units: 2 },
  ]);
  expect(supportWith(convolution, denseCapabilities)).toEqual({
    ok: false,
    reason: 'has no conv2d, flatten',
  });
});
