import type { ModelSpec } from '../../../shared/model/experiment';
import { buildNetwork } from '../graph/build';

/** P, from the shapes alone. */
export function countParameters(model: ModelSpec): number {
  return buildNetwork(model).layout.reduce((count, block) => count + block.size, 0);
}
