import { scaleLinear } from 'd3-scale';
import type { HeightTransform } from './heightTransform';
import { formatLogTick, formatTicks } from './numbers';

export interface Tick {
  value: number;
  label: string;
}

export interface LossTick extends Tick {
  /** 0 to 1, where the height transform puts the value. */
  height: number;
  /** Whole powers of ten on a log scale, every fifth step on a linear one. */
  major: boolean;
}

/** About `count` round numbers in [from, to]. */
function roundNumbers(from: number, to: number, count: number): number[] {
  return scaleLinear().domain([from, to]).ticks(Math.max(count, 1));
}

/** About `count` round numbers in [from, to] with labels of equal precision. */
export function axisTicks(from: number, to: number, count: number): Tick[] {
  const values = roundNumbers(from, to, count);
  const labels = formatTicks(values);
  return values.map((value, i) => ({ value, label: labels[i]! }));
}

/**
 * Round losses between the surface's minimum and maximum, no two nearer than about 1/count in height. On a log scale
 * they are powers of ten first, then 2 and 5 times those where there is room.
 */
export function lossTicks(transform: HeightTransform, count: number): LossTick[] {
  const { scale, min, max } = transform;
  if (!(max > min) || count < 1) return [];
  if (scale === 'log') {
    const ticks = logTicks(transform, count);
    // Less than about a decade: powers of ten say too little.
    if (ticks.length >= 3) return ticks;
  }
  const values = roundNumbers(min, max, count);
  const labels = formatTicks(values);
  const step = values.length > 1 ? values[1]! - values[0]! : 1;
  return values.map((value, i) => ({
    value,
    label: labels[i]!,
    height: transform.toHeight(value),
    major: Math.round(value / step) % 5 === 0,
  }));
}

/** Preference of mantissas: lower comes first. */
const mantissas = [
  [1, 0],
  [2, 1],
  [5, 1],
] as const;

function logTicks(transform: HeightTransform, count: number): LossTick[] {
  const candidates: { value: number; rank: number }[] = [];
  const { min, max } = transform;
  // What the transform still tells apart from the minimum.
  const bottom = Math.floor(Math.log10(min + transform.shift));
  const top = Math.ceil(Math.log10(Math.max(Math.abs(min), Math.abs(max))));
  const decades = top - bottom;
  const stride = Math.max(1, Math.round(decades / Math.max(count, 1) / 1.5));
  for (let exponent = bottom; exponent <= top; exponent++) {
    for (const [mantissa, rank] of mantissas) {
      const value = Number(`${mantissa}e${exponent}`);
      const offBeat = exponent % stride === 0 ? 0 : 1;
      candidates.push({ value, rank: rank + offBeat }, { value: -value, rank: rank + offBeat + 1 });
    }
  }
  if (min < 0) candidates.push({ value: 0, rank: 0 });
  candidates.sort((a, b) => a.rank - b.rank || b.value - a.value);
  const chosen: LossTick[] = [];
  // 2 and 5 divide a decade into 0.30, 0.40, 0.30: a little slack keeps the three together.
  const spacing = 0.85 / count;
  for (const { value, rank } of candidates) {
    if (value < min || value > max) continue;
    const height = transform.toHeight(value);
    if (chosen.some((tick) => Math.abs(tick.height - height) < spacing)) continue;
    chosen.push({ value, label: formatLogTick(value), height, major: rank === 0 });
  }
  return chosen.sort((a, b) => a.height - b.height);
}
