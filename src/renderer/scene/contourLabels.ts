import { contours } from 'd3-contour';
import type { LossTick } from '../../shared/math/ticks';
import { type HeightField, sampleHeight } from './heightField';

export interface ContourLabel {
  u: number;
  v: number;
  /** Unit tangent of the line there, pointing to the right. */
  du: number;
  dv: number;
  text: string;
  height: number;
}

/** Labels keep this distance from each other and from the window's edge, in units of the window. */
const labelDistance = 0.11;
const edgeDistance = 0.05;
/** Shorter lines carry no label. */
const shortestLine = 0.3;
/** Points skipped between candidates, and between the ends of the stretch whose straightness counts. */
const stretch = 6;

/**
 * Where the iso-lines of a contour map carry their values: on long lines, where they run straight, away from each
 * other, the edge and gaps; at most two labels a level.
 */
export function placeContourLabels(field: HeightField, levels: readonly LossTick[]): ContourLabel[] {
  const { nx, ny, us, vs } = field;
  const values = Array.from(field.heights, (height) => (Number.isNaN(height) ? -1 : height));
  const generator = contours().size([nx, ny]).smooth(true);
  const labels: ContourLabel[] = [];
  // Major levels first: where there is no room for all, they are the ones that matter.
  const ordered = [...levels].sort((a, b) => Number(b.major) - Number(a.major));
  for (const level of ordered) {
    const lines = generator
      .contour(values, level.height)
      .coordinates.flat()
      .map((ring) => ring.map(([x = 0, y = 0]) => [toUnit(us, x - 0.5), toUnit(vs, y - 0.5)] as const))
      .map((ring) => ({ ring, length: lengthInside(ring) }))
      .filter(({ length }) => length > shortestLine)
      .sort((a, b) => b.length - a.length)
      .slice(0, 2);
    for (const { ring } of lines) {
      const label = bestPlace(field, ring, labels, level);
      if (label) labels.push(label);
    }
  }
  return labels;
}

type Ring = readonly (readonly [number, number])[];

const interior = ([u, v]: readonly [number, number]): boolean => Math.min(u, v, 1 - u, 1 - v) > edgeDistance;

function toUnit(axis: Float64Array, index: number): number {
  const i = Math.min(Math.max(Math.floor(index), 0), axis.length - 2);
  return axis[i]! + (index - i) * (axis[i + 1]! - axis[i]!);
}

/** Length without the stretches along the window's edge, with which the rings are closed. */
function lengthInside(ring: Ring): number {
  let length = 0;
  for (let k = 1; k < ring.length; k++) {
    const a = ring[k - 1]!;
    const b = ring[k]!;
    if (interior(a) && interior(b)) length += Math.hypot(b[0] - a[0], b[1] - a[1]);
  }
  return length;
}

function bestPlace(
  field: HeightField,
  ring: Ring,
  taken: readonly ContourLabel[],
  level: LossTick,
): ContourLabel | null {
  let best: ContourLabel | null = null;
  let bestScore = -Infinity;
  for (let k = stretch; k < ring.length - stretch; k += 2) {
    const [u, v] = ring[k]!;
    const before = ring[k - stretch]!;
    const after = ring[k + stretch]!;
    if (!interior([u, v]) || !interior(before) || !interior(after)) continue;
    // Beside a gap the ring follows the gap, not the level.
    if (!(Math.abs(sampleHeight(field, u, v) - level.height) < 0.02)) continue;
    let nearest = 1;
    for (const label of taken) nearest = Math.min(nearest, Math.hypot(label.u - u, label.v - v));
    if (nearest < labelDistance) continue;
    const chord = Math.hypot(after[0] - before[0], after[1] - before[1]);
    const way = Math.hypot(u - before[0], v - before[1]) + Math.hypot(after[0] - u, after[1] - v);
    const straight = way > 0 ? chord / way : 0;
    const level01 = Math.abs(after[0] - before[0]) / (chord || 1);
    const score = Math.min(nearest, 0.3) + 4 * straight + 0.25 * level01;
    if (score <= bestScore) continue;
    bestScore = score;
    const sign = after[0] >= before[0] ? 1 : -1;
    best = {
      u,
      v,
      du: (sign * (after[0] - before[0])) / (chord || 1),
      dv: (sign * (after[1] - before[1])) / (chord || 1),
      text: level.label,
      height: level.height,
    };
  }
  return best;
}
