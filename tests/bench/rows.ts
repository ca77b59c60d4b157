import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExampleSet, Executor } from '../../src/main/engine/executors/executor';
import { createWasmExecutor } from '../../src/main/engine/executors/wasm';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { initialize } from '../../src/main/engine/initializers/initialize';
import type { Objective, Vector } from '../../src/main/engine/objectives/objective';
import { createOptimizer } from '../../src/main/engine/optimizers';
import { createPlane, type PlaneData, prepareTurning } from '../../src/main/engine/planes';
import { createRng } from '../../src/main/engine/random';
import { computeSurface } from '../../src/main/engine/surface/compute';
import { train } from '../../src/main/engine/training/train';
import { appFolders } from '../../src/main/folders';
import { trainingSchema } from '../../src/shared/model/experiment';
import type { BenchRow } from './harness';

type Activation = 'relu' | 'tanh';
interface Net {
  sizes: readonly number[];
  activation: Activation;
}

const tiny: Net = { sizes: [2, 16, 16, 2], activation: 'tanh' };
const medium: Net = { sizes: [784, 128, 64, 10], activation: 'relu' };
const mediumTanh: Net = { ...medium, activation: 'tanh' };

let executor: Promise<Executor> | null = null;
/** One executor for all rows, as in the app. */
const wasm = () => {
  executor ??= createWasmExecutor({
    load: (kernel) => readFile(join(appFolders().kernels, `kernels.${kernel}.wasm`)),
  });
  return executor;
};
export const describeExecutor = async () => (await wasm()).description;
export const disposeExecutor = async () => (await wasm()).dispose();

async function problem(
  { sizes, activation }: Net,
  examples: number,
): Promise<{ objective: Objective; params: Vector }> {
  const network = buildNetwork({
    inputShape: [sizes[0]!],
    layers: sizes.slice(1).map((units, i) => ({
      type: 'dense',
      units,
      activation: i < sizes.length - 2 ? activation : 'identity',
      bias: true,
    })),
    loss: 'softmaxCrossEntropy',
  });
  const rng = createRng(0, 'bench');
  const data: ExampleSet = {
    x: Float32Array.from({ length: examples * sizes[0]! }, () => rng.normal()),
    y: Float32Array.from({ length: examples }, () => rng.integer(sizes.at(-1)!)),
    examples,
  };
  const objective = await (await wasm()).load(network, data);
  const params = objective.allocate();
  initialize(network.layout, { weights: { name: 'glorotUniform' }, biases: { name: 'zeros' } }, rng, params);
  return { objective, params };
}

/** The training generator as a run uses it, recording the first and the last row only. */
const training = (net: Net, batch: number, count: number) => async () => {
  const { objective, params } = await problem(net, 4 * batch);
  return {
    async run() {
      const optimizer = createOptimizer({
        name: 'sgd',
        learningRate: 0.01,
        parameters: {},
        schedule: { kind: 'constant' },
        weightDecay: 0,
      });
      const options = trainingSchema.parse({
        batchSize: batch,
        order: 'file',
        stop: { steps: count },
        recordEvery: count,
      });
      const start = performance.now();
      const batches = train({
        objective,
        validation: null,
        params,
        optimizer,
        training: options,
        seed: 0,
        signal: new AbortController().signal,
        classify: true,
      });
      for await (const _ of batches);
      return { seconds: (performance.now() - start) / 1_000, count };
    },
    dispose: () => objective.dispose(),
  };
};

const gradient = (net: Net, examples: number, count: number) => async () => {
  const { objective, params } = await problem(net, examples);
  const out = objective.allocate();
  return {
    async run() {
      const start = performance.now();
      for (let i = 0; i < count; i++) await objective.gradient(params, out);
      return { seconds: (performance.now() - start) / 1_000, count };
    },
    dispose: () => objective.dispose(),
  };
};

/**
 * Products with one Hessian as Lanczos asks for them: the primal pass is shared. `alone` makes the Hessian anew for every
 * product, which is what one double backward of the peer does.
 */
const hvp = (net: Net, examples: number, count: number, alone: boolean) => async () => {
  const { objective, params } = await problem(net, examples);
  const rng = createRng(1, 'bench');
  const v = objective.allocate();
  for (let i = 0; i < v.length; i++) v[i] = rng.normal();
  const out = objective.allocate();
  let hessian = await objective.hessian(params);
  return {
    async run() {
      const start = performance.now();
      for (let i = 0; i < count; i++) {
        if (alone) {
          hessian.dispose();
          hessian = await objective.hessian(params);
        }
        await hessian.apply(v, out);
      }
      return { seconds: (performance.now() - start) / 1_000, count };
    },
    dispose() {
      hessian.dispose();
      objective.dispose();
    },
  };
};

const surface = (net: Net, examples: number, points: number) => async () => {
  const { objective, params } = await problem(net, examples);
  const rng = createRng(2, 'bench');
  const direction = () => Float64Array.from({ length: params.length }, () => 0.1 * rng.normal());
  const basis = {
    origin: Float64Array.from(params),
    d1: direction(),
    d2: direction(),
  };
  return {
    async run() {
      const start = performance.now();
      for await (const _ of computeSurface(objective, basis, { range: [-1, 1, -1, 1], grid: [points, points] }));
      return { seconds: (performance.now() - start) / 1_000, count: points * points };
    },
    dispose: () => objective.dispose(),
  };
};

/**
 * A PCA plane of a path of 1,000 rows turned by another angle each time, with its surface: kept, as a person turns it, or
 * `anew`, as another plane would be made.
 */
const turning = (net: Net, examples: number, points: number, anew: boolean) => async () => {
  const { objective, params } = await problem(net, examples);
  const rng = createRng(3, 'bench');
  const steps = 1_000;
  const theta = new Float32Array(steps * params.length);
  for (let i = params.length; i < theta.length; i++) theta[i] = theta[i - params.length]! + 0.01 * rng.normal();
  const data: PlaneData = {
    layout: objective.layout,
    trajectories: [
      {
        rows: steps,
        dimension: params.length,
        read: (first, count) => theta.slice(first * params.length, (first + count) * params.length),
      },
    ],
  };
  const base = { kind: 'pca', biases: true } as const;
  const options = { toward: { kind: 'random', seed: 1 }, axis: 'second', origin: 'base' } as const;
  const kept = await prepareTurning(await createPlane(base, data), options, data);
  let angle = 0;
  return {
    async run() {
      const count = 10;
      const start = performance.now();
      for (let i = 0; i < count; i++) {
        angle += 0.01;
        const made = anew ? await createPlane({ kind: 'turned', base, ...options, angle }, data) : kept.at(angle);
        for await (const _ of computeSurface(objective, made.basis, { range: made.range, grid: [points, points] }));
      }
      return { seconds: (performance.now() - start) / 1_000 / count, count: points * points };
    },
    dispose: () => objective.dispose(),
  };
};

/** The rows by what they show; nets named by their sizes and activation. */
export const rows: BenchRow[] = [
  {
    name: 'training 2-16-16-2 tanh, batch 128',
    unit: 'steps/s',
    target: 5,
    prepare: training(tiny, 128, 8_000),
    against: { peer: { job: 'training', ...tiny, batch: 128, examples: 512, warmup: 200, count: 3_000 } },
  },
  {
    name: 'training 784-128-64-10 relu, batch 512',
    unit: 'steps/s',
    target: 1.5,
    prepare: training(medium, 512, 120),
    against: { peer: { job: 'training', ...medium, batch: 512, examples: 2_048, warmup: 20, count: 150 } },
  },
  ...[medium, mediumTanh].map(
    (net): BenchRow => ({
      name: `surface 51×51, 784-128-64-10 ${net.activation}, 2,000 examples`,
      unit: 's',
      target: 7,
      prepare: surface(net, 2_000, 51),
      against: { peer: { job: 'surface', ...net, examples: 2_000, points: 51, rows: 9, warmup: 10 } },
    }),
  ),
  {
    // Ten a second is 0.1 s.
    name: 'turning a plane: 48×48 surface, 2-16-16-2 tanh, 400 examples, against a plane made anew',
    unit: 's',
    target: 1,
    prepare: turning(tiny, 400, 48, false),
    against: { ours: turning(tiny, 400, 48, true) },
  },
  {
    name: 'HVP alone, 784-128-64-10 relu, 2,000 examples',
    unit: 'ms',
    target: 1.8,
    prepare: hvp(medium, 2_000, 10, true),
    against: { peer: { job: 'hvp', ...medium, examples: 2_000, warmup: 3, count: 10 } },
  },
  {
    name: 'HVP in Lanczos, in gradients, 784-128-64-10 relu, 2,000 examples',
    unit: 'gradients',
    target: 1.7,
    prepare: hvp(medium, 2_000, 10, false),
    against: { ours: gradient(medium, 2_000, 10) },
  },
  {
    name: 'HVP alone, in gradients, 784-128-64-10 relu, 2,000 examples',
    unit: 'gradients',
    target: 1.7,
    prepare: hvp(medium, 2_000, 10, true),
    against: { ours: gradient(medium, 2_000, 10) },
  },
];
