import type { BufferBlock } from '../graph/ir';
import type { Vector } from '../objectives/objective';

/** running ← (1 − momentum)·running + momentum·batch, block by block, as torch.nn.BatchNorm after each batch. */
export function updateRunning(blocks: readonly BufferBlock[], running: Vector, batch: Vector): void {
  for (const { offset, size, momentum } of blocks) {
    for (let i = offset; i < offset + size; i++) running[i] = (1 - momentum) * running[i]! + momentum * batch[i]!;
  }
}
