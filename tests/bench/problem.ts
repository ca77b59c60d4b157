import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExampleSet } from '../../src/main/engine/executors/executor';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { initialize } from '../../src/main/engine/initializers/initialize';
import type { Objective, Vector } from '../../src/main/engine/objectives/objective';
import { createRng, type Rng } from '../../src/main/engine/random';
import { appFolders } from '../../src/main/folders';
import { createDataLoader } from '../../src/main/handlers/dataLoader';
import type { Executors, ExecutorUse } from '../../src/main/handlers/executors';
import { type ExecutorChoice, type ModelSpec, modelSchema } from '../../src/shared/model/experiment';

/** What every row works with. */
export interface Context {
  executors: Executors;
  choice: ExecutorChoice;
  /** For what both sides read; removed at the end. */
  folder: string;
}

export interface Net {
  name: string;
  model: ModelSpec;
}

export type Activation = 'relu' | 'tanh';

export function denseNet(sizes: readonly number[], activation: Activation): Net {
  return {
    name: `${sizes.join('-')} ${activation}`,
    model: modelSchema.parse({
      inputShape: [sizes[0]],
      layers: sizes.slice(1).map((units, i) => ({
        type: 'dense',
        units,
        activation: i < sizes.length - 2 ? activation : 'identity',
      })),
      loss: 'softmaxCrossEntropy',
    }),
  };
}

export function convolutionalNet(activation: Activation): Net {
  const convolution = (filters: number) => ({ type: 'conv2d', filters, kernelSize: 3, activation });
  const pool = { type: 'maxPool2d', poolSize: 2 };
  return {
    name: `CNN 28×28 ${activation}`,
    model: modelSchema.parse({
      inputShape: [1, 28, 28],
      layers: [convolution(8), pool, convolution(16), pool, { type: 'flatten' }, { type: 'dense', units: 10 }],
      loss: 'softmaxCrossEntropy',
    }),
  };
}

/**
 * normal: inputs N(0, 1), classes drawn evenly. clusters: inputs about the centre of their class, N(0, 1), and centres
 * N(0, s²) with s from 0.04 to 0.13: some classes are harder than others, as in real data, so that the Hessian of a net
 * that learned them has outliers that are not all alike. digits: the handwritten digits, all of them.
 */
export type DataKind = 'normal' | 'clusters' | 'digits';

/** An objective on the chosen executor with θ₀, and the same as files for the peer. */
export interface Problem {
  objective: Objective;
  params: Vector;
  /** For `job.problem` of the peer. */
  files: { model: ModelSpec; x: string; y: string; theta: string };
  /** N(0, scale²) for each parameter, the same in a file. */
  draw(name: string, scale: number): { vector: Float32Array; file: string };
  /** Writes θ as it is now for the peer. */
  saveParams(): void;
}

export async function createProblem(
  context: Context,
  net: Net,
  examples: number,
  use: ExecutorUse,
  kind: DataKind = 'normal',
): Promise<Problem> {
  const network = buildNetwork(net.model);
  const data = kind === 'digits' ? await digits() : drawn(net.model, examples, kind, createRng(0, 'bench/data'));
  const { executor } = await context.executors.choose(context.choice, network, use);
  const objective = await executor.load(network, data);
  const params = objective.allocate();
  const glorot = { weights: { name: 'glorotUniform' }, biases: { name: 'zeros' } } as const;
  initialize(network.layout, glorot, createRng(0, 'bench/parameters'), params);
  const stem = `${net.name}-${kind}-${examples}`.replaceAll(/[^\w-]+/g, '_');
  const write = (name: string, values: Float32Array | Int32Array): string => {
    const path = join(context.folder, `${stem}.${name}`);
    writeFileSync(path, values);
    return path;
  };
  const files = {
    model: net.model,
    x: write('x', data.x),
    y: write('y', Int32Array.from(data.y)),
    theta: write('theta', Float32Array.from(params)),
  };
  return {
    objective,
    params,
    files,
    draw(name, scale) {
      const rng = createRng(0, `bench/${name}`);
      const vector = Float32Array.from({ length: params.length }, () => scale * rng.normal());
      return { vector, file: write(name, vector) };
    },
    saveParams: () => void write('theta', Float32Array.from(params)),
  };
}

function drawn(model: ModelSpec, examples: number, kind: 'normal' | 'clusters', rng: Rng): ExampleSet {
  const features = model.inputShape.reduce((product, extent) => product * extent, 1);
  const last = model.layers.at(-1)!;
  const classes = last.type === 'dense' ? last.units : 1;
  const centres = Float64Array.from(
    { length: classes * features },
    (_, i) => (0.04 + 0.01 * Math.floor(i / features)) * rng.normal(),
  );
  const y = Float32Array.from({ length: examples }, () => rng.integer(classes));
  const x = Float32Array.from(
    { length: examples * features },
    (_, i) =>
      rng.normal() + (kind === 'clusters' ? centres[y[Math.floor(i / features)]! * features + (i % features)]! : 0),
  );
  return { x, y, examples };
}

async function digits(): Promise<ExampleSet> {
  const loader = createDataLoader(join(appFolders().resources, 'datasets'), '');
  const source = { kind: 'builtin', name: 'digits' } as const;
  return (await loader.load({ source, validationFraction: 0, splitSeed: 0, standardize: true })).train;
}
