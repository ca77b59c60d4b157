import type { Grid } from '../../../shared/math/bilinear';
import type { cooperate } from '../cooperate';
import type { PlaneMetric } from './metric';

/** In orthonormal coordinates of the plane. */
export interface SurfaceDerivatives {
  gradientNorm: Float64Array;
  gu: Float64Array;
  gv: Float64Array;
  huu: Float64Array;
  huv: Float64Array;
  hvv: Float64Array;
}

/**
 * Gradient and Hessian of the heights at every cell by the quadratic through the points `stencil` cells away (f_xy by
 * the four corners). At the edge of the grid the nearest whole stencil is used, its quadratic evaluated at the cell.
 * Exact for quadratics, on unevenly spaced grids too. NaN where the stencil has a masked point.
 *
 * @param turn awaited after every row
 */
export async function surfaceDerivatives(
  { xs, ys, values }: Grid,
  { xu, xv, yv }: PlaneMetric,
  [rx, ry]: readonly [number, number],
  turn: ReturnType<typeof cooperate>,
): Promise<SurfaceDerivatives> {
  const [nx, ny] = [xs.length, ys.length];
  const array = () => new Float64Array(nx * ny);
  const [gradientNorm, gu, gv, huu, huv, hvv] = [array(), array(), array(), array(), array(), array()];
  for (let j = 0; j < ny; j++) {
    await turn();
    const cj = Math.min(Math.max(j, ry), ny - 1 - ry);
    const [y0, y1, y2] = [ys[cj - ry]!, ys[cj]!, ys[cj + ry]!];
    for (let i = 0; i < nx; i++) {
      const ci = Math.min(Math.max(i, rx), nx - 1 - rx);
      const [x0, x1, x2] = [xs[ci - rx]!, xs[ci]!, xs[ci + rx]!];
      const at = (di: number, dj: number) => values[(cj + dj * ry) * nx + ci + di * rx]!;
      const center = at(0, 0);
      const fxx = secondDifference(x0, x1, x2, at(-1, 0), center, at(1, 0));
      const fyy = secondDifference(y0, y1, y2, at(0, -1), center, at(0, 1));
      const fxy = (at(1, 1) - at(-1, 1) - at(1, -1) + at(-1, -1)) / ((x2 - x0) * (y2 - y0));
      const dx = xs[i]! - x1;
      const dy = ys[j]! - y1;
      const fx = (at(1, 0) - center) / (x2 - x1) - (fxx * (x2 - x1)) / 2 + fxx * dx + fxy * dy;
      const fy = (at(0, 1) - center) / (y2 - y1) - (fyy * (y2 - y1)) / 2 + fyy * dy + fxy * dx;
      const cell = j * nx + i;
      const own = values[cell]!;
      // A masked cell has no derivatives, even where the stencil lies beside it.
      gu[cell] = Number.isNaN(own) ? Number.NaN : fx * xu;
      gv[cell] = fx * xv + fy * yv;
      huu[cell] = fxx * xu * xu;
      huv[cell] = xu * (fxx * xv + fxy * yv);
      hvv[cell] = fxx * xv * xv + 2 * fxy * xv * yv + fyy * yv * yv;
      gradientNorm[cell] = Math.hypot(gu[cell]!, gv[cell]!);
    }
  }
  return { gradientNorm, gu, gv, huu, huv, hvv };
}

/** f″ of the parabola through three points. */
function secondDifference(x0: number, x1: number, x2: number, f0: number, f1: number, f2: number): number {
  return (2 * ((f2 - f1) / (x2 - x1) - (f1 - f0) / (x1 - x0))) / (x2 - x0);
}
