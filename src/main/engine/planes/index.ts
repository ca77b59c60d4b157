import type { Domain } from '../../../shared/model/experiment';
import type { FlatPlaneSpec, PlaneSpec } from '../../../shared/model/landscape';
import { type ProjectedPath, projectTrajectory } from '../trajectory/project';
import type { MadePlane, PlaneBasis } from './basis';
import { eigenvectorPlane, gradientPlane } from './curvature';
import { originRow, type PlaneData, type PlaneWork } from './data';
import { parametersPlane } from './parameters';
import { pcaPlane } from './pca';
import { connectionPlane, filePlane, pointsPlane } from './points';
import { randomPlane } from './random';
import { suggestRange } from './range';
import { prepareTurning } from './turned';

export type { MadePlane, PlaneBasis } from './basis';
export type { PlaneData, PlaneSources, PlaneWork } from './data';
export { prepareTurning, type Turning } from './turned';

/** Li et al.'s window for normalized random directions. */
const unitWindow: Domain = [-1, 1, -1, 1];

/**
 * Builds the plane of a specification, projects the paths on it and suggests a window.
 *
 * `origin: 'final'` is the last row of the first path whose entries are all finite.
 *
 * @throws badInput for rows and parameters that do not exist, a path that does not move (PCA), or directions that are
 *   parallel or zero
 */
export async function createPlane(spec: PlaneSpec, data: PlaneData, work: PlaneWork = {}): Promise<MadePlane> {
  if (spec.kind === 'turned') {
    const base = await createPlane(spec.base, data, work);
    return withExplainedVariance((await prepareTurning(base, spec, data, work)).at(spec.angle));
  }
  const { basis, window } = await makeBasis(spec, data, work);
  const paths: ProjectedPath[] = [];
  for (const trajectory of data.trajectories) paths.push(await projectTrajectory(basis, trajectory, work.signal));
  const range = suggestRange(paths.length > 0 ? paths : [{ x: [basis.center[0]], y: [basis.center[1]] }], {
    norms: basis.norms,
    ...(window && { base: window }),
  });
  return withExplainedVariance({ basis, paths, range });
}

/** @returns the basis with the least window it should be seen in, where there is one */
async function makeBasis(
  spec: FlatPlaneSpec,
  data: PlaneData,
  work: PlaneWork,
): Promise<{ basis: PlaneBasis; window?: Domain }> {
  const { layout, domain } = data;
  switch (spec.kind) {
    case 'pca':
      return { basis: await pcaPlane(spec, data, work.signal) };
    case 'random':
      return { basis: randomPlane(originRow(spec.origin, data), layout, spec), window: unitWindow };
    case 'parameters': {
      const ownAxes = spec.indices[0] === 0 && spec.indices[1] === 1;
      const basis = parametersPlane(originRow(spec.origin, data), layout, spec.indices);
      return { basis, ...(domain && ownAxes && { window: domain }) };
    }
    case 'eigenvectors':
      return { basis: await eigenvectorPlane(spec, data, work) };
    case 'gradient':
      return { basis: await gradientPlane(spec, data) };
    case 'points':
      return pointsPlane(spec, data);
    case 'file':
      return { basis: await filePlane(spec, data) };
    case 'connection':
      return connectionPlane(spec, data);
    default:
      return spec satisfies never;
  }
}

/** The plane with the shares of its paths, where its maker did not say them. */
export function withExplainedVariance(made: MadePlane): MadePlane {
  const { basis, paths } = made;
  if (basis.explainedVarianceRatio !== null) return made;
  return { ...made, basis: { ...basis, explainedVarianceRatio: explainedVariance(basis, paths) } };
}

/**
 * Share of Σ‖θ_t − origin row‖² along the first axis and in what the second adds to it, from coordinates and residuals;
 * the origin row lies on the plane, so the three parts add up.
 */
function explainedVariance(basis: PlaneBasis, paths: readonly ProjectedPath[]): [number, number] | null {
  const {
    center,
    norms: [n1, n2],
    axisCosine,
  } = basis;
  let first = 0;
  let second = 0;
  let outside = 0;
  for (const { x, y, residual } of paths) {
    for (let i = 0; i < x.length; i++) {
      const along = (x[i]! - center[0]) * n1;
      const across = (y[i]! - center[1]) * n2;
      const parts = [
        (along + axisCosine * across) ** 2,
        (1 - axisCosine ** 2) * across ** 2,
        residual[i]! ** 2,
      ] as const;
      if (!parts.every(Number.isFinite)) continue;
      first += parts[0];
      second += parts[1];
      outside += parts[2];
    }
  }
  const total = first + second + outside;
  return total > 0 ? [first / total, second / total] : null;
}
