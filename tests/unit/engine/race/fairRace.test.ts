import { describe, expect, test } from 'vitest';
import { fairRace, type RaceRunSpec, raceLength } from '../../../../src/main/engine/race/fairRace';
import { difference, summarize } from '../../../../src/main/engine/race/statistics';
import { gridRates, type RaceProgress, type RaceRun, rateGridSchema } from '../../../../src/shared/model/race';

const runOf = (seed: number, value: number | null): RaceRun => ({
  seed,
  value,
  failure: value === null ? 'diverged' : null,
  steps: 10,
  evaluations: 10,
  gradientEvaluations: 11,
});
const cellOf = (...values: (number | null)[]) =>
  summarize(
    0.1,
    values.map((value, seed) => runOf(seed, value)),
  );

describe('the grid', () => {
  test('has its ends and round numbers', () => {
    const rates = gridRates(rateGridSchema.parse({}));
    expect(rates.length).toBe(9);
    expect([rates[0], rates[2], rates[8]]).toEqual([1e-4, 1e-3, 1]);
    expect(rates[1]! / rates[0]!).toBeAllclose(Math.sqrt(10), { rtol: 1e-11 });
    expect(gridRates({ lowest: 0.1, highest: 0.5, perDecade: 1 })).toEqual([0.1]);
  });

  test.each([
    [{ lowest: 1, highest: 0.1 }, /the lowest rate is above/],
    [{ lowest: 1e-9, highest: 1, perDecade: 20 }, /at most 64 rates/],
  ])('%j is refused', (grid, message) => {
    expect(rateGridSchema.safeParse(grid).error?.message).toMatch(message);
  });
});

describe('a cell', () => {
  test('has mean, deviation with n − 1 and error over the seeds that did not fail', () => {
    expect(cellOf(1, null, 2, 6)).toMatchObject({ failed: 1, mean: 3, standardDeviation: Math.sqrt(7) });
    expect(cellOf(1, null, 2, 6).standardError).toBeAllclose(Math.sqrt(7 / 3), { rtol: 1e-15 });
    expect(cellOf(null, null)).toMatchObject({ failed: 2, mean: null, standardDeviation: null, standardError: null });
    expect(cellOf(0.1, 0.1, 0.1).standardDeviation).toBe(0);
  });

  test('ties with the best when the paired difference is within its error', () => {
    const best = cellOf(1, 2, 3);
    const close = difference(cellOf(1.1, 1.9, 3.1), best)!;
    expect([close.mean, close.standardError]).toBeAllclose([0.1 / 3, 0.2 / 3], { rtol: 1e-12 });
    expect(close.isTie).toBe(true);
    // The spread over seeds (0.58 in each mean) has no part in it: the seeds are the same.
    expect(difference(cellOf(1.1, 2.11, 3.09), best)!.isTie).toBe(false);
    expect(difference(cellOf(1.1, null, 3.1), best)).toBe(null);
  });
});

/** Loss by optimizer, rate and seed; report seeds are 10 and 11. */
async function race(value: (spec: RaceRunSpec) => number | null, optimizers = 2) {
  const specs: RaceRunSpec[] = [];
  const cells: RaceProgress[] = [];
  const lengths = { optimizers, learningRates: [0.01, 0.1, 1], seeds: { tuning: [0, 1], report: [10, 11] } };
  const result = await fairRace({
    ...lengths,
    run: async (spec) => {
      specs.push(spec);
      return runOf(spec.seed, value(spec));
    },
    onCell: (cell) => cells.push(cell),
  });
  return { ...result, specs, cells, length: raceLength(lengths) };
}

describe('a race', () => {
  test('chooses on the tuning seeds, reports on the others, and gives every optimizer the same cells', async () => {
    const best = [0.1, 0.01];
    const { standings, specs, cells, length } = await race(
      ({ optimizer, learningRate, seed }) => optimizer + (learningRate === best[optimizer] ? 0 : 1) + seed,
    );
    expect([specs.length, length]).toEqual([16, 16]);
    expect(standings.map(({ learningRate }) => learningRate)).toEqual(best);
    expect(standings.map(({ report }) => report!.mean)).toEqual([10.5, 11.5]);
    expect(standings.map(({ rank }) => rank)).toEqual([1, 2]);
    expect(standings[0]!.toBest).toBe(null);
    expect(standings[1]!.toBest).toEqual({ mean: 1, standardError: 0, isTie: false });
    const of = (optimizer: number, stage: (seed: number) => boolean) =>
      specs.filter((spec) => spec.optimizer === optimizer && stage(spec.seed)).map(({ seed }) => seed);
    for (const stage of [(seed: number) => seed < 10, (seed: number) => seed >= 10]) {
      expect(of(0, stage)).toEqual(of(1, stage));
    }
    expect(cells.map(({ stage }) => stage)).toEqual([...Array(6).fill('tuning'), 'report', 'report']);
  });

  test('prefers a rate that never failed to one that was lower where it did not', async () => {
    const { standings } = await race(({ learningRate, seed }) => {
      if (learningRate === 1) return seed === 0 ? null : 0;
      return learningRate === 0.1 ? 2 + seed : 3 + seed;
    });
    expect(standings[0]!.learningRate).toBe(0.1);
    expect(standings[0]!.tuning[2]).toMatchObject({ failed: 1, mean: 0, standardDeviation: null });
  });

  test('warns of a best rate at an edge, of failures, and of seeds that change nothing', async () => {
    const { standings, warnings } = await race(({ optimizer, learningRate, seed }) => {
      if (optimizer === 2) return null;
      if (optimizer === 1) return seed === 11 ? null : Math.abs(learningRate - 0.1);
      return learningRate;
    }, 3);
    expect(warnings).toEqual([
      { kind: 'edgeOfGrid', optimizer: 0, learningRate: 0.01 },
      { kind: 'failedReport', optimizer: 1, failed: 1 },
      { kind: 'nothingFinished', optimizer: 2 },
      { kind: 'seedsDoNotMatter' },
    ]);
    expect(standings.map(({ rank }) => rank)).toEqual([1, 2, null]);
    expect(standings[2]).toMatchObject({ learningRate: null, report: null, toBest: null });
    expect((await race(({ learningRate, seed }) => seed - learningRate)).warnings).toEqual(
      [0, 1].map((optimizer) => ({ kind: 'edgeOfGrid', optimizer, learningRate: 1 })),
    );
  });

  test('nobody wins where nothing finished', async () => {
    const { standings } = await race(() => null);
    expect(standings.map(({ rank, toBest }) => [rank, toBest])).toEqual([
      [null, null],
      [null, null],
    ]);
  });
});
