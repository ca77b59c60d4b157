import { checkExamples } from '../checkExamples';
import type { Executor } from '../executor';
import { load } from './loaded';
import { createProgramObjective } from './objective';
import type { Runtime } from './runtime';

/**
 * Float32 by a library that runs graphs of operators: a network's passes written as programs, each made ready when first
 * needed. Commands answer with promises; each occupies the thread for one chunk of examples at a time.
 */
export function createProgramExecutor(
  runtime: Runtime,
  about: Pick<Executor, 'name' | 'description' | 'details' | 'supports'>,
): Executor {
  const loads = new Set<{ dispose(): void }>();
  return {
    ...about,
    precision: 'float32',
    load(network, data) {
      checkExamples(network, data);
      const objective = createProgramObjective(load(runtime, network, data), about.description);
      loads.add(objective);
      return {
        ...objective,
        dispose() {
          objective.dispose();
          loads.delete(objective);
        },
      };
    },
    dispose() {
      for (const objective of loads) objective.dispose();
      loads.clear();
    },
  };
}
