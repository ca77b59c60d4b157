import { expect, test } from 'vitest';
import { createGraphBuilder, splitGraph } from '../../../../../src/main/engine/executors/programs/graphBuilder';

const types = (nodes: readonly { readonly type: string }[]) => nodes.map(({ type }) => type);

test('a node asked for twice is there once, an output nobody needs not at all', () => {
  const builder = createGraphBuilder();
  const x = builder.input('x', 'float32', ['N', 3]);
  const unused = builder.input('unused', 'float32', [3]);
  const y = builder.node('Tanh', [x]);
  expect(builder.node('Tanh', [x])).toBe(y);
  builder.node('Add', [x, unused]);
  const graph = builder.graph([y]);
  expect(types(graph.nodes)).toEqual(['Tanh']);
  expect(graph.inputs).toEqual([x]);
});

test('shapes broadcast from the last dimension', () => {
  const builder = createGraphBuilder();
  const x = builder.input('x', 'float32', ['N', 4, 3]);
  const row = builder.input('row', 'float32', [4, 1]);
  expect(builder.node('Add', [x, row]).shape).toEqual(['N', 4, 3]);
  expect(builder.node('Add', [builder.scalar(2), row]).shape).toEqual([4, 1]);
});

test('a reshaped value goes back to what it was without a node', () => {
  const builder = createGraphBuilder();
  const x = builder.input('x', 'float32', ['N', 4, 3]);
  const flat = builder.reshape(x, ['N', 12]);
  expect(builder.reshape(flat, ['N', 4, 3])).toBe(x);
  const other = builder.reshape(flat, ['N', 2, 6]);
  expect(builder.graph([other]).nodes[0]!.inputs[0]).toBe(x);
});

test('a split graph computes once what does not depend on the named inputs, and keeps no mere reshape', () => {
  const builder = createGraphBuilder();
  const x = builder.input('x', 'float32', ['N', 6]);
  const v = builder.input('v', 'float32', ['N', 2, 3]);
  const slope = builder.node('Exp', [x]);
  const product = builder.node('Mul', [builder.reshape(slope, ['N', 2, 3]), v]);
  const { fixed, moving } = splitGraph(builder.graph([product]), new Set(['v']));
  expect(types(fixed.nodes)).toEqual(['Exp']);
  expect(fixed.outputs).toEqual([slope]);
  expect(types(moving.nodes)).toEqual(['Reshape', 'Mul']);
  expect(moving.inputs).toEqual([v, slope]);
});

test('an output that does not depend on the named inputs is computed with those that do', () => {
  const builder = createGraphBuilder();
  const x = builder.input('x', 'float32', ['N', 6]);
  const v = builder.input('v', 'float32', ['N', 6]);
  const [constant, product] = [builder.node('Exp', [x]), builder.node('Mul', [x, v])];
  const { fixed, moving } = splitGraph(builder.graph([constant, product]), new Set(['v']));
  expect(fixed.outputs).toEqual([]);
  expect(types(moving.nodes)).toEqual(['Exp', 'Mul']);
  expect(moving.outputs).toEqual([constant, product]);
});
