import type { ExampleSet } from '../../src/main/engine/executors/executor';
import { buildNetwork } from '../../src/main/engine/graph/build';
import type { Network } from '../../src/main/engine/graph/ir';
import { targetShape } from '../../src/main/engine/graph/loss';
import { countParameters } from '../../src/main/engine/models/countParameters';
import { createRng, type Rng } from '../../src/main/engine/random';
import {
  type ActivationName,
  activationNames,
  type LossName,
  lossNames,
  modelSchema,
} from '../../src/shared/model/experiment';

/** Seeded networks, examples and vectors for numeric tests. */
export interface Case {
  name: string;
  network: Network;
  data: ExampleSet;
  /** Representable in float32, as are x and y, so that executors of any precision see the same numbers. */
  params: Float64Array;
}

export interface CaseOptions {
  activation: ActivationName;
  loss: LossName;
  /** Inputs, hidden units…, outputs. */
  sizes: number[];
  examples: number;
  bias?: boolean;
  seed?: number;
}

export function makeCase({ activation, loss, sizes, examples, bias = true, seed = 1 }: CaseOptions): Case {
  const [inputs, ...units] = sizes as [number, ...number[]];
  const model = modelSchema.parse({
    inputShape: [inputs],
    layers: units.map((count, i) => ({
      type: 'dense',
      units: count,
      activation: i < units.length - 1 ? activation : 'identity',
      bias,
    })),
    loss,
  });
  const rng = createRng(seed, `${activation}/${loss}/${sizes.join('-')}`);
  const params = new Float64Array(countParameters(model));
  let offset = 0;
  let fanIn = inputs;
  for (const count of units) {
    for (let i = 0; i < count * fanIn; i++) params[offset++] = Math.fround((1.2 * rng.normal()) / Math.sqrt(fanIn));
    if (bias) for (let i = 0; i < count; i++) params[offset++] = Math.fround(0.3 * rng.normal());
    fanIn = count;
  }
  return {
    name: `${sizes.join('-')} ${activation} ${loss}, ${examples} examples${bias ? '' : ', no biases'}`,
    network: buildNetwork(model),
    data: makeExamples(rng, inputs, units.at(-1)!, loss, examples),
    params,
  };
}

function makeExamples(rng: Rng, inputs: number, outputs: number, loss: LossName, examples: number): ExampleSet {
  return {
    x: Float32Array.from({ length: examples * inputs }, () => rng.normal()),
    y: randomTargets(rng, loss, outputs, examples),
    examples,
  };
}

/** Targets a loss can read, all kinds of them. */
export function randomTargets(rng: Rng, loss: LossName, outputs: number, examples: number): Float32Array {
  const values = targetShape(loss, outputs).reduce((a, b) => a * b, 1);
  const draw = {
    softmaxCrossEntropy: () => rng.integer(outputs),
    meanSquaredError: () => rng.normal(),
    binaryCrossEntropy: () => rng.integer(2),
    multiClassHinge: () => rng.integer(outputs),
    huber: () => rng.normal(),
  }[loss];
  return Float32Array.from({ length: examples * values }, draw);
}

/** A standard normal vector representable in float32. */
export function normalVector(size: number, seed: number): Float64Array {
  const rng = createRng(seed, 'vector');
  return Float64Array.from({ length: size }, () => Math.fround(rng.normal()));
}

/** Every activation with every loss. */
export const activationLossPairs: [ActivationName, LossName][] = activationNames.flatMap((activation) =>
  lossNames.map((loss): [ActivationName, LossName] => [activation, loss]),
);

/** max|a − b|/max|b|, the error of an array as a whole: what rounding to float32 bounds. NaN as soon as an element is. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new RangeError(`length ${actual.length}, expected ${expected.length}`);
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(difference)) return Number.NaN;
    worst = Math.max(worst, difference);
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return worst === 0 ? 0 : worst / largest;
}
