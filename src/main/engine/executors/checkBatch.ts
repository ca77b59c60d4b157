import { badInput } from '../../../shared/errors';
import type { Network } from '../graph/ir';

/**
 * As in PyTorch: one value has no variance to divide by.
 *
 * @throws UserError badInput
 */
export function checkBatch({ coupled, graph }: Network, rows: number): void {
  if (!coupled) return;
  for (const node of graph.nodes) {
    if (node.op !== 'normalize' || node.sets.over !== 'batch' || rows * node.sets.inner > 1) continue;
    throw badInput(
      `batchNorm needs at least two values per channel in a batch; this one has ${rows * node.sets.inner}.`,
      'Use batches of two or more examples, of a size that leaves no single one over.',
      ['training', 'batchSize'],
    );
  }
}
