import { contours } from 'd3-contour';
import { type ColorMapName, colorTable } from '../../../../shared/math/colorMaps';
import { finiteExtent, heightTransform } from '../../../../shared/math/heightTransform';
import type { Theme } from '../../../../shared/math/optimizerColors';
import type { PlanePath } from '../../../../shared/model/landscape';
import type { SceneSurface } from '../../../scene/model';

/** A small picture of a surface from above: the colours of the large one, shaded, with contours and the paths. */
export interface Thumbnail {
  surface: Pick<SceneSurface, 'xs' | 'ys' | 'loss'>;
  scale: 'linear' | 'log';
  colorMap: ColorMapName;
  theme: Theme;
  paths: readonly { path: Pick<PlanePath, 'x' | 'y'>; color: string }[];
}

const levels = 7;
/** How far the light makes slopes darker and lighter; less light, which would wash the colours out. */
const shadow = 0.45;
const glow = 0.2;
/** Height of the box over its width. */
const steepness = 0.7;

/** Draws it over the whole canvas; what is not finite stays transparent. */
export function drawThumbnail(context: CanvasRenderingContext2D, picture: Thumbnail): void {
  const { width, height } = context.canvas;
  const { xs, ys, loss } = picture.surface;
  context.clearRect(0, 0, width, height);
  const extent = finiteExtent(loss);
  if (!extent) return;
  const { toHeight } = heightTransform(picture.scale, ...extent);
  const heights = Float64Array.from(loss, toHeight);
  const grid: Heights = { nx: xs.length, ny: ys.length, heights };
  context.putImageData(shaded(grid, picture.colorMap, width, height), 0, 0);
  drawContours(context, grid, picture.theme);
  drawPaths(context, picture);
}

interface Heights {
  nx: number;
  ny: number;
  heights: Float64Array;
}

function shaded({ nx, ny, heights }: Heights, map: ColorMapName, width: number, height: number): ImageData {
  const image = new ImageData(width, height);
  const colors = colorTable(map);
  const at = (i: number, j: number) =>
    heights[Math.min(Math.max(j, 0), ny - 1) * nx + Math.min(Math.max(i, 0), nx - 1)] as number;
  // Slopes at the points, interpolated between them, so that the shading has no facets.
  const light = new Float64Array(nx * ny);
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const dx = (steepness * (nx - 1) * (at(i + 1, j) - at(i - 1, j))) / 2;
      const dy = (steepness * (ny - 1) * (at(i, j + 1) - at(i, j - 1))) / 2;
      // Light from the upper left; a level place has 0.
      light[j * nx + i] = (dx - dy) / Math.hypot(1, dx, dy) / Math.SQRT2;
    }
  }
  for (let row = 0; row < height; row++) {
    const y = (1 - row / (height - 1)) * (ny - 1);
    const j = Math.min(Math.floor(y), ny - 2);
    const v = y - j;
    for (let column = 0; column < width; column++) {
      const x = (column / (width - 1)) * (nx - 1);
      const i = Math.min(Math.floor(x), nx - 2);
      const u = x - i;
      const cell = j * nx + i;
      const between = (values: Float64Array) =>
        (1 - v) * ((1 - u) * (values[cell] as number) + u * (values[cell + 1] as number)) +
        v * ((1 - u) * (values[cell + nx] as number) + u * (values[cell + nx + 1] as number));
      const value = between(heights);
      if (Number.isNaN(value)) continue;
      const shade = between(light);
      const target = 4 * (row * width + column);
      const entry = 4 * Math.round(Math.min(Math.max(value, 0), 1) * 255);
      for (let c = 0; c < 3; c++) {
        const color = colors[entry + c] as number;
        // Beside a gap there is no slope.
        const lit = Number.isNaN(shade) ? 0 : shade;
        image.data[target + c] = lit > 0 ? color + glow * lit * (255 - color) : color * (1 + shadow * lit);
      }
      image.data[target + 3] = 255;
    }
  }
  return image;
}

function drawContours(context: CanvasRenderingContext2D, { nx, ny, heights }: Heights, theme: Theme): void {
  const { width, height } = context.canvas;
  const thresholds = Array.from({ length: levels }, (_, k) => (k + 1) / (levels + 1));
  context.strokeStyle = theme === 'dark' ? 'rgb(0 0 0 / 45%)' : 'rgb(255 255 255 / 60%)';
  context.lineWidth = 1.5;
  context.beginPath();
  // d3-contour places sample i at i + ½ and closes rings half a cell outside.
  const px = (x: number) => ((x - 0.5) / (nx - 1)) * width;
  const py = (y: number) => (1 - (y - 0.5) / (ny - 1)) * height;
  for (const { coordinates } of contours().size([nx, ny]).thresholds(thresholds)(Array.from(heights))) {
    for (const ring of coordinates.flat()) {
      for (const [k, [x = 0, y = 0]] of ring.entries()) {
        if (k === 0) context.moveTo(px(x), py(y));
        else context.lineTo(px(x), py(y));
      }
    }
  }
  context.stroke();
}

function drawPaths(context: CanvasRenderingContext2D, { surface: { xs, ys }, theme, paths }: Thumbnail): void {
  const { width, height } = context.canvas;
  const [x0, x1] = [xs[0] as number, xs[xs.length - 1] as number];
  const [y0, y1] = [ys[0] as number, ys[ys.length - 1] as number];
  const px = (x: number) => ((x - x0) / (x1 - x0)) * width;
  const py = (y: number) => (1 - (y - y0) / (y1 - y0)) * height;
  context.lineJoin = 'round';
  context.lineCap = 'round';
  const halo = theme === 'dark' ? 'rgb(8 11 16 / 80%)' : 'rgb(255 255 255 / 90%)';
  for (const { path, color } of paths) {
    const line = new Path2D();
    let drawing = false;
    for (let i = 0; i < path.x.length; i++) {
      const [x, y] = [px(path.x[i] as number), py(path.y[i] as number)];
      if (!Number.isFinite(x + y)) drawing = false;
      else if (drawing) line.lineTo(x, y);
      else {
        line.moveTo(x, y);
        drawing = true;
      }
    }
    const end = new Path2D();
    end.arc(px(path.x.at(-1) ?? Number.NaN), py(path.y.at(-1) ?? Number.NaN), 6, 0, 2 * Math.PI);
    context.strokeStyle = halo;
    context.lineWidth = 7;
    context.stroke(line);
    context.stroke(end);
    context.strokeStyle = color;
    context.lineWidth = 3.5;
    context.stroke(line);
    context.fillStyle = color;
    context.fill(end);
  }
}
