import { sayError } from '../../../shared/errors';
import type { PlaneSpec } from '../../../shared/model/landscape';
import type { ParameterBlock, ParameterLayout } from '../../../shared/model/run';
import { createRng } from '../random';
import { addScaled, dot, norm, scale } from '../vectors';
import { describeBasis, type PlaneBasis } from './basis';

export type RandomPlaneSpec = Extract<PlaneSpec, { kind: 'random' }>;

/** In Li et al.'s d_f·‖w_f‖/(‖d_f‖ + 1e-10). */
const normalizationEpsilon = 1e-10;

/**
 * Two Gaussian directions through `origin`, each from its own stream of the seed (Li et al. 2018, "Visualizing the loss
 * landscape of neural nets"), normalized and then made orthogonal: d₂ loses its component along d₁ and is scaled back
 * to the length it had, so filter norms of d₂ are those of the weights only up to a few parts in √P.
 *
 * @throws badInput where normalization leaves nothing (all weights zero)
 */
export function randomPlane(origin: Float64Array, layout: ParameterLayout, spec: RandomPlaneSpec): PlaneBasis {
  const d1 = randomDirection(origin, layout, spec, 'plane/first direction');
  const d2 = randomDirection(origin, layout, spec, 'plane/second direction');
  const length = norm(d2);
  if (norm(d1) === 0 || length === 0) {
    throw sayError('badInput', 'weightsAllZero', { row: spec.origin, normalization: spec.normalization }, [
      'plane',
      'normalization',
    ]);
  }
  addScaled(d2, -dot(d1, d2) / dot(d1, d1), d1);
  addScaled(d2, -dot(d1, d2) / dot(d1, d1), d1);
  const remaining = norm(d2);
  if (!(remaining > 1e-10 * length)) {
    throw sayError('badInput', 'oneParameterVaries', {}, ['plane', 'biases']);
  }
  scale(d2, length / remaining);
  return describeBasis({
    origin,
    d1,
    d2,
    center: [0, 0],
    labels: ['random 1', 'random 2'],
    explainedVarianceRatio: null,
  });
}

/**
 * One standard normal direction, normalized:
 * - filter: each output unit (row of axis 0 of a weight) is scaled to the norm of that unit's weights;
 * - layer: each weight block as a whole is scaled to the block's norm;
 * - none: as drawn.
 *
 * Biases (and the scales of batch and layer norms) are zeroed, or kept as drawn with the block scaled to the norm of the
 * layer's biases (unless normalization is none); they are never copied from the weights. Coordinates of a function are
 * left as drawn.
 */
export function randomDirection(
  params: Float64Array,
  layout: ParameterLayout,
  { seed, normalization, biases }: Pick<RandomPlaneSpec, 'seed' | 'normalization' | 'biases'>,
  stream: string,
): Float64Array {
  const rng = createRng(seed, stream);
  const direction = Float64Array.from(params, () => rng.normal());
  for (const block of layout) {
    const { role, offset, size } = block;
    const isWeight = role === 'weight' || role === 'coordinate';
    if (!isWeight && biases === 'zero') direction.fill(0, offset, offset + size);
    else if (role !== 'coordinate') normalizeBlock(direction, params, block, normalization);
  }
  return direction;
}

function normalizeBlock(
  direction: Float64Array,
  params: Float64Array,
  { role, offset, size, shape }: ParameterBlock,
  normalization: RandomPlaneSpec['normalization'],
): void {
  switch (normalization) {
    case 'none':
      return;
    case 'layer':
      matchNorm(direction, params, offset, size);
      return;
    case 'filter': {
      const units = role === 'weight' ? shape[0]! : 1;
      const unit = size / units;
      for (let u = 0; u < units; u++) matchNorm(direction, params, offset + u * unit, unit);
      return;
    }
    default:
      normalization satisfies never;
  }
}

/** d ← d·‖w‖/(‖d‖ + 1e-10) on one slice. */
function matchNorm(direction: Float64Array, params: Float64Array, offset: number, size: number): void {
  const d = direction.subarray(offset, offset + size);
  scale(d, norm(params.subarray(offset, offset + size)) / (norm(d) + normalizationEpsilon));
}
