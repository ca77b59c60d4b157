/** out = a∘b */
export function multiply(a: usize, b: usize, out: usize, bytes: u32): void {
  const end = a + bytes;
  for (; a < end; a += 16, b += 16, out += 16) v128.store(out, f32x4.mul(v128.load(a), v128.load(b)));
}

/** `features` of every panel to another place; from and to: features of a whole row there. */
export function copyFeatures(panels: u32, features: u32, from: u32, x: usize, to: u32, out: usize): void {
  const bytes = features << 5;
  for (let panel: u32 = 0; panel < panels; panel++) {
    for (let i: u32 = 0; i < bytes; i += 16) v128.store(out + i, v128.load(x + i));
    x += from << 5;
    out += to << 5;
  }
}

/** out[row, step, :] = weight[tokens[row, step], :] for `steps` tokens of `units` values. */
export function embed(panels: u32, units: u32, steps: u32, tokens: usize, weight: usize, out: usize): void {
  for (let i: u32 = 0; i < panels * steps; i++) {
    for (let lane: u32 = 0; lane < 32; lane += 4) {
      const from = weight + ((<u32>load<f32>(tokens + lane) * units) << 2);
      for (let u: u32 = 0; u < units; u++) store<f32>(out + (u << 5) + lane, load<f32>(from + (u << 2)));
    }
    tokens += 32;
    out += units << 5;
  }
}

/** The adjoint in weight: out[token, :] (+)= Σ dy of the examples that read it; past the last example dy is zero. */
export function embedGrad(
  panels: u32,
  units: u32,
  steps: u32,
  vocabulary: u32,
  tokens: usize,
  dy: usize,
  out: usize,
  accumulate: bool,
): void {
  if (!accumulate) zero(out, vocabulary * units);
  for (let i: u32 = 0; i < panels * steps; i++) {
    for (let lane: u32 = 0; lane < 32; lane += 4) {
      const to = out + ((<u32>load<f32>(tokens + lane) * units) << 2);
      for (let u: u32 = 0; u < units; u++) {
        store<f32>(to + (u << 2), load<f32>(to + (u << 2)) + load<f32>(dy + (u << 5) + lane));
      }
    }
    tokens += 32;
    dy += units << 5;
  }
}

export function zero(out: usize, count: u32): void {
  for (const end = out + (count << 2); out < end; out += 4) store<f32>(out, 0);
}

/** Wellons' lowbias32 of four numbers, as in `graph/dropoutMask.ts`. */
// @ts-ignore: decorator
@inline
function mix(value: v128): v128 {
  let x = i32x4.add(value, i32x4.splat(0x9e3779b9));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x21f0aaad));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x735a2d97));
  return v128.xor(x, i32x4.shr_u(x, 15));
}

/** The number of the example in a row; past the last it does not matter. */
// @ts-ignore: decorator
@inline
function exampleOf(index: usize, row: u32, end: u32): u32 {
  return index != 0 && row < end ? load<u32>(index + (row << 2)) : row;
}

/**
 * The factors of dropout, 0 or `kept`, of the examples from row `first` on: those of `fillMask`, 0 from row `end` on.
 *
 * @param threshold rate·2³², rounded up
 */
export function mask(
  panels: u32,
  m: u32,
  index: usize,
  first: u32,
  end: u32,
  stream: u32,
  draw: u32,
  threshold: u32,
  kept: f32,
  out: usize,
): void {
  const network = mix(v128.xor(mix(i32x4.splat(stream)), i32x4.splat(draw)));
  const least = i32x4.splat(threshold);
  for (let half: u32 = 0; half < panels << 1; half++) {
    const row = first + (half << 2);
    let rows = i32x4.splat(exampleOf(index, row, end));
    rows = i32x4.replace_lane(rows, 1, exampleOf(index, row + 1, end));
    rows = i32x4.replace_lane(rows, 2, exampleOf(index, row + 2, end));
    rows = i32x4.replace_lane(rows, 3, exampleOf(index, row + 3, end));
    const left = i32x4.splat(end > row ? end - row : 0);
    const factor = v128.and(f32x4.splat(kept), i32x4.lt_u(i32x4(0, 1, 2, 3), left));
    const example = mix(v128.xor(network, rows));
    let to = out + (((half >> 1) * m) << 5) + ((half & 1) << 4);
    for (let i: u32 = 0; i < m; i++, to += 32) {
      v128.store(to, v128.and(factor, i32x4.ge_u(mix(v128.xor(example, i32x4.splat(i))), least)));
    }
  }
}

/** out[i] = source[table[i]] for count entries; an entry of all ones stands for 0. */
export function permute(count: u32, source: usize, table: usize, out: usize): void {
  for (const end = table + (count << 2); table < end; table += 4, out += 4) {
    const i = load<u32>(table);
    store<f32>(out, i == 0xffffffff ? 0 : load<f32>(source + (i << 2)));
  }
}
