import { describe, expect, test } from 'vitest';
import { spectralDensity } from '../../src/main/engine/curvature/density';
import { diagonalOperator, matrixOperator, withSpectrum } from './quadratic';

/** A bulk near zero, a few outliers and one negative eigenvalue, as Hessians of networks have. */
const spectrum = [
  -3,
  ...Array.from({ length: 994 }, (_, i) => 0.5 * Math.abs(Math.sin(7.3 * i)) ** 3),
  ...[4, 5, 8, 12, 20],
];
const moment = (power: number) => spectrum.reduce((sum, value) => sum + value ** power, 0) / spectrum.length;

describe.each(['rademacher', 'gaussian'] as const)('stochastic Lanczos quadrature with %s starts', (distribution) => {
  test('has mass 1, and moments within three standard errors', async () => {
    const starts = 20;
    const { mass, moments, standardError, nodes, weights, ...density } = await spectralDensity(
      diagonalOperator(spectrum),
      { method: 'slq', starts, steps: 40, distribution, seed: 3 },
    );
    expect(density).toMatchObject({ method: 'slq', starts, steps: 40, products: 800 });
    expect(mass).toBeAllclose(1, { atol: 1e-8 });
    expect(weights.reduce((sum, weight) => sum + weight)).toBeAllclose(1, { atol: 1e-12 });
    expect(nodes).toHaveLength(800);
    expect(standardError!.every((error) => error >= 0)).toBe(true);
    moments.forEach(({ value, standardError: error }, i) => {
      expect(Math.abs(value - moment(i + 1))).toBeLessThanOrEqual(3 * error! + 1e-12);
      // Of a diagonal matrix the signs hide nothing: the first two moments of a Rademacher start are exact.
      if (distribution === 'rademacher') expect(value).toBeAllclose(moment(i + 1), { rtol: 1e-10 });
      else expect(error!).toBeGreaterThan(0);
    });
    // The outermost eigenvalues are found.
    expect(density.range).toBeAllclose([-3, 20], { atol: 1e-8 });
  });
});

test('the curve is the exact density within its band, away from a diagonal basis', async () => {
  const values = Array.from({ length: 240 }, (_, i) => 10 * (i / 240) ** 4 - 1);
  const operator = matrixOperator(withSpectrum(values, 5));
  const options = { width: 0.03, seed: 1 };
  const exact = await spectralDensity(operator, { ...options, method: 'exact' });
  const estimated = await spectralDensity(operator, { ...options, method: 'slq', starts: 40, steps: 60 });
  expect(exact).toMatchObject({ method: 'exact', products: 240, starts: 0, standardError: null });
  expect([...exact.nodes].sort((a, b) => a - b)).toBeAllclose(
    values.toSorted((a, b) => a - b),
    { atol: 1e-10 },
  );
  // (1/P) Σ N(x; λ, σ) by hand.
  const byHand = (x: number, sigma: number) =>
    values.reduce((sum, value) => sum + Math.exp(-(((x - value) / sigma) ** 2) / 2), 0) /
    (values.length * sigma * Math.sqrt(2 * Math.PI));
  expect(exact.density).toBeAllclose(
    exact.xs.map((x) => byHand(x, exact.sigma)),
    { atol: 1e-12 },
  );
  const highest = Math.max(...exact.density);
  const inside = estimated.density.filter((value, i) => {
    const off = Math.abs(value - byHand(estimated.xs[i]!, estimated.sigma));
    return off <= 3 * estimated.standardError![i]! + 1e-3 * highest;
  });
  expect(inside.length / estimated.xs.length).toBeGreaterThan(0.97);
  expect(exact.sigma).toBeAllclose(0.03 * (values.at(-1)! - values[0]!), { rtol: 1e-9 });
});

test('the band narrows with the root of the starts, and one start has none', async () => {
  const operator = matrixOperator(
    withSpectrum(
      Array.from({ length: 120 }, (_, i) => i / 10),
      2,
    ),
  );
  const band = async (starts: number) => {
    const { standardError } = await spectralDensity(operator, { method: 'slq', starts, steps: 30, width: 0.05 });
    return standardError && standardError.reduce((sum, error) => sum + error) / standardError.length;
  };
  const ratio = (await band(8))! / (await band(72))!;
  expect(ratio).toBeGreaterThan(2);
  expect(ratio).toBeLessThan(4.5);
  expect(await band(1)).toBeNull();
});

test('a Krylov space that ends is exact, not continued', async () => {
  const { nodes, moments, products, steps, mass } = await spectralDensity(
    diagonalOperator([...new Array(50).fill(2), ...new Array(150).fill(-1)]),
    { method: 'slq', starts: 3, steps: 20 },
  );
  expect([steps, products]).toEqual([2, 6]);
  expect([...new Set([...nodes].map((node) => Math.round(node * 1e9) / 1e9))].sort()).toEqual([-1, 2]);
  expect(moments[0].value).toBeAllclose((50 * 2 - 150) / 200, { atol: 1e-12 });
  expect(mass).toBeAllclose(1, { atol: 1e-6 });
});

test.each([0, 7, -2])('one repeated eigenvalue %d is one peak of mass 1', async (value) => {
  const { xs, density, mass, range } = await spectralDensity(diagonalOperator(new Array(700).fill(value)), {
    method: 'slq',
  });
  expect(range).toBeAllclose([value, value], { atol: 1e-12 });
  expect(mass).toBeAllclose(1, { atol: 1e-5 });
  expect(xs[density.indexOf(Math.max(...density))]!).toBeAllclose(value, { atol: 0.01 });
});

test('auto is exact where that costs no more products; steps are cut where the basis would not fit', async () => {
  const small = diagonalOperator(Array.from({ length: 90 }, (_, i) => i));
  expect(await spectralDensity(small, { starts: 2, steps: 45 })).toMatchObject({ method: 'exact', products: 90 });
  const cut = await spectralDensity(diagonalOperator(spectrum), {
    starts: 2,
    steps: 80,
    basisBytes: 10 * 8 * spectrum.length,
  });
  expect(cut).toMatchObject({ method: 'slq', steps: 10, products: 20 });
});

test('an exact density of more than 2,000 parameters is refused, and auto estimates it', async () => {
  const large = diagonalOperator(Array.from({ length: 2_001 }, (_, i) => i));
  await expect(spectralDensity(large, { method: 'exact' })).rejects.toMatchObject({
    code: 'badInput',
    message: expect.stringContaining('2001'),
  });
  expect(await spectralDensity(large, { starts: 100, steps: 21 })).toMatchObject({ method: 'slq', products: 2_100 });
});

test('the seed repeats the bits, and progress reaches its total', async () => {
  const seen: [number, number][] = [];
  const options = { starts: 3, steps: 15, seed: 9, method: 'slq', distribution: 'gaussian' } as const;
  const first = await spectralDensity(diagonalOperator(spectrum), {
    ...options,
    onProgress: (done, total) => void seen.push([done, total]),
  });
  expect(await spectralDensity(diagonalOperator(spectrum), options)).toEqual(first);
  expect(seen.at(-1)).toEqual([45, 45]);
  expect((await spectralDensity(diagonalOperator(spectrum), { ...options, seed: 10 })).nodes).not.toEqual(first.nodes);
});

test('products that are not finite and a cancel are told', async () => {
  const broken = diagonalOperator([1, Number.NaN, 3]);
  for (const method of ['slq', 'exact'] as const) {
    await expect(spectralDensity(broken, { method })).rejects.toMatchObject({ code: 'engine' });
    await expect(
      spectralDensity(diagonalOperator(spectrum), { method, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'cancelled' });
  }
});
