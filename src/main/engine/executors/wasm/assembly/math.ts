import { madd, nmadd, splat } from './simd';

/*
 * Elementary functions on four float32 lanes, a few units in the last place each; NaN goes in and comes out.
 * Comparisons use pmin/pmax with the argument first: they keep a NaN and are one instruction.
 */

/**
 * e^x = 2ⁿ e^r with |r| ≤ ln 2/2 and Cephes' polynomial for e^r; ∞ from 88.73, gradual underflow to 0 at −104.
 * 2ⁿ is applied in two factors, so that results next to both ends of the range are right.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, splat(-104)), splat(89));
  const n = f32x4.nearest(f32x4.mul(x, splat(1.44269504088896341)));
  let r = nmadd(n, splat(0.693359375), x);
  r = nmadd(n, splat(-2.12194440e-4), r);
  let p = splat(1.9875691500e-4);
  p = madd(p, r, splat(1.3981999507e-3));
  p = madd(p, r, splat(8.3334519073e-3));
  p = madd(p, r, splat(4.1665795894e-2));
  p = madd(p, r, splat(1.6666665459e-1));
  p = madd(p, r, splat(5.0000001201e-1));
  p = f32x4.add(madd(p, f32x4.mul(r, r), r), splat(1));
  const exponent = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(exponent, 1);
  const bias = i32x4.splat(127);
  const first = i32x4.shl(i32x4.add(half, bias), 23);
  const second = i32x4.shl(i32x4.add(i32x4.sub(exponent, half), bias), 23);
  return f32x4.mul(f32x4.mul(p, first), second);
}

/** e^x − 1 for x ≤ 0, without cancellation near 0: 2ⁿ(e^r − 1) + (2ⁿ − 1). */
// @ts-ignore: decorator
@inline
export function expm1Negative(x: v128): v128 {
  x = f32x4.pmax(x, splat(-20));
  const n = f32x4.nearest(f32x4.mul(x, splat(1.44269504088896341)));
  let r = nmadd(n, splat(0.693359375), x);
  r = nmadd(n, splat(-2.12194440e-4), r);
  let p = splat(1.9875691500e-4);
  p = madd(p, r, splat(1.3981999507e-3));
  p = madd(p, r, splat(8.3334519073e-3));
  p = madd(p, r, splat(4.1665795894e-2));
  p = madd(p, r, splat(1.6666665459e-1));
  p = madd(p, r, splat(5.0000001201e-1));
  p = madd(p, f32x4.mul(r, r), r);
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return madd(p, scale, f32x4.sub(scale, splat(1)));
}

/** ln x for finite x ≥ 1 (Cephes: mantissa in [√½, √2), polynomial of degree 9). */
// @ts-ignore: decorator
@inline
function logFromOne(x: v128): v128 {
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(x, 23), i32x4.splat(126)));
  let m = v128.or(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(m, splat(0.707106781186547524));
  e = f32x4.sub(e, v128.and(low, splat(1)));
  m = f32x4.add(f32x4.sub(m, splat(1)), v128.and(low, m));
  const z = f32x4.mul(m, m);
  let p = splat(7.0376836292e-2);
  p = madd(p, m, splat(-1.1514610310e-1));
  p = madd(p, m, splat(1.1676998740e-1));
  p = madd(p, m, splat(-1.2420140846e-1));
  p = madd(p, m, splat(1.4249322787e-1));
  p = madd(p, m, splat(-1.6668057665e-1));
  p = madd(p, m, splat(2.0000714765e-1));
  p = madd(p, m, splat(-2.4999993993e-1));
  p = madd(p, m, splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, m), z);
  p = madd(e, splat(-2.12194440e-4), p);
  p = nmadd(splat(0.5), z, p);
  return madd(e, splat(0.693359375), f32x4.add(m, p));
}

/** ln(1 + x) for finite x ≥ 0; the rounding error of 1 + x is put back to first order. */
// @ts-ignore: decorator
@inline
export function log1p(x: v128): v128 {
  const u = f32x4.add(x, splat(1));
  const lost = f32x4.sub(x, f32x4.sub(u, splat(1)));
  return f32x4.add(logFromOne(u), f32x4.div(lost, u));
}

/** tanh x = x P(x²)/Q(x²), a rational fit with relative error 1.3e-9 on |x| ≤ 9.02, where float32 tanh is 1. */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, splat(-9.02)), splat(9.02));
  const u = f32x4.mul(x, x);
  let p = splat(-1.220401991269826e-11);
  p = madd(p, u, splat(3.058583075699062e-8));
  p = madd(p, u, splat(2.8007816581521183e-5));
  p = madd(p, u, splat(0.003868345869705081));
  p = madd(p, u, splat(0.13679929077625275));
  p = madd(p, u, splat(1));
  let q = splat(1.2873908872279571e-6);
  q = madd(q, u, splat(0.0003938662994187325));
  q = madd(q, u, splat(0.027245905250310898));
  q = madd(q, u, splat(0.47013261914253235));
  q = madd(q, u, splat(1));
  const y = f32x4.div(f32x4.mul(x, p), q);
  return f32x4.pmin(f32x4.pmax(y, splat(-1)), splat(1));
}

/** σ(x) = 1/(1 + e^(−x)) */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), exp(f32x4.neg(x))));
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
  return exp(f32x4.mul(f32x4.mul(x, x), splat(-0.5)));
}

/**
 * Φ(x), the normal distribution function, from g = e^(−x²/2): with z = |x|/√2 and s = 1/(1 + z/2), erfc(z) is
 * g s P(s), a fit with relative error 2e-8 on z ≤ 10; past it g is 0.
 */
// @ts-ignore: decorator
@inline
export function normalCdf(x: v128, g: v128): v128 {
  const z = f32x4.mul(f32x4.abs(x), splat(0.707106781186547524));
  const s = f32x4.div(splat(1), madd(z, splat(0.5), splat(1)));
  let p = splat(0.010815627872943878);
  p = madd(p, s, splat(-0.11546947062015533));
  p = madd(p, s, splat(0.41112521290779114));
  p = madd(p, s, splat(-0.6470422744750977));
  p = madd(p, s, splat(0.4028784930706024));
  p = madd(p, s, splat(-0.08887692540884018));
  p = madd(p, s, splat(0.2224457710981369));
  p = madd(p, s, splat(0.23926858603954315));
  p = madd(p, s, splat(0.28278717398643494));
  p = madd(p, s, splat(0.28206780552864075));
  const tail = f32x4.mul(splat(0.5), f32x4.mul(f32x4.mul(p, s), g));
  return v128.bitselect(tail, f32x4.sub(splat(1), tail), f32x4.lt(x, splat(0)));
}
