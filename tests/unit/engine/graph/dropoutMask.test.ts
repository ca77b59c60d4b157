import { expect, test } from 'vitest';
import { fillMask } from '../../../../src/main/engine/graph/dropoutMask';

const rows = (count: number) => Int32Array.from({ length: count }, (_, i) => i);
function mask(rate: number, stream: number, draw: number, count = 500, size = 64): Float64Array {
  const out = new Float64Array(count * size);
  fillMask({ tensor: 0, rate, stream }, size, draw, rows(count), out);
  return out;
}
const share = (values: Float64Array, of: (value: number, i: number) => boolean) =>
  values.filter(of).length / values.length;
/** Four standard errors of a share of n independent cases. */
const within = (rate: number, n: number) => 4 * Math.sqrt((rate * (1 - rate)) / n);

test.each([0, 0.1, 0.5, 0.9])('rate %d zeroes that share and keeps the mean', (rate) => {
  const values = mask(rate, 3, 17);
  expect(new Set(values)).toEqual(rate === 0 ? new Set([1]) : new Set([0, 1 / (1 - rate)]));
  expect(share(values, (value) => value === 0)).toBeAllclose(rate, { atol: within(rate, values.length) });
});

test.each([
  ['draws', mask(0.5, 0, 1), mask(0.5, 0, 2)],
  ['layers', mask(0.5, 0, 1), mask(0.5, 1, 1)],
  ['layers and draws exchanged', mask(0.5, 1, 2), mask(0.5, 2, 1)],
  ['neighbouring units', mask(0.5, 0, 1), mask(0.5, 0, 1).subarray(1)],
  ['neighbouring examples', mask(0.5, 0, 1), mask(0.5, 0, 1).subarray(64)],
])('%s are independent', (_, a, b) => {
  const both = share(b, (value, i) => value === a[i]);
  expect(both).toBeAllclose(0.5, { atol: within(0.5, b.length) });
});

test('a mask belongs to the example, whatever the rest of the batch', () => {
  const all = mask(0.3, 2, 9, 8, 5);
  const some = new Float32Array(3 * 5);
  fillMask({ tensor: 0, rate: 0.3, stream: 2 }, 5, 9, Int32Array.of(6, 1, 6), some);
  for (const [n, row] of [6, 1, 6].entries()) {
    expect(some.subarray(n * 5, (n + 1) * 5)).toEqual(Float32Array.from(all.subarray(row * 5, (row + 1) * 5)));
  }
});
