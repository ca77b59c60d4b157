import { lanes } from './along';
import { madd, splat } from './simd';

export const NORMALIZE: u32 = 0;
export const NORMALIZE_GRAD: u32 = 1;
export const NORMALIZE_GRAD2: u32 = 2;

/**
 * x̂, J t or R{J} t along rx for every run of `length` features of every example by itself; `out` may be any operand.
 */
export function normalizeExamples(
  kind: u32,
  panels: u32,
  m: u32,
  length: u32,
  x: usize,
  t: usize,
  rx: usize,
  epsilon: f32,
  out: usize,
): void {
  const runs = (panels * m) / length;
  const bytes = length << 5;
  for (let run: u32 = 0; run < runs; run++) {
    for (let half: u32 = 0; half < 32; half += 16) {
      const at = run * bytes + half;
      normalizeRun(kind, bytes, x + at, t + at, rx + at, epsilon, out + at);
    }
  }
}

// @ts-ignore: decorator
@inline
function normalizeRun(kind: u32, bytes: u32, x: usize, t: usize, rx: usize, epsilon: f32, out: usize): void {
  const share = splat(1 / <f32>(bytes >> 5));
  const zero = splat(0);
  let mean = zero;
  for (let i: u32 = 0; i < bytes; i += 32) mean = f32x4.add(mean, v128.load(x + i));
  mean = f32x4.mul(mean, share);
  let variance = zero;
  for (let i: u32 = 0; i < bytes; i += 32) {
    const d = f32x4.sub(v128.load(x + i), mean);
    variance = madd(d, d, variance);
  }
  const inverse = f32x4.div(splat(1), f32x4.sqrt(madd(variance, share, splat(epsilon))));
  if (kind == NORMALIZE) {
    for (let i: u32 = 0; i < bytes; i += 32) {
      v128.store(out + i, f32x4.mul(f32x4.sub(v128.load(x + i), mean), inverse));
    }
    return;
  }
  let tMean = zero;
  let tAlong = zero;
  let rMean = zero;
  let rAlong = zero;
  for (let i: u32 = 0; i < bytes; i += 32) {
    const hat = f32x4.mul(f32x4.sub(v128.load(x + i), mean), inverse);
    const value = v128.load(t + i);
    tMean = f32x4.add(tMean, value);
    tAlong = madd(hat, value, tAlong);
    if (kind == NORMALIZE_GRAD2) {
      const moved = v128.load(rx + i);
      rMean = f32x4.add(rMean, moved);
      rAlong = madd(hat, moved, rAlong);
    }
  }
  tMean = f32x4.mul(tMean, share);
  tAlong = f32x4.mul(tAlong, share);
  if (kind == NORMALIZE_GRAD) {
    for (let i: u32 = 0; i < bytes; i += 32) {
      const hat = f32x4.mul(f32x4.sub(v128.load(x + i), mean), inverse);
      v128.store(out + i, jacobian(hat, v128.load(t + i), tMean, tAlong, inverse));
    }
    return;
  }
  rMean = f32x4.mul(rMean, share);
  rAlong = f32x4.mul(rAlong, share);
  let turned = zero;
  for (let i: u32 = 0; i < bytes; i += 32) {
    const hat = f32x4.mul(f32x4.sub(v128.load(x + i), mean), inverse);
    turned = madd(jacobian(hat, v128.load(rx + i), rMean, rAlong, inverse), v128.load(t + i), turned);
  }
  turned = f32x4.mul(turned, share);
  for (let i: u32 = 0; i < bytes; i += 32) {
    const hat = f32x4.mul(f32x4.sub(v128.load(x + i), mean), inverse);
    const rHat = jacobian(hat, v128.load(rx + i), rMean, rAlong, inverse);
    const jt = jacobian(hat, v128.load(t + i), tMean, tAlong, inverse);
    v128.store(out + i, curvature(hat, rHat, jt, rAlong, tAlong, turned, inverse));
  }
}

/** J t = (t − mean(t) − x̂ mean(x̂∘t))/√(variance + ε) */
// @ts-ignore: decorator
@inline
function jacobian(hat: v128, t: v128, mean: v128, along: v128, inverse: v128): v128 {
  return f32x4.mul(inverse, f32x4.sub(f32x4.sub(t, mean), f32x4.mul(hat, along)));
}

/** R{J} t = −(mean(x̂∘rx) J t + R{x̂} mean(x̂∘t) + x̂ mean(R{x̂}∘t))/√(variance + ε) */
// @ts-ignore: decorator
@inline
function curvature(
  hat: v128,
  rHat: v128,
  jt: v128,
  rAlong: v128,
  tAlong: v128,
  turned: v128,
  inverse: v128,
): v128 {
  const sum = madd(rAlong, jt, madd(rHat, tAlong, f32x4.mul(hat, turned)));
  return f32x4.neg(f32x4.mul(inverse, sum));
}

/** Lanes of a half panel that are examples: all ones. */
// @ts-ignore: decorator
@inline
function valid(rows: u32, panel: u32, half: u32): v128 {
  const first = (panel << 3) + (half >> 2);
  return i32x4.lt_u(i32x4(0, 1, 2, 3), i32x4.splat(rows > first ? rows - first : 0));
}

/*
 * A channel of a batch: `bytes` bytes of each panel, `stride` bytes apart, of which `rows` rows are examples.
 */

/** Σ of a channel in float64, from float32 sums of each panel. */
function channelSum(rows: u32, bytes: u32, stride: u32, x: usize): f64 {
  let total: f64 = 0;
  for (let panel: u32 = 0; panel << 3 < rows; panel++, x += stride) {
    for (let half: u32 = 0; half < 32; half += 16) {
      let sum = splat(0);
      for (let i = half; i < bytes; i += 32) sum = f32x4.add(sum, v128.load(x + i));
      total += <f64>lanes(v128.and(sum, valid(rows, panel, half)));
    }
  }
  return total;
}

/** Σ (x − mean)² of a channel. */
function channelSquares(rows: u32, bytes: u32, stride: u32, x: usize, mean: f32): f64 {
  const center = splat(mean);
  let total: f64 = 0;
  for (let panel: u32 = 0; panel << 3 < rows; panel++, x += stride) {
    for (let half: u32 = 0; half < 32; half += 16) {
      let sum = splat(0);
      for (let i = half; i < bytes; i += 32) {
        const d = f32x4.sub(v128.load(x + i), center);
        sum = madd(d, d, sum);
      }
      total += <f64>lanes(v128.and(sum, valid(rows, panel, half)));
    }
  }
  return total;
}

/** Σ (x − mean)∘t of a channel. */
function channelProducts(rows: u32, bytes: u32, stride: u32, x: usize, mean: f32, t: usize): f64 {
  const center = splat(mean);
  let total: f64 = 0;
  for (let panel: u32 = 0; panel << 3 < rows; panel++, x += stride, t += stride) {
    for (let half: u32 = 0; half < 32; half += 16) {
      let sum = splat(0);
      for (let i = half; i < bytes; i += 32) sum = madd(f32x4.sub(v128.load(x + i), center), v128.load(t + i), sum);
      total += <f64>lanes(v128.and(sum, valid(rows, panel, half)));
    }
  }
  return total;
}

/** The same three for each of k channels over all rows of a command; zero past the last example. */
export function normalizeBatch(
  kind: u32,
  rows: u32,
  m: u32,
  k: u32,
  inner: u32,
  x: usize,
  t: usize,
  rx: usize,
  epsilon: f32,
  out: usize,
): void {
  const bytes = inner << 5;
  const stride = m << 5;
  const share = 1 / (<f64>rows * <f64>inner);
  for (let j: u32 = 0; j < k; j++, x += bytes, t += bytes, rx += bytes, out += bytes) {
    const mean = <f32>(channelSum(rows, bytes, stride, x) * share);
    const variance = channelSquares(rows, bytes, stride, x, mean) * share;
    const inverse = <f32>(1 / sqrt(variance + <f64>epsilon));
    const center = splat(mean);
    const scale = splat(inverse);
    let tMean = splat(0);
    let tAlong = tMean;
    let rMean = tMean;
    let rAlong = tMean;
    let turned = tMean;
    if (kind != NORMALIZE) {
      tMean = splat(<f32>(channelSum(rows, bytes, stride, t) * share));
      tAlong = splat(<f32>(channelProducts(rows, bytes, stride, x, mean, t) * share) * inverse);
    }
    if (kind == NORMALIZE_GRAD2) {
      rMean = splat(<f32>(channelSum(rows, bytes, stride, rx) * share));
      rAlong = splat(<f32>(channelProducts(rows, bytes, stride, x, mean, rx) * share) * inverse);
      turned = splat(<f32>(channelTurned(rows, bytes, stride, x, t, rx, center, scale, rMean, rAlong) * share));
    }
    for (let panel: u32 = 0, at: u32 = 0; panel << 3 < rows; panel++, at += stride) {
      for (let half: u32 = 0; half < 32; half += 16) {
        const exists = valid(rows, panel, half);
        for (let i = at + half; i < at + bytes; i += 32) {
          let value = f32x4.mul(f32x4.sub(v128.load(x + i), center), scale);
          if (kind == NORMALIZE_GRAD) value = jacobian(value, v128.load(t + i), tMean, tAlong, scale);
          else if (kind == NORMALIZE_GRAD2) {
            const rHat = jacobian(value, v128.load(rx + i), rMean, rAlong, scale);
            const jt = jacobian(value, v128.load(t + i), tMean, tAlong, scale);
            value = curvature(value, rHat, jt, rAlong, tAlong, turned, scale);
          }
          v128.store(out + i, v128.and(value, exists));
        }
      }
    }
  }
}

/** Σ R{x̂}∘t of a channel. */
function channelTurned(
  rows: u32,
  bytes: u32,
  stride: u32,
  x: usize,
  t: usize,
  rx: usize,
  mean: v128,
  inverse: v128,
  rMean: v128,
  rAlong: v128,
): f64 {
  let total: f64 = 0;
  for (let panel: u32 = 0; panel << 3 < rows; panel++, x += stride, t += stride, rx += stride) {
    for (let half: u32 = 0; half < 32; half += 16) {
      let sum = splat(0);
      for (let i = half; i < bytes; i += 32) {
        const hat = f32x4.mul(f32x4.sub(v128.load(x + i), mean), inverse);
        sum = madd(jacobian(hat, v128.load(rx + i), rMean, rAlong, inverse), v128.load(t + i), sum);
      }
      total += <f64>lanes(v128.and(sum, valid(rows, panel, half)));
    }
  }
  return total;
}

/** out[j] = the mean (or with `variance` the unbiased variance) of channel j over all rows of a command. */
export function moments(variance: bool, rows: u32, m: u32, k: u32, inner: u32, x: usize, out: usize): void {
  const bytes = inner << 5;
  const stride = m << 5;
  const values = <f64>rows * <f64>inner;
  for (let j: u32 = 0; j < k; j++, x += bytes, out += 4) {
    const mean = channelSum(rows, bytes, stride, x) / values;
    const value = variance ? channelSquares(rows, bytes, stride, x, <f32>mean) / (values - 1) : mean;
    store<f32>(out, <f32>value);
  }
}
