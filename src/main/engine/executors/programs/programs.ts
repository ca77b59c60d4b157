import type { Graph, GraphNode, Network, TensorId } from '../../graph/ir';
import { prune } from '../../graph/prune';
import { declaredShape, emitNodes, type Factors } from './emit';
import { createGraphBuilder, type GraphBuilder, type ProgramGraph, type ProgramValue, rowCount } from './graphBuilder';
import type { Runtime } from './runtime';

/** Names of the inputs of programs; each program has those it reads. */
export const inputNames = {
  /** [N, …]: the examples, in order. */
  x: 'x',
  target: 'target',
  /** [M, …] and [N]: all examples, and the numbers of those wanted. */
  everyX: 'everyX',
  everyTarget: 'everyTarget',
  rows: 'rows',
  /** 1/n, to which all derivatives are proportional. */
  scale: 'scale',
  /** [1, N] ones. */
  ones: 'ones',
  parameter: (i: number) => `p${i}`,
  tangent: (i: number) => `v${i}`,
  /** [N, …]: factors of dropout. */
  mask: (i: number) => `mask${i}`,
  /** Statistics kept beside θ. */
  buffer: (i: number) => `b${i}`,
} as const;

/**
 * What computes `outputs` of a network, in that order.
 *
 * @param gathered whether the examples are chosen by number or given in order
 * @param nodes in execution order; those of the graph that `outputs` need where left out
 */
export function writeProgram(
  runtime: Runtime,
  { graph }: Network,
  outputs: readonly TensorId[],
  gathered: boolean,
  nodes: readonly GraphNode[] = prune(graph, outputs),
): ProgramGraph {
  const { builder, given, factors } = beginProgram(graph, gathered);
  const value = emitNodes(runtime, builder, graph, nodes, given, factors);
  return builder.graph(distinct(builder, outputs.map(value)));
}

function beginProgram(graph: Graph, gathered: boolean) {
  const builder = createGraphBuilder();
  const given = new Map<TensorId, ProgramValue>([
    ...blocks(builder, graph, graph.parameters, inputNames.parameter),
    ...blocks(builder, graph, graph.tangents, inputNames.tangent),
    ...blocks(builder, graph, graph.buffers, inputNames.buffer),
    ...blocks(
      builder,
      graph,
      graph.masks.map(({ tensor }) => tensor),
      inputNames.mask,
    ),
    ...examples(builder, graph, gathered),
  ]);
  const factors: Factors = {
    scale: builder.input(inputNames.scale, 'float32', []),
    ones: builder.input(inputNames.ones, 'float32', [1, rowCount]),
  };
  return { builder, given, factors };
}

/** Two blocks may be the same, such as the gradients of two biases of one sum. */
function distinct(builder: GraphBuilder, values: readonly ProgramValue[]): ProgramValue[] {
  const names = values.map(({ name }) => name);
  return values.map((value, i) => (names.indexOf(value.name) === i ? value : builder.copy(value)));
}

function blocks(
  builder: GraphBuilder,
  graph: Graph,
  ids: readonly TensorId[],
  name: (i: number) => string,
): [TensorId, ProgramValue][] {
  return ids.map((id, i) => [id, builder.input(name(i), 'float32', declaredShape(graph, id))]);
}

function examples(builder: GraphBuilder, graph: Graph, gathered: boolean): [TensorId, ProgramValue][] {
  const from = [
    [graph.input, inputNames.x, inputNames.everyX],
    [graph.target, inputNames.target, inputNames.everyTarget],
  ] as const;
  if (!gathered) {
    return from.map(([id, name]) => [id, builder.input(name, 'float32', [rowCount, ...graph.tensors[id]!.shape])]);
  }
  const rows = builder.input(inputNames.rows, 'int32', [rowCount]);
  return from.map(([id, _, every]) => {
    const { shape } = graph.tensors[id]!;
    const all = builder.input(every, 'float32', ['M', ...shape]);
    return [id, builder.node('Gather', [all, rows], { attributes: { axis: 0 }, shape: [rowCount, ...shape] })];
  });
}
