import type { Disc } from './contourLabels';
import type { Projection } from './field';
import type { Point } from './svg';

/** Points nearer than this on the page (pt) are one. */
const resolution = 0.15;

/** A path's polylines on the page: broken where it is not finite, thinned to what can be told apart. */
export function pathLines(x: Float64Array, y: Float64Array, projection: Projection): Point[][] {
  const lines: Point[][] = [];
  let line: Point[] = [];
  for (let row = 0; row <= x.length; row++) {
    const finite = row < x.length && Number.isFinite(x[row]) && Number.isFinite(y[row]);
    if (!finite) {
      if (line.length > 0) lines.push(thin(line));
      line = [];
      continue;
    }
    line.push(projection.toPage(x[row]!, y[row]!));
  }
  return lines;
}

function thin(line: readonly Point[]): Point[] {
  const last = line.at(-1)!;
  const kept: Point[] = [line[0]!];
  for (const point of line) {
    const before = kept.at(-1)!;
    if (Math.hypot(point[0] - before[0], point[1] - before[1]) >= resolution) kept.push(point);
  }
  if (kept.at(-1) !== last) kept.push(last);
  return kept;
}

/** What contour labels must not cover: the lines every few points, and their ends. */
export function pathObstacles(lines: readonly Point[][]): Disc[] {
  const spacing = 4;
  const discs: Disc[] = [];
  for (const line of lines) {
    for (let i = 1; i < line.length; i++) {
      const [a, b] = [line[i - 1]!, line[i]!];
      const parts = Math.min(256, Math.ceil(Math.hypot(b[0] - a[0], b[1] - a[1]) / spacing));
      for (let k = 0; k < parts; k++) {
        discs.push({ x: a[0] + (k / parts) * (b[0] - a[0]), y: a[1] + (k / parts) * (b[1] - a[1]), radius: 2 });
      }
    }
    for (const end of [line[0]!, line.at(-1)!]) discs.push({ x: end[0], y: end[1], radius: 4.5 });
  }
  return thinDiscs(discs);
}

/** A winding path gives thousands of discs on top of each other; one per small cell is enough. */
function thinDiscs(discs: readonly Disc[]): Disc[] {
  const cells = new Map<string, Disc>();
  for (const disc of discs) cells.set(`${Math.round(disc.x)},${Math.round(disc.y)},${disc.radius}`, disc);
  return [...cells.values()];
}
