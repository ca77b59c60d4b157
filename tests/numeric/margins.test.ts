import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { exampleMargins } from '../../src/main/engine/executors/reference/margins';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { prune } from '../../src/main/engine/graph/prune';
import { createRng } from '../../src/main/engine/random';
import { modelSchema } from '../../src/shared/model/experiment';

const rng = createRng(2, 'margins');
const normals = (length: number, scale: number) => Float32Array.from({ length }, () => scale * rng.normal());
const examples = 60;
const softmax = { type: 'dense', units: 3 };

/** Large enough that products of all examples are cut into slices. */
const models = {
  dense: { inputShape: [256], layers: [{ type: 'dense', units: 1_024, activation: 'relu' }, softmax] },
  convolution: {
    inputShape: [6, 24, 24],
    layers: [{ type: 'conv2d', filters: 8, kernelSize: 5, activation: 'tanh' }, { type: 'flatten' }, softmax],
  },
  batchNorm: {
    inputShape: [256],
    layers: [{ type: 'dense', units: 1_024 }, { type: 'batchNorm' }, softmax],
  },
} as const;

function made(name: keyof typeof models) {
  const model = modelSchema.parse({ ...models[name], loss: 'softmaxCrossEntropy' });
  const network = buildNetwork(model);
  const inputs = model.inputShape.reduce((product, n) => product * n, 1);
  const data = {
    x: normals(examples * inputs, 1),
    y: Float32Array.from({ length: examples }, (_, i) => i % 3),
    examples,
  };
  const params = normals(
    network.layout.reduce((sum, { size }) => sum + size, 0),
    0.05,
  );
  return { network, data, params };
}

describe('margins of a large network', () => {
  it.each(['dense', 'convolution'] as const)('are those of each example by itself: %s', async (name) => {
    const { network, data, params } = made(name);
    const all = await exampleMargins(network, data, params);
    expect(new Set(all).size).toBe(examples);
    for (const i of [0, 1, 37, 59]) {
      expect([...(await exampleMargins(network, data, params, { rows: Int32Array.of(i) }))]).toEqual([all[i]]);
    }
  });

  it('do not depend on the order of a batch whose examples share statistics', async () => {
    const { network, data, params } = made('batchNorm');
    const all = await exampleMargins(network, data, params);
    const rows = Int32Array.from({ length: examples }, (_, i) => (7 * i) % examples);
    const turned = await exampleMargins(network, data, params, { rows });
    expect(turned).toBeAllclose(
      Array.from(rows, (row) => all[row]!),
      { rtol: 1e-9, atol: 1e-12 },
    );
  });

  it('are cancelled at any look at the signal, several within one op, and say how far they are', async () => {
    const { network, data, params } = made('convolution');
    // By this clock every look gives the event loop a turn.
    let now = 0;
    let looks = 0;
    let abortAt = Number.POSITIVE_INFINITY;
    let abort = new AbortController();
    vi.spyOn(performance, 'now').mockImplementation(() => {
      if (++looks === abortAt) abort.abort();
      now += 1_000;
      return now;
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const onProgress = vi.fn();
    await exampleMargins(network, data, params, { signal: abort.signal, onProgress });
    expect(onProgress.mock.calls).toEqual([[examples]]);
    const last = looks;
    // One at the beginning, then two for each time it gives way: once before an op that is not cut.
    expect(last).toBeGreaterThan(1 + 2 * prune(network.graph, [network.graph.prediction]).length);
    for (const at of [2, Math.floor(last / 2), last]) {
      [looks, abortAt, abort] = [0, at, new AbortController()];
      await expect(exampleMargins(network, data, params, { signal: abort.signal })).rejects.toMatchObject({
        code: 'cancelled',
      });
    }
  });
});
