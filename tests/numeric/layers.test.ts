import { describe, expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { type BuildOptions, buildNetwork } from '../../src/main/engine/graph/build';
import { fillMask } from '../../src/main/engine/graph/dropoutMask';
import { updateRunning } from '../../src/main/engine/models/runningStatistics';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { modelSchema } from '../../src/shared/model/experiment';
import fixture from '../fixtures/torch/layers.json';
import { dot, gradientAt, gradientDifferences, productAt, productDifferences, unitVector } from './derivatives';
import { normalVector, relativeError } from './networks';

const reference = createReferenceExecutor();
/** Recorded from PyTorch's modules in training mode; `running`: in evaluation mode, with the statistics it kept. */
interface Item {
  name: string;
  model: unknown;
  x: number[];
  y: number[];
  parameters: { name: string; shape: number[] }[];
  params: number[];
  value: number;
  gradient: number[];
  direction: number[];
  product: number[];
  running?: { names: string[]; before: number[]; after: number[]; value: number; gradient: number[] };
}
const items: Item[] = fixture.cases;
const cases = items.map((item): [string, Item] => [item.name, item]);

async function load(item: Item, options?: BuildOptions): Promise<Objective> {
  const network = buildNetwork(modelSchema.parse(item.model), options);
  return reference.load(network, {
    x: Float32Array.from(item.x),
    y: Float32Array.from(item.y),
    examples: fixture.examples,
  });
}

describe.each(cases)('%s', (_, item) => {
  const params = Float64Array.from(item.params);
  // A kink within 2ε of where it stands would spoil a difference: ε is small, these seeds have none.
  const epsilon = /relu|elu|maxPool|hinge|huber/i.test(JSON.stringify(item.model).replace(/gelu/g, '')) ? 1e-5 : 1e-3;

  test("loss, gradient and Hessian product are PyTorch's, in its order, shapes and names", async () => {
    const objective = await load(item);
    expect(objective.layout.map(({ name, shape }) => ({ name, shape }))).toEqual(item.parameters);
    expect(await objective.value(params)).toBeAllclose(item.value, { rtol: 1e-13 });
    expect(relativeError(await gradientAt(objective, params), item.gradient)).toBeLessThan(1e-12);
    const product = await productAt(objective, params, Float64Array.from(item.direction));
    expect(relativeError(product, item.product)).toBeLessThan(1e-11);
  });

  test('the gradient is the central difference of the value', async () => {
    const objective = await load(item);
    // Every block, and of large ones every so many entries.
    const coordinates = objective.layout.flatMap(({ offset, size }) => {
      const count = Math.min(size, 24);
      return Array.from({ length: count }, (_, i) => offset + Math.floor((i * size) / count));
    });
    const differences = await gradientDifferences(objective, params, epsilon, coordinates);
    const gradient = await gradientAt(objective, params);
    expect(
      relativeError(
        coordinates.map((i) => gradient[i]!),
        differences,
      ),
    ).toBeLessThan(1e-7);
  });

  test('the Hessian product is the central difference of the gradient, and symmetric', async () => {
    const objective = await load(item);
    const u = unitVector(normalVector(params.length, 31));
    const v = unitVector(normalVector(params.length, 32));
    const hv = await productAt(objective, params, v);
    expect(relativeError(hv, await productDifferences(objective, params, v, epsilon))).toBeLessThan(1e-7);
    const hu = await productAt(objective, params, u);
    expect(dot(u, hv)).toBeAllclose(dot(v, hu), { atol: 1e-13 * Math.sqrt(dot(hv, hv)) });
  });
});

const keeping = items.flatMap((item): [string, Item, NonNullable<Item['running']>][] =>
  item.running ? [[item.name, item, item.running]] : [],
);
describe.each(keeping)('running statistics: %s', (_, item, running) => {
  const params = Float64Array.from(item.params);

  test("a batch moves them as PyTorch's training mode does, under its names", async () => {
    const network = buildNetwork(modelSchema.parse(item.model));
    expect(network.buffers.map(({ name }) => name)).toEqual(running.names);
    const batch = await (await load(item)).statistics!(params);
    const buffers = Float64Array.from(running.before);
    updateRunning(network.buffers, buffers, batch);
    expect(relativeError(buffers, running.after)).toBeLessThan(1e-13);
  });

  test("with them, loss and gradient are those of PyTorch's evaluation mode, and derivatives of each other", async () => {
    const objective = await load(item, { statistics: 'running' });
    expect(objective.statistics).toBeUndefined();
    objective.buffers!.set(running.after);
    expect(await objective.value(params)).toBeAllclose(running.value, { rtol: 1e-13 });
    const gradient = await gradientAt(objective, params);
    expect(relativeError(gradient, running.gradient)).toBeLessThan(1e-12);
    const v = unitVector(normalVector(params.length, 33));
    const product = await productAt(objective, params, v);
    expect(relativeError(product, await productDifferences(objective, params, v, 1e-3))).toBeLessThan(1e-7);
  });

  test('recomputed on the data they give the loss of the batch up to its unbiased variance', async () => {
    const batch = await load(item);
    const given = await load(item, { statistics: 'running' });
    const before = await given.value(params);
    given.buffers!.set(await batch.statistics!(params));
    const value = await batch.value(params);
    expect(await given.value(params)).toBeAllclose(value, { rtol: 0.2 });
    expect(Math.abs((await given.value(params)) - value)).toBeLessThan(Math.abs(before - value));
  });
});

test('a batch with one value per channel is refused, as in PyTorch', async () => {
  const objective = await load(items.find((item) => item.name === 'batch norm of features')!);
  expect(() => objective.value(Float64Array.from(items[0]!.params), Int32Array.of(2))).toThrow(
    'batchNorm needs at least two values per channel in a batch; this one has 1.',
  );
});

describe('dropout', () => {
  const model = modelSchema.parse({
    inputShape: [4],
    layers: [
      { type: 'dropout', rate: 0.25 },
      { type: 'dense', units: 6, activation: 'tanh' },
      { type: 'dropout' },
      { type: 'dense', units: 3 },
    ],
    loss: 'softmaxCrossEntropy',
  });
  const examples = 40;
  const data = {
    x: Float32Array.from(normalVector(4 * examples, 41)),
    y: Float32Array.from({ length: examples }, (_, i) => i % 3),
    examples,
  };
  const params = normalVector(6 * 4 + 6 + 3 * 6 + 3, 42);
  const off = () => reference.load(buildNetwork(model), data) as Objective;
  const on = () => reference.load(buildNetwork(model, { dropout: true }), data) as Objective;

  test('off, it is not there', async () => {
    const without = { ...model, layers: model.layers.filter((layer) => layer.type === 'dense') };
    const plain = await reference.load(buildNetwork(without), data);
    expect(await off().value(params)).toBe(await plain.value(params));
    expect(off().redraw).toBeUndefined();
  });

  test('the same draw gives the same loss, another draw another, and their mean is near the loss of no dropout', async () => {
    const objective = on();
    const values: number[] = [];
    for (let draw = 0; draw < 200; draw++) {
      objective.redraw!(draw);
      values.push(await objective.value(params));
    }
    objective.redraw!(7);
    expect(await objective.value(params)).toBe(values[7]);
    expect(new Set(values).size).toBe(values.length);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    // Dropping units makes this network guess worse, not differently: the means are close, not equal.
    expect(mean).toBeAllclose(await off().value(params), { rtol: 0.3 });
  });

  test('for one draw gradient and Hessian product are the derivatives of the value', async () => {
    const objective = on();
    objective.redraw!(3);
    const v = unitVector(normalVector(params.length, 43));
    const every = Array.from(params.keys());
    expect(
      relativeError(await gradientAt(objective, params), await gradientDifferences(objective, params, 1e-3, every)),
    ).toBeLessThan(1e-8);
    const product = await productAt(objective, params, v);
    expect(relativeError(product, await productDifferences(objective, params, v, 1e-3))).toBeLessThan(1e-8);
  });

  test('the masked network is the one with the masks multiplied in by hand', async () => {
    const linear = modelSchema.parse({
      inputShape: [4],
      layers: [
        { type: 'dropout', rate: 0.25 },
        { type: 'dense', units: 1, bias: false },
      ],
      loss: 'meanSquaredError',
    });
    const network = buildNetwork(linear, { dropout: true });
    const y = new Float32Array(examples);
    const objective = await reference.load(network, { x: data.x, y, examples });
    objective.redraw!(11);
    const mask = new Float64Array(4 * examples);
    fillMask(
      network.graph.masks[0]!,
      4,
      11,
      Int32Array.from({ length: examples }, (_, i) => i),
      mask,
    );
    const weights = params.subarray(0, 4);
    let sum = 0;
    for (let n = 0; n < examples; n++) {
      sum +=
        dot(
          weights,
          weights.map((_, i) => mask[4 * n + i]! * data.x[4 * n + i]!),
        ) ** 2;
    }
    expect(await objective.value(weights)).toBeAllclose(sum / examples, { rtol: 1e-14 });
  });
});

test.each([7, -1, 0.5])('a token that is not in the vocabulary is refused: %d', async (token) => {
  const item = items.find((item) => item.name === 'embedding')!;
  const x = Float32Array.from(item.x).fill(token, 3, 4);
  const network = buildNetwork(modelSchema.parse(item.model));
  expect(() => reference.load(network, { x, y: Float32Array.from(item.y), examples: fixture.examples })).toThrow(
    `The embedding reads whole numbers from 0 to 6; the data hold ${token}.`,
  );
});

test.each(cases.filter(([, item]) => !item.running))('gradients example by example: %s', async (_, item) => {
  const objective = await load(item);
  const params = Float64Array.from(item.params);
  const rows = Int32Array.of(3, 0, 3);
  const all = await objective.exampleGradients!(params, rows);
  for (const [i, row] of rows.entries()) {
    const one = await gradientAt(objective, params, Int32Array.of(row));
    expect(relativeError(all.subarray(i * params.length, (i + 1) * params.length), one)).toBe(0);
  }
});

test('examples of one batch have no gradients of their own', async () => {
  const item = keeping[0]![1];
  expect((await load(item)).exampleGradients).toBeUndefined();
  expect((await load(item, { statistics: 'running' })).exampleGradients).toBeDefined();
});
