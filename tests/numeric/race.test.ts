import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { createOptimizer } from '../../src/main/engine/optimizers';
import { fairRace } from '../../src/main/engine/race/fairRace';
import { raceRun } from '../../src/main/engine/race/raceRun';
import { createRng } from '../../src/main/engine/random';
import { optimizerSchema, trainingSchema } from '../../src/shared/model/experiment';
import { gridRates, type RaceCriterion } from '../../src/shared/model/race';
import { leastSquares } from '../unit/engine/training/leastSquares';
import { quadratic } from './quadratic';

const startOf = (seed: number, size: number) => {
  const rng = createRng(seed, 'start');
  return Float64Array.from({ length: size }, () => rng.normal());
};

interface Run {
  objective: Objective;
  name?: string;
  learningRate: number;
  seed?: number;
  steps: number;
  batchSize?: number | 'full';
  recordEvery?: number;
  criterion?: RaceCriterion;
  validation?: Objective;
  signal?: AbortSignal;
  budget?: 'steps' | 'evaluations';
}
const run = ({ objective, name = 'sgd', learningRate, seed = 0, steps, ...more }: Run) =>
  raceRun({
    objective,
    validation: more.validation ?? null,
    params: startOf(seed, objective.dimension),
    optimizer: createOptimizer(optimizerSchema.parse({ name, learningRate })),
    training: trainingSchema.parse({
      batchSize: more.batchSize ?? 'full',
      recordEvery: more.recordEvery ?? 1,
      // Rules that would end the run at once: a race leaves them out.
      stop: { steps, gradientNorm: 1e9 },
    }),
    seed,
    signal: more.signal ?? new AbortController().signal,
    criterion: more.criterion ?? { kind: 'loss' },
    ...(more.budget && { budget: more.budget }),
  });

describe.each([[[1, 10]], [[0.5, 3, 7, 50]], [[1, 2, 5, 400]]])(
  'gradient descent with eigenvalues %j',
  (eigenvalues) => {
    const objective = quadratic(Matrix.diag(eigenvalues), new Float64Array(eigenvalues.length));
    const [smallest, largest] = [eigenvalues[0]!, eigenvalues.at(-1)!];
    const learningRates = gridRates({ lowest: 1e-4, highest: 1, perDecade: 4 });
    const steps = 600;

    test('is tuned to the grid’s neighbour of 2/(λ₁ + λₙ), and diverges above 2/λₙ', async () => {
      const { standings, warnings } = await fairRace({
        optimizers: 1,
        learningRates,
        seeds: { tuning: [0, 1, 2], report: [3, 4, 5] },
        run: ({ learningRate, seed }) => run({ objective, learningRate, seed, steps }),
      });
      const { learningRate, tuning, report } = standings[0]!;
      const chosen = learningRates.indexOf(learningRate!);
      const best = 2 / (smallest + largest);
      expect(learningRates[chosen - 1]!).toBeLessThan(best);
      expect(learningRates[chosen + 1]!).toBeGreaterThan(best);
      expect(warnings).toEqual([]);
      for (const cell of tuning) {
        const isUnstable = cell.learningRate > 2 / largest;
        expect(cell.failed).toBe(isUnstable ? 3 : 0);
        expect(Number.isFinite(cell.mean)).toBe(!isUnstable);
        for (const { value, failure, steps: taken, gradientEvaluations } of cell.runs) {
          if (isUnstable) {
            expect([value, failure]).toEqual([null, 'diverged']);
            expect(taken).toBeLessThan(steps);
          } else expect([failure, taken, gradientEvaluations]).toEqual([null, steps, steps + 1]);
        }
      }
      // θ_t = Π(1 − ηλ)ᵗθ₀ in closed form.
      for (const { seed, value } of report!.runs) {
        const wanted = startOf(seed, eigenvalues.length).reduce((sum, start, i) => {
          const lambda = eigenvalues[i]!;
          return sum + 0.5 * lambda * (start * (1 - learningRate! * lambda) ** steps) ** 2;
        }, 0);
        expect(value!).toBeAllclose(wanted, { rtol: 1e-9 });
      }
    });
  },
);

describe('one run', () => {
  test('has the same batches and budget whatever the optimizer, others with another seed', async () => {
    const batchesOf = async (name: string, seed: number) => {
      const { objective, seen } = leastSquares(20);
      const { gradientEvaluations, steps } = await run({
        objective,
        name,
        learningRate: 0.01,
        seed,
        steps: 25,
        batchSize: 6,
      });
      expect([gradientEvaluations, steps]).toEqual([25, 25]);
      return seen;
    };
    const sgd = await batchesOf('sgd', 3);
    expect(sgd.length).toBe(25);
    expect(await batchesOf('adam', 3)).toEqual(sgd);
    expect(await batchesOf('sgd', 4)).not.toEqual(sgd);
  });

  test('ends with the loss over all examples, or the validation loss', async () => {
    const { objective, loss } = leastSquares(20);
    const other = leastSquares(20, { seed: 1 });
    const params = startOf(3, 2);
    const gradient = new Float64Array(2);
    for (let t = 0; t < 8; t++) {
      objective.gradient(params, gradient);
      for (const i of [0, 1]) params[i] = params[i]! - 0.1 * gradient[i]!;
    }
    const same = { objective, learningRate: 0.1, seed: 3, steps: 8 };
    expect((await run(same)).value!).toBeAllclose(loss(params), { rtol: 1e-12 });
    const criterion = { kind: 'validationLoss' } as const;
    const measured = await run({ ...same, validation: other.objective, criterion });
    expect(measured.value!).toBeAllclose(other.loss(params), { rtol: 1e-12 });
    await expect(run({ ...same, criterion })).rejects.toThrow(/no validation data/);
  });

  test('counts the steps to a target: (1 − ηλ)²ᵗ of the first loss', async () => {
    const objective = quadratic(Matrix.diag([2]), [0]);
    const first = startOf(0, 1)[0]! ** 2;
    const target = first * 0.8 ** (2 * 7.5);
    const same = { objective, learningRate: 0.1, steps: 20 };
    const toTarget = { ...same, criterion: { kind: 'stepsToTarget', target } as const };
    expect(await run(toTarget)).toMatchObject({ value: 8, failure: null, steps: 20, gradientEvaluations: 21 });
    expect((await run({ ...toTarget, recordEvery: 5 })).value).toBe(10);
    const tooFew = await run({ ...toTarget, steps: 7 });
    expect(tooFew).toMatchObject({ value: null, failure: 'notReached', steps: 7 });
  });

  test('is cancelled', async () => {
    const { objective } = leastSquares(20);
    const signal = AbortSignal.abort();
    await expect(run({ objective, learningRate: 0.1, steps: 100, signal })).rejects.toThrow('Cancelled');
  });

  test('by evaluations a search takes fewer steps, and a target is reached after as many evaluations', async () => {
    const objective = quadratic(Matrix.diag([1, 3, 10]), new Float64Array(3));
    const budget = 'evaluations';
    const sgd = await run({ objective, learningRate: 0.1, steps: 30, budget });
    expect([sgd.steps, sgd.evaluations]).toEqual([30, 30]);
    const newton = await run({ objective, name: 'newton', learningRate: 0.5, steps: 30, budget });
    // A gradient and three products per step.
    expect([newton.steps, newton.evaluations]).toEqual([8, 32]);
    const target = await run({
      ...{ objective, name: 'newton', learningRate: 1, steps: 30, budget },
      criterion: { kind: 'stepsToTarget', target: 1e-9 },
    });
    expect(target.value).toBe(4);
  });
});
