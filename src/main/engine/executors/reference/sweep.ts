import type { Network, TensorId } from '../../graph/ir';
import { prune } from '../../graph/prune';
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
}

/**
 * Computes tensors of a network's graph at θ, in float64, for chunk after chunk of the examples; `use` reads the first
 * `count` rows of each before the next chunk overwrites them.
 */
export function sweepTensors(
  network: Network,
  data: ExampleSet,
  params: Vector,
  tensors: readonly TensorId[],
  { rows, statistics }: SweepOptions,
  use: (buffers: Buffers, start: number, count: number) => void,
): void {
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
    interpret(graph, nodes, buffers, count);
    use(buffers, start, count);
  }
}
