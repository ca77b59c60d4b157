import { UserError } from '../../../shared/errors';
import type { FlatPlaneSpec } from '../../../shared/model/landscape';
import { pathPrincipalComponents } from '../trajectory/pca';
import { spreadRows } from '../trajectory/rows';
import { describeBasis, type PlaneBasis } from './basis';
import type { PlaneData } from './data';
import { weightMask } from './directions';

/**
 * The plane of the first two principal components of the paths about the end of the first (uncentred).
 *
 * With `biases: false` the directions leave the biases and the parameters of norms alone; the shares still count their
 * part of the path. With `maxRows` each path gives rows in proportion to its length, and the shares are left to whoever
 * projects every row.
 */
export async function pcaPlane(
  { biases, maxRows }: Extract<FlatPlaneSpec, { kind: 'pca' }>,
  { trajectories, layout }: Pick<PlaneData, 'trajectories' | 'layout'>,
  signal?: AbortSignal,
): Promise<PlaneBasis> {
  if (trajectories.length === 0) {
    throw new UserError('badInput', 'A PCA plane needs a recorded path.', {
      cure: 'Train first, or choose two parameters.',
    });
  }
  const total = trajectories.reduce((sum, { rows }) => sum + rows, 0);
  const sampled = maxRows !== undefined && total > maxRows;
  const used = sampled
    ? trajectories.map((one) => spreadRows(one, Math.max(2, Math.floor((maxRows * one.rows) / total))))
    : trajectories;
  const { origin, d1, d2, explainedVarianceRatio } = await pathPrincipalComponents(used, {
    ...(!biases && { mask: weightMask(layout) }),
    ...(signal && { signal }),
  });
  return describeBasis({
    ...{ origin, d1, d2, center: [0, 0], labels: ['PC 1', 'PC 2'] },
    explainedVarianceRatio: sampled ? null : explainedVarianceRatio,
  });
}
