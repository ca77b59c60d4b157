import type { Domain } from '../../../shared/model/experiment';

/** Added on each side, as a share of the extent. */
const margin = 0.2;
/** The shorter side of a window is at least this share of the longer, in lengths of parameter space. */
const leastAspect = 0.4;
/** Beyond a path that leaves the base window, as a share of that window. */
const baseMargin = 0.05;
/** A path that leaves a function's domain widens the window up to this many domain widths on each side. */
const domainStretch = 2;

interface Points {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
}

export interface RangeOptions {
  /** ‖d₁‖, ‖d₂‖: to compare the sides in parameter space. */
  norms: readonly [number, number];
  /** A window that has to be inside: the function's domain, [−1, 1]² of a random plane. */
  base?: Domain;
}

/**
 * A window that shows the paths with a 20 % margin: never a sliver, never empty (a path of one point gets ±1, or its
 * own magnitude). With a base window it is that window, extended where paths leave it. Entries that are not finite and
 * what a diverging path does beyond two base widths are left out.
 */
export function suggestRange(paths: readonly Points[], { norms, base }: RangeOptions): Domain {
  const [x0, x1] = side(
    paths.map(({ x }) => x),
    base && [base[0], base[1]],
  );
  const [y0, y1] = side(
    paths.map(({ y }) => y),
    base && [base[2], base[3]],
  );
  if (base) return [x0, x1, y0, y1];
  const width = (x1 - x0) * norms[0];
  const height = (y1 - y0) * norms[1];
  if (width === 0 && height === 0) {
    const reach = (at: number) => Math.max(1, Math.abs(at));
    return [x0 - reach(x0), x0 + reach(x0), y0 - reach(y0), y0 + reach(y0)];
  }
  const least = leastAspect * Math.max(width, height);
  return [...widen(x0, x1, least / norms[0]), ...widen(y0, y1, least / norms[1])];
}

function side(columns: readonly ArrayLike<number>[], base: [number, number] | undefined): [number, number] {
  const [low, high] = base ?? [-Infinity, Infinity];
  const reach = base ? domainStretch * (high - low) : 0;
  let from = Infinity;
  let to = -Infinity;
  for (const column of columns) {
    for (let i = 0; i < column.length; i++) {
      const value = column[i]!;
      if (!Number.isFinite(value)) continue;
      from = Math.min(from, value);
      to = Math.max(to, value);
    }
  }
  if (!(from <= to)) return base ?? [0, 0];
  if (!base) return [from - margin * (to - from), to + margin * (to - from)];
  const pad = baseMargin * (high - low);
  return [from < low ? Math.max(from - pad, low - reach) : low, to > high ? Math.min(to + pad, high + reach) : high];
}

function widen(from: number, to: number, least: number): [number, number] {
  const missing = Math.max(0, least - (to - from)) / 2;
  return [from - missing, to + missing];
}
