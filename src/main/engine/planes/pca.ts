import { UserError } from '../../../shared/errors';
import type { ParameterLayout } from '../../../shared/model/run';
import { pathPrincipalComponents } from '../trajectory/pca';
import type { TrajectoryRows } from '../trajectory/rows';
import { describeBasis, type PlaneBasis } from './basis';
import { weightMask } from './directions';

/**
 * The plane of the first two principal components of the paths about the end of the first (uncentred).
 *
 * @param biases false: the directions leave the biases and the parameters of norms alone; the shares still count their
 *   part of the path
 */
export async function pcaPlane(
  trajectories: readonly TrajectoryRows[],
  layout: ParameterLayout,
  biases: boolean,
  signal?: AbortSignal,
): Promise<PlaneBasis> {
  if (trajectories.length === 0) {
    throw new UserError('badInput', 'A PCA plane needs a recorded path.', {
      cure: 'Train first, or choose two parameters.',
    });
  }
  const { origin, d1, d2, explainedVarianceRatio } = await pathPrincipalComponents(trajectories, {
    ...(!biases && { mask: weightMask(layout) }),
    ...(signal && { signal }),
  });
  return describeBasis({ origin, d1, d2, center: [0, 0], labels: ['PC 1', 'PC 2'], explainedVarianceRatio });
}
