import type { Graph, GraphNode, TensorId } from './ir';

/** The tensors a node reads. */
export function inputsOf(node: GraphNode): TensorId[] {
  switch (node.op) {
    case 'matmul':
    case 'add':
    case 'multiply':
      return [node.a, node.b];
    case 'addBias':
      return [node.x, node.bias];
    case 'sumRows':
    case 'activation':
      return [node.x];
    case 'activationGrad':
      return [node.x, node.y, node.dy];
    case 'activationGrad2':
      return [node.x, node.y, node.rx, node.dy];
    case 'addAlong':
    case 'scaleAlong':
      return [node.x, node.vector];
    case 'sumAlong':
    case 'normalize':
    case 'batchMean':
    case 'batchVariance':
      return [node.x];
    case 'normalizeGrad':
      return [node.x, node.t];
    case 'normalizeGrad2':
      return [node.x, node.rx, node.dy];
    case 'standardize':
      return [node.x, ...(node.mean === null ? [] : [node.mean]), node.variance];
    case 'conv2d':
      return [node.x, node.weight];
    case 'conv2dInputGrad':
      return [node.dy, node.weight];
    case 'conv2dWeightGrad':
      return [node.dy, node.x];
    case 'maxPool2d':
    case 'averagePool2d':
      return [node.x];
    case 'maxPool2dGather':
      return [node.x, node.t];
    case 'maxPool2dGrad':
      return [node.x, node.dy];
    case 'averagePool2dGrad':
      return [node.dy];
    case 'embed':
      return [node.tokens, node.weight];
    case 'embedGrad':
      return [node.tokens, node.dy];
    case 'sliceStep':
      return [node.x];
    case 'stackSteps':
      return [...node.parts];
    case 'zero':
      return [];
    case 'loss':
    case 'lossGrad':
    case 'correct':
      return [node.prediction, node.target];
    case 'lossGrad2':
      return [node.prediction, node.target, node.tangent];
    default:
      return node satisfies never;
  }
}

/** The nodes needed for `outputs`, in execution order. */
export function prune(graph: Graph, outputs: readonly TensorId[]): GraphNode[] {
  const needed = new Set(outputs);
  const kept: GraphNode[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!needed.has(node.out)) continue;
    kept.push(node);
    for (const id of inputsOf(node)) needed.add(id);
  }
  return kept.reverse();
}

/** A product v ↦ Av in two parts: `primal` once for each θ, then `tangent`, which computes `graph.products`, for each v. */
export interface ProductNodes {
  readonly primal: readonly GraphNode[];
  readonly tangent: readonly GraphNode[];
}

/** Products with the Hessian (Pearlmutter's R-operator) or the Gauss–Newton matrix JᵀH_ℓJ. */
export type Matrix = 'hessian' | 'gaussNewton';

export const productNodes = (graph: Graph, matrix: Matrix): ProductNodes =>
  matrix === 'hessian' ? hessianNodes(graph) : gaussNewtonNodes(graph);

const hessianNodes = (graph: Graph): ProductNodes => split(graph, prune(graph, graph.products));

/**
 * JᵀH_ℓJ v is what the backward pass makes of H_ℓ R{prediction} in the place of ∂ℓ/∂prediction, ending in the products in
 * the place of the gradients (Schraudolph 2002).
 */
function gaussNewtonNodes(graph: Graph): ProductNodes {
  const start = onlyNode(graph, 'lossGrad');
  const curved = onlyNode(graph, 'lossGrad2');
  const needed = new Set([...prune(graph, inputsOf(curved)), ...prune(graph, graph.gradients)]);
  const nodes = graph.nodes.filter((node) => needed.has(node) && node !== start);
  const productOf = new Map(graph.gradients.map((id, i) => [id, graph.products[i]!]));
  return split(graph, [
    ...nodes.filter(({ pass }) => pass !== 'backward'),
    { ...curved, out: start.out },
    ...nodes
      .filter(({ pass }) => pass === 'backward')
      .map((node) => ({ ...node, out: productOf.get(node.out) ?? node.out })),
  ]);
}

function onlyNode(graph: Graph, op: 'lossGrad' | 'lossGrad2'): GraphNode {
  const node = graph.nodes.find((candidate) => candidate.op === op);
  if (node === undefined) throw new RangeError(`the graph has no ${op}`);
  return node;
}

/** By what depends on `graph.tangents`; products count as such also where they are zero. */
function split(graph: Graph, nodes: readonly GraphNode[]): ProductNodes {
  const moving = new Set(graph.tangents);
  const products = new Set(graph.products);
  const primal: GraphNode[] = [];
  const tangent: GraphNode[] = [];
  for (const node of nodes) {
    if (products.has(node.out) || inputsOf(node).some((id) => moving.has(id))) {
      moving.add(node.out);
      tangent.push(node);
    } else {
      primal.push(node);
    }
  }
  return { primal, tangent };
}
