export interface LabelRequest {
  /** The point the label belongs to, in pixels. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Placement of the last frame (index of `directions`), −1 for none: kept while it is about as good as the best. */
  previous: number;
}

export interface LabelBox {
  left: number;
  top: number;
  /** Index of the chosen direction. */
  placement: number;
}

/** Right first, as in maps; then round the point, near before far. */
const directions: readonly (readonly [number, number, number])[] = [
  [1, -0.55, 1],
  [-1, -0.55, 1],
  [1, 0.55, 1],
  [-1, 0.55, 1],
  [0, -1, 1],
  [0, 1, 1],
  [1, -1, 2.2],
  [-1, -1, 2.2],
  [1, 1, 2.2],
  [-1, 1, 2.2],
  [0, -1, 2.6],
  [0, 1, 2.6],
  [1, -1, 3.8],
  [-1, -1, 3.8],
  [1, 1, 3.8],
  [-1, 1, 3.8],
  [0, -1, 4.4],
  [0, 1, 4.4],
];
/** Gap between a marker's centre and its label, pixels. */
const reach = 16;
const margin = 3;
/** Cost of covering one obstacle. */
const obstacleCost = 12;
/** Cost below which last frame's placement is not given up. */
const hysteresis = 30;

/** Points that labels had rather not cover: x, y in pixels, the first `count` pairs. */
export interface Obstacles {
  points: Float32Array;
  count: number;
}

/**
 * Places labels beside their points so that they cover neither each other nor the points, inside width × height, and
 * as few obstacles as they can. Greedy in the order given; where nothing is free, the least overlap. `out` has an
 * entry per label.
 */
export function placeLabels(
  labels: readonly LabelRequest[],
  count: number,
  obstacles: Obstacles,
  width: number,
  height: number,
  out: LabelBox[],
): void {
  for (let k = 0; k < count; k++) {
    const label = labels[k]!;
    let best = -1;
    let bestCost = Infinity;
    let previousCost = Infinity;
    for (let d = 0; d < directions.length; d++) {
      const cost = placementCost(labels, count, obstacles, k, d, width, height, out);
      if (d === label.previous) previousCost = cost;
      if (cost < bestCost) {
        bestCost = cost;
        best = d;
      }
    }
    const chosen = previousCost <= bestCost + hysteresis ? label.previous : best;
    const box = out[k]!;
    box.left = leftOf(label, chosen, width);
    box.top = topOf(label, chosen, height);
    box.placement = chosen;
  }
}

function leftOf(label: LabelRequest, d: number, width: number): number {
  const [dx, , distance] = directions[d]!;
  const left =
    label.x + dx * (reach * (dx === 0 ? 0 : distance)) - (dx < 0 ? label.width : dx === 0 ? label.width / 2 : 0);
  return Math.min(Math.max(left, margin), Math.max(width - label.width - margin, margin));
}

function topOf(label: LabelRequest, d: number, height: number): number {
  const [, dy, distance] = directions[d]!;
  const top =
    label.y +
    dy * (reach * distance) +
    (dy < 0 ? -label.height : 0) +
    (Math.abs(dy) < 1 ? -dy * label.height * 0.5 : 0);
  return Math.min(Math.max(top, margin), Math.max(height - label.height - margin, margin));
}

function placementCost(
  labels: readonly LabelRequest[],
  count: number,
  obstacles: Obstacles,
  k: number,
  d: number,
  width: number,
  height: number,
  placed: readonly LabelBox[],
): number {
  const label = labels[k]!;
  const left = leftOf(label, d, width);
  const top = topOf(label, d, height);
  // Later directions are a little worse, so that free labels sit in the customary place.
  let cost = 4 * d;
  for (let n = 0; n < obstacles.count; n++) {
    const x = obstacles.points[2 * n]!;
    const y = obstacles.points[2 * n + 1]!;
    if (x > left && x < left + label.width && y > top && y < top + label.height) cost += obstacleCost;
  }
  for (let other = 0; other < count; other++) {
    const point = labels[other]!;
    cost += 4 * overlap(left, top, label.width, label.height, point.x - 9, point.y - 9, 18, 18);
    if (other >= k) continue;
    const box = placed[other]!;
    cost +=
      10 * overlap(left, top, label.width, label.height, box.left - 2, box.top - 2, point.width + 4, point.height + 4);
  }
  return cost;
}

/** Common area of two rectangles. */
function overlap(x: number, y: number, w: number, h: number, x2: number, y2: number, w2: number, h2: number): number {
  const dx = Math.min(x + w, x2 + w2) - Math.max(x, x2);
  const dy = Math.min(y + h, y2 + h2) - Math.max(y, y2);
  return dx > 0 && dy > 0 ? dx * dy : 0;
}
