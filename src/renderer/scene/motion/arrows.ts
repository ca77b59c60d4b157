import { rateEllipse, stepMagnification } from '../../../shared/math/motion';
import type { Domain } from '../../../shared/model/experiment';
import { breakRow } from '../drape';
import { type HeightField, sampleHeight } from '../heightField';
import type { SceneMotion } from '../model';

/** Of the longer of gradient and memory, in shares of the window. */
const longest = 0.15;
/** Of the ellipse, from its middle. */
const largestRate = 0.075;
const headLength = 0.026;
/** Of the head, to the shaft. */
const headAngle = (28 * Math.PI) / 180;
/** Shafts follow the surface in pieces of this length. */
const piece = 0.006;
const ellipsePoints = 48;

/** Fat-line points (u, v, height, row) of each glyph; empty where there is nothing to draw. */
export type GlyphPoints = Record<'descent' | 'velocity' | 'step' | 'rate', Float32Array>;

/**
 * The arrows of one row at (u, v) of the window, laid on the surface. Gradient and memory have one scale, so that they can
 * be compared; the step is as long as it is, or magnified by a power of ten.
 */
export function motionGlyphs(
  motion: SceneMotion,
  row: number,
  [x0, x1, y0, y1]: Domain,
  field: HeightField,
  u: number,
  v: number,
): GlyphPoints {
  const { columns, norms, cosine } = motion;
  const inWindow = (x: number, y: number): readonly [number, number] => [x / (x1 - x0), y / (y1 - y0)];
  const descent = inWindow(columns.descentX[row]!, columns.descentY[row]!);
  const velocity = inWindow(columns.velocityX[row]!, columns.velocityY[row]!);
  const step = inWindow(columns.stepX[row]!, columns.stepY[row]!);
  const most = Math.max(...[descent, velocity].map(([du, dv]) => Math.hypot(du, dv)).filter(Number.isFinite));
  const arrow = ([du, dv]: readonly [number, number], scale: number): Float32Array =>
    arrowPoints(field, u, v, scale * du, scale * dv);
  const ellipse = Array.from({ length: ellipsePoints }, (_, k) =>
    inWindow(...rateEllipse(columns, row, norms, cosine, (2 * Math.PI * k) / ellipsePoints)),
  );
  const reach = Math.max(...ellipse.map(([du, dv]) => Math.hypot(du, dv)));
  return {
    descent: arrow(descent, longest / most),
    velocity: arrow(velocity, longest / most),
    step: arrow(step, stepMagnification(Math.hypot(...step))),
    rate: Number.isFinite(reach)
      ? draped(field, [
          [...ellipse, ellipse[0]!].map(([du, dv]) => [u + (largestRate / reach) * du, v + (largestRate / reach) * dv]),
        ])
      : new Float32Array(0),
  };
}

/** An arrow from (u, v) by (du, dv), on the surface. */
export function arrowPoints(field: HeightField, u: number, v: number, du: number, dv: number): Float32Array {
  const length = Math.hypot(du, dv);
  // Shorter than the marker it starts under, or not a number.
  if (!(length > 1e-3)) return new Float32Array(0);
  const pieces = Math.max(2, Math.ceil(length / piece));
  const shaft = Array.from({ length: pieces + 1 }, (_, k) => [u + (du * k) / pieces, v + (dv * k) / pieces]);
  const size = Math.min(headLength, 0.5 * length);
  const direction = Math.atan2(dv, du);
  const barb = (side: 1 | -1) => {
    const angle = direction + Math.PI + side * headAngle;
    return Array.from({ length: 4 }, (_, k) => [
      u + du + ((size * k) / 3) * Math.cos(angle),
      v + dv + ((size * k) / 3) * Math.sin(angle),
    ]);
  };
  return draped(field, [shaft, barb(1), barb(-1)]);
}

/** Lines in the window as points on the surface; outside it and over gaps they are cut. */
function draped(field: HeightField, lines: readonly (readonly number[][])[]): Float32Array {
  const points: number[] = [];
  const separate = (): void => {
    if (points.length > 0 && points[points.length - 1] !== breakRow) points.push(0, 0, 0, breakRow);
  };
  for (const line of lines) {
    for (const [u, v] of line as [number, number][]) {
      const inside = u >= 0 && u <= 1 && v >= 0 && v <= 1;
      const height = inside ? sampleHeight(field, u, v) : Number.NaN;
      if (Number.isNaN(height)) separate();
      else points.push(u, v, height, 0);
    }
    separate();
  }
  return Float32Array.from(points);
}
