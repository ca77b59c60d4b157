import { type Gram, planeCoordinates } from '../../../shared/math/projection';
import { cooperate } from '../cooperate';
import type { Vector } from '../objectives/objective';
import { dot } from '../vectors';
import type { TrajectoryRows } from './rows';

/** Points origin + x·d₁ + y·d₂ of parameter space; the axes need not be orthogonal or of unit length. */
export interface PlaneAxes {
  origin: Vector;
  d1: Vector;
  d2: Vector;
}

/** One entry per row. */
export interface ProjectedPath {
  /** Least-squares coordinates. */
  x: Float64Array;
  y: Float64Array;
  /** ‖θ − (origin + x·d₁ + y·d₂)‖, the distance from the plane. */
  residual: Float64Array;
}

export interface Projector {
  /** `theta`: rows × P, row-major. A row with an entry that is not finite gives NaN. */
  project(theta: Vector, rows: number): ProjectedPath;
}

/**
 * Least-squares projection on a plane: (x, y) minimizes ‖θ − origin − x·d₁ − y·d₂‖ by the 2×2 Gram solve, right for
 * axes that are not orthogonal too. Float64; the residual is measured, not taken from the difference of squares.
 */
export function createProjector({ origin, d1, d2 }: PlaneAxes): Projector {
  const dimension = origin.length;
  const gram: Gram = { d11: dot(d1, d1), d12: dot(d1, d2), d22: dot(d2, d2) };
  return {
    project(theta, rows) {
      const path: ProjectedPath = {
        x: new Float64Array(rows),
        y: new Float64Array(rows),
        residual: new Float64Array(rows),
      };
      for (let r = 0; r < rows; r++) {
        const start = r * dimension;
        let b1 = 0;
        let b2 = 0;
        for (let i = 0; i < dimension; i++) {
          const delta = theta[start + i]! - origin[i]!;
          b1 += delta * d1[i]!;
          b2 += delta * d2[i]!;
        }
        const [x, y] = planeCoordinates(gram, b1, b2);
        let squared = 0;
        for (let i = 0; i < dimension; i++) {
          const out = theta[start + i]! - origin[i]! - x * d1[i]! - y * d2[i]!;
          squared += out * out;
        }
        path.x[r] = x;
        path.y[r] = y;
        path.residual[r] = Math.sqrt(squared);
      }
      return path;
    },
  };
}

/** Projects a whole recorded path, streamed in blocks of about 4 MB. */
export async function projectTrajectory(
  axes: PlaneAxes,
  trajectory: TrajectoryRows,
  signal?: AbortSignal,
): Promise<ProjectedPath> {
  const projector = createProjector(axes);
  const turn = cooperate(signal);
  const { rows, dimension } = trajectory;
  const path: ProjectedPath = {
    x: new Float64Array(rows),
    y: new Float64Array(rows),
    residual: new Float64Array(rows),
  };
  const block = Math.max(1, Math.floor(1_000_000 / dimension));
  for (let first = 0; first < rows; first += block) {
    const count = Math.min(block, rows - first);
    const part = projector.project(trajectory.read(first, count), count);
    path.x.set(part.x, first);
    path.y.set(part.y, first);
    path.residual.set(part.residual, first);
    await turn();
  }
  return path;
}
