import { badInput } from '../../../shared/errors';
import type { Domain } from '../../../shared/model/experiment';
import type { PlaneSpec } from '../../../shared/model/landscape';
import type { ParameterLayout } from '../../../shared/model/run';
import { lastFiniteRow } from '../trajectory/pca';
import { type ProjectedPath, projectTrajectory } from '../trajectory/project';
import type { TrajectoryRows } from '../trajectory/rows';
import type { PlaneBasis } from './basis';
import { parametersPlane } from './parameters';
import { pcaPlane } from './pca';
import { randomPlane } from './random';
import { suggestRange } from './range';

export type { PlaneBasis } from './basis';

/** What a plane is made from. */
export interface PlaneData {
  layout: ParameterLayout;
  /** Paths of the same objective; the first gives the origin. */
  trajectories: readonly TrajectoryRows[];
  /** θ the plane goes through where there is no path; zero when left out. */
  start?: ArrayLike<number>;
  /** Window of a two-parameter function. */
  domain?: Domain;
}

export interface MadePlane {
  basis: PlaneBasis;
  /** One per trajectory. */
  paths: ProjectedPath[];
  /** A window that holds the paths (or the domain). */
  range: Domain;
}

/** Li et al.'s window for normalized random directions. */
const unitWindow: Domain = [-1, 1, -1, 1];

/**
 * Builds the plane of a specification, projects the paths on it and suggests a window.
 *
 * `origin: 'final'` is the last row of the first path whose entries are all finite.
 *
 * @throws badInput for rows and parameters that do not exist, a path that does not move (PCA), or nothing to vary
 */
export async function createPlane(spec: PlaneSpec, data: PlaneData, signal?: AbortSignal): Promise<MadePlane> {
  const made = await makeBasis(spec, data, signal);
  const paths: ProjectedPath[] = [];
  for (const trajectory of data.trajectories) paths.push(await projectTrajectory(made, trajectory, signal));
  const basis: PlaneBasis =
    made.explainedVarianceRatio === null ? { ...made, explainedVarianceRatio: explainedVariance(made, paths) } : made;
  return { basis, paths, range: windowOf(spec, basis, paths, data) };
}

async function makeBasis(spec: PlaneSpec, data: PlaneData, signal: AbortSignal | undefined): Promise<PlaneBasis> {
  switch (spec.kind) {
    case 'pca':
      return pcaPlane(data.trajectories, data.layout, spec.biases, signal);
    case 'random':
      return randomPlane(originRow(spec.origin, data), data.layout, spec);
    case 'parameters':
      return parametersPlane(originRow(spec.origin, data), data.layout, spec.indices);
    default:
      return spec satisfies never;
  }
}

function originRow(row: number | 'final', { trajectories, start, layout }: PlaneData): Float64Array {
  const first = trajectories[0];
  if (!first) {
    const dimension = layout.reduce((sum, { size }) => sum + size, 0);
    return start ? Float64Array.from(start) : new Float64Array(dimension);
  }
  if (row === 'final') return Float64Array.from(lastFiniteRow(first));
  if (row >= first.rows) {
    throw badInput(`Row ${row} was not recorded.`, `The path has rows 0 to ${first.rows - 1}.`, ['plane', 'origin']);
  }
  return Float64Array.from(first.read(row, 1));
}

/**
 * Share of Σ‖θ_t − origin row‖² in each axis of an orthogonal plane, from coordinates and residuals; the origin row
 * lies on the plane, so the three parts add up.
 */
function explainedVariance(basis: PlaneBasis, paths: readonly ProjectedPath[]): [number, number] | null {
  const {
    center,
    norms: [n1, n2],
  } = basis;
  let first = 0;
  let second = 0;
  let outside = 0;
  for (const { x, y, residual } of paths) {
    for (let i = 0; i < x.length; i++) {
      const parts = [((x[i]! - center[0]) * n1) ** 2, ((y[i]! - center[1]) * n2) ** 2, residual[i]! ** 2] as const;
      if (!parts.every(Number.isFinite)) continue;
      first += parts[0];
      second += parts[1];
      outside += parts[2];
    }
  }
  const total = first + second + outside;
  return total > 0 ? [first / total, second / total] : null;
}

function windowOf(spec: PlaneSpec, basis: PlaneBasis, paths: readonly ProjectedPath[], { domain }: PlaneData): Domain {
  const { norms } = basis;
  switch (spec.kind) {
    case 'pca':
      return suggestRange(paths, { norms });
    case 'random':
      return suggestRange(paths, { norms, base: unitWindow });
    case 'parameters': {
      const ownAxes = spec.indices[0] === 0 && spec.indices[1] === 1;
      const points = paths.length > 0 ? paths : [{ x: [basis.center[0]], y: [basis.center[1]] }];
      return suggestRange(points, { norms, ...(domain && ownAxes && { base: domain }) });
    }
    default:
      return spec satisfies never;
  }
}
