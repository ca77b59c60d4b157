import { sampleHeight } from './heightField';
import type { SceneSection } from './model';
import type { ScenePalette } from './palette';
import type { ScreenPoint } from './projector';
import type { Stage } from './stage';
import { floorLevel } from './world';

const at: ScreenPoint = { x: 0, y: 0, depth: 0 };
const dotRadius = 1.6;
const endRadius = 9;

/** A dot at every computed point of an adaptive surface, seen from above; the other points are interpolated. */
export function drawEvaluated(ctx: CanvasRenderingContext2D, stage: Stage, evaluated: Uint8Array): void {
  const { field, surface, domain, projector, topness } = stage;
  if (!field || !surface || topness < 0.75) return;
  const { xs, ys } = surface;
  const [x0, x1, y0, y1] = domain;
  ctx.globalAlpha = (topness - 0.75) * 4;
  ctx.beginPath();
  for (let k = 0; k < evaluated.length; k++) {
    if (!evaluated[k]) continue;
    const u = (xs[k % xs.length]! - x0) / (x1 - x0);
    const v = (ys[Math.floor(k / xs.length)]! - y0) / (y1 - y0);
    const { x, y } = projector.project(u, v, 0, at);
    if (x < 0 || y < 0 || x > projector.width || y > projector.height) continue;
    ctx.moveTo(x + dotRadius, y);
    ctx.arc(x, y, dotRadius, 0, 2 * Math.PI);
  }
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = 'rgba(11, 14, 19, 0.85)';
  ctx.stroke();
  ctx.fillStyle = '#ffffff';
  ctx.fill();
  ctx.globalAlpha = 1;
}

/** The ends of a cross-section, named A and B. */
export function drawSectionEnds(
  ctx: CanvasRenderingContext2D,
  { field, domain, projector }: Stage,
  { from, to }: SceneSection,
  font: string,
  palette: ScenePalette,
): void {
  if (!field) return;
  const [x0, x1, y0, y1] = domain;
  for (const [name, end] of [
    ['A', from],
    ['B', to],
  ] as const) {
    if (!end) continue;
    const u = (end[0] - x0) / (x1 - x0);
    const v = (end[1] - y0) / (y1 - y0);
    if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) continue;
    const height = sampleHeight(field, u, v);
    const { x, y } = projector.project(u, v, Number.isNaN(height) ? floorLevel : height, at);
    ctx.beginPath();
    ctx.arc(x, y, endRadius, 0, 2 * Math.PI);
    ctx.fillStyle = palette.chosen;
    ctx.fill();
    ctx.lineWidth = 2;
    ctx.strokeStyle = palette.outline;
    ctx.stroke();
    ctx.font = `700 12px ${font}`;
    ctx.fillStyle = '#11161d';
    ctx.fillText(name, x, y + 0.5);
  }
}
