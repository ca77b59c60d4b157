import { colorTable } from '../../shared/math/colorMaps';
import type { LossTick } from '../../shared/math/ticks';
import type { SceneModel } from './model';
import type { ScenePalette } from './palette';

/** Pixels: the bar stands at the right, its ticks between it and the edge. */
const colorBar = { width: 14, right: 66, share: 0.56, titleGap: 20 };

/** Width of the strip at the right that the bar and its numbers take. */
export const colorBarStrip = colorBar.right + 6;

export interface ColorBarBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

export function colorBarBox(width: number, height: number): ColorBarBox {
  const length = Math.round(Math.min(Math.max(height * colorBar.share, 80), 360));
  return {
    left: width - colorBar.right,
    top: Math.round((height - length) / 2) + 8,
    width: colorBar.width,
    height: length,
  };
}

/** The map from bottom to top as a CSS gradient. */
export function colorGradient(name: SceneModel['colorMap']): string {
  const table = colorTable(name);
  const stops: string[] = [];
  for (let k = 0; k <= 32; k++) {
    const i = 4 * Math.round((k / 32) * (table.length / 4 - 1));
    stops.push(`rgb(${table[i]} ${table[i + 1]} ${table[i + 2]})`);
  }
  return `linear-gradient(to top, ${stops.join(', ')})`;
}

/** The same colour bar as the interface's, for a picture. */
export function drawColorBar(
  ctx: CanvasRenderingContext2D,
  box: ColorBarBox,
  name: SceneModel['colorMap'],
  ticks: readonly LossTick[],
  title: string,
  palette: ScenePalette,
  font: string,
): void {
  const table = colorTable(name);
  const steps = table.length / 4;
  const gradient = ctx.createLinearGradient(0, box.top + box.height, 0, box.top);
  for (let i = 0; i < steps; i += 5) {
    gradient.addColorStop(i / (steps - 1), `rgb(${table[4 * i]}, ${table[4 * i + 1]}, ${table[4 * i + 2]})`);
  }
  ctx.fillStyle = gradient;
  ctx.fillRect(box.left, box.top, box.width, box.height);
  ctx.strokeStyle = palette.frame;
  ctx.lineWidth = 1;
  ctx.strokeRect(box.left, box.top, box.width, box.height);
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  ctx.font = `12px ${font}`;
  for (const { height, label } of ticks) {
    const y = box.top + (1 - height) * box.height;
    ctx.beginPath();
    ctx.moveTo(box.left + box.width, y);
    ctx.lineTo(box.left + box.width + 4, y);
    ctx.stroke();
    ctx.fillStyle = palette.mutedText;
    ctx.fillText(label, box.left + box.width + 7, y);
  }
  ctx.font = `600 12px ${font}`;
  ctx.fillStyle = palette.text;
  ctx.textAlign = 'right';
  // A long name reaches over the surface.
  ctx.strokeStyle = palette.background;
  ctx.lineWidth = 4;
  ctx.strokeText(title, box.left + box.width, box.top - colorBar.titleGap + 6);
  ctx.fillText(title, box.left + box.width, box.top - colorBar.titleGap + 6);
}
