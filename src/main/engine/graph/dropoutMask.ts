import type { Rows } from '../objectives/objective';
import type { DropoutMask } from './ir';

/**
 * out[n,i] ← 0 or 1/(1 − rate) for each of the rows: a hash of mask, draw, example and i, so that a mask depends neither
 * on the executor nor on the other rows of a batch or their order.
 *
 * @param size values per row
 */
export function fillMask(
  { rate, stream }: DropoutMask,
  size: number,
  draw: number,
  rows: Rows,
  out: Float32Array | Float64Array,
): void {
  const kept = 1 / (1 - rate);
  const threshold = rate * 2 ** 32;
  const network = mix(mix(stream) ^ draw);
  rows.forEach((row, n) => {
    const example = mix(network ^ row);
    for (let i = 0; i < size; i++) out[n * size + i] = mix(example ^ i) >>> 0 < threshold ? 0 : kept;
  });
}

/** A bijection of 32-bit numbers that flips each bit with probability ½ when one is flipped (Wellons' lowbias32). */
function mix(value: number): number {
  let x = (value + 0x9e3779b9) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}
