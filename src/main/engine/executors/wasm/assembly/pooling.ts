import { splat } from './simd';

/** Written by the driver; offsets in bytes of a panel. */
@unmanaged
class Pooling {
  channels: u32;
  /** Bytes of an image's plane. */
  plane: u32;
  outHeight: u32;
  outWidth: u32;
  stepY: u32;
  stepX: u32;
  /** Values of a window; the words behind are their offsets, row by row. */
  taps: u32;
}

export const MAX_POOL: u32 = 0;
export const MAX_POOL_GATHER: u32 = 1;
export const MAX_POOL_GRAD: u32 = 2;
export const AVERAGE_POOL: u32 = 3;
export const AVERAGE_POOL_GRAD: u32 = 4;

/**
 * Every window of every panel. x: the images, or for averages' adjoint the gradient of the result; t: what is read (gather)
 * or sent back (grad) at the places of the largest values.
 */
export function pool(kind: u32, plan: usize, panels: u32, x: usize, t: usize, out: usize): void {
  const it = changetype<Pooling>(plan);
  const outHeight = it.outHeight;
  const outWidth = it.outWidth;
  const taps = it.taps;
  const stepX = it.stepX;
  const table = plan + offsetof<Pooling>();
  const end = table + (taps << 2);
  const planes = panels * it.channels;
  const back = kind == MAX_POOL_GRAD || kind == AVERAGE_POOL_GRAD;
  if (back) clear(out, planes * it.plane);
  const share = splat(1 / <f32>taps);
  /** Offset of an image's window, and of its result. */
  let image: usize = 0;
  let result: usize = 0;
  for (let plane: u32 = 0; plane < planes; plane++, image += it.plane) {
    for (let y: u32 = 0; y < outHeight; y++) {
      let at = image + y * it.stepY;
      for (let column: u32 = 0; column < outWidth; column++, at += stepX, result += 32) {
        if (kind == MAX_POOL) largest(table, end, x + at, out + result);
        else if (kind == MAX_POOL_GATHER) largestOf(table, end, x + at, t + at, out + result);
        else if (kind == MAX_POOL_GRAD) toLargest(table, end, x + at, t + result, out + at);
        else if (kind == AVERAGE_POOL) average(table, end, x + at, out + result, share);
        else spread(table, end, x + result, out + at, share);
      }
    }
  }
}

function clear(out: usize, bytes: u32): void {
  const zero = splat(0);
  for (const end = out + bytes; out < end; out += 16) v128.store(out, zero);
}

/** All ones where a is to take the place of b: larger, or NaN. */
// @ts-ignore: decorator
@inline
function replaces(a: v128, b: v128): v128 {
  return v128.or(f32x4.gt(a, b), f32x4.ne(a, a));
}

// @ts-ignore: decorator
@inline
function largest(table: usize, end: usize, x: usize, out: usize): void {
  let low = v128.load(x);
  let high = v128.load(x, 16);
  for (table += 4; table < end; table += 4) {
    const at = x + load<u32>(table);
    const a = v128.load(at);
    const b = v128.load(at, 16);
    low = v128.bitselect(a, low, replaces(a, low));
    high = v128.bitselect(b, high, replaces(b, high));
  }
  v128.store(out, low);
  v128.store(out, high, 16);
}

// @ts-ignore: decorator
@inline
function largestOf(table: usize, end: usize, x: usize, t: usize, out: usize): void {
  let low = v128.load(x);
  let high = v128.load(x, 16);
  let tLow = v128.load(t);
  let tHigh = v128.load(t, 16);
  for (table += 4; table < end; table += 4) {
    const offset = load<u32>(table);
    const a = v128.load(x + offset);
    const b = v128.load(x + offset, 16);
    const moreLow = replaces(a, low);
    const moreHigh = replaces(b, high);
    low = v128.bitselect(a, low, moreLow);
    high = v128.bitselect(b, high, moreHigh);
    tLow = v128.bitselect(v128.load(t + offset), tLow, moreLow);
    tHigh = v128.bitselect(v128.load(t + offset, 16), tHigh, moreHigh);
  }
  v128.store(out, tLow);
  v128.store(out, tHigh, 16);
}

// @ts-ignore: decorator
@inline
function toLargest(table: usize, end: usize, x: usize, dy: usize, out: usize): void {
  let low = v128.load(x);
  let high = v128.load(x, 16);
  let placeLow = i32x4.splat(0);
  let placeHigh = placeLow;
  for (let tap = table + 4; tap < end; tap += 4) {
    const offset = load<u32>(tap);
    const place = i32x4.splat(offset);
    const a = v128.load(x + offset);
    const b = v128.load(x + offset, 16);
    const moreLow = replaces(a, low);
    const moreHigh = replaces(b, high);
    low = v128.bitselect(a, low, moreLow);
    high = v128.bitselect(b, high, moreHigh);
    placeLow = v128.bitselect(place, placeLow, moreLow);
    placeHigh = v128.bitselect(place, placeHigh, moreHigh);
  }
  const dLow = v128.load(dy);
  const dHigh = v128.load(dy, 16);
  for (; table < end; table += 4) {
    const offset = load<u32>(table);
    const place = i32x4.splat(offset);
    const to = out + offset;
    v128.store(to, f32x4.add(v128.load(to), v128.and(dLow, i32x4.eq(placeLow, place))));
    v128.store(to, f32x4.add(v128.load(to, 16), v128.and(dHigh, i32x4.eq(placeHigh, place))), 16);
  }
}

// @ts-ignore: decorator
@inline
function average(table: usize, end: usize, x: usize, out: usize, share: v128): void {
  let low = splat(0);
  let high = low;
  for (; table < end; table += 4) {
    const at = x + load<u32>(table);
    low = f32x4.add(low, v128.load(at));
    high = f32x4.add(high, v128.load(at, 16));
  }
  v128.store(out, f32x4.mul(low, share));
  v128.store(out, f32x4.mul(high, share), 16);
}

// @ts-ignore: decorator
@inline
function spread(table: usize, end: usize, dy: usize, out: usize, share: v128): void {
  const low = f32x4.mul(v128.load(dy), share);
  const high = f32x4.mul(v128.load(dy, 16), share);
  for (; table < end; table += 4) {
    const to = out + load<u32>(table);
    v128.store(to, f32x4.add(v128.load(to), low));
    v128.store(to, f32x4.add(v128.load(to, 16), high), 16);
  }
}
