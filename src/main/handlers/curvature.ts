import { badInput } from '../../shared/errors';
import type { RunInfo } from '../../shared/model/run';
import { measureSpectrum } from '../engine/curvature/spectrum';
import type { Handlers } from '../router';
import type { Services } from '../services';
import { subsetRows } from './objectives';

export function createCurvatureHandlers(services: Services): Pick<Handlers, 'curvature/spectrum'> {
  const { store, objectives } = services;
  return {
    'curvature/spectrum': async (params, { signal, progress }) => {
      const run = store.get(params.runId);
      const row = resolveRow(run, params.row);
      const lease = await objectives.leaseRun(run, params.executor);
      try {
        const { train } = lease;
        const rows = subsetRows(params.subset, train.examples);
        const theta = train.allocate();
        theta.set(store.theta(run.id, row));
        const measured = await measureSpectrum(train, theta, {
          top: params.top,
          bottom: params.bottom,
          tolerance: params.tolerance,
          maxIterations: params.maxIterations,
          seed: params.seed,
          signal,
          onProgress: (done, total, secondsLeft) => progress({ label: 'lanczos', done, total, secondsLeft }),
          ...(rows && { rows }),
        });
        const spectrum = {
          ...measured,
          runId: run.id,
          row,
          step: store.metrics(run.id).step[row]!,
          subset: params.subset,
          seed: params.seed,
        };
        if (run.outcome.kind !== 'running') store.saveSpectrum(run.id, spectrum);
        return spectrum;
      } finally {
        lease.release();
      }
    },
  };
}

/** @throws badInput for a row that was not recorded */
export function resolveRow(run: RunInfo, row: number | 'final'): number {
  if (run.rows === 0) throw badInput(`"${run.experiment.name}" has not recorded anything yet.`, 'Train it first.');
  if (row === 'final') return run.rows - 1;
  if (row < run.rows) return row;
  throw badInput(`Row ${row} does not exist.`, `"${run.experiment.name}" has rows 0 to ${run.rows - 1}.`, ['row']);
}
