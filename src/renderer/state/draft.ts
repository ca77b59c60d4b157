import { z } from 'zod';
import type { Catalog, DatasetInfo, FunctionInfo, OptimizerInfo } from '../../shared/model/catalog';
import {
  activationNames,
  biasInitializerNames,
  curriculumSchema,
  type DataSpec,
  type Experiment,
  executorChoiceSchema,
  initializerNames,
  type LayerSpec,
  layerInitializerSchema,
  layerSchema,
  lossNames,
  type ObjectiveSpec,
  startSchema,
} from '../../shared/model/experiment';

/**
 * The experiment as it stands in the form. Every number is the text a person typed, so that nothing typed is ever lost;
 * `compileDraft` (compile.ts) turns a draft into experiments or into issues beside the fields.
 */
const text = z.string().max(4_000);

export const scheduleDraftSchema = z.strictObject({
  kind: z.enum(['constant', 'step', 'exponential', 'cosine']),
  every: text,
  gamma: text,
  steps: text,
  floor: text,
});

const averagingDefaults = { kind: 'none', decay: '0.999', start: '0' } as const;
const inexactDefaults = {
  kind: 'none',
  deviation: '0.1',
  relative: false,
  examples: '16',
  bits: '4',
  step: '0.1',
  stochastic: false,
  keep: '0.5',
  factor: '1',
  offset: '0',
} as const;

export const optimizerDraftSchema = z.strictObject({
  id: text,
  /** Empty: the optimizer's own title. */
  label: text,
  name: text,
  color: z.int().min(0),
  hidden: z.boolean(),
  learningRate: text,
  parameters: z.record(z.string(), z.union([text, z.boolean()])),
  schedule: scheduleDraftSchema,
  clip: z.strictObject({ kind: z.enum(['none', 'norm', 'value']), threshold: text }),
  weightDecay: text,
  /** Not there in workspaces of earlier versions, like `inexact`. */
  averaging: z
    .strictObject({ kind: z.enum(['none', 'uniform', 'exponential']), decay: text, start: text })
    .default(averagingDefaults),
  inexact: z
    .strictObject({
      kind: z.enum(['none', 'noise', 'sample', 'quantize', 'round', 'truncate', 'bias']),
      ...{ deviation: text, relative: z.boolean(), examples: text, bits: text, step: text, stochastic: z.boolean() },
      ...{ keep: text, factor: text, offset: text },
    })
    .default(inexactDefaults),
});
export type OptimizerDraft = z.infer<typeof optimizerDraftSchema>;

const denseDraftSchema = z.strictObject({
  kind: z.literal('dense'),
  id: text,
  units: text,
  activation: z.enum(activationNames),
  bias: z.boolean(),
});
/** Layers the editor does not edit are kept as they came from the experiment. */
const fixedLayerSchema = z.strictObject({ kind: z.literal('fixed'), id: text, layer: layerSchema });
export const layerDraftSchema = z.discriminatedUnion('kind', [denseDraftSchema, fixedLayerSchema]);
export type LayerDraft = z.infer<typeof layerDraftSchema>;
export type DenseDraft = z.infer<typeof denseDraftSchema>;

const labelDefaults = { kind: 'true', fraction: '0.2', seed: '0' } as const;
const initializerDraft = { scale: text, connections: text.default('') };

export const draftSchema = z.strictObject({
  name: text,
  kind: z.enum(['function', 'network', 'expression']),
  function: z.strictObject({ name: text, start: z.tuple([text, text]) }),
  expression: z.strictObject({ text, domain: z.tuple([text, text, text, text]), start: z.tuple([text, text]) }),
  network: z.strictObject({
    dataset: z.strictObject({
      kind: z.enum(['builtin', 'generated', 'file']),
      name: text,
      examples: text,
      noise: text,
      seed: text,
      /** Empty: a part of the examples is held back. Left out by workspaces of earlier versions, like `labels`. */
      freshValidation: text.default(''),
      target: z.enum(['class', 'number']),
      /** Known after a preview for files; from the catalog otherwise. */
      inputShape: z.array(z.int().min(1)).min(1).max(3),
    }),
    validationFraction: text,
    splitSeed: text,
    standardize: z.boolean(),
    copies: text.default('1'),
    labels: z
      .strictObject({ kind: z.enum(['true', 'random', 'shuffled']), fraction: text, seed: text })
      .default(labelDefaults),
    layers: z.array(layerDraftSchema).min(1).max(64),
    loss: z.enum(lossNames),
    weightInitializer: z.strictObject({ name: z.enum(initializerNames), ...initializerDraft }),
    biasInitializer: z.strictObject({ name: z.enum(biasInitializerNames), ...initializerDraft }),
    /** Kept as they came from the experiment. */
    layerInitializers: z.array(layerInitializerSchema).default([]),
    l2: text,
    l2Biases: z.boolean(),
  }),
  optimizers: z.array(optimizerDraftSchema).min(1).max(8),
  training: z.strictObject({
    batch: z.enum(['full', 'mini']),
    batchSize: text,
    order: z.enum(['shuffled', 'file']),
    /** Kept as it came from the experiment; null also in workspaces of earlier versions. */
    curriculum: curriculumSchema.nullable().default(null),
    steps: text,
    /** Empty: no such rule. */
    gradientNorm: text,
    patience: text,
    evaluations: text.default(''),
    recordEvery: text,
  }),
  /** Weights to start from instead of initial ones; null also in workspaces of earlier versions. */
  start: startSchema.nullable().default(null),
  seed: text,
  executor: executorChoiceSchema,
});
export type Draft = z.infer<typeof draftSchema>;
export type NetworkDraft = Draft['network'];

/** Most optimizers one race may hold (a plane takes up to eight runs). */
export const maximumOptimizers = 8;

const scheduleDefaults = { kind: 'constant', every: '200', gamma: '0.5', steps: '1000', floor: '0' } as const;

let nextId = 0;
/** Keys for React lists; unique within this window and apart from restored ones. */
export const freshId = (): string => `${Date.now().toString(36)}-${(nextId++).toString(36)}`;

/** The smallest colour index no optimizer of the list uses. */
export function freeColor(optimizers: readonly { color: number }[]): number {
  const used = new Set(optimizers.map(({ color }) => color));
  let color = 0;
  while (used.has(color)) color++;
  return color;
}

export function newOptimizer(info: OptimizerInfo | undefined, name: string, color: number): OptimizerDraft {
  return {
    id: freshId(),
    label: '',
    name,
    color,
    hidden: false,
    learningRate: String(info?.defaultLearningRate ?? 0.01),
    parameters: defaultParameters(info),
    schedule: { ...scheduleDefaults },
    clip: { kind: 'none', threshold: '1' },
    weightDecay: '0',
    averaging: { ...averagingDefaults },
    inexact: { ...inexactDefaults },
  };
}

export function defaultParameters(info: OptimizerInfo | undefined): Record<string, string | boolean> {
  return Object.fromEntries(
    (info?.parameters ?? []).map((p) => [p.name, typeof p.default === 'boolean' ? p.default : String(p.default)]),
  );
}

/** What an experiment is called until a person names it: its function, or its data and the widths of its layers. */
export function automaticName(draft: Draft, catalog: Catalog | null): string {
  switch (draft.kind) {
    case 'function':
      return catalog?.functions.find(({ name }) => name === draft.function.name)?.title ?? draft.function.name;
    case 'expression':
      return draft.expression.text.trim().slice(0, 80) || draft.kind;
    case 'network': {
      const { dataset, layers } = draft.network;
      const title = catalog?.datasets.find(({ name }) => name === dataset.name)?.title ?? baseName(dataset.name);
      const widths = layers.flatMap((layer) => (layer.kind === 'dense' ? [layer.units] : []));
      return `${title}, ${[...dataset.inputShape, ...widths].join('-')}`;
    }
    default:
      return draft.kind satisfies never;
  }
}

/** The name a file had: the last part of its path, without the mark of its contents that an import adds. */
export const baseName = (path: string): string =>
  (path.split(/[\\/]/).at(-1) ?? path).replace(/-[0-9a-f]{12}(?=\.\w+$)/, '');

/** What a learning rate has to suit: a test function, an expression (null) or a network. */
export type RateTarget = 'network' | FunctionInfo | null;

export function rateTarget(draft: Pick<Draft, 'kind' | 'function'>, catalog: Catalog | null): RateTarget {
  if (draft.kind === 'network') return 'network';
  if (draft.kind === 'expression') return null;
  return catalog?.functions.find(({ name }) => name === draft.function.name) ?? null;
}

/** Rates at which the rules learn a small network on standardized data. */
const networkRates: Record<string, string> = {
  sgd: '0.1',
  momentum: '0.02',
  nesterov: '0.02',
  adagrad: '0.05',
  rmsprop: '0.003',
  adam: '0.01',
  adamw: '0.01',
  amsgrad: '0.01',
  nadam: '0.01',
  adadelta: '1',
  lion: '0.001',
  rmspropNesterov: '0.0003',
};

/**
 * A learning rate to begin with. On a function of two parameters momentum's ten-fold effective step asks for a smaller
 * rate than plain descent, and the adaptive rules, whose steps are about as long as their rate, for a share of the
 * window. A search has its own scale.
 */
export function suggestedRate(optimizer: OptimizerInfo, target: RateTarget): string {
  if (optimizer.isSearch) return String(optimizer.defaultLearningRate);
  if (target === 'network') return networkRates[optimizer.name] ?? String(optimizer.defaultLearningRate);
  const descent = target?.learningRate ?? 0.02;
  const width = target ? target.domain[1] - target.domain[0] : 6;
  const rounded = (rate: number) => String(Number(rate.toPrecision(1)));
  switch (optimizer.name) {
    case 'momentum':
    case 'nesterov':
      return rounded(descent / 4);
    case 'adagrad':
      return rounded(width / 24);
    case 'rmsprop':
      return rounded(width / 400);
    case 'rmspropNesterov':
      return rounded(width / 4000);
    case 'adadelta':
      return '1';
    case 'adam':
    case 'adamw':
    case 'amsgrad':
    case 'nadam':
      return rounded(width / 120);
    case 'lion':
      return rounded(width / 600);
    default:
      return String(descent);
  }
}

/** The objective changed: rates that were the suggested ones follow it, rates a person typed stay. */
export function withObjective(before: Draft, after: Draft, catalog: Catalog | null): Draft {
  const [from, to] = [rateTarget(before, catalog), rateTarget(after, catalog)];
  const optimizers = after.optimizers.map((optimizer) => {
    const info = catalog?.optimizers.find(({ name }) => name === optimizer.name);
    if (!info || optimizer.learningRate.trim() !== suggestedRate(info, from)) return optimizer;
    return { ...optimizer, learningRate: suggestedRate(info, to) };
  });
  return { ...after, optimizers };
}

export function newLayer(units: number, activation: DenseDraft['activation']): DenseDraft {
  return { kind: 'dense', id: freshId(), units: String(units), activation, bias: true };
}

/** The form as it stands before anything was chosen: the opening race on Himmelblau's function. */
export function defaultDraft(catalog: Catalog): Draft {
  const info = (name: string) => catalog.optimizers.find((o) => o.name === name);
  const optimizer = (name: string, learningRate: string, color: number): OptimizerDraft => ({
    ...newOptimizer(info(name), name, color),
    learningRate,
  });
  return {
    name: '',
    kind: 'function',
    // From the function's own start plain descent, momentum and Adam part ways: they end in different minima.
    function: { name: 'himmelblau', start: ['', ''] },
    expression: { text: 'x^2 - y^2 + 0.1*(x^4 + y^4)', domain: ['-3', '3', '-3', '3'], start: ['0.1', '2.5'] },
    network: defaultNetwork(catalog),
    optimizers: [optimizer('sgd', '0.002', 0), optimizer('momentum', '0.0005', 1), optimizer('adam', '0.1', 2)],
    training: {
      batch: 'full',
      batchSize: '64',
      order: 'shuffled',
      curriculum: null,
      steps: '300',
      gradientNorm: '',
      patience: '',
      evaluations: '',
      recordEvery: '1',
    },
    start: null,
    seed: '0',
    executor: 'auto',
  };
}

function defaultNetwork(catalog: Catalog): NetworkDraft {
  const digits = catalog.datasets.find(({ name }) => name === 'digits') ?? catalog.datasets[0];
  return {
    ...{ validationFraction: '0.2', splitSeed: '0', standardize: true, copies: '1', l2: '0', l2Biases: false },
    labels: { ...labelDefaults },
    dataset: {
      kind: 'builtin',
      name: digits?.name ?? 'digits',
      examples: '400',
      noise: '0.1',
      seed: '0',
      freshValidation: '',
      target: 'class',
      inputShape: [Math.max(digits?.features ?? 64, 1)],
    },
    layers: [newLayer(32, 'tanh'), newLayer(digits?.classes ?? 10, 'identity')],
    loss: 'softmaxCrossEntropy',
    weightInitializer: { name: 'glorotUniform', scale: '', connections: '' },
    biasInitializer: { name: 'zeros', scale: '', connections: '' },
    layerInitializers: [],
  };
}

/** Takes another dataset: the output layer and the loss follow what it holds. */
export function withDataset(network: NetworkDraft, info: DatasetInfo): NetworkDraft {
  return withOutput(
    {
      ...network,
      dataset: { ...network.dataset, kind: info.kind, name: info.name, inputShape: [Math.max(info.features, 1)] },
    },
    info.classes,
  );
}

/** @param classes 0 for regression */
export function withOutput(network: NetworkDraft, classes: number): NetworkDraft {
  const regression = classes === 0;
  const keepsBinary = classes === 2 && network.loss === 'binaryCrossEntropy';
  const units = regression || keepsBinary ? 1 : classes;
  const layers = network.layers.map((layer, i) =>
    i === network.layers.length - 1 && layer.kind === 'dense'
      ? { ...layer, units: String(units), activation: 'identity' as const }
      : layer,
  );
  const loss = regression ? 'meanSquaredError' : keepsBinary ? 'binaryCrossEntropy' : 'softmaxCrossEntropy';
  return { ...network, layers, loss };
}

/** The form filled from an experiment (a shipped one, a file, a run). */
export function draftFromExperiment(experiment: Experiment, catalog: Catalog, base: Draft): Draft {
  const { optimizer, training } = experiment;
  const info = catalog.optimizers.find(({ name }) => name === optimizer.name);
  const filled: OptimizerDraft = {
    ...newOptimizer(info, optimizer.name, 0),
    learningRate: String(optimizer.learningRate),
    parameters: { ...defaultParameters(info), ...mapValues(optimizer.parameters, textOf) },
    schedule: { ...scheduleDefaults, ...mapValues(optimizer.schedule, String), kind: optimizer.schedule.kind },
    clip: optimizer.clip
      ? { kind: optimizer.clip.kind, threshold: String(optimizer.clip.threshold) }
      : { kind: 'none', threshold: '1' },
    weightDecay: String(optimizer.weightDecay),
    averaging: averagingDraft(optimizer.averaging),
    inexact: inexactDraft(optimizer.inexact),
  };
  return {
    ...base,
    ...objectiveDraft(experiment.objective, base),
    name: experiment.name,
    optimizers: [filled],
    training: {
      batch: training.batchSize === 'full' ? 'full' : 'mini',
      batchSize: training.batchSize === 'full' ? base.training.batchSize : String(training.batchSize),
      order: training.order,
      curriculum: training.curriculum ?? null,
      steps: String(training.stop.steps),
      gradientNorm: optionalText(training.stop.gradientNorm),
      patience: optionalText(training.stop.patience),
      evaluations: optionalText(training.stop.evaluations),
      recordEvery: String(training.recordEvery),
    },
    start: experiment.start ?? null,
    seed: String(experiment.seed),
    executor: experiment.executor,
  };
}

function objectiveDraft(
  objective: ObjectiveSpec,
  base: Draft,
): Pick<Draft, 'kind' | 'function' | 'expression' | 'network'> {
  const kept = { function: base.function, expression: base.expression, network: base.network };
  const startOf = (start: readonly [number, number] | undefined): [string, string] =>
    start ? [String(start[0]), String(start[1])] : ['', ''];
  switch (objective.kind) {
    case 'function':
      return { ...kept, kind: 'function', function: { name: objective.name, start: startOf(objective.start) } };
    case 'expression': {
      const [x0, x1, y0, y1] = objective.domain;
      return {
        ...kept,
        kind: 'expression',
        expression: {
          text: objective.expression,
          domain: [String(x0), String(x1), String(y0), String(y1)],
          start: startOf(objective.start),
        },
      };
    }
    case 'network': {
      const { model, data, weightInitializer, biasInitializer } = objective;
      const { source } = data;
      const dataset: NetworkDraft['dataset'] = {
        ...base.network.dataset,
        kind: source.kind,
        name: source.kind === 'file' ? source.path : source.name,
        inputShape: model.inputShape,
        ...(source.kind === 'generated' && {
          examples: String(source.examples),
          noise: String(source.noise),
          seed: String(source.seed),
          freshValidation: optionalText(source.freshValidation),
        }),
        ...(source.kind === 'file' && { target: source.target }),
      };
      return {
        ...kept,
        kind: 'network',
        network: {
          dataset,
          validationFraction: String(data.validationFraction),
          splitSeed: String(data.splitSeed),
          standardize: data.standardize,
          copies: String(data.copies ?? 1),
          labels: labelsDraft(data.labels),
          layers: model.layers.map(layerDraft),
          loss: model.loss,
          weightInitializer: initializerDraftOf(weightInitializer),
          biasInitializer: initializerDraftOf(biasInitializer),
          layerInitializers: objective.layerInitializers ?? [],
          l2: String(objective.l2),
          l2Biases: objective.l2Biases,
        },
      };
    }
    default:
      return objective satisfies never;
  }
}

function layerDraft(layer: LayerSpec): LayerDraft {
  if (layer.type !== 'dense') return { kind: 'fixed', id: freshId(), layer };
  const { units, activation, bias } = layer;
  return { kind: 'dense', id: freshId(), units: String(units), activation, bias };
}

function averagingDraft(averaging: Experiment['optimizer']['averaging']): OptimizerDraft['averaging'] {
  if (!averaging) return { ...averagingDefaults };
  const { kind, start } = averaging;
  return {
    ...averagingDefaults,
    kind,
    start: String(start),
    ...('decay' in averaging && { decay: String(averaging.decay) }),
  };
}

function inexactDraft(inexact: Experiment['optimizer']['inexact']): OptimizerDraft['inexact'] {
  if (!inexact) return { ...inexactDefaults };
  const { kind, ...values } = inexact;
  return { ...inexactDefaults, ...mapValues(values as Record<string, number | boolean>, textOf), kind };
}

function labelsDraft(labels: DataSpec['labels']): NetworkDraft['labels'] {
  if (!labels) return { ...labelDefaults };
  const { kind, seed } = labels;
  return {
    ...labelDefaults,
    ...{ kind, seed: String(seed) },
    ...('fraction' in labels && { fraction: String(labels.fraction) }),
  };
}

const initializerDraftOf = <Name extends string>(spec: {
  name: Name;
  scale?: number | undefined;
  connections?: number | undefined;
}) => ({
  name: spec.name,
  scale: optionalText(spec.scale),
  connections: optionalText(spec.connections),
});

const optionalText = (value: number | undefined): string => (value === undefined ? '' : String(value));
const textOf = (value: number | boolean): string | boolean => (typeof value === 'boolean' ? value : String(value));

function mapValues<T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
