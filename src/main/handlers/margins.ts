import { badInput } from '../../shared/errors';
import type { RunMargins } from '../../shared/model/run';
import { exampleMargins } from '../engine/executors/reference/margins';
import { buildNetwork } from '../engine/graph/build';
import type { CallContext, Handlers } from '../router';
import type { Services } from '../services';
import { createProgress } from './progress';

export function createMarginHandlers(services: Services): Pick<Handlers, 'run/margins'> {
  return { 'run/margins': (request, context) => margins(services, request, context) };
}

async function margins(
  { store, objectives }: Services,
  { runId, part, every }: Parameters<Handlers['run/margins']>[0],
  { signal, progress }: CallContext<never>,
): Promise<RunMargins> {
  const run = store.get(runId);
  const { objective } = run.experiment;
  if (objective.kind !== 'network') {
    throw badInput(`"${run.experiment.name}" is a function: it has no margins.`, 'Choose a network that classifies.');
  }
  const lease = await objectives.leaseRun(run);
  try {
    const data = lease.data![part];
    if (data.examples === 0) {
      throw badInput(`"${run.experiment.name}" has no validation part.`, 'Ask for the margins of the training part.');
    }
    const { runningStatistics } = objective;
    const network = buildNetwork(objective.model, { statistics: runningStatistics ? 'running' : 'batch' });
    if (network.coupled && part === 'validation') {
      throw badInput(
        'Margins of the validation part need the statistics of the training part, which batchNorm here takes from each batch.',
        'Ask for the margins of the training part.',
      );
    }
    const rows = Array.from({ length: Math.ceil(run.rows / every) }, (_, i) => i * every);
    if (rows.at(-1) !== run.rows - 1) rows.push(run.rows - 1);
    const steps = store.metrics(runId).step;
    const report = createProgress('margins', rows.length * data.examples, progress);
    const column = () => new Float64Array(rows.length);
    const result = { row: column(), step: column(), minimum: column(), mean: column(), right: column() };
    for (const [i, row] of rows.entries()) {
      const values = await exampleMargins(network, data, store.theta(runId, row), {
        statistics: runningStatistics,
        signal,
        onProgress: (examples) => report(i * data.examples + examples),
      });
      result.row[i] = row;
      result.step[i] = steps[row]!;
      result.minimum[i] = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
      result.mean[i] = values.reduce((sum, value) => sum + value, 0) / values.length;
      result.right[i] = values.reduce((count, value) => count + Number(value > 0), 0) / values.length;
    }
    return result;
  } finally {
    lease.release();
  }
}
