import { finiteExtent, type HeightTransform } from '../../shared/math/heightTransform';
import { formatNumber } from '../../shared/math/numbers';
import type { LossTick } from '../../shared/math/ticks';
import type { SceneLayer } from './model';

/**
 * The least and the greatest value that have heights of their own: the surface's, the sheets' of its band as far as the
 * scale reaches, cut where the layer says so, and the same on both sides of 0 for signed values. null for no value.
 */
export function heightExtent(
  values: Float64Array,
  { clip, signed, band }: Pick<SceneLayer, 'clip' | 'signed' | 'band'>,
  scale: 'linear' | 'log',
): [number, number] | null {
  const extent = finiteExtent(values);
  if (!extent) return null;
  let [min, max] = extent;
  if (band) {
    const [, above] = finiteExtent(values.map((value, k) => value + band[k]!)) ?? extent;
    const [below] = finiteExtent(values.map((value, k) => value - band[k]!)) ?? extent;
    max = Math.max(max, above);
    // A logarithm does not reach below what it was made for.
    if (scale === 'linear') min = Math.min(min, below);
  }
  if (signed) {
    const most = Math.min(Math.max(Math.abs(min), Math.abs(max)), clip ?? Number.POSITIVE_INFINITY);
    return [-most, most];
  }
  return [min, clip === null ? max : Math.min(max, clip)];
}

interface ClipEnds {
  low: boolean;
  high: boolean;
}

/** Which ends of the heights are flat. */
export const clipEnds = ({ clip, signed }: Pick<SceneLayer, 'clip' | 'signed'>): ClipEnds => ({
  low: clip !== null && signed,
  high: clip !== null,
});

const margin = 1e-6;
/**
 * Iso-lines; none at a flat end, which would be filled by it. That of a stepped surface parts the values below its level
 * from the others: it runs half a step lower, not over the terrace that has just this height.
 */
export const levelsBetween = (
  levels: LossTick[],
  { low, high }: ClipEnds,
  transform: Pick<HeightTransform, 'toHeight'>,
  step: number,
): LossTick[] =>
  levels
    .filter(({ height }) => !(high && height > 1 - margin) && !(low && height < margin))
    .map((level) => (step > 0 ? { ...level, height: transform.toHeight(level.value - step / 2) } : level))
    .filter(({ height }) => height >= 0);

/** Whether two layers of the same values have the same heights, lines and ticks. */
export const isDrawnAlike = (a: SceneLayer, b: SceneLayer): boolean =>
  a.clip === b.clip && a.signed === b.signed && a.band === b.band && a.step === b.step;

/** Ticks nearer than this share of the axis to a flat end give way to the end's own. */
const room = 0.07;

/** The axis' ticks with those of flat ends: “≥ 5”. */
export function clippedTicks(ticks: LossTick[], layer: Pick<SceneLayer, 'clip' | 'signed'>): LossTick[] {
  const { clip } = layer;
  const { low, high } = clipEnds(layer);
  if (clip === null) return ticks;
  const kept = ticks.filter(({ height }) => !(high && height > 1 - room) && !(low && height < room));
  const end = (value: number, height: number, sign: string): LossTick[] => [
    { value, height, label: `${sign} ${formatNumber(value, 3)}`, major: true },
  ];
  return [...(low ? end(-clip, 0, '≤') : []), ...kept, ...(high ? end(clip, 1, '≥') : [])];
}
