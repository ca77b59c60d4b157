import { contours } from 'd3-contour';
import type { Surface } from '../../../shared/model/landscape';
import type { Point } from './svg';

/** A rectangle of the page, in points; y grows downwards. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** From data coordinates to the page. */
export interface Projection {
  box: Box;
  toPage(x: number, y: number): Point;
}

export function projectOnto(box: Box, [x0, x1, y0, y1]: readonly [number, number, number, number]): Projection {
  return {
    box,
    toPage: (x, y) => [box.x + ((x - x0) / (x1 - x0)) * box.width, box.y + (1 - (y - y0) / (y1 - y0)) * box.height],
  };
}

/** Heights on the surface's grid, and the contours of their bilinear interpolation on the page. */
export interface Field {
  /** The regions where height ≥ threshold, as one path; empty when there are none. */
  region(threshold: number): Point[][];
  /** The lines height = threshold, without the stretches along the window's edge. */
  lines(threshold: number): Point[][];
  /** Quads of the grid with a corner that is not finite: there is nothing to interpolate. */
  gaps(): Point[][];
}

export function createField(surface: Surface, heights: Float64Array, projection: Projection): Field {
  const { xs, ys } = surface;
  const [nx, ny] = [xs.length, ys.length];
  const generator = contours().size([nx, ny]).smooth(true);
  // d3-contour places sample i at i + ½ and continues half a cell beyond the outermost samples.
  const toPage = ([gx, gy]: readonly number[]): Point =>
    projection.toPage(sampleAt(xs, gx! - 0.5), sampleAt(ys, gy! - 0.5));
  const isGap = (i: number, j: number) => {
    const at = j * nx + i;
    return !Number.isFinite(heights[at]! + heights[at + 1]! + heights[at + nx]! + heights[at + nx + 1]!);
  };
  /** Whether the straight line between two neighbouring points of a ring lies in a quad with a value. */
  const drawable = (a: readonly number[], b: readonly number[]) => {
    const i = Math.floor((a[0]! + b[0]!) / 2 - 0.5);
    const j = Math.floor((a[1]! + b[1]!) / 2 - 0.5);
    return i >= 0 && j >= 0 && i < nx - 1 && j < ny - 1 && !isGap(i, j);
  };
  const values = heights as unknown as number[];
  const rings = (threshold: number) => generator.contour(values, threshold).coordinates.flat();

  return {
    region: (threshold) => rings(threshold).map((ring) => ring.map(toPage)),
    lines: (threshold) => rings(threshold).flatMap((ring) => splitRing(ring, drawable).map((line) => line.map(toPage))),
    gaps() {
      const quads: Point[][] = [];
      for (let j = 0; j < ny - 1; j++) {
        for (let i = 0; i < nx - 1; i++) {
          if (!isGap(i, j)) continue;
          const corner = (di: number, dj: number) => projection.toPage(xs[i + di]!, ys[j + dj]!);
          quads.push([corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)]);
        }
      }
      return quads;
    },
  };
}

/** The coordinate at a fractional index; the outermost spacing continues beyond the ends. */
function sampleAt(samples: Float64Array, index: number): number {
  const low = Math.min(Math.max(Math.floor(index), 0), samples.length - 2);
  return samples[low]! + (index - low) * (samples[low + 1]! - samples[low]!);
}

/** The stretches of a closed ring (first point = last) whose segments are drawable. */
function splitRing<P>(ring: readonly P[], drawable: (a: P, b: P) => boolean): P[][] {
  const segments = ring.length - 1;
  const flags = Array.from({ length: segments }, (_, k) => drawable(ring[k]!, ring[k + 1]!));
  const start = flags.indexOf(false);
  if (start < 0) return [ring.slice()];
  const lines: P[][] = [];
  let line: P[] = [];
  for (let k = 1; k <= segments; k++) {
    const at = (start + k) % segments;
    if (flags[at]) {
      if (line.length === 0) line.push(ring[at]!);
      line.push(ring[at + 1]!);
    } else if (line.length > 0) {
      lines.push(line);
      line = [];
    }
  }
  return lines;
}
