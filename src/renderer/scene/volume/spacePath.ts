import { breakRow } from '../drape';
import type { VolumePathModel } from './model';
import { unitHeight, type VolumeBox } from './volumeStage';

/**
 * A path in the volume as fat lines: points (u, v, height, row) in unit coordinates. What lies outside the box is cut off
 * where it leaves it; `breakRow` separates stretches.
 */
export function spacePath({ x, y, z }: Pick<VolumePathModel, 'x' | 'y' | 'z'>, box: VolumeBox): Float32Array {
  const points: number[] = [];
  const push = (p: readonly number[], row: number) => points.push(p[0]!, p[1]!, unitHeight(p[2]!), row);
  const separate = () => {
    if (points.length > 0 && points[points.length - 1] !== breakRow) points.push(0, 0, 0, breakRow);
  };
  let last: number[] | null = null;
  for (let row = 0; row < x.length; row++) {
    const here = unitPlace(box, x[row]!, y[row]!, z[row]!);
    if (!here.every(Number.isFinite)) {
      separate();
      last = null;
      continue;
    }
    if (last) {
      const from: number[] = last;
      const [enter, leave] = within(from, here);
      const between = (t: number) => from.map((c, axis) => c + t * (here[axis]! - c));
      if (enter > leave) separate();
      else {
        if (enter > 0 || points.length === 0 || points[points.length - 1] === breakRow) {
          separate();
          push(between(enter), row - 1 + enter);
        }
        push(between(leave), row - 1 + leave);
        if (leave < 1) separate();
      }
    }
    last = here;
  }
  return Float32Array.from(points);
}

/** Coordinates in the unit cube. */
export function unitPlace({ from, to }: VolumeBox, x: number, y: number, z: number): [number, number, number] {
  return [(x - from[0]) / (to[0] - from[0]), (y - from[1]) / (to[1] - from[1]), (z - from[2]) / (to[2] - from[2])];
}

/** Rounding at the sides of the box must not open a gap. */
const slack = 1e-9;

/** Liang & Barsky (1984) in three dimensions: the part [enter, leave] of a segment in the unit cube; enter > leave: none. */
function within(from: readonly number[], to: readonly number[]): [number, number] {
  let [enter, leave] = [0, 1];
  for (let axis = 0; axis < 3; axis++) {
    const d = to[axis]! - from[axis]!;
    for (const [p, q] of [
      [-d, from[axis]! + slack],
      [d, 1 + slack - from[axis]!],
    ] as const) {
      if (p === 0 && q < 0) return [1, 0];
      if (p < 0) enter = Math.max(enter, q / p);
      else if (p > 0) leave = Math.min(leave, q / p);
    }
  }
  return [enter, leave];
}
