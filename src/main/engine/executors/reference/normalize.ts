import type { NormalizedSets } from '../../graph/ir';

type Values = Float64Array;

/** Sets of values: set s is `runs` runs of `length` values, from s·first, `stride` apart. */
export interface Sets {
  readonly count: number;
  readonly first: number;
  readonly runs: number;
  readonly stride: number;
  readonly length: number;
}

/** @param size values of one row */
export function setsOf(sets: NormalizedSets, rows: number, size: number): Sets {
  switch (sets.over) {
    case 'batch':
      return { count: sets.channels, first: sets.inner, runs: rows, stride: size, length: sets.inner };
    case 'example':
      return { count: (rows * size) / sets.length, first: sets.length, runs: 1, stride: 0, length: sets.length };
    default:
      return sets satisfies never;
  }
}

function each({ first, runs, stride, length }: Sets, set: number, use: (i: number) => void): void {
  for (let run = 0; run < runs; run++) {
    const start = set * first + run * stride;
    for (let i = start; i < start + length; i++) use(i);
  }
}

function meanOf(sets: Sets, set: number, value: (i: number) => number): number {
  let sum = 0;
  each(sets, set, (i) => {
    sum += value(i);
  });
  return sum / (sets.runs * sets.length);
}

export function means(sets: Sets, x: Values): Values {
  return Float64Array.from({ length: sets.count }, (_, s) => meanOf(sets, s, (i) => x[i]!));
}

/** Σ(x − mean)²/(M − 1); NaN for M = 1. */
export function unbiasedVariances(sets: Sets, x: Values): Values {
  const values = sets.runs * sets.length;
  const mean = means(sets, x);
  return mean.map((m, s) => (meanOf(sets, s, (i) => (x[i]! - m) ** 2) * values) / (values - 1));
}

/** x̂_i of one set, and 1/√(variance + ε). */
function normalizer(sets: Sets, set: number, epsilon: number, x: Values): { hat(i: number): number; inverse: number } {
  const mean = meanOf(sets, set, (i) => x[i]!);
  const variance = meanOf(sets, set, (i) => (x[i]! - mean) ** 2);
  const inverse = 1 / Math.sqrt(variance + epsilon);
  return { hat: (i) => (x[i]! - mean) * inverse, inverse };
}

export function normalize(sets: Sets, epsilon: number, x: Values, out: Values): void {
  for (let s = 0; s < sets.count; s++) {
    const { hat } = normalizer(sets, s, epsilon, x);
    each(sets, s, (i) => {
      out[i] = hat(i);
    });
  }
}

export function normalizeGrad(sets: Sets, epsilon: number, x: Values, t: Values, out: Values): void {
  for (let s = 0; s < sets.count; s++) {
    const { hat, inverse } = normalizer(sets, s, epsilon, x);
    const mean = meanOf(sets, s, (i) => t[i]!);
    const along = meanOf(sets, s, (i) => hat(i) * t[i]!);
    each(sets, s, (i) => {
      out[i] = inverse * (t[i]! - mean - hat(i) * along);
    });
  }
}

export function normalizeGrad2(sets: Sets, epsilon: number, x: Values, rx: Values, dy: Values, out: Values): void {
  const rHat = new Float64Array(out.length);
  normalizeGrad(sets, epsilon, x, rx, rHat);
  normalizeGrad(sets, epsilon, x, dy, out);
  for (let s = 0; s < sets.count; s++) {
    const { hat, inverse } = normalizer(sets, s, epsilon, x);
    const stretch = meanOf(sets, s, (i) => hat(i) * rx[i]!);
    const along = meanOf(sets, s, (i) => hat(i) * dy[i]!);
    const turned = meanOf(sets, s, (i) => rHat[i]! * dy[i]!);
    each(sets, s, (i) => {
      out[i] = -inverse * (stretch * out[i]! + rHat[i]! * along + hat(i) * turned);
    });
  }
}
