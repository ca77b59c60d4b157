import type { Domain } from '../model/experiment';

/** Where a path leaves a window for good, and which way it goes there. */
export interface WindowExit {
  x: number;
  y: number;
  /** Of the stretch that crosses the edge. */
  dx: number;
  dy: number;
}

/** null where the path ends inside, never was there, or has no finite end. */
export function windowExit(x: Float64Array, y: Float64Array, window: Domain): WindowExit | null {
  const inside = (i: number) => x[i]! >= window[0] && x[i]! <= window[1] && y[i]! >= window[2] && y[i]! <= window[3];
  const last = x.length - 1;
  if (last < 0 || inside(last) || !Number.isFinite(x[last]! + y[last]!)) return null;
  let at = last;
  while (at >= 0 && !inside(at)) at--;
  if (at < 0) return null;
  const [dx, dy] = [x[at + 1]! - x[at]!, y[at + 1]! - y[at]!];
  const until = (from: number, step: number, low: number, high: number) =>
    step > 0 ? (high - from) / step : step < 0 ? (low - from) / step : Number.POSITIVE_INFINITY;
  const t = Math.min(1, until(x[at]!, dx, window[0], window[1]), until(y[at]!, dy, window[2], window[3]));
  return { x: x[at]! + t * dx, y: y[at]! + t * dy, dx, dy };
}
