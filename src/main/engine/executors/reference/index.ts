import { checkExamples } from '../checkExamples';
import type { Executor } from '../executor';
import { createReferenceObjective, type ReferenceOptions } from './objective';

/** The oracle: plain float64 TypeScript over the pruned graph. Slow next to the others, and what they are tested by. */
export function createReferenceExecutor(options: ReferenceOptions = {}): Executor {
  const description = 'reference (float64)';
  return {
    name: 'reference',
    description,
    precision: 'float64',
    load(network, data) {
      checkExamples(network, data);
      return createReferenceObjective(network, data, description, options);
    },
    dispose() {},
  };
}
