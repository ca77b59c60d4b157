import { beforeAll, describe, expect, test } from 'vitest';
import { spectralDensity } from '../../src/main/engine/curvature/density';
import { everything, sampleOfBatches, sampleOfSubset } from '../../src/main/engine/curvature/groups';
import { withCurvature } from '../../src/main/engine/curvature/operators';
import { measureSpectrum } from '../../src/main/engine/curvature/spectrum';
import { estimateTrace } from '../../src/main/engine/curvature/trace';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { withL2 } from '../../src/main/engine/objectives/withL2';
import { createRng } from '../../src/main/engine/random';
import { makeCase } from './networks';

const examples = 240;
const { network, data, params } = makeCase({
  activation: 'tanh',
  loss: 'softmaxCrossEntropy',
  sizes: [3, 4, 3],
  examples,
});
let objective: Objective;
beforeAll(async () => {
  objective = await createReferenceExecutor().load(network, data);
});

/** `size` examples without replacement. */
function subset(size: number, seed: number) {
  const order = createRng(seed, 'tests/subset').shuffle(Int32Array.from({ length: examples }, (_, i) => i));
  return sampleOfSubset(order.slice(0, size).sort(), examples, seed);
}

/** Root mean square of the standard errors told over that of the true errors. */
async function calibration(
  truth: number,
  measure: (seed: number) => Promise<{ value: number; standardError: number }>,
  repeats: number,
) {
  let told = 0;
  let actual = 0;
  for (let seed = 0; seed < repeats; seed++) {
    const { value, standardError } = await measure(seed);
    told += standardError ** 2;
    actual += (value - truth) ** 2;
  }
  return Math.sqrt(told / actual);
}

describe('the standard error of a subset is the spread of what subsets say', () => {
  const repeats = 60;
  // A root mean square from 60 draws has a relative error of 1/√120 = 9 %, the one told about as much again.
  const tolerance = 0.35;

  test('trace', async () => {
    const trace = (seed: number, sample = subset(80, seed)) =>
      withCurvature(objective, 'hessian', params, sample, (operator, grouped) =>
        estimateTrace(operator, { products: 100, grouped }),
      );
    const full = await trace(0, everything);
    expect(full).toMatchObject({ method: 'exact', samplingStandardError: null, standardError: 0 });
    const measure = async (seed: number) => {
      const estimate = await trace(seed);
      expect(estimate.standardError).toBe(estimate.samplingStandardError);
      return estimate;
    };
    expect(await calibration(full.value, measure, repeats)).toBeAllclose(1, { atol: tolerance });
  });

  test('moments of the density', async () => {
    const density = (seed: number, sample = subset(80, seed)) =>
      withCurvature(objective, 'hessian', params, sample, (operator, grouped) =>
        spectralDensity(operator, { method: 'exact', starts: 12, grouped }),
      );
    const full = await density(0, everything);
    expect(full.moments[0].samplingStandardError).toBeNull();
    // The first moment is the trace over P; its jackknife sees the examples through twelve probes.
    const ratio = await calibration(
      full.moments[0].value,
      async (seed) => {
        const [{ value, samplingStandardError }] = (await density(seed)).moments;
        return { value, standardError: samplingStandardError! };
      },
      40,
    );
    expect(ratio).toBeAllclose(1, { atol: 0.4 });
  });

  test('largest eigenvalue, to first order', async () => {
    const largest = async (seed: number, sample = subset(120, seed)) => {
      const { eigenvalues } = await measureSpectrum(objective, params, { top: 1, bottom: 0, sample });
      return eigenvalues[0]!;
    };
    const full = await largest(0, everything);
    expect(full.standardError).toBeNull();
    const measure = async (seed: number) => {
      const { value, standardError } = await largest(seed);
      return { value, standardError: standardError! };
    };
    expect(await calibration(full.value, measure, repeats)).toBeAllclose(1, { atol: tolerance });
  });

  test('condition number, to first order, both ends together', async () => {
    const convex = makeCase({
      activation: 'identity',
      loss: 'softmaxCrossEntropy',
      sizes: [3, 2],
      examples,
      bias: false,
    });
    const loaded = await createReferenceExecutor().load(convex.network, convex.data);
    const penalized = withL2(loaded, { coefficient: 0.1, biases: true });
    const condition = async (seed: number, sample = subset(120, seed)) => {
      const spectrum = await measureSpectrum(penalized, convex.params, { top: 1, bottom: 1, sample });
      return { value: spectrum.conditionNumber!, standardError: spectrum.conditionNumberStandardError! };
    };
    const full = await condition(0, everything);
    expect(full.value).toBeGreaterThan(1);
    expect(full.standardError).toBeNull();
    expect(await calibration(full.value, condition, repeats)).toBeAllclose(1, { atol: tolerance });
  });
});

test('groups are disjoint, cover the subset, do not follow its order, and repeat with the seed', () => {
  const { rows, groups, correction } = subset(85, 3);
  expect(groups.map(({ length }) => length)).toEqual([9, 9, 9, 9, 9, 8, 8, 8, 8, 8]);
  expect(groups.flatMap((group) => [...group]).sort((a, b) => a - b)).toEqual([...rows!]);
  expect(correction).toBeAllclose(1 - 85 / 240, { rtol: 1e-12 });
  const ascending = groups.every((group, g) => g === 0 || group[0]! > groups[g - 1]!.at(-1)!);
  expect(ascending).toBe(false);
  expect(subset(85, 3)).toEqual(subset(85, 3));
  expect(subset(85, 4).groups).not.toEqual(groups);
});

test('many minibatches share 32 groups, whole', () => {
  const { rows, groups } = sampleOfBatches({ batches: 70, batchSize: 3, seed: 2 }, examples);
  expect(rows).toHaveLength(210);
  expect(groups.map(({ length }) => length)).toEqual([...new Array(6).fill(9), ...new Array(26).fill(6)]);
  expect(groups.flatMap((group) => [...group]).sort((a, b) => a - b)).toEqual([...rows!]);
});

test('too few examples for groups have no standard error; nor has one minibatch', async () => {
  expect(subset(3, 1).groups).toEqual([]);
  expect(sampleOfBatches({ batches: 1, batchSize: 20, seed: 0 }, examples).groups).toEqual([]);
  const { eigenvalues } = await measureSpectrum(objective, params, { top: 1, bottom: 0, sample: subset(3, 1) });
  expect(eigenvalues[0]!.standardError).toBeNull();
});

test('examples tied together by the statistics of their batch are not split', async () => {
  const tied: Objective = { ...objective, statistics: () => new Float64Array(0) };
  const { eigenvalues } = await measureSpectrum(tied, params, { top: 1, bottom: 0, sample: subset(80, 1) });
  expect(eigenvalues[0]!.standardError).toBeNull();
});
