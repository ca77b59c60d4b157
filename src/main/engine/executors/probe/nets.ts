import type { RepresentativeNet } from '../../../../shared/model/executors';
import { type ModelSpec, modelSchema } from '../../../../shared/model/experiment';
import { buildNetwork } from '../../graph/build';
import type { Network } from '../../graph/ir';
import { layerShapes } from '../../models/shapes';
import { createRng } from '../../random';
import type { ExampleSet } from '../executor';

/** A network with examples drawn from a seed. */
export interface ProbeNet {
  readonly network: Network;
  /** In words. */
  readonly title: string;
  readonly examples: number;
  /** The first `count` examples. */
  data(count: number): ExampleSet;
  params(): Float32Array;
}

const dense = (inputs: number, units: readonly number[], activation: 'tanh' | 'relu') =>
  modelSchema.parse({
    inputShape: [inputs],
    layers: units.map((count, i) => ({
      type: 'dense',
      units: count,
      ...(i < units.length - 1 && { activation }),
    })),
    loss: 'softmaxCrossEntropy',
  });

const image = (
  side: number,
  filters: readonly [number, number],
  classes: number,
  pool: 'maxPool2d' | 'averagePool2d',
) =>
  modelSchema.parse({
    inputShape: [1, side, side],
    layers: [
      ...filters.flatMap((count) => [
        { type: 'conv2d', filters: count, kernelSize: 3, padding: 'same', activation: 'tanh' },
        { type: pool, poolSize: 2 },
      ]),
      { type: 'flatten' },
      { type: 'dense', units: classes },
    ],
    loss: 'softmaxCrossEntropy',
  });

const recurrent = () =>
  modelSchema.parse({
    inputShape: [12, 4],
    layers: [
      { type: 'recurrent', units: 16 },
      { type: 'dense', units: 4 },
    ],
    loss: 'softmaxCrossEntropy',
  });

/**
 * What executors are timed on: between them the networks most often looked at, and each kind of work of a gradient
 * (ops, matrix products, convolutions, everything else) where it decides.
 */
export const timedNets: Readonly<Record<RepresentativeNet, () => ProbeNet>> = {
  tiny: () => probeNet('dense 2-16-16-2', dense(2, [16, 16, 2], 'tanh'), 128),
  wide: () => probeNet('dense 2-64-64-2', dense(2, [64, 64, 2], 'tanh'), 1_000),
  medium: () => probeNet('dense 784-128-64-10', dense(784, [128, 64, 10], 'relu'), 2_000),
  convolution: () => probeNet('conv 8, 16 on 28×28', image(28, [8, 16], 10, 'maxPool2d'), 64),
  recurrent: () => probeNet('recurrent 16, 12 steps', recurrent(), 64),
};

/** What executors are checked on: small, for the float64 reference; average pools, which every graphics library has. */
export const checkedNets = {
  dense: () => probeNet('dense 7-9-8-4', dense(7, [9, 8, 4], 'tanh'), 29),
  convolution: () => probeNet('conv 3, 4 on 8×8', image(8, [3, 4], 3, 'averagePool2d'), 11),
} as const;

function probeNet(title: string, model: ModelSpec, examples: number): ProbeNet {
  const network = buildNetwork(model);
  const inputs = model.inputShape.reduce((a, b) => a * b, 1);
  const classes = layerShapes(model).at(-1)![0]!;
  return {
    network,
    title,
    examples,
    data(count) {
      const rng = createRng(1, 'probe');
      return {
        x: Float32Array.from({ length: count * inputs }, () => rng.normal()),
        y: Float32Array.from({ length: count }, () => rng.integer(classes)),
        examples: count,
      };
    },
    params() {
      const rng = createRng(2, 'probe');
      const params = new Float32Array(network.layout.reduce((sum, { size }) => sum + size, 0));
      for (const { offset, size, shape } of network.layout) {
        const fanIn = Math.max(1, size / shape[0]!);
        for (let i = offset; i < offset + size; i++) params[i] = rng.normal() / Math.sqrt(fanIn);
      }
      return params;
    },
  };
}

/** A standard normal direction representable in float32. */
export function probeDirection(size: number, seed: number): Float32Array {
  const rng = createRng(seed, 'direction');
  return Float32Array.from({ length: size }, () => rng.normal());
}
