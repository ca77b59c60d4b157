import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Costs,
  fitCosts,
  predictSeconds,
  type Work,
  workOf,
} from '../../../../src/main/engine/executors/probe/cost';
import { timedNets } from '../../../../src/main/engine/executors/probe/nets';
import { buildNetwork } from '../../../../src/main/engine/graph/build';
import { representativeNets } from '../../../../src/shared/model/executors';
import { modelSchema } from '../../../../src/shared/model/experiment';

const works = representativeNets.map((net) => {
  const { network, examples } = timedNets[net]();
  return workOf(network, examples, 'gradient');
});
const secondsOf = (costs: Costs, work: Work) => predictSeconds(costs, work)!;

test('the work of a dense gradient is counted by hand', () => {
  const network = buildNetwork(
    modelSchema.parse({
      inputShape: [7],
      layers: [
        { type: 'dense', units: 5, activation: 'tanh' },
        { type: 'dense', units: 3 },
      ],
      loss: 'softmaxCrossEntropy',
    }),
  );
  const work = workOf(network, 11, 'gradient');
  // Forward 7·5 + 5·3, weight gradients the same, and the gradient of the hidden layer 5·3; a multiplication and an
  // addition each.
  expect(work.denseFlops).toBe(2 * 11 * (7 * 5 + 5 * 3 + (7 * 5 + 5 * 3) + 5 * 3));
  expect(work.convolutionFlops).toBe(0);
  // The values of all other ops grow with the examples; the sums over rows (biases) do not.
  const twice = workOf(network, 22, 'gradient');
  expect(twice.denseFlops).toBe(2 * work.denseFlops);
  expect(twice.values - work.values).toBe(work.values - 5 - 3);
  expect([twice.commands, twice.operations]).toEqual([1, work.operations]);
  // A point of a surface is the forward pass alone.
  expect(workOf(network, 11, 'point').denseFlops).toBe(2 * 11 * (7 * 5 + 5 * 3));
});

test('the work of a convolution is counted by hand', () => {
  const network = buildNetwork(
    modelSchema.parse({
      inputShape: [2, 6, 6],
      layers: [{ type: 'conv2d', filters: 4, kernelSize: 3 }, { type: 'flatten' }, { type: 'dense', units: 2 }],
      loss: 'softmaxCrossEntropy',
    }),
  );
  // The first layer needs no gradient of its input: forward and weight gradient.
  expect(workOf(network, 3, 'gradient').convolutionFlops).toBe(2 * (2 * 3 * (4 * 4 * 4) * (2 * 3 * 3)));
});

test('times made by the model are found again, and what they predict is the time', () => {
  const cost = fc.double({ min: 0.5, max: 2, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(cost, cost, cost, cost, cost), ([a, b, c, d, e]) => {
      const costs: Costs = {
        ...{ commands: a * 5e-5, operations: b * 5e-7, denseFlops: c * 4e-12 },
        ...{ convolutionFlops: d * 4e-11, values: e * 5e-10 },
      };
      const fitted = fitCosts(works.map((work) => ({ work, seconds: secondsOf(costs, work) })));
      for (const work of works) {
        expect(secondsOf(fitted, work) / secondsOf(costs, work) - 1).toBeCloseTo(0, 2);
      }
    }),
    { seed: 1, numRuns: 50 },
  );
});

test('no cost is negative, whatever the times', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }), (seconds) => {
      const costs = fitCosts(works.map((work, i) => ({ work, seconds: seconds[i]! })));
      for (const cost of Object.values(costs)) expect(cost).toBeGreaterThanOrEqual(0);
    }),
    { seed: 1, numRuns: 50 },
  );
});

test('what was never timed is not predicted', () => {
  const dense = works.filter((work) => work.convolutionFlops === 0);
  const costs = fitCosts(dense.map((work) => ({ work, seconds: 1e-3 })));
  expect(costs.convolutionFlops).toBeNull();
  expect(predictSeconds(costs, works[3]!)).toBeNull();
  expect(predictSeconds(costs, works[0]!)).toBeGreaterThan(0);
  expect(predictSeconds(fitCosts([]), works[0]!)).toBeNull();
});
