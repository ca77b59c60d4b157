import type { Plane } from '../../../shared/model/landscape';

/**
 * How a plane's coordinates measure lengths of parameter space: (u, v) = (n₁x + n₂c·y, n₂s·y) are orthonormal, with
 * n the norms of the axes, c their cosine and s = √(1 − c²).
 */
export interface PlaneMetric {
  /** Distance of two points of the plane that differ by (dx, dy). */
  length(dx: number, dy: number): number;
  /** ∂(x, y)/∂(u, v) = [[xu, xv], [0, yv]] */
  xu: number;
  xv: number;
  yv: number;
}

export function planeMetric({ norms: [n1, n2], axisCosine }: Pick<Plane, 'norms' | 'axisCosine'>): PlaneMetric {
  const sine = Math.sqrt(1 - axisCosine ** 2);
  return {
    length: (dx, dy) => Math.hypot(n1 * dx + n2 * axisCosine * dy, n2 * sine * dy),
    xu: 1 / n1,
    xv: -axisCosine / (sine * n1),
    yv: 1 / (n2 * sine),
  };
}
