import { checkExamples } from '../checkExamples';
import type { Executor } from '../executor';
import { createReferenceObjective, type ReferenceOptions } from './objective';

export interface ReferenceExecutorOptions extends ReferenceOptions {
  /** Why it was chosen, for the description: "wasm has no conv2d". */
  because?: string;
}

/** The oracle: plain float64 TypeScript over the pruned graph. Slow next to the others, and what they are tested by. */
export function createReferenceExecutor(options: ReferenceExecutorOptions = {}): Executor {
  const description = `reference (float64${options.because ? `; ${options.because}` : ''})`;
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
