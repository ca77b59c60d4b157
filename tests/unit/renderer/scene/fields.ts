import type { HeightField } from '../../../../src/renderer/scene/heightField';

/** A height field over the unit square, sampled from a function of (u, v). */
export function fieldOf(nx: number, ny: number, height: (u: number, v: number) => number): HeightField {
  const us = Float64Array.from({ length: nx }, (_, i) => i / (nx - 1));
  const vs = Float64Array.from({ length: ny }, (_, j) => j / (ny - 1));
  const heights = Float32Array.from({ length: nx * ny }, (_, k) => height(us[k % nx]!, vs[Math.floor(k / nx)]!));
  return { nx, ny, us, vs, heights };
}

/** Small seeded generator of numbers in [0, 1) (mulberry32). */
export function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
