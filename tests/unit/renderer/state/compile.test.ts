import { describe, expect, test } from 'vitest';
import {
  compileDraft,
  compileObjective,
  issueFromEngine,
  optimizerLabels,
} from '../../../../src/renderer/state/compile';
import {
  type Draft,
  defaultDraft,
  draftFromExperiment,
  draftSchema,
  freeColor,
  newOptimizer,
  withDataset,
  withObjective,
} from '../../../../src/renderer/state/draft';
import { experimentSchema } from '../../../../src/shared/model/experiment';
import { catalogFixture as catalog } from '../catalogFixture';

const draft = (): Draft => defaultDraft(catalog);
const network = (): Draft => ({ ...draft(), kind: 'network' });
const withRate = (learningRate: string): Draft => {
  const base = draft();
  return { ...base, optimizers: base.optimizers.with(0, { ...base.optimizers[0]!, learningRate }) };
};

describe('a draft as it comes', () => {
  test('is three optimizers on one function, with the name of the function', () => {
    const { experiments, issues } = compileDraft(draft(), catalog);
    expect(issues).toEqual([]);
    expect(experiments.map(({ label }) => label)).toEqual(['SGD', 'Momentum', 'Adam']);
    expect(experiments.map(({ experiment }) => experiment.optimizer.learningRate)).toEqual([0.002, 0.0005, 0.1]);
    expect(experiments[0]?.experiment.name).toBe('Himmelblau');
    expect(draftSchema.safeParse(draft()).success).toBe(true);
  });

  test('as a network is a model of the data it names', () => {
    const objective = compileObjective(network());
    expect(objective).toMatchObject({
      kind: 'network',
      model: { inputShape: [64], layers: [{ units: 32 }, { units: 10 }], loss: 'softmaxCrossEntropy' },
      data: { source: { kind: 'builtin', name: 'digits' } },
    });
    expect(compileDraft(network(), catalog).experiments[0]?.experiment.name).toBe('Digits, 64-32-10');
  });

  test('leaves hidden optimizers out, but not their mistakes', () => {
    const hidden = withRate('0.01');
    hidden.optimizers[0] = { ...hidden.optimizers[0]!, hidden: true };
    expect(compileDraft(hidden, catalog).experiments).toHaveLength(2);
    hidden.optimizers[0] = { ...hidden.optimizers[0], learningRate: 'abc' };
    expect(compileDraft(hidden, catalog).issues).toHaveLength(1);
  });
});

describe('what is wrong is said beside its field', () => {
  test.each([
    ['-1', 'tooSmallExclusive', { value: '-1', limit: '0' }],
    ['0', 'tooSmallExclusive', { value: '0', limit: '0' }],
    ['abc', 'notANumber', { value: 'abc' }],
    ['', 'required', {}],
    ['0,01', 'notANumber', { value: '0,01' }],
    ['Infinity', 'notANumber', { value: 'Infinity' }],
  ])('learning rate "%s": %s', (typed, key, values) => {
    const { experiments, issues } = compileDraft(withRate(typed), catalog);
    expect(experiments).toEqual([]);
    expect(issues).toEqual([expect.objectContaining({ path: 'optimizers.0.learningRate', key, values })]);
  });

  test('numbers in any spelling are numbers', () => {
    for (const typed of ['1e-3', ' 0.001 ', '.001']) {
      expect(compileDraft(withRate(typed), catalog).experiments[0]?.experiment.optimizer.learningRate).toBe(0.001);
    }
  });

  test('steps, seed, batch and rules', () => {
    const base = network();
    const bad: Draft = {
      ...base,
      seed: '1.5',
      training: { ...base.training, steps: '0', batch: 'mini', batchSize: '-4', gradientNorm: 'x', patience: '' },
    };
    const issues = Object.fromEntries(compileDraft(bad, catalog).issues.map(({ path, key }) => [path, key]));
    expect(issues).toEqual({
      seed: 'notAnInteger',
      'training.steps': 'tooSmall',
      'training.batchSize': 'tooSmall',
      'training.gradientNorm': 'notANumber',
    });
  });

  test('hyperparameters by the bounds of the catalog', () => {
    const base = draft();
    const momentum = { ...base.optimizers[1]!, parameters: { momentum: '1' } };
    const { issues } = compileDraft({ ...base, optimizers: [momentum] }, catalog);
    expect(issues).toEqual([
      { path: 'optimizers.0.parameters.momentum', key: 'tooBigExclusive', values: { value: '1', limit: '1' } },
    ]);
  });

  test('the fields of a network', () => {
    const base = network();
    const layers = base.network.layers.with(0, { ...base.network.layers[0]!, units: 'many' } as never);
    const { issues } = compileDraft({ ...base, network: { ...base.network, layers, l2: '-1' } }, catalog);
    expect(issues.map(({ path }) => path).sort()).toEqual(['network.l2', 'network.layers.0.units']);
  });

  test('an empty window of an expression', () => {
    const base: Draft = { ...draft(), kind: 'expression' };
    base.expression = { ...base.expression, domain: ['2', '-2', '0', '1'] };
    expect(compileDraft(base, catalog).issues).toEqual([{ path: 'expression.domain', key: 'domain', values: {} }]);
  });

  test('what the engine refuses', () => {
    const error = { code: 'badInput', message: 'Unknown function "zzz".', cure: 'Known: …' } as const;
    const issue = issueFromEngine({ ...error, field: ['experiment', 'objective', 'name'] }, draft(), 1);
    expect(issue).toMatchObject({ path: 'function.name', message: error.message, cure: error.cure });
    const rate = issueFromEngine({ ...error, field: ['optimizer', 'learningRate'] }, draft(), 1);
    expect(rate?.path).toBe('optimizers.1.learningRate');
    expect(issueFromEngine(error, draft(), 0)).toBeNull();
  });
});

describe('a draft and its experiment', () => {
  test('loading a shipped experiment and compiling it gives the experiment back', () => {
    const { experiment } = catalog.experiments[0]!;
    const loaded = draftFromExperiment(experiment, catalog, draft());
    expect(compileDraft(loaded, catalog).experiments.map((compiled) => compiled.experiment)).toEqual([experiment]);
  });

  test('a network with layers the editor does not edit comes through whole', () => {
    const experiment = experimentSchema.parse({
      objective: {
        kind: 'network',
        model: {
          inputShape: [1, 8, 8],
          layers: [
            { type: 'conv2d', filters: 4, kernelSize: 3 },
            { type: 'flatten' },
            { type: 'dense', units: 10, bias: false },
          ],
          loss: 'softmaxCrossEntropy',
        },
        data: {
          source: { kind: 'generated', name: 'moons', examples: 50, freshValidation: 1000 },
          validationFraction: 0.3,
          labels: { kind: 'random', fraction: 0.3, seed: 4 },
          copies: 3,
        },
        weightInitializer: { name: 'sparse', scale: 0.05, connections: 3 },
        biasInitializer: { name: 'marginal' },
        layerInitializers: [{ layer: 0, biases: { name: 'constant', scale: 1 } }],
        l2: 0.01,
      },
      optimizer: { name: 'adam', learningRate: 0.01, parameters: { b1: 0.8, eps: 1e-6 } },
      training: { batchSize: 10, stop: { patience: 5 }, curriculum: { share: 0.3, steps: 50 } },
      start: { kind: 'run', runId: 'earlier', layers: [0] },
    });
    const loaded = draftFromExperiment(experiment, catalog, draft());
    expect(compileDraft(loaded, catalog).experiments[0]?.experiment).toEqual(experiment);
  });

  test.each([
    [{ averaging: { kind: 'uniform', start: 20 } }],
    [{ averaging: { kind: 'exponential', decay: 0.95, start: 3 } }],
    [{ inexact: { kind: 'noise', deviation: 0.5, relative: true } }],
    [{ inexact: { kind: 'sample', examples: 7 } }],
    [{ inexact: { kind: 'quantize', bits: 3, stochastic: true } }],
    [{ inexact: { kind: 'round', step: 0.25, stochastic: false } }],
    [{ inexact: { kind: 'truncate', keep: 0.1 } }],
    [{ inexact: { kind: 'bias', factor: -1, offset: 0.5 } }],
  ])('%j comes through, and a mistake in it is said beside its field', (option) => {
    const experiment = experimentSchema.parse({
      ...{ name: 'options', objective: { kind: 'function', name: 'himmelblau' } },
      optimizer: { name: 'sgd', learningRate: 0.01, ...option },
    });
    const loaded = draftFromExperiment(experiment, catalog, draft());
    expect(compileDraft(loaded, catalog).experiments[0]?.experiment).toEqual(experiment);
    const [key, { kind: _, ...values }] = Object.entries(option)[0]!;
    const [field] = Object.keys(values);
    const optimizer = loaded.optimizers[0]!;
    const wrong = { ...optimizer, [key]: { ...optimizer[key as 'averaging'], [field as 'start']: 'x' } };
    expect(compileDraft({ ...loaded, optimizers: [wrong] }, catalog).issues).toEqual([
      { path: `optimizers.0.${key}.${field}`, key: 'notANumber', values: { value: 'x' } },
    ]);
  });

  test('a workspace from before there were such options is read', () => {
    const { averaging: _, inexact: __, ...older } = draft().optimizers[0]!;
    const read = draftSchema.parse({ ...draft(), optimizers: [older] });
    expect(read.optimizers[0]).toEqual({ ...draft().optimizers[0], id: older.id });
  });

  test('another dataset brings its width, its classes and its loss', () => {
    const regression = withDataset(network().network, catalog.datasets[2]!);
    expect(regression).toMatchObject({ loss: 'meanSquaredError', dataset: { inputShape: [1], kind: 'generated' } });
    expect(regression.layers.at(-1)).toMatchObject({ units: '1' });
    const iris = withDataset(regression, catalog.datasets[1]!);
    expect(iris.loss).toBe('softmaxCrossEntropy');
    expect(iris.layers.map((layer) => layer.kind === 'dense' && layer.units)).toEqual(['32', '3']);
  });

  test('another objective brings its learning rates, except where a person typed one', () => {
    const before = withRate('0.7');
    const after = withObjective(before, { ...before, function: { name: 'booth', start: ['', ''] } }, catalog);
    expect(after.optimizers.map(({ learningRate }) => learningRate)).toEqual(['0.7', '0.005', '0.2']);
  });
});

test('optimizers of the same kind are told apart, and a label of one’s own stays', () => {
  const adam = (label: string) => ({ ...newOptimizer(catalog.optimizers[2], 'adam', 0), label });
  expect(optimizerLabels([adam(''), adam('fast'), adam('')], catalog)).toEqual(['Adam 1', 'fast', 'Adam 2']);
});

test('a new optimizer takes the first colour nobody uses', () => {
  expect(freeColor([{ color: 0 }, { color: 2 }])).toBe(1);
});
