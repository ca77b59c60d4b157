import type { CriticalKind } from '../model/landscape';

/**
 * Outlines of the marks of critical points within the unit circle, y upwards: what a point is shows without colour. A
 * minimum points down, a maximum up, a saddle crosses, degenerate is a square, a place that is no critical point a plus.
 */
export const criticalShapes: Record<CriticalKind, readonly (readonly [number, number])[]> = {
  minimum: [
    [-0.95, 0.7],
    [0.95, 0.7],
    [0, -0.95],
  ],
  maximum: [
    [-0.95, -0.7],
    [0, 0.95],
    [0.95, -0.7],
  ],
  saddle: cross(Math.PI / 4),
  degenerate: [
    [-0.72, -0.72],
    [-0.72, 0.72],
    [0.72, 0.72],
    [0.72, -0.72],
  ],
  notCritical: cross(0),
};

/** A cross with arms of half width 0.3. */
function cross(angle: number): [number, number][] {
  const [a, b] = [0.3, 1];
  const corners = [
    [a, a],
    [a, b],
    [-a, b],
    [-a, a],
    [-b, a],
    [-b, -a],
    [-a, -a],
    [-a, -b],
    [a, -b],
    [a, -a],
    [b, -a],
    [b, a],
  ] as const;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return corners.map(([x, y]): [number, number] => [c * x - s * y, s * x + c * y]);
}
