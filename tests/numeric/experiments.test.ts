import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { builtinFiles, parseBuiltin } from '../../src/main/engine/datasets/builtin';
import { generate } from '../../src/main/engine/datasets/generate';
import { prepareData, type RawData } from '../../src/main/engine/datasets/prepareData';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { initialize } from '../../src/main/engine/initializers/initialize';
import { findFunction, functionObjective } from '../../src/main/engine/objectives/functions';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { withL2 } from '../../src/main/engine/objectives/withL2';
import { createOptimizer } from '../../src/main/engine/optimizers';
import { createRng } from '../../src/main/engine/random';
import { type StepBatch, train } from '../../src/main/engine/training/train';
import { type DataSource, type Experiment, experimentSchema } from '../../src/shared/model/experiment';
import type { MetricName, Outcome } from '../../src/shared/model/run';

const folder = 'resources/experiments';
const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
const read = (name: string) => experimentSchema.parse(JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')));

function rawData(source: DataSource): RawData {
  if (source.kind === 'generated') return generate(source);
  if (source.kind === 'builtin') {
    return parseBuiltin(source.name, readFileSync(`resources/datasets/${builtinFiles[source.name]}`));
  }
  throw new Error('a shipped experiment names a file');
}

async function load({ objective, seed }: Experiment) {
  if (objective.kind === 'expression') throw new Error('not shipped');
  if (objective.kind === 'function') {
    const train: Objective = functionObjective(objective.name);
    const params = Float64Array.from(objective.start ?? findFunction(objective.name).start);
    return { train, validation: null, params };
  }
  const data = prepareData(rawData(objective.data.source), objective.data);
  const network = buildNetwork(objective.model);
  const executor = createReferenceExecutor();
  const plain = await executor.load(network, data.train);
  const params = plain.allocate();
  const initializers = { weights: objective.weightInitializer, biases: objective.biasInitializer };
  initialize(plain.layout, initializers, createRng(seed, 'initialization'), params);
  return {
    train: withL2(plain, { coefficient: objective.l2, biases: objective.l2Biases }),
    validation: await executor.load(network, data.validation),
    params,
  };
}

async function run(experiment: Experiment) {
  const { train: objective, validation, params } = await load(experiment);
  const batches: StepBatch[] = [];
  const steps = train({
    objective,
    validation,
    params,
    optimizer: createOptimizer(experiment.optimizer),
    training: experiment.training,
    seed: experiment.seed,
    signal: new AbortController().signal,
    classify: experiment.objective.kind === 'network',
  });
  let next = await steps.next();
  for (; !next.done; next = await steps.next()) batches.push(next.value);
  return {
    params,
    outcome: next.value as Outcome,
    column: (name: MetricName) => batches.flatMap(({ metrics }) => [...metrics[name]]),
    theta: batches.flatMap(({ theta }) => [...theta]),
  };
}

test('six experiments are shipped, digits among them, each a valid experiment with a title and a description', () => {
  expect(names).toHaveLength(6);
  expect(names).toContain('digits');
  for (const name of names) {
    const experiment = read(name);
    expect(experiment.name.length).toBeGreaterThan(3);
    expect(experiment.description!.length).toBeGreaterThan(60);
    createOptimizer(experiment.optimizer);
  }
});

test('digits: at least 95 % of the digits held back', async () => {
  const { outcome, column } = await run(read('digits'));
  expect(outcome.kind).toBe('maxSteps');
  expect(column('validationAccuracy')[0]).toBeLessThan(0.3);
  expect(column('validationAccuracy').at(-1)).toBeGreaterThanOrEqual(0.95);
  expect(column('loss').at(-1)).toBeLessThan(0.1);
});

test('himmelblau: momentum, SGD and Adam end in three different valleys', async () => {
  const experiment = read('himmelblau');
  const ends = await Promise.all(
    [
      experiment.optimizer,
      { ...experiment.optimizer, name: 'sgd', learningRate: 0.002, parameters: {} },
      { ...experiment.optimizer, name: 'adam', learningRate: 0.1, parameters: {} },
    ].map(async (optimizer) => {
      const { params, column } = await run({ ...experiment, optimizer });
      expect(column('loss').at(-1)).toBeLessThan(0.05);
      return [...params].map(Math.sign).join();
    }),
  );
  expect(new Set(ends).size).toBe(3);
});

test('ravine: Nesterov arrives where plain descent of the same rate has not', async () => {
  const experiment = read('ravine');
  const nesterov = await run(experiment);
  expect(nesterov.outcome.kind).toBe('converged');
  expect(nesterov.params).toBeAllclose([1, 1], { atol: 0.005 });
  const sgd = await run({ ...experiment, optimizer: { ...experiment.optimizer, name: 'sgd', parameters: {} } });
  expect(sgd.outcome.kind).toBe('maxSteps');
  expect(sgd.column('loss').at(-1)).toBeGreaterThan(0.01);
});

test('cliff: with clipping the path ends in the valley, without it one step leaves the map', async () => {
  const experiment = read('cliff');
  const clipped = await run(experiment);
  expect(clipped.column('loss').at(-1)).toBeLessThan(0.001);
  const { clip: _, ...unclipped } = experiment.optimizer;
  const thrown = await run({ ...experiment, optimizer: unclipped });
  expect(Math.max(...thrown.column('updateNorm').filter(Number.isFinite))).toBeGreaterThan(4);
  const [, , , y1] = findFunction('recurrentUnit').domain;
  expect(thrown.params[1]).toBeGreaterThan(y1);
});

test('spirals: hardly better than a line after fifty steps, untangled at the end', async () => {
  const { column } = await run(read('spirals'));
  expect(column('accuracy')[25]).toBeLessThan(0.75);
  expect(column('accuracy').at(-1)).toBeGreaterThan(0.97);
  expect(column('validationAccuracy').at(-1)).toBeGreaterThan(0.93);
});

test('iris: full-batch descent lowers the loss in every step', async () => {
  const { column } = await run(read('iris'));
  const losses = column('loss');
  for (let t = 1; t < losses.length; t++) expect(losses[t]).toBeLessThan(losses[t - 1]!);
  expect(column('validationAccuracy').at(-1)).toBeGreaterThan(0.9);
});
