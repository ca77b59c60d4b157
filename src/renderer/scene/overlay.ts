import { colorMap, cssColor } from '../../shared/math/colorMaps';
import { formatNumber } from '../../shared/math/numbers';
import { drawEvaluated, drawSectionEnds } from './annotations';
import { colorBarStrip } from './colorBar';
import { type ContourLabel, placeContourLabels } from './contourLabels';
import { breakRow } from './drape';
import { type LabelBox, type LabelRequest, type Obstacles, placeLabels } from './labelPlacement';
import { drawMark, drawMarks } from './marks';
import type { SceneModel } from './model';
import { type ScenePalette, scenePalette } from './palette';
import type { ScreenPoint } from './projector';
import type { DrawnMark, MarkerState, Stage } from './stage';
import { floorLevel } from './world';

const tickLength = 5;
const tickFont = 12;
const nameFont = 13;
const labelFont = 12;
const contourFont = 11;
const obstaclesPerPath = 60;
const maximumObstacles = 600;

/** Along x, the tip a little beyond the edge. */
const arrow = [
  [10, 0],
  [-6, -8],
  [-6, 8],
] as const;

interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * Text of the scene, drawn on a canvas above the WebGL one: tick labels and axis names on the sides away from the
 * surface, levels on the contour map, a label per marker. All sizes are CSS pixels, whatever the zoom.
 */
export class Overlay {
  font = 'sans-serif';
  /** How much larger than usual the type is. */
  type = 1;
  private contourLabels: { revision: number; labels: ContourLabel[] } = { revision: -1, labels: [] };
  private readonly taken: Rect[] = [];
  private readonly requests: (LabelRequest & { of: MarkerState | DrawnMark | null; text: string })[] = [];
  private readonly boxes: LabelBox[] = [];
  private readonly obstacles: Obstacles = { points: new Float32Array(2 * maximumObstacles), count: 0 };
  private readonly a: ScreenPoint = { x: 0, y: 0, depth: 0 };
  private readonly b: ScreenPoint = { x: 0, y: 0, depth: 0 };
  private readonly c: ScreenPoint = { x: 0, y: 0, depth: 0 };
  private lossEdge = { u: 0, v: 0 };

  /** Axes, levels and marks: they change with the camera and the model only. */
  drawScales(ctx: CanvasRenderingContext2D, stage: Stage, model: SceneModel, cameraU: number, cameraV: number): void {
    if (!stage.transform) {
      stage.marks = [];
      return;
    }
    this.taken.length = 0;
    prepare(ctx);
    const palette = scenePalette(model.theme);
    this.drawAxes(ctx, stage, model.labels, palette, cameraU, cameraV);
    if (model.showContours) this.drawContourLabels(ctx, stage, model.colorMap);
    ctx.globalAlpha = 1;
    if (model.layer.evaluated) drawEvaluated(ctx, stage, model.layer.evaluated);
    if (model.section) drawSectionEnds(ctx, stage, model.section, this.font, palette);
    drawMarks(ctx, stage, model.marks, palette);
  }

  /** A label per marker; they move with the playhead. */
  drawMarkers(ctx: CanvasRenderingContext2D, stage: Stage, model: SceneModel): void {
    if (!stage.transform) return;
    prepare(ctx);
    this.drawMarkerLabels(ctx, stage, scenePalette(model.theme), model.layer.isPathLoss);
  }

  private drawAxes(
    ctx: CanvasRenderingContext2D,
    stage: Stage,
    names: SceneModel['labels'],
    palette: ScenePalette,
    cameraU: number,
    cameraV: number,
  ): void {
    const { domain, ticks } = stage;
    const [x0, x1, y0, y1] = domain;
    const top = stage.topness > 0.5;
    const sideV = top || cameraV < 0.5 ? 0 : 1;
    const sideU = top ? 0 : cameraU > 0.5 ? 1 : 0;
    this.drawAxis(
      ctx,
      stage,
      palette,
      names.x,
      ticks.x.map(({ value, label }) => ({ at: (value - x0) / (x1 - x0), label })),
      (t) => [t, sideV, floorLevel],
    );
    this.drawAxis(
      ctx,
      stage,
      palette,
      names.y,
      ticks.y.map(({ value, label }) => ({ at: (value - y0) / (y1 - y0), label })),
      (t) => [sideU, t, floorLevel],
    );
    const fade = 1 - 2 * stage.topness;
    if (fade <= 0) return;
    ctx.globalAlpha = fade;
    this.chooseLossEdge(stage);
    const { u, v } = this.lossEdge;
    this.drawAxis(
      ctx,
      stage,
      palette,
      names.loss,
      stage.lossAxis.map(({ height, label }) => ({ at: height, label })),
      (t) => [u, v, t],
    );
    ctx.globalAlpha = 1;
  }

  /** The vertical edge furthest to the left stays chosen until another is clearly further. */
  private chooseLossEdge(stage: Stage): void {
    const { projector } = stage;
    const { a } = this;
    let best = projector.project(this.lossEdge.u, this.lossEdge.v, 0, a).x - 6;
    for (let corner = 0; corner < 4; corner++) {
      const u = corner & 1;
      const v = corner >> 1;
      const { x } = projector.project(u, v, 0, a);
      if (x >= best) continue;
      best = x;
      this.lossEdge = { u, v };
    }
  }

  private drawAxis(
    ctx: CanvasRenderingContext2D,
    { projector }: Stage,
    palette: ScenePalette,
    name: string,
    ticks: { at: number; label: string }[],
    point: (t: number) => [number, number, number],
  ): void {
    const { a, b, c } = this;
    projector.project(...point(0), a);
    projector.project(...point(1), b);
    projector.project(0.5, 0.5, (1 + floorLevel) / 2, c);
    const dx = b.x - a.x;
    const dy = b.y - a.y;
    const length = Math.hypot(dx, dy);
    // Seen end on there is no room for numbers.
    if (length < 60) return;
    // Outward: across the edge, away from the middle of the box.
    let nx = -dy / length;
    let ny = dx / length;
    if (nx * ((a.x + b.x) / 2 - c.x) + ny * ((a.y + b.y) / 2 - c.y) < 0) {
      nx = -nx;
      ny = -ny;
    }
    ctx.font = `${this.type * tickFont}px ${this.font}`;
    ctx.strokeStyle = palette.frame;
    ctx.lineWidth = 1.25;
    let widest = 0;
    for (const { at, label } of ticks) {
      const p = projector.project(...point(at), c);
      const width = ctx.measureText(label).width;
      const reach = tickLength + 5 + 0.5 * (Math.abs(nx) * width + Math.abs(ny) * this.type * tickFont);
      const x = p.x + nx * reach;
      const y = p.y + ny * reach;
      if (!this.claim(x, y, width + 8, this.type * tickFont + 2)) continue;
      ctx.beginPath();
      ctx.moveTo(p.x, p.y);
      ctx.lineTo(p.x + nx * tickLength, p.y + ny * tickLength);
      ctx.stroke();
      ctx.fillStyle = palette.mutedText;
      ctx.fillText(label, x, y);
      widest = Math.max(widest, Math.abs(nx) * width + Math.abs(ny) * this.type * tickFont);
    }
    let angle = Math.atan2(dy, dx);
    if (angle > Math.PI / 2 + 0.01) angle -= Math.PI;
    if (angle <= -Math.PI / 2 - 0.01) angle += Math.PI;
    // A steep name is read from below.
    if (angle > Math.PI / 3) angle -= Math.PI;
    const reach = tickLength + 5 + widest + 9 + this.type * nameFont * 0.6;
    ctx.save();
    ctx.font = `600 ${this.type * nameFont}px ${this.font}`;
    // A letter or two is easier to read upright.
    const upright = name.length <= 2;
    const half = upright ? ctx.measureText(name).width / 2 : (this.type * nameFont) / 2;
    // Large type would run out of a narrow picture.
    const middle = Math.min(Math.max((a.x + b.x) / 2 + nx * reach, half + 2), projector.width - half - 2);
    ctx.translate(middle, (a.y + b.y) / 2 + ny * reach);
    if (!upright) ctx.rotate(angle);
    ctx.fillStyle = palette.text;
    ctx.fillText(name, 0, 0);
    ctx.restore();
  }

  /** Takes a rectangle about a centre unless something is there already. */
  private claim(x: number, y: number, width: number, height: number): boolean {
    const rect = { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
    const free = this.taken.every(
      (other) =>
        rect.left >= other.right || rect.right <= other.left || rect.top >= other.bottom || rect.bottom <= other.top,
    );
    if (free) this.taken.push(rect);
    return free;
  }

  /** Levels written into the lines of the contour map; they appear with the top view. */
  private drawContourLabels(ctx: CanvasRenderingContext2D, stage: Stage, name: SceneModel['colorMap']): void {
    const shown = (stage.topness - 0.75) * 4;
    if (shown <= 0 || !stage.field) return;
    if (this.contourLabels.revision !== stage.revision) {
      this.contourLabels = { revision: stage.revision, labels: placeContourLabels(stage.field, stage.levels) };
    }
    const color = colorMap(name);
    ctx.font = `600 ${this.type * contourFont}px ${this.font}`;
    ctx.globalAlpha = shown;
    for (const { u, v, du, dv, text, height } of this.contourLabels.labels) {
      const p = stage.projector.project(u, v, height, this.a);
      const q = stage.projector.project(u + 0.01 * du, v + 0.01 * dv, height, this.b);
      const width = ctx.measureText(text).width;
      if (p.x < 0 || p.y < 0 || p.x > stage.projector.width || p.y > stage.projector.height) continue;
      if (!this.claim(p.x, p.y, width + 6, this.type * contourFont + 4)) continue;
      const fill = color(height);
      const [r, g, b] = fill;
      const bright = 0.299 * r + 0.587 * g + 0.114 * b > 110;
      ctx.save();
      ctx.translate(p.x, p.y);
      ctx.rotate(Math.atan2(q.y - p.y, q.x - p.x));
      // The line is interrupted by its own colour.
      ctx.fillStyle = cssColor(fill);
      ctx.beginPath();
      ctx.roundRect(-width / 2 - 3, (-this.type * contourFont) / 2 - 1, width + 6, this.type * contourFont + 2, 4);
      ctx.fill();
      ctx.fillStyle = bright ? '#0b0e13' : '#ffffff';
      ctx.fillText(text, 0, 0.5);
      ctx.restore();
    }
    ctx.globalAlpha = 1;
  }

  private drawMarkerLabels(
    ctx: CanvasRenderingContext2D,
    stage: Stage,
    palette: ScenePalette,
    isPathLoss: boolean,
  ): void {
    const { requests, boxes } = this;
    const { projector } = stage;
    ctx.font = `500 ${this.type * labelFont}px ${this.font}`;
    let count = 0;
    const ask = (of: MarkerState | DrawnMark, x: number, y: number, text: string): void => {
      let request = requests[count];
      if (!request) {
        request = { x: 0, y: 0, width: 0, height: 0, previous: -1, of: null, text: '' };
        requests.push(request);
        boxes.push({ left: 0, top: 0, placement: -1 });
      }
      request.of = of;
      request.text = text;
      request.x = x;
      request.y = y;
      request.width = ctx.measureText(text).width + 26;
      request.height = this.type * labelFont + 11;
      request.previous = of.placement;
      count++;
    };
    for (const state of stage.markers.values()) {
      if (!state.visible) continue;
      const p = projector.project(state.u, state.v, state.drawnHeight, this.a);
      // Panned or zoomed out of the picture.
      if (p.x < 0 || p.y < 0 || p.x > projector.width || p.y > projector.height) continue;
      if (state.leaving) this.drawLeaving(ctx, stage, state, palette);
      ask(state, p.x, p.y, isPathLoss ? `${state.label}  ${formatNumber(state.loss)}` : state.label);
    }
    for (const drawn of stage.marks) if (drawn.mark.label) ask(drawn, drawn.x, drawn.y, drawn.mark.label);
    this.collectObstacles(stage);
    // The colour bar stands at the right.
    placeLabels(requests, count, this.obstacles, projector.width - colorBarStrip, projector.height, boxes);
    ctx.textAlign = 'left';
    for (let k = 0; k < count; k++) {
      const request = requests[k]!;
      const box = boxes[k]!;
      const { of, width, height } = request;
      if (!of) continue;
      of.placement = box.placement;
      const middle = box.top + height / 2;
      const nearX = Math.min(Math.max(request.x, box.left), box.left + width);
      const nearY = Math.min(Math.max(request.y, box.top), box.top + height);
      if (Math.hypot(nearX - request.x, nearY - request.y) > 22) {
        ctx.strokeStyle = palette.mutedText;
        ctx.lineWidth = 1;
        ctx.beginPath();
        ctx.moveTo(request.x, request.y);
        ctx.lineTo(nearX, nearY);
        ctx.stroke();
      }
      ctx.fillStyle = palette.label;
      ctx.beginPath();
      ctx.roundRect(box.left, box.top, width, height, 6);
      ctx.fill();
      ctx.strokeStyle = palette.grid;
      ctx.lineWidth = 1;
      ctx.stroke();
      if ('mark' in of) {
        drawMark(ctx, of.mark.kind, box.left + 11, middle, 5, palette.chosen, palette.outline);
      } else {
        ctx.fillStyle = of.color;
        ctx.beginPath();
        ctx.arc(box.left + 11, middle, 4, 0, 2 * Math.PI);
        ctx.fill();
      }
      ctx.fillStyle = palette.text;
      ctx.fillText(request.text, box.left + 19, middle + 0.5);
    }
    ctx.textAlign = 'center';
  }

  /** An arrow out of the window, its point where the path crosses the edge. */
  private drawLeaving(
    ctx: CanvasRenderingContext2D,
    { projector }: Stage,
    { u, v, drawnHeight, leaving, color }: MarkerState,
    palette: ScenePalette,
  ): void {
    if (!leaving) return;
    const step = 0.01 / Math.hypot(leaving.du, leaving.dv);
    const tip = projector.project(u, v, drawnHeight, this.b);
    const before = projector.project(u - step * leaving.du, v - step * leaving.dv, drawnHeight, this.c);
    const angle = Math.atan2(tip.y - before.y, tip.x - before.x);
    ctx.save();
    ctx.translate(tip.x, tip.y);
    ctx.rotate(angle);
    ctx.beginPath();
    for (const [x, y] of arrow) ctx.lineTo(x, y);
    ctx.closePath();
    ctx.lineWidth = 3;
    ctx.strokeStyle = palette.outline;
    ctx.stroke();
    ctx.fillStyle = color;
    ctx.fill();
    ctx.restore();
  }

  /** Some points of every visible path, for the labels to stay clear of. */
  private collectObstacles({ markers, projector }: Stage): void {
    const { obstacles } = this;
    obstacles.count = 0;
    for (const { visible, path } of markers.values()) {
      if (!visible) continue;
      const step = Math.max(1, Math.floor(path.length / obstaclesPerPath));
      for (let k = 0; k < path.length && 2 * obstacles.count < obstacles.points.length; k += step) {
        if (path.points[4 * k + 3] === breakRow) continue;
        const p = projector.project(path.points[4 * k]!, path.points[4 * k + 1]!, path.points[4 * k + 2]!, this.a);
        obstacles.points[2 * obstacles.count] = p.x;
        obstacles.points[2 * obstacles.count + 1] = p.y;
        obstacles.count++;
      }
    }
  }
}

function prepare(ctx: CanvasRenderingContext2D): void {
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'center';
  ctx.lineJoin = 'round';
}
