import { type Grid, sampleBilinear } from '../../shared/math/bilinear';
import type { HoverProbe, SceneSurface } from './model';

/** Slope along one axis over `cell` to either side of the point, one-sided where the other side is unknown. */
function slope(at: (offset: number) => number | undefined, here: number, cell: number): number {
  const ahead = at(cell);
  const behind = at(-cell);
  if (ahead !== undefined && behind !== undefined) return (ahead - behind) / (2 * cell);
  if (ahead !== undefined) return (ahead - here) / cell;
  return behind === undefined ? Number.NaN : (here - behind) / cell;
}

/**
 * Loss and gradient at a point of the plane: bilinear value; gradient by central differences of the bilinear
 * surface over one mean cell (second order where the loss is smooth), in the plane's coordinates; the patch's own
 * gradient where both neighbours are gaps. null in a gap and outside the window.
 */
export function probeSurface(
  surface: Pick<SceneSurface, 'xs' | 'ys' | 'loss'>,
  x: number,
  y: number,
): HoverProbe | null {
  const { xs, ys } = surface;
  const grid: Grid = { xs, ys, values: surface.loss };
  const here = sampleBilinear(grid, x, y);
  if (!here) return null;
  const cellX = (xs[xs.length - 1]! - xs[0]!) / (xs.length - 1);
  const cellY = (ys[ys.length - 1]! - ys[0]!) / (ys.length - 1);
  const gx = slope((offset) => sampleBilinear(grid, x + offset, y)?.value, here.value, cellX);
  const gy = slope((offset) => sampleBilinear(grid, x, y + offset)?.value, here.value, cellY);
  return {
    x,
    y,
    loss: here.value,
    gradient: [Number.isNaN(gx) ? here.gradient[0] : gx, Number.isNaN(gy) ? here.gradient[1] : gy],
  };
}
