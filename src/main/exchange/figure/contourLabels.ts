import type { Box } from './field';
import type { Point } from './svg';
import { fontSizes, textWidth } from './text';

/** A place other text has to keep away from. */
export interface Disc {
  x: number;
  y: number;
  radius: number;
}

export interface ContourLabel {
  text: string;
  x: number;
  y: number;
  /** Degrees, −90 … 90, clockwise as in SVG. */
  angle: number;
}

/** A line with gaps where its labels stand. */
export interface LabelledLine {
  pieces: Point[][];
  labels: ContourLabel[];
}

/** Distance in points between places that are tried, and between the discs that stand for a text. */
const step = 3;
/** Free line on either side of a label. */
const gap = 1.5;
/** Lines shorter than this many label widths, or this many points, stay bare. */
const minimumLengths = 5;
const minimumLength = 32;
/** Between two labels of the same line. */
const repeat = 220;
/** Around a label: keeps labels of neighbouring lines apart. */
const clearance = 3;

/**
 * Labels set into their contour line where it is straight and near to level, away from the obstacles, the edge and each
 * other. Placed labels are added to `obstacles`. A line without such a place stays bare.
 */
export function labelLine(line: readonly Point[], text: string, box: Box, obstacles: Disc[]): LabelledLine {
  const width = textWidth(text, fontSizes.contour);
  const along = arcLengths(line);
  const length = along.at(-1)!;
  const half = width / 2 + gap;
  const labels: (ContourLabel & { at: number })[] = [];
  if (length < Math.max(minimumLength, minimumLengths * width)) return { pieces: [line.slice()], labels };

  const candidates: { label: ContourLabel & { at: number }; cost: number }[] = [];
  for (let at = half + step; at <= length - half - step; at += step) {
    const from = pointAt(line, along, at - half);
    const to = pointAt(line, along, at + half);
    const middle = pointAt(line, along, at);
    const straightness = Math.hypot(to[0] - from[0], to[1] - from[1]) / (2 * half);
    if (straightness < 0.93) continue;
    let angle = (Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI;
    if (angle > 90) angle -= 180;
    if (angle < -90) angle += 180;
    const x = (2 * middle[0] + from[0] + to[0]) / 4;
    const y = (2 * middle[1] + from[1] + to[1]) / 4;
    candidates.push({ label: { text, x, y, angle, at }, cost: Math.abs(angle) / 90 + 8 * (1 - straightness) });
  }
  candidates.sort((a, b) => a.cost - b.cost || a.label.at - b.label.at);
  for (const { label } of candidates) {
    if (labels.some((other) => Math.abs(other.at - label.at) < repeat)) continue;
    const discs = discsOf(label, width);
    if (!discs.every((disc) => within(disc, box) && obstacles.every((other) => apart(disc, other)))) continue;
    obstacles.push(...discs);
    labels.push(label);
  }
  const cuts = labels.map(({ at }): [number, number] => [at - half, at + half]).sort((a, b) => a[0] - b[0]);
  return { pieces: cutLine(line, along, cuts), labels };
}

function discsOf({ x, y, angle }: ContourLabel, width: number): Disc[] {
  const radians = (angle * Math.PI) / 180;
  const count = Math.max(1, Math.ceil(width / step));
  return Array.from({ length: count + 1 }, (_, i) => {
    const offset = (i / count - 0.5) * width;
    return {
      x: x + offset * Math.cos(radians),
      y: y + offset * Math.sin(radians),
      radius: 0.5 * fontSizes.contour + clearance / 2,
    };
  });
}

const apart = (a: Disc, b: Disc) => Math.hypot(a.x - b.x, a.y - b.y) >= a.radius + b.radius;
const within = ({ x, y, radius }: Disc, box: Box) =>
  x - radius >= box.x && x + radius <= box.x + box.width && y - radius >= box.y && y + radius <= box.y + box.height;

function arcLengths(line: readonly Point[]): number[] {
  const along = [0];
  for (let i = 1; i < line.length; i++) {
    along.push(along[i - 1]! + Math.hypot(line[i]![0] - line[i - 1]![0], line[i]![1] - line[i - 1]![1]));
  }
  return along;
}

function pointAt(line: readonly Point[], along: readonly number[], at: number): Point {
  let low = 0;
  let high = along.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (along[middle]! <= at) low = middle;
    else high = middle;
  }
  const span = along[high]! - along[low]!;
  const weight = span > 0 ? (at - along[low]!) / span : 0;
  const [a, b] = [line[low]!, line[high]!];
  return [a[0] + weight * (b[0] - a[0]), a[1] + weight * (b[1] - a[1])];
}

/** What is left of a line without the stretches between the given arc lengths (ascending, disjoint). */
function cutLine(line: readonly Point[], along: readonly number[], cuts: readonly [number, number][]): Point[][] {
  const bounds = [0, ...cuts.flat(), along.at(-1)!];
  const pieces: Point[][] = [];
  for (let i = 0; i < bounds.length; i += 2) {
    const [from, to] = [bounds[i]!, bounds[i + 1]!];
    const between = line.filter((_, k) => along[k]! > from && along[k]! < to);
    pieces.push([pointAt(line, along, from), ...between, pointAt(line, along, to)]);
  }
  return pieces;
}
