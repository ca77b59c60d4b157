import { splat } from './simd';

/*
 * A vector of k entries along the features of a row: each stands for `inner` neighbours, over and over. Runs of `inner`
 * features belong to one entry.
 */

/** out = x + vector */
export function addAlong(panels: u32, m: u32, k: u32, inner: u32, x: usize, vector: usize, out: usize): void {
  const runs = (panels * m) / inner;
  const bytes = inner << 5;
  let j: u32 = 0;
  for (let run: u32 = 0; run < runs; run++) {
    const value = v128.load32_splat(vector + (j << 2));
    for (const end = x + bytes; x < end; x += 16, out += 16) v128.store(out, f32x4.add(v128.load(x), value));
    if (++j == k) j = 0;
  }
}

/** out = x∘vector */
export function scaleAlong(panels: u32, m: u32, k: u32, inner: u32, x: usize, vector: usize, out: usize): void {
  const runs = (panels * m) / inner;
  const bytes = inner << 5;
  let j: u32 = 0;
  for (let run: u32 = 0; run < runs; run++) {
    const value = v128.load32_splat(vector + (j << 2));
    for (const end = x + bytes; x < end; x += 16, out += 16) v128.store(out, f32x4.mul(v128.load(x), value));
    if (++j == k) j = 0;
  }
}

/** out = (x − mean)/√(variance + ε); `mean` 0: without. */
export function standardize(
  panels: u32,
  m: u32,
  k: u32,
  inner: u32,
  x: usize,
  mean: usize,
  variance: usize,
  epsilon: f32,
  out: usize,
): void {
  const runs = (panels * m) / inner;
  const bytes = inner << 5;
  let j: u32 = 0;
  for (let run: u32 = 0; run < runs; run++) {
    const center = mean == 0 ? splat(0) : v128.load32_splat(mean + (j << 2));
    const scale = splat(1 / sqrt<f32>(load<f32>(variance + (j << 2)) + epsilon));
    for (const end = x + bytes; x < end; x += 16, out += 16) {
      v128.store(out, f32x4.mul(f32x4.sub(v128.load(x), center), scale));
    }
    if (++j == k) j = 0;
  }
}

/** out[j] = (accumulate ? out[j] : 0) + Σ over rows and all of the row's runs of entry j. */
export function sumAlong(
  panels: u32,
  m: u32,
  k: u32,
  inner: u32,
  x: usize,
  out: usize,
  accumulate: bool,
): void {
  const bytes = inner << 5;
  const period = k * bytes;
  const runs = (panels * m) / (k * inner);
  for (let j: u32 = 0; j < k; j++) {
    let total = splat(0);
    let from = x + j * bytes;
    for (let run: u32 = 0; run < runs; run++) {
      // Sums of a run first: fewer roundings than one long sum.
      let low = splat(0);
      let high = splat(0);
      for (let at = from, end = from + bytes; at < end; at += 32) {
        low = f32x4.add(low, v128.load(at));
        high = f32x4.add(high, v128.load(at, 16));
      }
      total = f32x4.add(total, f32x4.add(low, high));
      from += period;
    }
    const to = out + (j << 2);
    store<f32>(to, (accumulate ? load<f32>(to) : 0) + lanes(total));
  }
}

// @ts-ignore: decorator
@inline
export function lanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}
