import { badInput } from '../../shared/errors';
import { type ExecutorName, executorNames } from '../../shared/model/experiment';
import type { Motion } from '../../shared/model/motion';
import { createOptimizer } from '../engine/optimizers';
import { replay } from '../engine/training/replay';
import type { Handlers } from '../router';
import type { Services } from '../services';
import type { PlaneService } from './planes';
import { createProgress } from './progress';
import { startingPoint } from './startingPoint';

/** What moves a recorded run's optimizer: the run is repeated, nothing of it was kept. */
export function createMotionHandlers(services: Services, planes: PlaneService): Pick<Handlers, 'run/motion'> {
  const { store, objectives } = services;
  return {
    'run/motion': async ({ runId, ...request }, { signal, progress, partial }): Promise<Motion> => {
      const run = store.get(runId);
      const { experiment, outcome, rows } = run;
      if (outcome.kind === 'running') throw badInput(`"${experiment.name}" is still training.`, 'Wait for its end.');
      if (outcome.kind === 'imported' || rows === 0) {
        throw badInput(`"${experiment.name}" was not trained here: there is no optimizer to see.`, 'Train a run.');
      }
      const started = performance.now();
      const { basis } = await planes.latest(request, { signal, progress });
      const { batchSize } = experiment.training;
      const choice = ranOn(run.executor) ?? experiment.executor;
      const lease = await objectives.leaseRun(run, choice, batchSize === 'full' ? {} : { batch: batchSize });
      try {
        const report = createProgress('replaying', rows, progress);
        const repeated = replay({
          ...{ objective: lease.train, stepping: lease.stepping, signal },
          params: startingPoint(experiment, lease, services),
          optimizer: createOptimizer(experiment.optimizer),
          training: experiment.training,
          seed: experiment.seed,
          plane: basis,
          recorded: { ...store.trajectory(runId), rows },
          steps: store.metrics(runId).step,
        });
        let next = await repeated.next();
        for (; !next.done; next = await repeated.next()) {
          report(next.value.firstRow + next.value.rows);
          partial(next.value);
        }
        const seconds = (performance.now() - started) / 1_000;
        return { runId, ...next.value, executor: lease.train.executor, seconds };
      } finally {
        lease.release();
      }
    },
  };
}

/** The name in a description such as "wasm (relaxed SIMD, 2 threads)"; none for functions. */
const ranOn = (description: string): ExecutorName | undefined =>
  executorNames.find((name) => description.split(' ')[0] === name);
