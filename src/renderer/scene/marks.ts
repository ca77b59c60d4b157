import { criticalShapes } from '../../shared/math/criticalShapes';
import { intersectHeightField, sampleHeight } from './heightField';
import type { SceneMark } from './model';
import type { ScenePalette } from './palette';
import type { ScreenPoint } from './projector';
import type { DrawnMark, Stage } from './stage';
import { boxHeight, floorLevel } from './world';

const radius = 7;
const chosenRadius = 10;
/** How near (pixels) a click must come. */
const reach = 12;
/** A surface this much (in units of the window) before a mark hides it. */
const hidingDepth = 0.03;
const hiddenOpacity = 0.45;
/** A drop line ends at the latest this far above the box. */
const highest = 1.15;

const outlines: Record<SceneMark['kind'], readonly (readonly [number, number])[]> = {
  ...criticalShapes,
  bend: [
    [0, 1],
    [0.8, 0],
    [0, -1],
    [-0.8, 0],
  ],
};

const at: ScreenPoint = { x: 0, y: 0, depth: 0 };
const top: ScreenPoint = { x: 0, y: 0, depth: 0 };
const near = { u: 0, v: 0, height: 0 };
const far = { u: 0, v: 0, height: 0 };

/** Draws the marks inside the window, the chosen one last; what a hill hides is faint. `stage.marks` is where they stand. */
export function drawMarks(
  ctx: CanvasRenderingContext2D,
  stage: Stage,
  marks: readonly SceneMark[],
  palette: ScenePalette,
): void {
  const { field, projector, domain } = stage;
  const [x0, x1, y0, y1] = domain;
  const before = new Map(stage.marks.map(({ mark, placement }) => [mark.id, placement]));
  stage.marks = [];
  if (!field) return;
  for (const mark of marks.toSorted((a, b) => Number(a.chosen) - Number(b.chosen))) {
    const u = (mark.x - x0) / (x1 - x0);
    const v = (mark.y - y0) / (y1 - y0);
    if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) continue;
    const sampled = sampleHeight(field, u, v);
    const height = Number.isNaN(sampled) ? floorLevel : sampled;
    const { x, y } = projector.project(u, v, height, at);
    if (x < 0 || y < 0 || x > projector.width || y > projector.height) continue;
    if (mark.drop > 0) {
      projector.project(u, v, Math.min(height + mark.drop / boxHeight, highest), top);
      drawDrop(ctx, x, y, top.x, top.y, palette);
    }
    ctx.globalAlpha = isHidden(stage, u, v, height, x, y) ? hiddenOpacity : 1;
    const size = mark.chosen ? chosenRadius : radius;
    drawMark(ctx, mark.kind, x, y, size, mark.chosen ? palette.chosen : palette.ring, palette.outline);
    ctx.globalAlpha = 1;
    stage.marks.push({ mark, x, y, placement: before.get(mark.id) ?? -1 });
  }
}

/** The mark's outline about (x, y), with a rim that shows it on any colour. */
export function drawMark(
  ctx: CanvasRenderingContext2D,
  kind: SceneMark['kind'],
  x: number,
  y: number,
  size: number,
  fill: string,
  rim: string,
): void {
  ctx.beginPath();
  for (const [dx, dy] of outlines[kind]) ctx.lineTo(x + size * dx, y - size * dy);
  ctx.closePath();
  ctx.lineWidth = Math.min(3.5, size / 2);
  ctx.strokeStyle = rim;
  ctx.stroke();
  ctx.fillStyle = fill;
  ctx.fill();
}

function drawDrop(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  topX: number,
  topY: number,
  palette: ScenePalette,
): void {
  for (const [width, color] of [
    [4.5, palette.outline],
    [2, palette.chosen],
  ] as const) {
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(topX, topY);
    ctx.moveTo(topX - 5, topY);
    ctx.lineTo(topX + 5, topY);
    ctx.lineWidth = width;
    ctx.strokeStyle = color;
    ctx.stroke();
  }
}

/** Whether the surface stands between the eye and a point on it. */
function isHidden({ field, projector }: Stage, u: number, v: number, height: number, x: number, y: number): boolean {
  if (!field) return false;
  projector.unproject(x, y, -1, near);
  projector.unproject(x, y, 1, far);
  const [du, dv, dh] = [far.u - near.u, far.v - near.v, far.height - near.height];
  const t = intersectHeightField(field, near.u, near.v, near.height, du, dv, dh);
  if (Number.isNaN(t)) return false;
  const along = (u - near.u) * du + (v - near.v) * dv + (height - near.height) * dh;
  const length = Math.sqrt(du * du + dv * dv + dh * dh);
  return along / length - t * length > hidingDepth;
}

/** The mark at a pixel; the nearest of several, null for none. */
export function markNear(marks: readonly DrawnMark[], x: number, y: number): string | null {
  let nearest: string | null = null;
  let least = reach;
  for (const { mark, x: markX, y: markY } of marks) {
    const distance = Math.hypot(markX - x, markY - y);
    if (distance > least) continue;
    least = distance;
    nearest = mark.id;
  }
  return nearest;
}
