import { expect, test } from 'vitest';
import { createRng } from '../../../src/main/engine/random';

test('the same seed and stream repeat, another seed or stream does not', () => {
  const draw = (seed: number, stream: string) => {
    const rng = createRng(seed, stream);
    return Array.from({ length: 8 }, () => rng.uniform());
  };
  expect(draw(1, 'a')).toEqual(draw(1, 'a'));
  expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
  expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
});

test('normal has mean 0, variance 1 and kurtosis 3 within five standard errors', () => {
  const rng = createRng(7, 'normal');
  const n = 40_000;
  let sum = 0;
  let squares = 0;
  let fourths = 0;
  for (let i = 0; i < n; i++) {
    const z = rng.normal();
    sum += z;
    squares += z * z;
    fourths += z ** 4;
  }
  expect(sum / n).toBeAllclose(0, { atol: 5 / Math.sqrt(n) });
  expect(squares / n).toBeAllclose(1, { atol: 5 * Math.sqrt(2 / n) });
  expect(fourths / n).toBeAllclose(3, { atol: 5 * Math.sqrt(96 / n) });
});

test('shuffle is a permutation that puts every value everywhere', () => {
  const rng = createRng(3, 'shuffle');
  const counts = new Int32Array(25);
  for (let trial = 0; trial < 5_000; trial++) {
    const order = rng.shuffle(Int32Array.from([0, 1, 2, 3, 4]));
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
    order.forEach((value, place) => {
      counts[value * 5 + place]! += 1;
    });
  }
  for (const count of counts) expect(count).toBeAllclose(1_000, { atol: 5 * Math.sqrt(5_000 * 0.16) });
});
