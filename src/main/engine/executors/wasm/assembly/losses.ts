import { exp, log1p, one, sigmoid } from './math';
import { madd, nmadd, splat } from './simd';

/** Numbers of the losses, as the driver writes them. */
export const SOFTMAX_CROSS_ENTROPY: u32 = 0;
export const MEAN_SQUARED_ERROR: u32 = 1;
export const BINARY_CROSS_ENTROPY: u32 = 2;
export const MULTI_CLASS_HINGE: u32 = 3;
export const HUBER: u32 = 4;

/** The target is the index of a class, else k values. */
// @ts-ignore: decorator
@inline
function readsClass(kind: u32): bool {
  return kind == SOFTMAX_CROSS_ENTROPY || kind == MULTI_CLASS_HINGE;
}

/** What `loss` is to do. */
export const ADD_LOSS: u32 = 1;
export const ADD_CORRECT: u32 = 2;
export const WRITE_GRADIENT: u32 = 4;

/** Running sums over examples, float64: Σℓ, Σℓ² and the number right. */
@unmanaged
export class Sums {
  loss: f64;
  squares: f64;
  correct: f64;
}

/**
 * Adds the losses of `rows` examples to `sums` and writes ∂ℓ/∂z, zero past the last example. Definitions as in the
 * reference executor; z: [panels, k], t: class indices or [panels, k]; `out` may be z or t.
 */
export function loss(kind: u32, flags: u32, rows: u32, k: u32, z: usize, t: usize, out: usize, sums: Sums): void {
  let sumLow = f64x2.splat(0);
  let sumHigh = sumLow;
  let squaresLow = sumLow;
  let squaresHigh = sumLow;
  let right = i32x4.splat(0);
  const targets: u32 = readsClass(kind) ? 1 : k;
  const panels = (rows + 7) >> 3;
  for (let panel: u32 = 0; panel < panels; panel++) {
    for (let half: u32 = 0; half < 2; half++) {
      const at = ((panel * k) << 5) + (half << 4);
      const valid = validLanes(rows - min(rows, (panel << 3) + (half << 2)));
      const target = t + ((panel * targets) << 5) + (half << 4);
      if (flags & ADD_CORRECT) {
        const hit =
          readsClass(kind)
            ? f32x4.eq(firstLargest(k, z + at), v128.load(target))
            : binaryCorrect(k, z + at, target);
        right = i32x4.sub(right, v128.and(hit, valid));
      }
      let value: v128;
      if (kind == SOFTMAX_CROSS_ENTROPY) {
        value = softmaxCrossEntropy(k, z + at, v128.load(target), out + at, (flags & WRITE_GRADIENT) != 0, valid);
      } else if (kind == MEAN_SQUARED_ERROR) {
        value = meanSquaredError(k, z + at, target, out + at, (flags & WRITE_GRADIENT) != 0, valid);
      } else if (kind == BINARY_CROSS_ENTROPY) {
        value = binaryCrossEntropy(k, z + at, target, out + at, flags, valid);
      } else if (kind == MULTI_CLASS_HINGE) {
        value = multiClassHinge(k, z + at, v128.load(target), out + at, (flags & WRITE_GRADIENT) != 0, valid);
      } else {
        value = huber(k, z + at, target, out + at, (flags & WRITE_GRADIENT) != 0, valid);
      }
      value = v128.and(value, valid);
      const low = f64x2.promote_low_f32x4(value);
      const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(value, value, 2, 3, 2, 3));
      sumLow = f64x2.add(sumLow, low);
      sumHigh = f64x2.add(sumHigh, high);
      squaresLow = f64x2.add(squaresLow, f64x2.mul(low, low));
      squaresHigh = f64x2.add(squaresHigh, f64x2.mul(high, high));
    }
  }
  if (flags & ADD_LOSS) {
    sums.loss += total(f64x2.add(sumLow, sumHigh));
    sums.squares += total(f64x2.add(squaresLow, squaresHigh));
  }
  if (flags & ADD_CORRECT) {
    sums.correct +=
      i32x4.extract_lane(right, 0) +
      i32x4.extract_lane(right, 1) +
      i32x4.extract_lane(right, 2) +
      i32x4.extract_lane(right, 3);
  }
}

// @ts-ignore: decorator
@inline
function total(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** All ones in the first `left` lanes. */
// @ts-ignore: decorator
@inline
function validLanes(left: u32): v128 {
  return i32x4.lt_u(i32x4(0, 1, 2, 3), i32x4.splat(left));
}

/**
 * ln Σ e^z − z_t of four examples, from the largest logit and the sum of the others, so that small losses keep their
 * digits. Gradient p − e_t, with p_t − 1 as −(sum of the others) where t has the largest logit.
 */
// @ts-ignore: decorator
@inline
function softmaxCrossEntropy(k: u32, z: usize, t: v128, out: usize, gradient: bool, valid: v128): v128 {
  let largest = v128.load(z);
  let top = splat(0);
  let chosen = largest;
  let index = splat(0);
  for (let c: u32 = 1; c < k; c++) {
    index = f32x4.add(index, one());
    const value = v128.load(z + (c << 5));
    const higher = f32x4.gt(value, largest);
    largest = v128.bitselect(value, largest, higher);
    top = v128.bitselect(index, top, higher);
    chosen = v128.bitselect(value, chosen, f32x4.eq(index, t));
  }
  let others = splat(0);
  index = splat(0);
  for (let c: u32 = 0; c < k; c++) {
    const e = exp(f32x4.sub(v128.load(z + (c << 5)), largest));
    others = f32x4.add(others, v128.andnot(e, f32x4.eq(index, top)));
    if (gradient) v128.store(out + (c << 5), e);
    index = f32x4.add(index, one());
  }
  if (gradient) {
    const sum = f32x4.add(others, one());
    const scale = v128.and(f32x4.div(one(), sum), valid);
    index = splat(0);
    for (let c: u32 = 0; c < k; c++) {
      const e = v128.load(out + (c << 5));
      const right = f32x4.eq(index, t);
      const rest = v128.bitselect(f32x4.neg(others), f32x4.sub(e, sum), f32x4.eq(index, top));
      v128.store(out + (c << 5), f32x4.mul(v128.bitselect(rest, e, right), scale));
      index = f32x4.add(index, one());
    }
  }
  return f32x4.add(log1p(others), f32x4.sub(largest, chosen));
}

/** Index of the first largest of k values, as a float. */
// @ts-ignore: decorator
@inline
function firstLargest(k: u32, z: usize): v128 {
  let largest = v128.load(z);
  let top = splat(0);
  let index = splat(0);
  for (let c: u32 = 1; c < k; c++) {
    index = f32x4.add(index, one());
    const value = v128.load(z + (c << 5));
    const higher = f32x4.gt(value, largest);
    largest = v128.bitselect(value, largest, higher);
    top = v128.bitselect(index, top, higher);
  }
  return top;
}

/** Σ (z − t)²/k */
// @ts-ignore: decorator
@inline
function meanSquaredError(k: u32, z: usize, t: usize, out: usize, gradient: bool, valid: v128): v128 {
  let sum = splat(0);
  const slope = v128.and(splat(2 / <f32>k), valid);
  for (let c: u32 = 0; c < k; c++) {
    const difference = f32x4.sub(v128.load(z + (c << 5)), v128.load(t + (c << 5)));
    sum = madd(difference, difference, sum);
    if (gradient) v128.store(out + (c << 5), f32x4.mul(difference, slope));
  }
  return f32x4.div(sum, splat(<f32>k));
}

/** Σ ((1 − t) softplus(z) + t softplus(−z))/k; a factor that is 0 counts as 0 even beside ∞. */
// @ts-ignore: decorator
@inline
function binaryCrossEntropy(k: u32, z: usize, t: usize, out: usize, flags: u32, valid: v128): v128 {
  const zero = splat(0);
  const unit = one();
  let sum = zero;
  const scale = v128.and(splat(1 / <f32>k), valid);
  for (let c: u32 = 0; c < k; c++) {
    const v = v128.load(z + (c << 5));
    const p = v128.load(t + (c << 5));
    const q = f32x4.sub(unit, p);
    if (flags & (ADD_LOSS | ADD_CORRECT)) {
      const tail = log1p(exp(f32x4.neg(f32x4.abs(v))));
      const no = f32x4.mul(q, f32x4.add(f32x4.pmax(v, zero), tail));
      const yes = f32x4.mul(p, f32x4.add(f32x4.pmax(f32x4.neg(v), zero), tail));
      sum = f32x4.add(sum, v128.andnot(no, f32x4.eq(q, zero)));
      sum = f32x4.add(sum, v128.andnot(yes, f32x4.eq(p, zero)));
    }
    if (flags & WRITE_GRADIENT) {
      const slope = f32x4.sub(f32x4.mul(q, sigmoid(v)), f32x4.mul(p, sigmoid(f32x4.neg(v))));
      v128.store(out + (c << 5), f32x4.mul(slope, scale));
    }
  }
  return f32x4.div(sum, splat(<f32>k));
}

/** Σ_{j≠t} max(0, 1 − z_t + z_j)/k; gradient 1/k where that is above 0, minus their sum for t. */
// @ts-ignore: decorator
@inline
function multiClassHinge(k: u32, z: usize, t: v128, out: usize, gradient: bool, valid: v128): v128 {
  let index = splat(0);
  let right = splat(0);
  for (let c: u32 = 0; c < k; c++) {
    right = v128.bitselect(v128.load(z + (c << 5)), right, f32x4.eq(index, t));
    index = f32x4.add(index, one());
  }
  const margin = f32x4.sub(one(), right);
  const slope = v128.and(splat(1 / <f32>k), valid);
  let sum = splat(0);
  let slopes = splat(0);
  index = splat(0);
  for (let c: u32 = 0; c < k; c++) {
    const missed = v128.andnot(f32x4.add(margin, v128.load(z + (c << 5))), f32x4.eq(index, t));
    sum = f32x4.add(sum, f32x4.pmax(missed, splat(0)));
    if (gradient) {
      const each = v128.and(slope, f32x4.gt(missed, splat(0)));
      slopes = f32x4.add(slopes, each);
      v128.store(out + (c << 5), each);
    }
    index = f32x4.add(index, one());
  }
  if (gradient) {
    index = splat(0);
    for (let c: u32 = 0; c < k; c++) {
      const each = v128.load(out + (c << 5));
      v128.store(out + (c << 5), v128.bitselect(f32x4.neg(slopes), each, f32x4.eq(index, t)));
      index = f32x4.add(index, one());
    }
  }
  return f32x4.div(sum, splat(<f32>k));
}

/** Σ h(z − t)/k: with c = d clipped to [−1, 1], h(d) = c(d − c/2) and h' = c. */
// @ts-ignore: decorator
@inline
function huber(k: u32, z: usize, t: usize, out: usize, gradient: bool, valid: v128): v128 {
  let sum = splat(0);
  const scale = v128.and(splat(1 / <f32>k), valid);
  for (let c: u32 = 0; c < k; c++) {
    const d = f32x4.sub(v128.load(z + (c << 5)), v128.load(t + (c << 5)));
    const clipped = f32x4.pmin(f32x4.pmax(d, splat(-1)), one());
    sum = f32x4.add(sum, f32x4.mul(clipped, nmadd(splat(0.5), clipped, d)));
    if (gradient) v128.store(out + (c << 5), f32x4.mul(clipped, scale));
  }
  return f32x4.div(sum, splat(<f32>k));
}

/** One output: the sides of ½ agree; more: the largest output is where the largest target is. */
// @ts-ignore: decorator
@inline
function binaryCorrect(k: u32, z: usize, t: usize): v128 {
  if (k > 1) return f32x4.eq(firstLargest(k, z), firstLargest(k, t));
  return v128.not(v128.xor(f32x4.gt(v128.load(z), splat(0)), f32x4.gt(v128.load(t), splat(0.5))));
}

/** out = ∂²ℓ/∂z²·r, zero past the last example; `out` is neither z nor r. */
export function lossGrad2(kind: u32, rows: u32, k: u32, z: usize, r: usize, t: usize, out: usize): void {
  const panels = (rows + 7) >> 3;
  for (let panel: u32 = 0; panel < panels; panel++) {
    for (let half: u32 = 0; half < 2; half++) {
      const at = ((panel * k) << 5) + (half << 4);
      const valid = validLanes(rows - min(rows, (panel << 3) + (half << 2)));
      if (kind == SOFTMAX_CROSS_ENTROPY) softmaxProduct(k, z + at, r + at, out + at, valid);
      else {
        const factor: f32 = kind == MULTI_CLASS_HINGE ? 0 : kind == MEAN_SQUARED_ERROR ? 2 : 1;
        const scale = v128.and(splat(factor / <f32>k), valid);
        for (let c: u32 = 0; c < k; c++) {
          let product = f32x4.mul(v128.load(r + at + (c << 5)), scale);
          const v = v128.load(z + at + (c << 5));
          if (kind == BINARY_CROSS_ENTROPY) {
            product = f32x4.mul(product, f32x4.mul(sigmoid(v), sigmoid(f32x4.neg(v))));
          } else if (kind == HUBER) {
            const d = f32x4.abs(f32x4.sub(v, v128.load(t + at + (c << 5))));
            product = v128.and(product, f32x4.le(d, one()));
          }
          v128.store(out + at + (c << 5), product);
        }
      }
    }
  }
}

/** p∘(s − p·s) with s = r − r_top, top the largest output: p∘(r − p·r) with its digits kept when p_top is nearly 1. */
// @ts-ignore: decorator
@inline
function softmaxProduct(k: u32, z: usize, r: usize, out: usize, valid: v128): void {
  let largest = v128.load(z);
  let shift = v128.load(r);
  for (let c: u32 = 1; c < k; c++) {
    const value = v128.load(z + (c << 5));
    const higher = f32x4.gt(value, largest);
    largest = v128.bitselect(value, largest, higher);
    shift = v128.bitselect(v128.load(r + (c << 5)), shift, higher);
  }
  let sum = splat(0);
  let weighted = splat(0);
  for (let c: u32 = 0; c < k; c++) {
    const e = exp(f32x4.sub(v128.load(z + (c << 5)), largest));
    v128.store(out + (c << 5), e);
    sum = f32x4.add(sum, e);
    weighted = madd(e, f32x4.sub(v128.load(r + (c << 5)), shift), weighted);
  }
  const scale = v128.and(f32x4.div(one(), sum), valid);
  const mean = f32x4.div(weighted, sum);
  for (let c: u32 = 0; c < k; c++) {
    const p = f32x4.mul(v128.load(out + (c << 5)), scale);
    const s = f32x4.sub(v128.load(r + (c << 5)), shift);
    v128.store(out + (c << 5), f32x4.mul(p, f32x4.sub(s, mean)));
  }
}
