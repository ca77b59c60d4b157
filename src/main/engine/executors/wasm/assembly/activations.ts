import { exp, expm1Negative, gaussian, normalCdf, one, sigmoid, softplus, tanh } from './math';
import { madd, nmadd, splat } from './simd';

/** Numbers of the activations, as the driver writes them; `identity` never reaches the kernels. */
export const RELU: u32 = 1;
export const LEAKY_RELU: u32 = 2;
export const TANH: u32 = 3;
export const SIGMOID: u32 = 4;
export const SOFTPLUS: u32 = 5;
export const ELU: u32 = 6;
export const GELU: u32 = 7;
export const SILU: u32 = 8;

const SLOPE: f32 = 0.01;
const ONE_OVER_ROOT_TWO_PI: f32 = 0.39894228040143267794;

/** out[i] = f(x[i]) for `bytes` bytes; out may be x. */
export function activate(kind: u32, x: usize, out: usize, bytes: u32): void {
  const end = x + bytes;
  const zero = splat(0);
  const unit = one();
  if (kind == RELU) {
    for (; x < end; x += 16, out += 16) v128.store(out, f32x4.pmax(v128.load(x), zero));
  } else if (kind == LEAKY_RELU) {
    for (; x < end; x += 16, out += 16) {
      const v = v128.load(x);
      v128.store(out, v128.bitselect(v, f32x4.mul(v, splat(SLOPE)), f32x4.gt(v, zero)));
    }
  } else if (kind == TANH) {
    for (; x < end; x += 16, out += 16) v128.store(out, tanh(v128.load(x)));
  } else if (kind == SIGMOID) {
    for (; x < end; x += 16, out += 16) v128.store(out, sigmoid(v128.load(x)));
  } else if (kind == SOFTPLUS) {
    for (; x < end; x += 16, out += 16) v128.store(out, softplus(v128.load(x)));
  } else if (kind == ELU) {
    for (; x < end; x += 16, out += 16) {
      const v = v128.load(x);
      v128.store(out, v128.bitselect(v, expm1Negative(v), f32x4.gt(v, zero)));
    }
  } else if (kind == GELU) {
    for (; x < end; x += 16, out += 16) {
      const v = v128.load(x);
      v128.store(out, f32x4.mul(v, normalCdf(v, gaussian(v))));
    }
  } else if (kind == SILU) {
    for (; x < end; x += 16, out += 16) {
      const v = v128.load(x);
      v128.store(out, f32x4.div(v, f32x4.add(unit, exp(f32x4.neg(v)))));
    }
  } else unreachable();
}

// @ts-ignore: decorator
@inline
function put(out: usize, value: v128, accumulate: bool): void {
  v128.store(out, accumulate ? f32x4.add(v128.load(out), value) : value);
}

/** out[i] (+)= f'(s[i])·dy[i]; s is f's result for relu, leakyRelu, tanh, sigmoid and elu, its argument otherwise. */
export function activateGrad(kind: u32, s: usize, dy: usize, out: usize, bytes: u32, accumulate: bool): void {
  const end = s + bytes;
  const zero = splat(0);
  const unit = one();
  if (kind == RELU) {
    for (; s < end; s += 16, dy += 16, out += 16) {
      put(out, v128.and(v128.load(dy), f32x4.gt(v128.load(s), zero)), accumulate);
    }
  } else if (kind == LEAKY_RELU) {
    for (; s < end; s += 16, dy += 16, out += 16) {
      const d = v128.load(dy);
      put(out, v128.bitselect(d, f32x4.mul(d, splat(SLOPE)), f32x4.gt(v128.load(s), zero)), accumulate);
    }
  } else if (kind == TANH) {
    for (; s < end; s += 16, dy += 16, out += 16) {
      const y = v128.load(s);
      put(out, f32x4.mul(nmadd(y, y, unit), v128.load(dy)), accumulate);
    }
  } else if (kind == SIGMOID) {
    for (; s < end; s += 16, dy += 16, out += 16) {
      const y = v128.load(s);
      put(out, f32x4.mul(f32x4.mul(y, f32x4.sub(unit, y)), v128.load(dy)), accumulate);
    }
  } else if (kind == SOFTPLUS) {
    for (; s < end; s += 16, dy += 16, out += 16) {
      put(out, f32x4.mul(sigmoid(v128.load(s)), v128.load(dy)), accumulate);
    }
  } else if (kind == ELU) {
    for (; s < end; s += 16, dy += 16, out += 16) {
      const slope = f32x4.add(f32x4.pmin(v128.load(s), zero), unit);
      put(out, f32x4.mul(slope, v128.load(dy)), accumulate);
    }
  } else if (kind == GELU) {
    for (; s < end; s += 16, dy += 16, out += 16) {
      const x = v128.load(s);
      const g = gaussian(x);
      const slope = madd(f32x4.mul(x, splat(ONE_OVER_ROOT_TWO_PI)), g, normalCdf(x, g));
      put(out, f32x4.mul(slope, v128.load(dy)), accumulate);
    }
  } else if (kind == SILU) {
    for (; s < end; s += 16, dy += 16, out += 16) {
      const x = v128.load(s);
      const y = sigmoid(x);
      const slope = f32x4.mul(y, madd(x, sigmoid(f32x4.neg(x)), unit));
      put(out, f32x4.mul(slope, v128.load(dy)), accumulate);
    }
  } else unreachable();
}

/** out[i] (+)= f''(s[i])·rx[i]·dy[i]; s as in `activateGrad`. */
export function activateGrad2(
  kind: u32,
  s: usize,
  rx: usize,
  dy: usize,
  out: usize,
  bytes: u32,
  accumulate: bool,
): void {
  const end = s + bytes;
  const zero = splat(0);
  const unit = one();
  if (kind == TANH) {
    for (; s < end; s += 16, rx += 16, dy += 16, out += 16) {
      const y = v128.load(s);
      const bend = f32x4.mul(f32x4.mul(splat(-2), y), nmadd(y, y, unit));
      put(out, f32x4.mul(bend, f32x4.mul(v128.load(rx), v128.load(dy))), accumulate);
    }
  } else if (kind == SIGMOID) {
    for (; s < end; s += 16, rx += 16, dy += 16, out += 16) {
      const y = v128.load(s);
      const bend = f32x4.mul(f32x4.mul(y, f32x4.sub(unit, y)), nmadd(splat(2), y, unit));
      put(out, f32x4.mul(bend, f32x4.mul(v128.load(rx), v128.load(dy))), accumulate);
    }
  } else if (kind == SOFTPLUS) {
    for (; s < end; s += 16, rx += 16, dy += 16, out += 16) {
      const x = v128.load(s);
      const bend = f32x4.mul(sigmoid(x), sigmoid(f32x4.neg(x)));
      put(out, f32x4.mul(bend, f32x4.mul(v128.load(rx), v128.load(dy))), accumulate);
    }
  } else if (kind == ELU) {
    for (; s < end; s += 16, rx += 16, dy += 16, out += 16) {
      const y = v128.load(s);
      const bend = v128.andnot(f32x4.add(y, unit), f32x4.gt(y, zero));
      put(out, f32x4.mul(bend, f32x4.mul(v128.load(rx), v128.load(dy))), accumulate);
    }
  } else if (kind == GELU) {
    for (; s < end; s += 16, rx += 16, dy += 16, out += 16) {
      const x = v128.load(s);
      const bend = f32x4.mul(f32x4.mul(nmadd(x, x, splat(2)), splat(ONE_OVER_ROOT_TWO_PI)), gaussian(x));
      put(out, f32x4.mul(bend, f32x4.mul(v128.load(rx), v128.load(dy))), accumulate);
    }
  } else if (kind == SILU) {
    for (; s < end; s += 16, rx += 16, dy += 16, out += 16) {
      const x = v128.load(s);
      const y = sigmoid(x);
      const slope = f32x4.mul(y, sigmoid(f32x4.neg(x)));
      const bend = f32x4.mul(slope, nmadd(x, tanh(f32x4.mul(x, splat(0.5))), splat(2)));
      put(out, f32x4.mul(bend, f32x4.mul(v128.load(rx), v128.load(dy))), accumulate);
    }
  } else unreachable();
}
