import { expect, test } from 'vitest';
import { keepLargest } from '../../../src/main/engine/keepLargest';
import { createRng } from '../../../src/main/engine/random';

test('keeps what a full sort keeps, ties in order', () => {
  const rng = createRng(1, 'keepLargest');
  for (let trial = 0; trial < 200; trial++) {
    const n = 1 + rng.integer(40);
    const values = Float64Array.from({ length: n }, () => rng.sign() * rng.integer(8));
    const count = rng.integer(n + 2);
    const order = [...values.keys()].sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
    const kept = new Set(order.slice(0, count));
    const expected = [...values].map((value, i) => (kept.has(i) ? value : 0));
    keepLargest(values, count, new Float64Array(n));
    expect([...values]).toEqual(expected);
  }
});
