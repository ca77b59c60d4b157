import { UserError } from '../../../shared/errors';
import type { ParameterLayout } from '../../../shared/model/run';
import { pathPrincipalComponents } from '../trajectory/pca';
import type { TrajectoryRows } from '../trajectory/rows';
import { describeBasis, type PlaneBasis } from './basis';

/**
 * The plane of the first two principal components of the paths about the end of the first (uncentred).
 *
 * @param biases false: the directions leave the biases alone; the shares still count the biases' part of the path
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
    ...(!biases && { mask: weightMask(layout, trajectories[0]!.dimension) }),
    ...(signal && { signal }),
  });
  return describeBasis({ origin, d1, d2, center: [0, 0], labels: ['PC 1', 'PC 2'], explainedVarianceRatio });
}

/** 0 at biases, 1 elsewhere. */
function weightMask(layout: ParameterLayout, dimension: number): Uint8Array {
  const mask = new Uint8Array(dimension).fill(1);
  for (const { role, offset, size } of layout) if (role === 'bias') mask.fill(0, offset, offset + size);
  return mask;
}
