import { buildNetwork } from '../graph/build';
import type { Network } from '../graph/ir';
import type { StudyObjective } from './study';

/** The graph of a network's objective, to read single values from; functions have none. */
export function networkOf({ spec }: StudyObjective): Network {
  if (spec.kind !== 'network') throw new TypeError(`${spec.kind} is no network`);
  return buildNetwork(spec.model);
}
