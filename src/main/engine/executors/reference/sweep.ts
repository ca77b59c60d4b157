import { cooperate } from '../../cooperate';
import type { Graph, GraphNode, Network, TensorId } from '../../graph/ir';
import { inputsOf, prune } from '../../graph/prune';
import type { Rows, Vector } from '../../objectives/objective';
import { checkBatch } from '../checkBatch';
import type { ExampleSet } from '../executor';
import { allocateResults, type Buffers, interpret } from './interpret';
import { allocateExamples, bindBlocks, chunkRows, gather, initialBuffers } from './objective';

export interface SweepOptions {
  /** The examples; all where left out. */
  rows?: Rows | undefined;
  /** Running statistics in place of the initial ones, laid out as `Network.buffers`. */
  statistics?: readonly number[] | undefined;
  signal?: AbortSignal | undefined;
  /** Told how many examples are done. */
  onProgress?: ((examples: number) => void) | undefined;
}

/** Multiplications between two looks at the signal: about 20 ms of the interpreter's matrix products and convolutions. */
const sliceProducts = 1e7;

/**
 * Computes tensors of a network's graph at θ, in float64, for chunk after chunk of the examples; `use` reads the first
 * `count` rows of each before the next chunk overwrites them.
 *
 * @throws cancelled() within 100 ms of the signal, as long as one example's share of an op takes less
 */
export async function sweepTensors(
  network: Network,
  data: ExampleSet,
  params: Vector,
  tensors: readonly TensorId[],
  { rows, statistics, signal, onProgress }: SweepOptions,
  use: (buffers: Buffers, start: number, count: number) => void,
): Promise<void> {
  const turn = cooperate(signal);
  const { graph, layout } = network;
  const all = rows ?? Int32Array.from({ length: data.examples }, (_, i) => i);
  if (all.length === 0) throw new RangeError('a mean needs at least one example');
  checkBatch(network, all.length);
  const chunk = network.coupled ? all.length : Math.min(chunkRows, all.length);
  const nodes = prune(graph, tensors);
  const state = statistics ? Float64Array.from(statistics) : initialBuffers(network.buffers);
  const buffers: Buffers = new Map();
  bindBlocks(buffers, graph.parameters, layout, Float64Array.from(params));
  bindBlocks(buffers, graph.buffers, network.buffers, state);
  allocateExamples(graph, chunk, buffers);
  allocateResults(graph, nodes, chunk, buffers);
  for (let start = 0; start < all.length; start += chunk) {
    const count = Math.min(chunk, all.length - start);
    gather(graph, data, all.subarray(start, start + count), 0, buffers);
    for (const node of nodes) await interpretInSlices(graph, node, buffers, count, turn);
    use(buffers, start, count);
    onProgress?.(start + count);
  }
}

/** The same numbers as `interpret`, a few rows at a time where an op takes long and rows do not meet in it. */
async function interpretInSlices(
  graph: Graph,
  node: GraphNode,
  buffers: Buffers,
  count: number,
  turn: ReturnType<typeof cooperate>,
): Promise<void> {
  const slice = Math.max(1, Math.floor(sliceProducts / productsPerRow(graph, node)));
  for (let start = 0; start < count; start += slice) {
    await turn();
    const rows = Math.min(slice, count - start);
    interpret(graph, [node], rows === count ? buffers : rowsOf(graph, node, buffers, start, rows), rows);
  }
}

/** Of an op that computes every row by itself; 0 of the others, whatever they cost. */
function productsPerRow(graph: Graph, node: GraphNode): number {
  const { rows, size } = graph.tensors[node.out]!;
  if (!rows) return 0;
  if (node.op === 'matmul') return graph.tensors[node.b]!.rows ? 0 : graph.tensors[node.b]!.size;
  return node.op === 'conv2d' ? (size * graph.tensors[node.weight]!.size) / graph.tensors[node.weight]!.shape[0]! : 0;
}

/** Views of what a node reads and writes from one row on. */
function rowsOf(graph: Graph, node: GraphNode, buffers: Buffers, start: number, count: number): Buffers {
  return new Map(
    [node.out, ...inputsOf(node)].map((id) => {
      const { rows, size } = graph.tensors[id]!;
      const values = buffers.get(id)!;
      return [id, rows ? values.subarray(start * size, (start + count) * size) : values];
    }),
  );
}
