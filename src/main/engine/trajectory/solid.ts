import { type Gram, planeCoordinates } from '../../../shared/math/projection';
import { cooperate } from '../cooperate';
import { addScaled, dot, norm } from '../vectors';
import type { TrajectoryRows } from './rows';

/** Points origin + x·d₁ + y·d₂ + z·d₃; d₃ at right angles to both others, which need not be so to each other. */
export interface SolidAxes {
  origin: Float64Array;
  d1: Float64Array;
  d2: Float64Array;
  d3: Float64Array;
}

/** One entry per row. */
export interface SolidPath {
  /** Least-squares coordinates. */
  x: Float64Array;
  y: Float64Array;
  z: Float64Array;
  /** The distance from the solid. */
  residual: Float64Array;
}

/** Projects a whole recorded path on a solid, streamed in blocks of about 4 MB. Float64. */
export async function projectOnSolid(
  { origin, d1, d2, d3 }: SolidAxes,
  { rows, dimension, read }: TrajectoryRows,
  signal: AbortSignal | undefined,
): Promise<SolidPath> {
  const turn = cooperate(signal);
  const gram: Gram = { d11: dot(d1, d1), d12: dot(d1, d2), d22: dot(d2, d2) };
  const thirdSquared = dot(d3, d3);
  const path: SolidPath = {
    x: new Float64Array(rows),
    y: new Float64Array(rows),
    z: new Float64Array(rows),
    residual: new Float64Array(rows),
  };
  const block = Math.max(1, Math.floor(1_000_000 / dimension));
  const delta = new Float64Array(dimension);
  for (let first = 0; first < rows; first += block) {
    const count = Math.min(block, rows - first);
    const theta = read(first, count);
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < dimension; i++) delta[i] = theta[k * dimension + i]! - origin[i]!;
      const [x, y] = planeCoordinates(gram, dot(delta, d1), dot(delta, d2));
      const z = dot(delta, d3) / thirdSquared;
      addScaled(delta, -x, d1);
      addScaled(delta, -y, d2);
      addScaled(delta, -z, d3);
      path.x[first + k] = x;
      path.y[first + k] = y;
      path.z[first + k] = z;
      path.residual[first + k] = norm(delta);
    }
    await turn();
  }
  return path;
}
