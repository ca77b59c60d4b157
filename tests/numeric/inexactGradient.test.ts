import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/main/engine/random';
import { checkSample, createInexactGradient } from '../../src/main/engine/training/inexactGradient';
import { UserError } from '../../src/shared/errors';
import { inexactGradientSchema } from '../../src/shared/model/experiment';

const parameters = 50;
const rng = createRng(3, 'test');
const exact = Float64Array.from({ length: parameters }, () => rng.normal());
const length = Math.hypot(...exact);
const largest = Math.max(...exact.map(Math.abs));

const create = (spec: unknown, seed = 0, examples = 0) =>
  createInexactGradient(inexactGradientSchema.parse(spec), examples, createRng(seed, 'inexactGradient'));

/** The errors of `count` distorted copies of the exact gradient. */
function errors(spec: unknown, count: number, seed = 0): Float64Array[] {
  const inexact = create(spec, seed);
  return Array.from({ length: count }, () => {
    const g = exact.slice();
    inexact.distort!(g);
    return g.map((value, i) => value - exact[i]!);
  });
}

/** (mean error)/(its standard error) of each component. */
function scores(all: readonly Float64Array[]): number[] {
  return Array.from({ length: parameters }, (_, i) => {
    const mean = all.reduce((sum, e) => sum + e[i]!, 0) / all.length;
    const variance = all.reduce((sum, e) => sum + (e[i]! - mean) ** 2, 0) / (all.length - 1);
    return variance > 1e-24 ? mean / Math.sqrt(variance / all.length) : mean === 0 ? 0 : mean / 1e-12;
  });
}

describe('without bias: every mean error of 50 within 4.5 standard errors (a false alarm once in 3,000)', () => {
  test.each([
    [{ kind: 'noise', deviation: 0.3 }],
    [{ kind: 'noise', deviation: 2, relative: true }],
    [{ kind: 'quantize', bits: 2, stochastic: true }],
    [{ kind: 'round', step: 0.7, stochastic: true }],
  ])('%j', (spec) => {
    for (const score of scores(errors(spec, 4_000))) expect(Math.abs(score)).toBeLessThan(4.5);
  });

  test('which rounding to the nearest is not', () => {
    const biased = errors({ kind: 'round', step: 0.7 }, 3);
    expect(biased[0]).toEqual(biased[2]);
    expect(Math.max(...biased[0]!.map(Math.abs))).toBeGreaterThan(0.2);
  });
});

test('noise has the stated size: E‖error‖² = Pσ², relative (σ‖g‖)², within 5 standard errors', () => {
  for (const [spec, expected] of [
    [{ kind: 'noise', deviation: 0.3 }, parameters * 0.09],
    [{ kind: 'noise', deviation: 2, relative: true }, (2 * length) ** 2],
  ] as const) {
    const squares = errors(spec, 2_000).map((e) => e.reduce((sum, x) => sum + x * x, 0));
    const mean = squares.reduce((a, b) => a + b) / squares.length;
    // χ² with P degrees of freedom: relative standard error √(2/P/n).
    expect(Math.abs(mean / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / parameters / squares.length));
  }
});

test.each([
  [1, false],
  [3, false],
  [3, true],
  [8, false],
])('%i bits (stochastic: %s): that many values, the error within the bound', (bits, stochastic) => {
  const spacing = (2 * largest) / (2 ** bits - 1);
  const values = new Set<string>();
  for (const error of errors({ kind: 'quantize', bits, stochastic }, 50)) {
    for (const e of error) expect(Math.abs(e)).toBeLessThanOrEqual((stochastic ? 1 : 0.5) * spacing * (1 + 1e-12));
    error.forEach((e, i) => {
      values.add((e + exact[i]!).toFixed(9));
    });
  }
  expect(values.size).toBeLessThanOrEqual(2 ** bits);
  expect(values.size).toBeGreaterThan(Math.min(2 ** bits, 20) / 2);
});

test('round: multiples of the step, at most half a step away; small components vanish', () => {
  const g = Float64Array.of(0.24, -0.26, 1.3, 0);
  create({ kind: 'round', step: 0.5 }).distort!(g);
  expect([...g].map((value) => value + 0)).toEqual([0, -0.5, 1.5, 0]);
});

test('truncate keeps the largest; bias is factor·g + offset', () => {
  const g = Float64Array.of(0.1, -3, 2, -0.2);
  create({ kind: 'truncate', keep: 0.5 }).distort!(g);
  expect([...g]).toEqual([0, -3, 2, 0]);
  create({ kind: 'truncate', keep: 0.01 }).distort!(g);
  expect([...g]).toEqual([0, -3, 0, 0]);
  const h = Float64Array.of(1, -2);
  create({ kind: 'bias', factor: 0.5, offset: 0.25 }).distort!(h);
  expect([...h]).toEqual([0.75, -0.75]);
});

test('a sample holds different examples of the batch, each as often as the others', () => {
  const inexact = create({ kind: 'sample', examples: 3 }, 1, 12);
  const batch = Int32Array.of(2, 3, 5, 7, 11);
  const drawn = new Map<number, number>();
  const trials = 3_000;
  for (let trial = 0; trial < trials; trial++) {
    const rows = [...inexact.sample!(batch)];
    expect(new Set(rows).size).toBe(3);
    for (const row of rows) drawn.set(row, (drawn.get(row) ?? 0) + 1);
  }
  expect([...drawn.keys()].sort((a, b) => a - b)).toEqual([...batch]);
  const deviation = Math.sqrt(trials * 0.6 * 0.4);
  for (const count of drawn.values()) expect(Math.abs(count - 0.6 * trials)).toBeLessThan(5 * deviation);
  expect(new Set(inexact.sample!(undefined)).size).toBe(3);
});

test('the same seed gives the same numbers, another seed others', () => {
  const spec = { kind: 'noise', deviation: 1 };
  expect(errors(spec, 3, 5)).toEqual(errors(spec, 3, 5));
  expect(errors(spec, 3, 5)).not.toEqual(errors(spec, 3, 6));
});

test('a sample without examples, or of too many, is refused', () => {
  for (const [examples, message] of [
    [0, 'has no examples'],
    [2, 'sample of 3 is larger than the 2'],
  ] as const) {
    const refused = () => checkSample({ kind: 'sample', examples: 3 }, examples);
    expect(refused).toThrow(UserError);
    expect(refused).toThrow(message);
  }
});
