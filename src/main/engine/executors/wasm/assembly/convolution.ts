import { FROM_BIAS, FROM_OUTPUT, putRow } from './products';
import { laneSums, madd } from './simd';

/*
 * Convolutions on panels of 8 examples: a place of an image is two registers, a weight a broadcast scalar, so nothing is
 * unrolled into columns. The driver (`convolutions.ts`) writes down where each tap of a window lies; the zeros around an
 * image are written around a copy of one panel, after which all places are alike.
 */

/** Words of a plan before its parts. */
@unmanaged
class Correlation {
  /** The source: [planes, height, width], in zeros: [planes, paddedHeight, paddedWidth] from (top, left). */
  planes: u32;
  height: u32;
  width: u32;
  top: u32;
  left: u32;
  paddedHeight: u32;
  paddedWidth: u32;
  outputs: u32;
  /** Bytes of a plane of the result. */
  outPlane: u32;
  /** Outputs that read the same planes, and bytes from one group's planes to the next. */
  perGroup: u32;
  groupBytes: u32;
  parts: u32;
}

/** A grid of places of the result with the taps each of them sums: one for `conv2d`, one per phase for its adjoint. */
@unmanaged
class Part {
  rows: u32;
  columns: u32;
  outStart: u32;
  outStepY: u32;
  outStepX: u32;
  xStart: u32;
  xStepY: u32;
  xStepX: u32;
  taps: u32;
  /** Bytes from the plan to the offsets of the taps, and into the packed weights. */
  table: u32;
  weights: u32;
}
const PART_BYTES: u32 = 44;

/** The panel at x with zeros around it, in `room` unless there are none. */
function padded(it: Correlation, x: usize, room: usize): usize {
  const height = it.height;
  const width = it.width;
  const top = it.top;
  const left = it.left;
  const paddedHeight = it.paddedHeight;
  const paddedWidth = it.paddedWidth;
  if (height == paddedHeight && width == paddedWidth) return x;
  const zero = f32x4.splat(0);
  let to = room;
  for (let plane: u32 = 0; plane < it.planes; plane++) {
    for (let y: u32 = 0; y < paddedHeight; y++) {
      const end = to + (paddedWidth << 5);
      if (y >= top && y < top + height) {
        for (const from = to + (left << 5); to < from; to += 16) v128.store(to, zero);
        for (const from = to + (width << 5); to < from; to += 16, x += 16) v128.store(to, v128.load(x));
      }
      for (; to < end; to += 16) v128.store(to, zero);
    }
  }
  return room;
}

/**
 * out = start + Σ over taps of weight·x, then relu where asked, for every output and place of a plan.
 *
 * @param weights packed: per part and tile of 4 outputs (where all read the same planes; else per output) the taps, each 4 (1) floats
 */
export function correlate(
  plan: usize,
  panels: u32,
  x: usize,
  weights: usize,
  out: usize,
  start: u32,
  bias: usize,
  relu: bool,
  room: usize,
): void {
  const it = changetype<Correlation>(plan);
  const outputs = it.outputs;
  const outPlane = it.outPlane;
  const perGroup = it.perGroup;
  const groupBytes = it.groupBytes;
  const xBytes = (it.planes * it.height * it.width) << 5;
  const shared = perGroup == outputs;
  for (let panel: u32 = 0; panel < panels; panel++) {
    const source = padded(it, x, room);
    for (let p: u32 = 0; p < it.parts; p++) {
      const at = plan + offsetof<Correlation>() + p * PART_BYTES;
      const part = changetype<Part>(at);
      const taps = part.taps;
      const columns = part.columns;
      const xStepX = part.xStepX;
      const outStepX = part.outStepX;
      const table = plan + part.table;
      const from = weights + part.weights;
      for (let row: u32 = 0; row < part.rows; row++) {
        const line = source + part.xStart + row * part.xStepY;
        const to = out + part.outStart + row * part.outStepY;
        if (shared) {
          for (let o: u32 = 0; o < outputs; o += 4) {
            const a = from + ((o * taps) << 2);
            let place = line;
            let result = to + o * outPlane;
            for (let column: u32 = 0; column < columns; column++) {
              tile4(taps, table, a, place, result, outPlane, outputs - o, start, bias + (o << 2), relu);
              place += xStepX;
              result += outStepX;
            }
          }
        } else {
          for (let o: u32 = 0; o < outputs; o++) {
            const a = from + ((o * taps) << 2);
            let place = line + (o / perGroup) * groupBytes;
            let result = to + o * outPlane;
            for (let column: u32 = 0; column < columns; column += 4) {
              tile1(taps, table, a, place, xStepX, result, outStepX, columns - column, start, bias + (o << 2), relu);
              place += xStepX << 2;
              result += outStepX << 2;
            }
          }
        }
      }
    }
    x += xBytes;
    out += outputs * outPlane;
  }
}

/** Four outputs at one place. */
// @ts-ignore: decorator
@inline
function tile4(
  taps: u32,
  table: usize,
  a: usize,
  x: usize,
  out: usize,
  plane: u32,
  outputs: u32,
  start: u32,
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
  const out1 = out + plane;
  const out2 = out1 + plane;
  const out3 = out2 + plane;
  if (start == FROM_BIAS) {
    s00 = v128.load32_splat(bias);
    s01 = s00;
    s10 = v128.load32_splat(bias, 4);
    s11 = s10;
    s20 = v128.load32_splat(bias, 8);
    s21 = s20;
    s30 = v128.load32_splat(bias, 12);
    s31 = s30;
  } else if (start == FROM_OUTPUT) {
    s00 = v128.load(out);
    s01 = v128.load(out, 16);
    if (outputs > 1) {
      s10 = v128.load(out1);
      s11 = v128.load(out1, 16);
    }
    if (outputs > 2) {
      s20 = v128.load(out2);
      s21 = v128.load(out2, 16);
    }
    if (outputs > 3) {
      s30 = v128.load(out3);
      s31 = v128.load(out3, 16);
    }
  }
  const end = table + (taps << 2);
  while (table < end) {
    const at = x + load<u32>(table);
    const x0 = v128.load(at);
    const x1 = v128.load(at, 16);
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
    a += 16;
    table += 4;
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
  if (outputs < 2) return;
  v128.store(out1, s10);
  v128.store(out1, s11, 16);
  if (outputs < 3) return;
  v128.store(out2, s20);
  v128.store(out2, s21, 16);
  if (outputs < 4) return;
  v128.store(out3, s30);
  v128.store(out3, s31, 16);
}

/** One output at four places of a row; those past its end are computed at its last and not written. */
// @ts-ignore: decorator
@inline
function tile1(
  taps: u32,
  table: usize,
  a: usize,
  x: usize,
  xStep: u32,
  out: usize,
  outStep: u32,
  places: u32,
  start: u32,
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
  const last = places - 1;
  const second = min(1, last);
  const third = min(2, last);
  const fourth = min(3, last);
  const out1 = out + second * outStep;
  const out2 = out + third * outStep;
  const out3 = out + fourth * outStep;
  if (start == FROM_BIAS) {
    s00 = v128.load32_splat(bias);
    s01 = s00;
    s10 = s00;
    s11 = s00;
    s20 = s00;
    s21 = s00;
    s30 = s00;
    s31 = s00;
  } else if (start == FROM_OUTPUT) {
    s00 = v128.load(out);
    s01 = v128.load(out, 16);
    s10 = v128.load(out1);
    s11 = v128.load(out1, 16);
    s20 = v128.load(out2);
    s21 = v128.load(out2, 16);
    s30 = v128.load(out3);
    s31 = v128.load(out3, 16);
  }
  const x1 = x + second * xStep;
  const x2 = x + third * xStep;
  const x3 = x + fourth * xStep;
  const end = table + (taps << 2);
  while (table < end) {
    const offset = load<u32>(table);
    const a0 = v128.load32_splat(a);
    s00 = madd(a0, v128.load(x + offset), s00);
    s01 = madd(a0, v128.load(x + offset, 16), s01);
    s10 = madd(a0, v128.load(x1 + offset), s10);
    s11 = madd(a0, v128.load(x1 + offset, 16), s11);
    s20 = madd(a0, v128.load(x2 + offset), s20);
    s21 = madd(a0, v128.load(x2 + offset, 16), s21);
    s30 = madd(a0, v128.load(x3 + offset), s30);
    s31 = madd(a0, v128.load(x3 + offset, 16), s31);
    a += 4;
    table += 4;
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
  // From the last on: what lies past the end is the last again.
  v128.store(out3, s30);
  v128.store(out3, s31, 16);
  v128.store(out2, s20);
  v128.store(out2, s21, 16);
  v128.store(out1, s10);
  v128.store(out1, s11, 16);
  v128.store(out, s00);
  v128.store(out, s01, 16);
}

/** Bytes of the first-level cache that a block of rows of an image may take. */
const BLOCK_BYTES: u32 = 28 * 1024;

/**
 * out[f, tap] = (accumulate ? out[f, tap] : 0) + Σ over rows and places of dy[f, place]·x[place + tap]; out is row-major.
 * The plan is that of `conv2d`, of a single part; dy: [outputs, rows, columns].
 */
export function correlateWeights(
  plan: usize,
  panels: u32,
  x: usize,
  dy: usize,
  out: usize,
  accumulate: bool,
  room: usize,
): void {
  const it = changetype<Correlation>(plan);
  const part = changetype<Part>(plan + offsetof<Correlation>());
  const outputs = it.outputs;
  const outPlane = it.outPlane;
  const perGroup = it.perGroup;
  const groupBytes = it.groupBytes;
  const rows = part.rows;
  const columns = part.columns;
  const taps = part.taps;
  const table = plan + part.table;
  const xBytes = (it.planes * it.height * it.width) << 5;
  const line = columns << 5;
  const blockRows = max(1, min(rows, BLOCK_BYTES / (4 * line + part.xStepY)));
  const shared = perGroup == outputs;
  for (let panel: u32 = 0; panel < panels; panel++) {
    const source = padded(it, x, room);
    for (let first: u32 = 0; first < rows; first += blockRows) {
      const count = min(blockRows, rows - first);
      const from = source + first * part.xStepY;
      const given = dy + first * line;
      const add = accumulate || panel > 0 || first > 0;
      if (shared) {
        for (let f: u32 = 0; f < outputs; f += 4) {
          const at = given + f * outPlane;
          for (let tap: u32 = 0; tap < taps; tap += 2) {
            const pair = taps - tap > 1;
            const x0 = from + load<u32>(table + (tap << 2));
            const x1 = pair ? from + load<u32>(table + (tap << 2), 4) : x0;
            const to = out + ((f * taps + tap) << 2);
            weights4(count, columns, part, at, outPlane, outputs - f, x0, x1, to, taps << 2, pair, add);
          }
        }
      } else {
        for (let f: u32 = 0; f < outputs; f++) {
          const group = from + (f / perGroup) * groupBytes;
          for (let tap: u32 = 0; tap < taps; tap += 4) {
            const to = out + ((f * taps + tap) << 2);
            weights1(count, columns, part, given + f * outPlane, group, table + (tap << 2), taps - tap, to, add);
          }
        }
      }
    }
    x += xBytes;
    dy += outputs * outPlane;
  }
}

/** Four outputs, two taps. */
// @ts-ignore: decorator
@inline
function weights4(
  rows: u32,
  columns: u32,
  part: Part,
  dy: usize,
  plane: u32,
  outputs: u32,
  x0: usize,
  x1: usize,
  out: usize,
  row: u32,
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
  const last = outputs - 1;
  const to1 = min(1, last) * plane;
  const to2 = min(2, last) * plane;
  const to3 = min(3, last) * plane;
  const xStep = part.xStepX;
  const line = columns << 5;
  for (let half: u32 = 0; half < 32; half += 16) {
    for (let y: u32 = 0; y < rows; y++) {
      let d0 = dy + half + y * line;
      let d1 = d0 + to1;
      let d2 = d0 + to2;
      let d3 = d0 + to3;
      let from0 = x0 + half + y * part.xStepY;
      let from1 = x1 + half + y * part.xStepY;
      const end = d0 + line;
      while (d0 != end) {
        const v0 = v128.load(from0);
        const v1 = v128.load(from1);
        const y0 = v128.load(d0);
        s00 = madd(y0, v0, s00);
        s01 = madd(y0, v1, s01);
        const y1 = v128.load(d1);
        s10 = madd(y1, v0, s10);
        s11 = madd(y1, v1, s11);
        const y2 = v128.load(d2);
        s20 = madd(y2, v0, s20);
        s21 = madd(y2, v1, s21);
        const y3 = v128.load(d3);
        s30 = madd(y3, v0, s30);
        s31 = madd(y3, v1, s31);
        d0 += 32;
        d1 += 32;
        d2 += 32;
        d3 += 32;
        from0 += xStep;
        from1 += xStep;
      }
    }
  }
  const upper = laneSums(s00, s01, s10, s11);
  const lower = laneSums(s20, s21, s30, s31);
  putRow(out, f32x4.extract_lane(upper, 0), f32x4.extract_lane(upper, 1), pair, accumulate);
  if (outputs < 2) return;
  putRow(out + row, f32x4.extract_lane(upper, 2), f32x4.extract_lane(upper, 3), pair, accumulate);
  if (outputs < 3) return;
  putRow(out + 2 * row, f32x4.extract_lane(lower, 0), f32x4.extract_lane(lower, 1), pair, accumulate);
  if (outputs < 4) return;
  putRow(out + 3 * row, f32x4.extract_lane(lower, 2), f32x4.extract_lane(lower, 3), pair, accumulate);
}

/** One output, up to four taps. */
// @ts-ignore: decorator
@inline
function weights1(
  rows: u32,
  columns: u32,
  part: Part,
  dy: usize,
  x: usize,
  table: usize,
  taps: u32,
  out: usize,
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
  const last = taps - 1;
  const x0 = x + load<u32>(table);
  const x1 = x + load<u32>(table + (min(1, last) << 2));
  const x2 = x + load<u32>(table + (min(2, last) << 2));
  const x3 = x + load<u32>(table + (min(3, last) << 2));
  const xStep = part.xStepX;
  for (let y: u32 = 0; y < rows; y++) {
    let d = dy + ((y * columns) << 5);
    const end = d + (columns << 5);
    let offset = y * part.xStepY;
    for (; d != end; d += 32, offset += xStep) {
      const low = v128.load(d);
      const high = v128.load(d, 16);
      s00 = madd(low, v128.load(x0 + offset), s00);
      s01 = madd(high, v128.load(x0 + offset, 16), s01);
      s10 = madd(low, v128.load(x1 + offset), s10);
      s11 = madd(high, v128.load(x1 + offset, 16), s11);
      s20 = madd(low, v128.load(x2 + offset), s20);
      s21 = madd(high, v128.load(x2 + offset, 16), s21);
      s30 = madd(low, v128.load(x3 + offset), s30);
      s31 = madd(high, v128.load(x3 + offset, 16), s31);
    }
  }
  const sums = laneSums(f32x4.add(s00, s01), f32x4.add(s10, s11), f32x4.add(s20, s21), f32x4.add(s30, s31));
  putRow(out, f32x4.extract_lane(sums, 0), f32x4.extract_lane(sums, 1), taps > 1, accumulate);
  if (taps < 3) return;
  putRow(out + 8, f32x4.extract_lane(sums, 2), f32x4.extract_lane(sums, 3), taps > 3, accumulate);
}
