import type { Network } from './ir';
import { inputsOf, prune } from './prune';

/**
 * Numbers per example that a gradient must keep from its forward to its backward pass: the row tensors made in the forward
 * pass (or given: x, targets) that a node of the backward pass reads. A step over m examples at once keeps m times as many.
 */
export function keptForBackward({ graph }: Network): number {
  const nodes = prune(graph, [graph.loss, ...graph.gradients]);
  const backward = nodes.filter(({ pass }) => pass === 'backward');
  const madeBackward = new Set(backward.map(({ out }) => out));
  const kept = new Set(backward.flatMap(inputsOf).filter((id) => graph.tensors[id]!.rows && !madeBackward.has(id)));
  return [...kept].reduce((sum, id) => sum + graph.tensors[id]!.size, 0);
}
