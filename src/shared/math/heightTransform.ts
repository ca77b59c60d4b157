/** Height of a loss value above the base of the box, shared by surface, paths, axes, contours and colour bar. */
export interface HeightTransform {
  scale: 'linear' | 'log';
  /** Smallest and largest finite loss of the surface. */
  min: number;
  max: number;
  /** Log scale: heights are log10(loss + shift); 0 where the losses are positive and span a printable range. */
  shift: number;
  /** Loss → height; min ↦ 0, max ↦ 1. NaN stays NaN; ±∞ is not a height and becomes NaN too. */
  toHeight(loss: number): number;
  /** Height → loss, the inverse on [0, 1]. */
  toLoss(height: number): number;
}

/** The log scale shows at most this share of the range above the minimum: five decades. */
const floorShare = 1e-5;

/**
 * linear: h = (L − min)/(max − min).
 * log: h = log10(L − min + δ), rescaled to [0, 1], with δ = max(min, 10⁻⁵·(max − min)). Where min is the larger of
 * the two this is the plain logarithm of the loss.
 * A constant surface (min = max) has height 0 everywhere.
 */
export function heightTransform(scale: 'linear' | 'log', min: number, max: number): HeightTransform {
  const span = max - min;
  if (!(span > 0)) {
    return {
      scale,
      min,
      max,
      shift: 0,
      toHeight: (loss) => (Number.isFinite(loss) ? 0 : Number.NaN),
      toLoss: () => min,
    };
  }
  switch (scale) {
    case 'linear':
      return {
        scale,
        min,
        max,
        shift: 0,
        toHeight: (loss) => (Number.isFinite(loss) ? (loss - min) / span : Number.NaN),
        toLoss: (height) => min + height * span,
      };
    case 'log': {
      const delta = Math.max(min, floorShare * span);
      const shift = delta - min;
      const low = Math.log10(delta);
      const decades = Math.log10(max + shift) - low;
      return {
        scale,
        min,
        max,
        shift,
        toHeight: (loss) =>
          Number.isFinite(loss) ? (Math.log10(Math.max(loss + shift, delta)) - low) / decades : Number.NaN,
        toLoss: (height) => 10 ** (low + height * decades) - shift,
      };
    }
    default:
      return scale satisfies never;
  }
}

/** Smallest and largest finite value; null where there is none. */
export function finiteExtent(values: ArrayLike<number>): [number, number] | null {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? [min, max] : null;
}

/** Losses whose 95th percentile above the minimum is this many times the 5th need a log scale to be read. */
const logRatio = 300;
const percentileSample = 4_096;

/** The scale on which the surface can be read: log where the bulk of the losses spans decades (`ratio` and more). */
export function preferredHeightScale(loss: ArrayLike<number>, ratio = logRatio): 'linear' | 'log' {
  const extent = finiteExtent(loss);
  if (!extent || extent[0] === extent[1]) return 'linear';
  const step = Math.max(1, Math.floor(loss.length / percentileSample));
  const above: number[] = [];
  for (let i = 0; i < loss.length; i += step) {
    const value = loss[i]!;
    if (Number.isFinite(value)) above.push(value - extent[0]);
  }
  above.sort((a, b) => a - b);
  const low = above[Math.floor(0.05 * (above.length - 1))]!;
  const high = above[Math.floor(0.95 * (above.length - 1))]!;
  return high > ratio * Math.max(low, floorShare * high) ? 'log' : 'linear';
}
