import { badInput } from '../../shared/errors';
import type { Experiment } from '../../shared/model/experiment';
import { exampleMargins } from '../engine/executors/reference/margins';
import { buildNetwork } from '../engine/graph/build';
import type { Rows } from '../engine/objectives/objective';
import type { CallContext } from '../router';
import type { Services } from '../services';
import type { LoadedObjective } from './objectives';
import { createProgress } from './progress';

/**
 * The training examples by their margin at the end of the run that a curriculum names, the largest first; null where it
 * names none.
 *
 * @throws UserError (badInput) for a run on other data or without margins; `notFound` for an unknown one; `cancelled`
 */
export async function rankingOf(
  { training }: Experiment,
  { data }: Pick<LoadedObjective, 'data'>,
  { store }: Services,
  { signal, progress }: Pick<CallContext, 'signal' | 'progress'>,
): Promise<Rows | null> {
  const ranker = training.curriculum?.rankedBy;
  if (ranker === undefined || !data) return null;
  const { experiment, datasetFingerprint, rows } = store.get(ranker);
  const { objective } = experiment;
  if (objective.kind !== 'network' || datasetFingerprint !== data.fingerprint) {
    throw badInput(
      `"${experiment.name}" was trained on other data: it cannot rank these examples.`,
      'Name a run on the same data, split and labels, or leave rankedBy out.',
      ['training', 'curriculum', 'rankedBy'],
    );
  }
  const { model, runningStatistics: statistics } = objective;
  const network = buildNetwork(model, { statistics: statistics ? 'running' : 'batch' });
  const margins = await exampleMargins(network, data.train, store.theta(ranker, rows - 1), {
    statistics,
    signal,
    onProgress: createProgress('margins', data.train.examples, progress),
  });
  return Int32Array.from({ length: margins.length }, (_, i) => i).sort((a, b) => margins[b]! - margins[a]! || a - b);
}
