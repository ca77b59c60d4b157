import { madd, nmadd, splat } from './simd';

/*
 * Elementary functions on four float32 lanes, a few units in the last place each; NaN goes in and comes out.
 * Comparisons use pmin/pmax with the argument first: they keep a NaN and are one instruction.
 *
 * Constants come from memory: a broadcast load is one instruction, while TurboFan builds a v128 constant out of four
 * at every use.
 */

// @ts-ignore: decorator
@inline
function float(table: usize, i: u32): v128 {
  return v128.load32_splat(table + (i << 2));
}

const BASIC = memory.data<f32>([1, -1, 0.5, -0.5]);
// @ts-ignore: decorator
@inline
export function one(): v128 {
  return float(BASIC, 0);
}

/** Bounds of e^x, then log₂e, ln 2 in two parts, and the polynomial from its highest power. */
const EXP = memory.data<f32>([
  -104, 89, 1.44269504088896341, 0.693359375, -2.12194440e-4, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
  4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, -20,
]);
const EXPONENT_BIAS = memory.data<i32>([127]);

// @ts-ignore: decorator
@inline
function expPolynomial(r: v128): v128 {
  let p = float(EXP, 5);
  p = madd(p, r, float(EXP, 6));
  p = madd(p, r, float(EXP, 7));
  p = madd(p, r, float(EXP, 8));
  p = madd(p, r, float(EXP, 9));
  p = madd(p, r, float(EXP, 10));
  return madd(p, f32x4.mul(r, r), r);
}

/**
 * e^x = 2ⁿ e^r with |r| ≤ ln 2/2 and Cephes' polynomial for e^r; ∞ from 88.73, gradual underflow to 0 at −104.
 * 2ⁿ is applied in two factors, so that results next to both ends of the range are right.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, float(EXP, 0)), float(EXP, 1));
  const n = f32x4.nearest(f32x4.mul(x, float(EXP, 2)));
  let r = nmadd(n, float(EXP, 3), x);
  r = nmadd(n, float(EXP, 4), r);
  const p = f32x4.add(expPolynomial(r), one());
  const exponent = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(exponent, 1);
  const bias = float(EXPONENT_BIAS, 0);
  const first = i32x4.shl(i32x4.add(half, bias), 23);
  const second = i32x4.shl(i32x4.add(i32x4.sub(exponent, half), bias), 23);
  return f32x4.mul(f32x4.mul(p, first), second);
}

/** e^x − 1 for x ≤ 0, without cancellation near 0: 2ⁿ(e^r − 1) + (2ⁿ − 1). */
// @ts-ignore: decorator
@inline
export function expm1Negative(x: v128): v128 {
  x = f32x4.pmax(x, float(EXP, 11));
  const n = f32x4.nearest(f32x4.mul(x, float(EXP, 2)));
  let r = nmadd(n, float(EXP, 3), x);
  r = nmadd(n, float(EXP, 4), r);
  const p = expPolynomial(r);
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), float(EXPONENT_BIAS, 0)), 23);
  return madd(p, scale, f32x4.sub(scale, one()));
}

/** √½, ln 2 in two parts, and the polynomial from its highest power. */
const LOG = memory.data<f32>([
  0.707106781186547524, -2.12194440e-4, 0.693359375, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1,
  -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
]);
/** Bias of the exponent of a mantissa in [½, 1), mask of the mantissa, bits of ½. */
const LOG_BITS = memory.data<i32>([126, 0x007fffff, 0x3f000000]);

/** ln x for finite x ≥ 1 (Cephes: mantissa in [√½, √2), polynomial of degree 9). */
// @ts-ignore: decorator
@inline
function logFromOne(x: v128): v128 {
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(x, 23), float(LOG_BITS, 0)));
  let m = v128.or(v128.and(x, float(LOG_BITS, 1)), float(LOG_BITS, 2));
  const low = f32x4.lt(m, float(LOG, 0));
  e = f32x4.sub(e, v128.and(low, one()));
  m = f32x4.add(f32x4.sub(m, one()), v128.and(low, m));
  const z = f32x4.mul(m, m);
  let p = float(LOG, 3);
  p = madd(p, m, float(LOG, 4));
  p = madd(p, m, float(LOG, 5));
  p = madd(p, m, float(LOG, 6));
  p = madd(p, m, float(LOG, 7));
  p = madd(p, m, float(LOG, 8));
  p = madd(p, m, float(LOG, 9));
  p = madd(p, m, float(LOG, 10));
  p = madd(p, m, float(LOG, 11));
  p = f32x4.mul(f32x4.mul(p, m), z);
  p = madd(e, float(LOG, 1), p);
  p = nmadd(float(BASIC, 2), z, p);
  return madd(e, float(LOG, 2), f32x4.add(m, p));
}

/** ln(1 + x) for finite x ≥ 0; the rounding error of 1 + x is put back to first order. */
// @ts-ignore: decorator
@inline
export function log1p(x: v128): v128 {
  const u = f32x4.add(x, one());
  const lost = f32x4.sub(x, f32x4.sub(u, one()));
  return f32x4.add(logFromOne(u), f32x4.div(lost, u));
}

/** Bounds, then P and Q from their highest powers; their lowest coefficients are 1. */
const TANH = memory.data<f32>([
  -9.02, 9.02, -1.220401991269826e-11, 3.058583075699062e-8, 2.8007816581521183e-5, 0.003868345869705081,
  0.13679929077625275, 1.2873908872279571e-6, 0.0003938662994187325, 0.027245905250310898, 0.47013261914253235,
]);

/** tanh x = x P(x²)/Q(x²), a rational fit with relative error 1.3e-9 on |x| ≤ 9.02, where float32 tanh is 1. */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, float(TANH, 0)), float(TANH, 1));
  const u = f32x4.mul(x, x);
  let p = float(TANH, 2);
  p = madd(p, u, float(TANH, 3));
  p = madd(p, u, float(TANH, 4));
  p = madd(p, u, float(TANH, 5));
  p = madd(p, u, float(TANH, 6));
  p = madd(p, u, one());
  let q = float(TANH, 7);
  q = madd(q, u, float(TANH, 8));
  q = madd(q, u, float(TANH, 9));
  q = madd(q, u, float(TANH, 10));
  q = madd(q, u, one());
  const y = f32x4.div(f32x4.mul(x, p), q);
  return f32x4.pmin(f32x4.pmax(y, float(BASIC, 1)), one());
}

/** σ(x) = 1/(1 + e^(−x)) */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  return f32x4.div(one(), f32x4.add(one(), exp(f32x4.neg(x))));
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^(−|x|)) */
// @ts-ignore: decorator
@inline
export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, splat(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

/** √(2π) φ(x) = e^(−x²/2) */
// @ts-ignore: decorator
@inline
export function gaussian(x: v128): v128 {
  return exp(f32x4.mul(f32x4.mul(x, x), float(BASIC, 3)));
}

/** √½, then P from its highest power. */
const NORMAL = memory.data<f32>([
  0.707106781186547524, 0.010815627872943878, -0.11546947062015533, 0.41112521290779114, -0.6470422744750977,
  0.4028784930706024, -0.08887692540884018, 0.2224457710981369, 0.23926858603954315,
  0.28278717398643494, 0.28206780552864075,
]);

/**
 * Φ(x), the normal distribution function, from g = e^(−x²/2): with z = |x|/√2 and s = 1/(1 + z/2), erfc(z) is
 * g s P(s), a fit with relative error 2e-8 on z ≤ 10; past it g is 0.
 */
// @ts-ignore: decorator
@inline
export function normalCdf(x: v128, g: v128): v128 {
  const z = f32x4.mul(f32x4.abs(x), float(NORMAL, 0));
  const s = f32x4.div(one(), madd(z, float(BASIC, 2), one()));
  let p = float(NORMAL, 1);
  p = madd(p, s, float(NORMAL, 2));
  p = madd(p, s, float(NORMAL, 3));
  p = madd(p, s, float(NORMAL, 4));
  p = madd(p, s, float(NORMAL, 5));
  p = madd(p, s, float(NORMAL, 6));
  p = madd(p, s, float(NORMAL, 7));
  p = madd(p, s, float(NORMAL, 8));
  p = madd(p, s, float(NORMAL, 9));
  p = madd(p, s, float(NORMAL, 10));
  const tail = f32x4.mul(float(BASIC, 2), f32x4.mul(f32x4.mul(p, s), g));
  return v128.bitselect(tail, f32x4.sub(one(), tail), f32x4.lt(x, splat(0)));
}
