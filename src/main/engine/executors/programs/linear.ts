import type { Graph, GraphNode, TensorId } from '../../graph/ir';
import { inputsOf, prune } from '../../graph/prune';

/** The nodes of a pass, split into what three runs can serve a whole plane with and what each point needs. */
export interface LinearSplit {
  /** Row tensors that are linear in θ, and read at each point or wanted. */
  readonly linear: readonly TensorId[];
  /** Tensors that do not depend on θ, and are read at each point. */
  readonly constant: readonly TensorId[];
  /** Blocks of θ read at each point, as positions in the layout. */
  readonly parameters: readonly number[];
  readonly rest: readonly GraphNode[];
}

type Dependence = 'constant' | 'linear' | 'other';

/** Splits the nodes behind `outputs` by how their results depend on the parameters. */
export function splitLinear(graph: Graph, outputs: readonly TensorId[]): LinearSplit {
  const dependence = new Map<TensorId, Dependence>([
    [graph.input, 'constant'],
    [graph.target, 'constant'],
    ...graph.masks.map(({ tensor }) => [tensor, 'constant'] as const),
    ...graph.parameters.map((id) => [id, 'linear'] as const),
    // They change from call to call.
    ...graph.buffers.map((id) => [id, 'other'] as const),
  ]);
  const rest: GraphNode[] = [];
  for (const node of prune(graph, outputs)) {
    const of = resultOf(
      node,
      inputsOf(node).map((id) => dependence.get(id)!),
    );
    dependence.set(node.out, of);
    if (of === 'other') rest.push(node);
  }
  const read = [...new Set([...rest.flatMap(inputsOf), ...outputs])];
  const parameters = new Set(graph.parameters);
  return {
    linear: read.filter((id) => dependence.get(id) === 'linear' && !parameters.has(id)),
    constant: read.filter((id) => dependence.get(id) === 'constant'),
    parameters: graph.parameters.flatMap((id, i) => (read.includes(id) ? [i] : [])),
    rest,
  };
}

function resultOf(node: GraphNode, inputs: readonly Dependence[]): Dependence {
  if (inputs.every((input) => input === 'constant')) return 'constant';
  if (inputs.includes('other')) return 'other';
  switch (node.op) {
    case 'matmul':
    case 'conv2d':
    case 'embed':
      return inputs.includes('constant') ? 'linear' : 'other';
    case 'add':
    case 'addBias':
    case 'addAlong':
    case 'averagePool2d':
    case 'sliceStep':
    case 'stackSteps':
      // A sum with a constant is affine: the constant would be counted three times.
      return inputs.includes('constant') ? 'other' : 'linear';
    default:
      return 'other';
  }
}
