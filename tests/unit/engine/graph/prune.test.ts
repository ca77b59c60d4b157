import { expect, test } from 'vitest';
import { buildNetwork } from '../../../../src/main/engine/graph/build';
import { inputsOf, productNodes, prune } from '../../../../src/main/engine/graph/prune';
import { modelSchema } from '../../../../src/shared/model/experiment';

const { graph } = buildNetwork(
  modelSchema.parse({
    inputShape: [3],
    layers: [
      { type: 'dense', units: 4, activation: 'tanh' },
      { type: 'dense', units: 2 },
    ],
    loss: 'softmaxCrossEntropy',
  }),
);
const leaves = new Set([graph.input, graph.target, ...graph.parameters, ...graph.tangents]);

test.each([
  ['loss', [graph.loss]],
  ['prediction', [graph.prediction]],
  ['gradients', [...graph.gradients, graph.loss]],
  ['products', [...graph.products]],
])('the nodes for %s are complete, in order and none is idle', (_, outputs) => {
  const nodes = prune(graph, outputs);
  const known = new Set(leaves);
  const used = new Set(outputs);
  for (const node of nodes) {
    for (const id of inputsOf(node)) {
      expect(known.has(id)).toBe(true);
      used.add(id);
    }
    known.add(node.out);
  }
  for (const id of outputs) expect(known.has(id)).toBe(true);
  for (const node of nodes) expect(used.has(node.out)).toBe(true);
});

test('the loss needs the forward pass alone, products need no gradient of a parameter', () => {
  expect(prune(graph, [graph.loss]).every((node) => node.pass === 'forward')).toBe(true);
  expect(prune(graph, [graph.loss]).some((node) => node.op === 'correct')).toBe(false);
  const outs = prune(graph, graph.products).map((node) => node.out);
  for (const gradient of graph.gradients) expect(outs).not.toContain(gradient);
});

test('the primal part of a product never reads a tangent and runs before it', () => {
  const { primal, tangent } = productNodes(graph, 'hessian');
  expect(primal.every((node) => node.pass === 'forward' || node.pass === 'backward')).toBe(true);
  expect(tangent.every((node) => node.pass === 'rForward' || node.pass === 'rBackward')).toBe(true);
  const inPrimal = new Set([...leaves, ...primal.map((node) => node.out)]);
  for (const id of graph.tangents) inPrimal.delete(id);
  for (const node of primal) for (const id of inputsOf(node)) expect(inPrimal.has(id)).toBe(true);
  expect(primal.length + tangent.length).toBe(prune(graph, graph.products).length);
});

test('a Gauss–Newton product ends in the products, sends one gradient back and has nothing of second order', () => {
  const { primal, tangent } = productNodes(graph, 'gaussNewton');
  const known = new Set(leaves);
  for (const node of [...primal, ...tangent]) {
    for (const id of inputsOf(node)) expect(known.has(id)).toBe(true);
    known.add(node.out);
  }
  for (const id of graph.products) expect(known.has(id)).toBe(true);
  expect(primal.every((node) => node.pass === 'forward')).toBe(true);
  const ops = [...primal, ...tangent].map(({ op }) => op);
  expect(ops.filter((op) => op === 'lossGrad2')).toHaveLength(1);
  expect(ops).not.toContain('lossGrad');
  expect(ops).not.toContain('activationGrad2');
});
