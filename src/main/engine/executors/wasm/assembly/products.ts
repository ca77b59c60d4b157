import { laneSums, madd } from './simd';

/*
 * A row tensor of size n is stored in panels of 8 examples: [panel][feature][8], 32 bytes a feature. A vector register
 * holds one feature of 4 examples, so every kernel runs on whole registers whatever n is; parameters stay row-major
 * as in PyTorch. The rows past the last example of the last panel hold zeros where sums over examples read them.
 *
 * Inner loops are not unrolled: TurboFan's scheduler would pull the loads of all steps up front and spill.
 */

/** How an output tile starts. */
export const FROM_ZERO: u32 = 0;
export const FROM_BIAS: u32 = 1;
export const FROM_OUTPUT: u32 = 2;

/** Products are cut at this depth, so that one panel of x and one tile of the weights stay in a 32 KiB L1 cache. */
const DEPTH: u32 = 512;

/**
 * out[row, i] = start + Σ_p a[i, p]·x[row, p] for i < m, p < k, then relu where asked.
 *
 * a: element (i, p) of the tile i/4 at tile·`tileStep` + p·`step` + 4·(i mod 4) bytes. Packed weights (`packTiles`) have
 * step 16 and tileStep 16k; a row-major matrix [k, m] read as its transpose has step 4m and tileStep 16, and is
 * readable up to a whole tile.
 */
export function dense(
  panels: u32,
  m: u32,
  k: u32,
  a: usize,
  step: u32,
  tileStep: u32,
  x: usize,
  out: usize,
  start: u32,
  bias: usize,
  relu: bool,
): void {
  const blocks = (k + DEPTH - 1) / DEPTH;
  const depth = (k + blocks - 1) / blocks;
  for (let panel: u32 = 0; panel < panels; panel++) {
    for (let p: u32 = 0; p < k; p += depth) {
      const from = p == 0 ? start : FROM_OUTPUT;
      const terms = min(depth, k - p);
      const clamp = relu && p + terms == k;
      let weights = a + p * step;
      for (let i: u32 = 0; i < m; i += 4) {
        tile(terms, weights, step, x + (p << 5), out + (i << 5), m - i, from, bias + (i << 2), clamp);
        weights += tileStep;
      }
    }
    x += k << 5;
    out += m << 5;
  }
}

// @ts-ignore: decorator
@inline
function tile(
  terms: u32,
  a: usize,
  step: u32,
  x: usize,
  out: usize,
  features: u32,
  from: u32,
  bias: usize,
  clamp: bool,
): void {
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  if (from == FROM_BIAS) {
    s00 = v128.load32_splat(bias);
    s01 = s00;
    s10 = v128.load32_splat(bias, 4);
    s11 = s10;
    s20 = v128.load32_splat(bias, 8);
    s21 = s20;
    s30 = v128.load32_splat(bias, 12);
    s31 = s30;
  } else if (from == FROM_OUTPUT) {
    s00 = v128.load(out);
    s01 = v128.load(out, 16);
    s10 = v128.load(out, 32);
    s11 = v128.load(out, 48);
    s20 = v128.load(out, 64);
    s21 = v128.load(out, 80);
    s30 = v128.load(out, 96);
    s31 = v128.load(out, 112);
  }
  const end = x + (terms << 5);
  while (x < end) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const a0 = v128.load32_splat(a);
    s00 = madd(a0, x0, s00);
    s01 = madd(a0, x1, s01);
    const a1 = v128.load32_splat(a, 4);
    s10 = madd(a1, x0, s10);
    s11 = madd(a1, x1, s11);
    const a2 = v128.load32_splat(a, 8);
    s20 = madd(a2, x0, s20);
    s21 = madd(a2, x1, s21);
    const a3 = v128.load32_splat(a, 12);
    s30 = madd(a3, x0, s30);
    s31 = madd(a3, x1, s31);
    a += step;
    x += 32;
  }
  if (clamp) {
    const zero = f32x4.splat(0);
    s00 = f32x4.pmax(s00, zero);
    s01 = f32x4.pmax(s01, zero);
    s10 = f32x4.pmax(s10, zero);
    s11 = f32x4.pmax(s11, zero);
    s20 = f32x4.pmax(s20, zero);
    s21 = f32x4.pmax(s21, zero);
    s30 = f32x4.pmax(s30, zero);
    s31 = f32x4.pmax(s31, zero);
  }
  v128.store(out, s00);
  v128.store(out, s01, 16);
  if (features < 2) return;
  v128.store(out, s10, 32);
  v128.store(out, s11, 48);
  if (features < 3) return;
  v128.store(out, s20, 64);
  v128.store(out, s21, 80);
  if (features < 4) return;
  v128.store(out, s30, 96);
  v128.store(out, s31, 112);
}

/** From this many features of x on, `outer` copies its operands: panels whole pages apart share the same cache lines. */
const COPY_FROM: u32 = 33;

/**
 * out[i, j] = (accumulate ? out[i, j] : 0) + Σ_rows x[row, i]·y[row, j] for i < m, j < n; out is row-major.
 * x is readable up to 4 features past a panel, y up to 2. `room`: panels·(32m + 160) bytes.
 */
export function outer(
  panels: u32,
  m: u32,
  n: u32,
  x: usize,
  y: usize,
  out: usize,
  accumulate: bool,
  room: usize,
): void {
  const copy = m >= COPY_FROM;
  let xStep = m << 5;
  let xTile: u32 = 128;
  if (copy) {
    copyTiles(panels, m, 4, x, room);
    x = room;
    xStep = 128;
    xTile = panels << 7;
  }
  const yRoom = room + ((panels * ((m + 3) & ~3)) << 5);
  for (let j: u32 = 0; j < n; j += 2) {
    let yAt = y + (j << 5);
    let yStep = n << 5;
    if (copy) {
      copyTile(panels, yStep, min(2, n - j), yAt, yRoom, 64);
      yAt = yRoom;
      yStep = 64;
    }
    let at = out + (j << 2);
    for (let i: u32 = 0, tile = x; i < m; i += 4, tile += xTile, at += n << 4) {
      outerTile(panels, tile, xStep, yAt, yStep, at, n << 2, m - i, n - j > 1, accumulate);
    }
  }
}

/** [panel][feature] to [tile of `width` features][panel][width features]. */
function copyTiles(panels: u32, m: u32, width: u32, from: usize, to: usize): void {
  for (let i: u32 = 0; i < m; i += width) {
    copyTile(panels, m << 5, min(width, m - i), from + (i << 5), to, width << 5);
    to += (panels * width) << 5;
  }
}

// @ts-ignore: decorator
@inline
function copyTile(panels: u32, fromStep: u32, features: u32, from: usize, to: usize, toStep: u32): void {
  const bytes = features << 5;
  for (let panel: u32 = 0; panel < panels; panel++) {
    for (let q: u32 = 0; q < bytes; q += 32) {
      v128.store(to + q, v128.load(from + q));
      v128.store(to + q, v128.load(from + q, 16), 16);
    }
    from += fromStep;
    to += toStep;
  }
}

// @ts-ignore: decorator
@inline
function outerTile(
  panels: u32,
  x: usize,
  xStep: u32,
  y: usize,
  yStep: u32,
  out: usize,
  row: u32,
  features: u32,
  pair: bool,
  accumulate: bool,
): void {
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (let half: u32 = 0; half < 32; half += 16) {
    let from = x + half;
    let other = y + half;
    const end = from + panels * xStep;
    while (from != end) {
      const y0 = v128.load(other);
      const y1 = v128.load(other, 32);
      const x0 = v128.load(from);
      s00 = madd(x0, y0, s00);
      s01 = madd(x0, y1, s01);
      const x1 = v128.load(from, 32);
      s10 = madd(x1, y0, s10);
      s11 = madd(x1, y1, s11);
      const x2 = v128.load(from, 64);
      s20 = madd(x2, y0, s20);
      s21 = madd(x2, y1, s21);
      const x3 = v128.load(from, 96);
      s30 = madd(x3, y0, s30);
      s31 = madd(x3, y1, s31);
      from += xStep;
      other += yStep;
    }
  }
  const top = laneSums(s00, s01, s10, s11);
  const bottom = laneSums(s20, s21, s30, s31);
  if (pair && features >= 4) {
    putPairs(out, row, top, accumulate);
    putPairs(out + 2 * row, row, bottom, accumulate);
    return;
  }
  putRow(out, f32x4.extract_lane(top, 0), f32x4.extract_lane(top, 1), pair, accumulate);
  if (features < 2) return;
  putRow(out + row, f32x4.extract_lane(top, 2), f32x4.extract_lane(top, 3), pair, accumulate);
  if (features < 3) return;
  putRow(out + 2 * row, f32x4.extract_lane(bottom, 0), f32x4.extract_lane(bottom, 1), pair, accumulate);
  if (features < 4) return;
  putRow(out + 3 * row, f32x4.extract_lane(bottom, 2), f32x4.extract_lane(bottom, 3), pair, accumulate);
}

/** Two neighbours in each of two rows. */
// @ts-ignore: decorator
@inline
function putPairs(out: usize, row: u32, sums: v128, accumulate: bool): void {
  if (accumulate) sums = f32x4.add(sums, v128.load64_lane(out + row, v128.load64_zero(out), 1));
  v128.store64_lane(out, sums, 0);
  v128.store64_lane(out + row, sums, 1);
}

// @ts-ignore: decorator
@inline
export function putRow(out: usize, first: f32, second: f32, pair: bool, accumulate: bool): void {
  if (accumulate) {
    store<f32>(out, load<f32>(out) + first);
    if (pair) store<f32>(out, load<f32>(out, 4) + second, 4);
  } else {
    store<f32>(out, first);
    if (pair) store<f32>(out, second, 4);
  }
}

/** out[i] = (accumulate ? out[i] : 0) + Σ_rows x[row, i] for i < m; x is readable up to 4 features past a panel. */
export function sumRows(panels: u32, m: u32, x: usize, out: usize, accumulate: bool): void {
  const step = m << 5;
  for (let i: u32 = 0; i < m; i += 4) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let at = x + (i << 5);
    for (let panel: u32 = 0; panel < panels; panel++) {
      s0 = f32x4.add(s0, f32x4.add(v128.load(at), v128.load(at, 16)));
      s1 = f32x4.add(s1, f32x4.add(v128.load(at, 32), v128.load(at, 48)));
      s2 = f32x4.add(s2, f32x4.add(v128.load(at, 64), v128.load(at, 80)));
      s3 = f32x4.add(s3, f32x4.add(v128.load(at, 96), v128.load(at, 112)));
      at += step;
    }
    let sums = laneSums(s0, s1, s2, s3);
    const to = out + (i << 2);
    if (accumulate) sums = f32x4.add(sums, v128.load(to));
    if (m - i >= 4) v128.store(to, sums);
    else {
      store<f32>(to, f32x4.extract_lane(sums, 0));
      if (m - i > 1) store<f32>(to, f32x4.extract_lane(sums, 1), 4);
      if (m - i > 2) store<f32>(to, f32x4.extract_lane(sums, 2), 8);
    }
  }
}

/**
 * Packs the rows i0 ≤ i < i1 of a [m, k], row-major, for `dense`: tiles of 4 rows, each k × 4, rows past m zero.
 * i0 is a multiple of 4; `out` is the start of the whole packed matrix.
 */
export function packTiles(a: usize, m: u32, k: u32, i0: u32, i1: u32, out: usize): void {
  const zero = f32x4.splat(0);
  for (let i = i0; i < i1; i += 4) {
    const to = out + ((i * k) << 2);
    const r0 = a + ((i * k) << 2);
    const rows = m - i;
    if (rows < 4) {
      for (let p: u32 = 0; p < k; p++) {
        v128.store(to + (p << 4), zero);
        for (let q: u32 = 0; q < rows; q++) store<f32>(to + (p << 4) + (q << 2), load<f32>(r0 + ((q * k + p) << 2)));
      }
      continue;
    }
    const r1 = r0 + (k << 2);
    const r2 = r1 + (k << 2);
    const r3 = r2 + (k << 2);
    const whole = k & ~3;
    for (let p: u32 = 0; p < whole; p += 4) {
      const x0 = v128.load(r0 + (p << 2));
      const x1 = v128.load(r1 + (p << 2));
      const x2 = v128.load(r2 + (p << 2));
      const x3 = v128.load(r3 + (p << 2));
      const t0 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
      const t1 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
      const t2 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
      const t3 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
      const at = to + (p << 4);
      v128.store(at, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
      v128.store(at, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), 16);
      v128.store(at, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), 32);
      v128.store(at, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), 48);
    }
    for (let p = whole; p < k; p++) {
      const at = to + (p << 4);
      store<f32>(at, load<f32>(r0 + (p << 2)));
      store<f32>(at, load<f32>(r1 + (p << 2)), 4);
      store<f32>(at, load<f32>(r2 + (p << 2)), 8);
      store<f32>(at, load<f32>(r3 + (p << 2)), 12);
    }
  }
}

/**
 * Puts examples of a row-major [n, k] matrix into panels. The example of row r is index[r], or r where index is 0;
 * rows from `rows` on become zeros. `first`: the first row; `out`: its panel.
 */
export function gather(data: usize, k: u32, index: usize, first: u32, panels: u32, rows: u32, out: usize): void {
  for (let half: u32 = 0; half < panels << 1; half++) {
    const row = first + (half << 2);
    const to = out + (((half >> 1) * k) << 5) + ((half & 1) << 4);
    const left = rows > row ? rows - row : 0;
    const r0 = example(data, k, index, row, left > 0);
    const r1 = example(data, k, index, row + 1, left > 1);
    const r2 = example(data, k, index, row + 2, left > 2);
    const r3 = example(data, k, index, row + 3, left > 3);
    const whole: u32 = left < 4 ? 0 : k & ~3;
    for (let p: u32 = 0; p < whole; p += 4) {
      const x0 = v128.load(r0 + (p << 2));
      const x1 = v128.load(r1 + (p << 2));
      const x2 = v128.load(r2 + (p << 2));
      const x3 = v128.load(r3 + (p << 2));
      const t0 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
      const t1 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
      const t2 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
      const t3 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
      const at = to + (p << 5);
      v128.store(at, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
      v128.store(at, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), 32);
      v128.store(at, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), 64);
      v128.store(at, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), 96);
    }
    for (let p = whole; p < k; p++) {
      const at = to + (p << 5);
      store<f32>(at, left > 0 ? load<f32>(r0 + (p << 2)) : 0);
      store<f32>(at, left > 1 ? load<f32>(r1 + (p << 2)) : 0, 4);
      store<f32>(at, left > 2 ? load<f32>(r2 + (p << 2)) : 0, 8);
      store<f32>(at, left > 3 ? load<f32>(r3 + (p << 2)) : 0, 12);
    }
  }
}

// @ts-ignore: decorator
@inline
function example(data: usize, k: u32, index: usize, row: u32, exists: bool): usize {
  if (!exists) return data;
  return data + (((index ? load<u32>(index + (row << 2)) : row) * k) << 2);
}
