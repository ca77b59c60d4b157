import { madd, splat } from './simd';

/** out[row, i] = x + a·y + b·z (+ bias[i]), then relu where asked: the first layer on a plane of parameters. */
export function planeSum(
  panels: u32,
  m: u32,
  x: usize,
  y: usize,
  z: usize,
  a: f32,
  b: f32,
  bias: usize,
  biased: bool,
  relu: bool,
  out: usize,
): void {
  const as = splat(a);
  const bs = splat(b);
  const floor = splat(relu ? 0 : -Infinity);
  for (let panel: u32 = 0; panel < panels; panel++) {
    for (let i: u32 = 0; i < m; i++) {
      const start = biased ? v128.load32_splat(bias + (i << 2)) : splat(0);
      const low = madd(bs, v128.load(z), madd(as, v128.load(y), f32x4.add(v128.load(x), start)));
      const high = madd(bs, v128.load(z, 16), madd(as, v128.load(y, 16), f32x4.add(v128.load(x, 16), start)));
      v128.store(out, f32x4.pmax(low, floor));
      v128.store(out, f32x4.pmax(high, floor), 16);
      x += 32;
      y += 32;
      z += 32;
      out += 32;
    }
  }
}
