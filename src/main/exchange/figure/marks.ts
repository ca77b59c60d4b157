import { criticalShapes } from '../../../shared/math/criticalShapes';
import { windowExit } from '../../../shared/math/windowExit';
import type { Domain } from '../../../shared/model/experiment';
import type { CriticalKind, Surface } from '../../../shared/model/landscape';
import type { Disc } from './contourLabels';
import type { Projection } from './field';
import { pathLines } from './pathLine';
import { element, escapeXml, type Point, polylinePath } from './svg';
import { fontSizes, textWidth } from './text';

export interface FigurePoint {
  kind: CriticalKind;
  x: number;
  y: number;
  loss: number;
  /** Distance from the plane; null for functions, which lie on it. */
  distance: number | null;
}

/** Areas of the window that are told apart, and what some places in them are called. */
export interface FigureAreas {
  /** What a border is, for the legend. */
  border: string;
  /** For each cell of the surface the area it is in; −1 where masked. */
  areaOf: Int32Array;
  /** Each with places it may stand at, the best first; it is left out where none of them is free. */
  names: { text: string; places: { x: number; y: number }[] }[];
}

/** What stands on a figure beside its paths. */
export interface FigureMarks {
  points: readonly FigurePoint[];
  /** The ways down from saddles. */
  descents: readonly { x: Float64Array; y: Float64Array }[];
  areas: FigureAreas | null;
}

export const noMarks: FigureMarks = { points: [], descents: [], areas: null };

const ink = '#1c1f26';
/** Fill of a mark: none of the colour maps has it. */
const markFill = '#ff9f1c';
const markRadius = 4.2;

export const kindNames: Record<CriticalKind, string> = {
  minimum: 'minimum',
  saddle: 'saddle',
  maximum: 'maximum',
  degenerate: 'degenerate point',
  notCritical: 'end of a search',
};

export const insideWindow = ([x0, x1, y0, y1]: Domain, { x, y }: { x: number; y: number }): boolean =>
  x >= x0 && x <= x1 && y >= y0 && y <= y1;

/** The outline of a kind of point about a place of the page. */
export function markShape(kind: CriticalKind, [cx, cy]: Point, radius = markRadius): string {
  const outline = criticalShapes[kind].map(([x, y]): Point => [cx + radius * x, cy - radius * y]);
  const d = polylinePath(outline, true);
  return element('path', {
    d,
    fill: markFill,
    stroke: ink,
    'stroke-width': 0.8,
    'stroke-linejoin': 'round',
    'paint-order': 'stroke',
  });
}

export function drawPoints(points: readonly FigurePoint[], window: Domain, { toPage }: Projection): string {
  return points
    .filter((point) => insideWindow(window, point))
    .map(({ kind, x, y }) => markShape(kind, toPage(x, y)))
    .join('');
}

/** Dashed, so that a way down is no optimizer's path; an arrow where it leaves the window, a dot where it ends. */
export function drawDescents(descents: FigureMarks['descents'], window: Domain, projection: Projection): string {
  return descents.map((descent) => drawDescent(descent, window, projection)).join('');
}

function drawDescent({ x, y }: { x: Float64Array; y: Float64Array }, window: Domain, projection: Projection): string {
  const lines = pathLines(x, y, projection);
  const d = lines.map((line) => polylinePath(line)).join('');
  const end = lines.at(-1)?.at(-1);
  const exit = windowExit(x, y, window);
  const tip = exit
    ? arrow(projection.toPage(exit.x, exit.y), projection.toPage(exit.x + exit.dx, exit.y + exit.dy))
    : end
      ? element('circle', { cx: end[0], cy: end[1], r: 2.2, fill: ink, stroke: '#ffffff', 'stroke-width': 0.8 })
      : '';
  return descentLine(d) + tip;
}

export const descentLine = (d: string): string =>
  element('path', { d, fill: 'none', stroke: '#ffffff', 'stroke-width': 2.6, 'stroke-opacity': 0.9 }) +
  element('path', { d, fill: 'none', stroke: ink, 'stroke-width': 1.2, 'stroke-dasharray': '3.5 1.8' });

/** Its point at `tip`, in the direction of `beyond`. */
function arrow(tip: Point, beyond: Point): string {
  const length = Math.hypot(beyond[0] - tip[0], beyond[1] - tip[1]);
  const [dx, dy] = [(beyond[0] - tip[0]) / length, (beyond[1] - tip[1]) / length];
  const [back, half] = [7, 3.2];
  const corners: Point[] = [
    tip,
    [tip[0] - back * dx - half * dy, tip[1] - back * dy + half * dx],
    [tip[0] - back * dx + half * dy, tip[1] - back * dy - half * dx],
  ];
  return element('path', { d: polylinePath(corners, true), fill: ink, stroke: '#ffffff', 'stroke-width': 0.8 });
}

/** What contour labels must not cover. */
export function markObstacles(marks: FigureMarks, projection: Projection): Disc[] {
  return [
    ...marks.points.map(({ x, y }) => discAt(projection.toPage(x, y), markRadius + 1)),
    ...placeNames(marks, projection).map(({ text, at }) => discAt(at, nameHalf(text) + 1)),
  ];
}

const discAt = ([x, y]: Point, radius: number): Disc => ({ x, y, radius });
const nameHalf = (text: string): number => textWidth(text, fontSizes.contour) / 2;

interface PlacedName {
  text: string;
  at: Point;
}

/** Names inside the plot that cover neither a mark nor each other. */
function placeNames({ points, areas }: FigureMarks, { box, toPage }: Projection): PlacedName[] {
  const halfHeight = 0.5 * fontSizes.contour + 1;
  const marked = points.map(({ x, y }) => toPage(x, y));
  const placed: PlacedName[] = [];
  const isFree = ([x, y]: Point, half: number): boolean =>
    x - half >= box.x &&
    x + half <= box.x + box.width &&
    y - halfHeight >= box.y &&
    y + halfHeight <= box.y + box.height &&
    marked.every(([px, py]) => Math.abs(px - x) > half + markRadius || Math.abs(py - y) > halfHeight + markRadius) &&
    placed.every(
      (other) => Math.abs(other.at[0] - x) > half + nameHalf(other.text) || Math.abs(other.at[1] - y) > 2 * halfHeight,
    );
  for (const { text, places } of areas?.names ?? []) {
    const half = nameHalf(text) + 1;
    const at = places.map(({ x, y }) => toPage(x, y)).find((place) => isFree(place, half));
    if (at) placed.push({ text, at });
  }
  return placed;
}

/** The borders between areas, through the middles between grid points, and the areas' names. */
export function drawAreas(marks: FigureMarks, surface: Surface, projection: Projection): string {
  if (!marks.areas) return '';
  return (
    borderLine(borderPath(marks.areas.areaOf, surface, projection)) +
    placeNames(marks, projection).map(drawName).join('')
  );
}

export const borderLine = (d: string): string =>
  element('path', { d, fill: 'none', stroke: ink, 'stroke-width': 2, 'stroke-linecap': 'round' }) +
  element('path', { d, fill: 'none', stroke: '#ffffff', 'stroke-width': 1, 'stroke-linecap': 'round' });

function drawName({ text, at: [cx, cy] }: PlacedName): string {
  const attributes = {
    x: cx,
    y: cy + 0.36 * fontSizes.contour,
    'font-size': fontSizes.contour,
    'text-anchor': 'middle',
  };
  const halo = { fill: 'none', stroke: '#ffffff', 'stroke-width': 2, 'stroke-linejoin': 'round' };
  const escaped = escapeXml(text);
  return element('text', { ...attributes, ...halo }, escaped) + element('text', { ...attributes, fill: ink }, escaped);
}

/**
 * In each quad of the grid the middles of those sides whose ends lie in different areas: two are joined, three or four
 * meet in the quad's middle. Quads with a masked corner have no border.
 */
function borderPath(areaOf: Int32Array, { xs, ys }: Surface, { toPage }: Projection): string {
  const nx = xs.length;
  const segments: string[] = [];
  for (let j = 0; j < ys.length - 1; j++) {
    for (let i = 0; i < nx - 1; i++) {
      const at = j * nx + i;
      const [a, b, c, d] = [areaOf[at]!, areaOf[at + 1]!, areaOf[at + nx + 1]!, areaOf[at + nx]!];
      if (Math.min(a, b, c, d) < 0 || (a === b && b === c && c === d)) continue;
      const [x0, x1, y0, y1] = [xs[i]!, xs[i + 1]!, ys[j]!, ys[j + 1]!];
      const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2];
      const middles = [
        ...(a !== b ? [toPage(mx, y0)] : []),
        ...(b !== c ? [toPage(x1, my)] : []),
        ...(c !== d ? [toPage(mx, y1)] : []),
        ...(d !== a ? [toPage(x0, my)] : []),
      ];
      const center = toPage(mx, my);
      segments.push(
        middles.length === 2 ? polylinePath(middles) : middles.map((middle) => polylinePath([middle, center])).join(''),
      );
    }
  }
  return segments.join('');
}
