import { expect, test } from 'vitest';
import { buildNetwork } from '../../../../src/main/engine/graph/build';
import { countParameters } from '../../../../src/main/engine/models/countParameters';
import { type ModelSpec, modelSchema } from '../../../../src/shared/model/experiment';

const model = (input: unknown): ModelSpec => modelSchema.parse(input);

test('the layout is that of a torch Sequential: weight [out, in], then bias, layer by layer', () => {
  const spec = model({
    inputShape: [1, 2, 3],
    layers: [
      { type: 'dense', units: 4, activation: 'relu' },
      { type: 'dense', units: 3, bias: false },
      { type: 'dense', units: 2 },
    ],
    loss: 'meanSquaredError',
  });
  const { layout, graph } = buildNetwork(spec);
  expect(layout).toEqual([
    { name: 'layers.0.weight', shape: [4, 6], offset: 0, size: 24, role: 'weight' },
    { name: 'layers.0.bias', shape: [4], offset: 24, size: 4, role: 'bias' },
    { name: 'layers.1.weight', shape: [3, 4], offset: 28, size: 12, role: 'weight' },
    { name: 'layers.2.weight', shape: [2, 3], offset: 40, size: 6, role: 'weight' },
    { name: 'layers.2.bias', shape: [2], offset: 46, size: 2, role: 'bias' },
  ]);
  expect(countParameters(spec)).toBe(48);
  for (const ids of [graph.parameters, graph.tangents, graph.gradients, graph.products]) {
    expect(ids.map((id) => graph.tensors[id]!.shape)).toEqual(layout.map((block) => block.shape));
    expect(ids.every((id) => !graph.tensors[id]!.rows)).toBe(true);
  }
  expect(graph.tensors[graph.input]).toMatchObject({ rows: true, shape: [6] });
  expect(graph.correct).toBeNull();
});

test('nodes come pass by pass and each tensor is computed once, after what it reads', () => {
  const { graph } = buildNetwork(
    model({
      inputShape: [2],
      layers: [
        { type: 'dense', units: 3, activation: 'gelu' },
        { type: 'dense', units: 1 },
      ],
      loss: 'binaryCrossEntropy',
    }),
  );
  const order = ['forward', 'backward', 'rForward', 'rBackward'];
  const passes = graph.nodes.map((node) => order.indexOf(node.pass));
  expect(passes).toEqual([...passes].sort());
  expect(new Set(graph.nodes.map((node) => node.out)).size).toBe(graph.nodes.length);
});

test('nothing is emitted for the gradient of the input', () => {
  const { graph } = buildNetwork(
    model({ inputShape: [2], layers: [{ type: 'dense', units: 2 }], loss: 'softmaxCrossEntropy' }),
  );
  expect(graph.tensors.some((tensor) => tensor.name.includes('.x)'))).toBe(false);
});

test('a loss that does not go with the last layer is refused with the cure', () => {
  expect(() =>
    buildNetwork(model({ inputShape: [2], layers: [{ type: 'dense', units: 1 }], loss: 'softmaxCrossEntropy' })),
  ).toThrow(/softmaxCrossEntropy needs at least 2 outputs.*has 1/);
});

test('a model too large is refused with its parameter count', () => {
  expect(() =>
    buildNetwork(model({ inputShape: [65_536], layers: [{ type: 'dense', units: 65_536 }], loss: 'meanSquaredError' })),
  ).toThrow('4,295,032,832 parameters; at most 67,108,864');
});
