import { badInput } from '../../../shared/errors';
import type { EigenvectorChoice, PlaneSpec } from '../../../shared/model/landscape';
import { norm, scale } from '../vectors';
import { describeBasis, makeSquare, type PlaneBasis } from './basis';
import { originRow, type PlaneData, type PlaneWork, sourcesOf } from './data';
import { gradientAndImage, hessianEigenvectors, weightMask } from './directions';

/**
 * Two unit eigenvectors of the Hessian at the origin: along the axes the slice curves by their eigenvalues, and to second
 * order it is L₀ + gᵀ(xv₁ + yv₂) + ½(λ₁x² + λ₂y²).
 *
 * @throws badInput for the same eigenvector twice
 */
export async function eigenvectorPlane(
  spec: Extract<PlaneSpec, { kind: 'eigenvectors' }>,
  data: PlaneData,
  work: PlaneWork,
): Promise<PlaneBasis> {
  const [first, second] = spec.which;
  if (first.end === second.end && first.rank === second.rank) {
    throw badInput(`Both axes are the ${name(first)}.`, 'Choose two different eigenvectors.', ['plane', 'which']);
  }
  const origin = originRow(spec.origin, data);
  const found = await hessianEigenvectors(await sourcesOf(data).objective(), origin, spec.which, {
    ...work,
    seed: spec.seed,
    mask: spec.biases ? undefined : weightMask(data.layout),
  });
  return describeBasis({
    origin,
    d1: found[0]!.vector,
    d2: found[1]!.vector,
    center: [0, 0],
    labels: [name(first), name(second)],
    explainedVarianceRatio: null,
    eigenvalues: [found[0]!.eigenvalue, found[1]!.eigenvalue],
  });
}

/** "eigenvector 1", or "eigenvector −1" counted from the smallest eigenvalue. */
const name = ({ end, rank }: EigenvectorChoice): string => `eigenvector ${end === 'top' ? '' : '−'}${rank}`;

/**
 * span{g, Hg} at the origin with unit square axes, the first along g: the curvature along it is gᵀHg/gᵀg, what a step of
 * gradient descent meets, and Hg is where the gradient turns to after it.
 *
 * @throws badInput where g is zero or an eigenvector
 */
export async function gradientPlane(
  spec: Extract<PlaneSpec, { kind: 'gradient' }>,
  data: PlaneData,
): Promise<PlaneBasis> {
  const origin = originRow(spec.origin, data);
  const mask = spec.biases ? undefined : weightMask(data.layout);
  const { gradient: d1, image: d2 } = await gradientAndImage(await sourcesOf(data).objective(), origin, mask);
  const labels: [string, string] = ['gradient', 'H·gradient'];
  // Refuses parallel ones before they are made square.
  describeBasis({ origin, d1, d2, center: [0, 0], labels, explainedVarianceRatio: null });
  scale(d1, 1 / norm(d1));
  makeSquare(d2, [d1]);
  scale(d2, 1 / norm(d2));
  return describeBasis({ origin, d1, d2, center: [0, 0], labels, explainedVarianceRatio: null });
}
