import { describe, expect, test } from 'vitest';
import { randomField } from '../../src/main/engine/objectives/randomField';
import { createRng } from '../../src/main/engine/random';
import { along, dot, gradientAt, productAt, unitVector } from './derivatives';

describe.each([2, 7])('a random field in %d dimensions', (dimension) => {
  const field = randomField(dimension, 4);
  const rng = createRng(0, 'random field test');
  const normal = () => Float64Array.from({ length: dimension }, () => rng.normal());

  test('has the derivatives of its values', async () => {
    const theta = normal();
    const v = unitVector(normal());
    const h = 1e-5;
    const value = (t: number) => field.value(along(theta, v, t)) as number;
    const gradient = await gradientAt(field, theta);
    expect(dot(gradient, v)).toBeCloseTo((value(h) - value(-h)) / (2 * h), 8);
    const product = await productAt(field, theta, v);
    const ahead = await gradientAt(field, along(theta, v, h));
    const behind = await gradientAt(field, along(theta, v, -h));
    for (let i = 0; i < dimension; i++) expect(product[i]).toBeCloseTo((ahead[i]! - behind[i]!) / (2 * h), 8);
    expect(await field.gradient(theta, gradient)).toBe(await field.value(theta));
  });

  test('gives on a plane what it gives at the points', async () => {
    const [origin, d1, d2] = [normal(), normal(), normal()];
    const { loss } = await field.plane({ origin, d1, d2, coordinates: Float64Array.of(0.3, -1.2) });
    expect(loss[0]).toBeCloseTo((await field.value(along(along(origin, d1, 0.3), d2, -1.2))) as number, 12);
  });
});

test('the covariance over seeds is exp(−r²/2), within four standard errors', () => {
  const seeds = 2_000;
  const products = [0, 1, 2].map((r) =>
    Float64Array.from({ length: seeds }, (_, seed) => {
      const field = randomField(3, seed);
      return (field.value(new Float64Array(3)) as number) * (field.value(Float64Array.of(r, 0, 0)) as number);
    }),
  );
  for (const [r, values] of products.entries()) {
    const mean = values.reduce((sum, value) => sum + value, 0) / seeds;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (seeds - 1);
    expect(Math.abs(mean - Math.exp(-(r ** 2) / 2))).toBeLessThan(4 * Math.sqrt(variance / seeds));
  }
});
