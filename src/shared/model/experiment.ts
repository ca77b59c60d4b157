import { z } from 'zod';

/**
 * An experiment is everything needed to repeat a run: objective, optimizer, training rule, seeds.
 * The zod schemas are the only definition; the TypeScript types are inferred from them.
 */

export const activationNames = [
  'identity',
  'relu',
  'leakyRelu',
  'tanh',
  'sigmoid',
  'softplus',
  'elu',
  'gelu',
  'silu',
] as const;
export const activationSchema = z.enum(activationNames);
export type ActivationName = z.infer<typeof activationSchema>;

export const lossNames = [
  'softmaxCrossEntropy',
  'meanSquaredError',
  'binaryCrossEntropy',
  'multiClassHinge',
  'huber',
] as const;
export const lossSchema = z.enum(lossNames, {
  error: ({ input }) =>
    input === 'zeroOneError'
      ? 'the 0–1 error is a measure (1 − accuracy), not a loss to train on: its gradient is zero wherever it exists; ' +
        'use softmaxCrossEntropy or multiClassHinge'
      : undefined,
});
export type LossName = z.infer<typeof lossSchema>;

/** The target of an example is the index of its class; for the other losses it is one value per output. */
export const readsClassIndex = (loss: LossName): boolean =>
  loss === 'softmaxCrossEntropy' || loss === 'multiClassHinge';

/** Outputs stand for classes, so that an example is right or wrong (the 0–1 error). */
export const classifies = (loss: LossName): boolean => readsClassIndex(loss) || loss === 'binaryCrossEntropy';

/** The type of a layer is the word people write; sizes and defaults are those of the torch.nn module it stands for. */
export const denseSchema = z.strictObject({
  type: z.literal('dense'),
  units: z.int().min(1).max(65_536),
  activation: activationSchema.default('identity'),
  bias: z.boolean().default(true),
});

const extent = z.int().min(1).max(65_536);
/** One number for both directions, or [height, width]. */
const extent2 = z.union([extent, z.tuple([extent, extent])]);
/** torch.nn.Conv2d and MaxPool2d: nothing around the image, or (stride 1 only) as many zeros as keep its size. */
const convolution = {
  kernelSize: extent2,
  stride: extent2.default(1),
  padding: z.enum(['valid', 'same']).default('valid'),
  activation: activationSchema.default('identity'),
  bias: z.boolean().default(true),
};
export const conv2dSchema = z.strictObject({ type: z.literal('conv2d'), filters: extent, ...convolution });
/** Each channel has `multiplier` filters of its own (torch: groups = channels). */
export const depthwiseConv2dSchema = z.strictObject({
  type: z.literal('depthwiseConv2d'),
  multiplier: extent.default(1),
  ...convolution,
});
/** torch.nn.MaxPool2d and AvgPool2d without padding; the stride is the pool's size where it is left out. */
const pooling = { poolSize: extent2, stride: extent2.optional() };
export const maxPool2dSchema = z.strictObject({ type: z.literal('maxPool2d'), ...pooling });
export const averagePool2dSchema = z.strictObject({ type: z.literal('averagePool2d'), ...pooling });
/** The mean of each channel: [channels, height, width] becomes [channels]. */
export const globalAveragePoolSchema = z.strictObject({ type: z.literal('globalAveragePool') });
export const flattenSchema = z.strictObject({ type: z.literal('flatten') });
export const activationLayerSchema = z.strictObject({ type: z.literal('activation'), activation: activationSchema });
/** y = f(x + the output of layer `from`), counted from 0; −1 is the model's input. */
export const residualAddSchema = z.strictObject({
  type: z.literal('residualAdd'),
  from: z.int().min(-1),
  activation: activationSchema.default('identity'),
});
/** `depth` dense layers without activations one after the other: a deep linear network. */
export const linearChainSchema = z.strictObject({
  type: z.literal('linearChain'),
  units: extent,
  depth: z.int().min(1).max(256),
  bias: z.boolean().default(false),
});
const epsilon = z.number().positive().default(1e-5);
/**
 * torch.nn.BatchNorm1d and 2d over the first dimension, [channels] or [channels, height, width]. `momentum` is the share
 * of the newest batch in the running statistics.
 */
export const batchNormSchema = z.strictObject({
  type: z.literal('batchNorm'),
  momentum: z.number().min(0).max(1).default(0.1),
  epsilon,
  activation: activationSchema.default('identity'),
});
/** torch.nn.LayerNorm over the last `dimensions` of an example; left out, over all of it. */
export const layerNormSchema = z.strictObject({
  type: z.literal('layerNorm'),
  dimensions: z.int().min(1).max(3).optional(),
  epsilon,
});
/** torch.nn.Embedding, as the first layer: each of the input's whole numbers 0 … vocabulary − 1 becomes `units` features. */
export const embeddingSchema = z.strictObject({ type: z.literal('embedding'), vocabulary: extent, units: extent });
/**
 * torch.nn.RNN(batch_first=True): reads [steps, features] one step after the other, from a state of zeros; gives the
 * last state, or with `returnSequences` all of them, [steps, units].
 */
export const recurrentSchema = z.strictObject({
  type: z.literal('recurrent'),
  units: extent,
  activation: z.enum(['tanh', 'relu']).default('tanh'),
  returnSequences: z.boolean().default(false),
});
/** torch.nn.Dropout: in the gradients of training steps each value is zeroed with probability `rate`, else divided by 1 − rate. */
export const dropoutSchema = z.strictObject({ type: z.literal('dropout'), rate: z.number().min(0).lt(1).default(0.5) });

export const layerSchema = z.discriminatedUnion('type', [
  denseSchema,
  conv2dSchema,
  depthwiseConv2dSchema,
  maxPool2dSchema,
  averagePool2dSchema,
  globalAveragePoolSchema,
  batchNormSchema,
  layerNormSchema,
  flattenSchema,
  dropoutSchema,
  embeddingSchema,
  recurrentSchema,
  residualAddSchema,
  linearChainSchema,
  activationLayerSchema,
]);
export type LayerSpec = z.infer<typeof layerSchema>;
export const layerTypes = layerSchema.options.map((schema) => schema.shape.type.value);

/**
 * A model file. Weight shapes follow PyTorch: a dense layer's weight is [units, inputs], a convolution's
 * [filters, channels, height, width]; an image is [channels, height, width].
 */
export const modelSchema = z.strictObject({
  inputShape: z.array(z.int().min(1)).min(1).max(3),
  layers: z.array(layerSchema).min(1).max(64),
  loss: lossSchema,
});
export type ModelSpec = z.infer<typeof modelSchema>;

export const initializerNames = [
  'zeros',
  'constant',
  'normal',
  'uniform',
  'glorotUniform',
  'glorotNormal',
  'heUniform',
  'heNormal',
  'orthogonal',
  'sparse',
  'identity',
] as const;
const initializerFields = {
  /**
   * constant: the value; normal, sparse: the standard deviation; uniform: the half width; Glorot, He, orthogonal, identity:
   * a factor.
   */
  scale: z.number().finite().optional(),
  /** sparse: weights per unit that are not 0. */
  connections: z.int().min(1).optional(),
};
export const initializerSchema = z.strictObject({ name: z.enum(initializerNames), ...initializerFields });
export type InitializerSpec = z.infer<typeof initializerSchema>;

/** marginal: the last layer gives what the training targets are on average, whatever its input; zeros in other layers. */
export const biasInitializerNames = [...initializerNames, 'marginal'] as const;
export const biasInitializerSchema = z.strictObject({ name: z.enum(biasInitializerNames), ...initializerFields });
export type BiasInitializerSpec = z.infer<typeof biasInitializerSchema>;

/** What one layer, counted from 0, starts from instead. */
export const layerInitializerSchema = z.strictObject({
  layer: z.int().min(0),
  weights: initializerSchema.optional(),
  biases: biasInitializerSchema.optional(),
});
export type LayerInitializerSpec = z.infer<typeof layerInitializerSchema>;

export const builtinDatasetNames = ['digits', 'iris', 'wine', 'breastCancer'] as const;
export const generatedDatasetNames = ['xor', 'blobs', 'moons', 'circles', 'spirals', 'sine', 'patients'] as const;

export const dataSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('builtin'), name: z.enum(builtinDatasetNames) }),
  z.strictObject({
    kind: z.literal('generated'),
    name: z.enum(generatedDatasetNames),
    examples: z.int().min(4).max(1_000_000).default(400),
    noise: z.number().min(0).max(10).default(0.1),
    seed: z.int().min(0).default(0),
    /** The validation part is a fresh sample of so many examples from the same generator; nothing is then held back. */
    freshValidation: z.int().min(1).max(1_000_000).optional(),
  }),
  z.strictObject({
    kind: z.literal('file'),
    /** A .csv or .npz (arrays `x` and `y`); relative to the experiment file or to the app's imports. */
    path: z.string().min(1),
    /** What the last CSV column (or `y`) holds. */
    target: z.enum(['class', 'number']).default('class'),
  }),
]);
export type DataSource = z.infer<typeof dataSourceSchema>;

/** Training labels that are not the true ones; the validation part keeps its own (Zhang et al. 2017). */
export const labelsSchema = z.discriminatedUnion('kind', [
  /** This share of the training examples gets a class drawn from all, its own among them. */
  z.strictObject({
    kind: z.literal('random'),
    fraction: z.number().positive().max(1),
    seed: z.int().min(0).default(0),
  }),
  /** The targets of all training examples change places: nothing can be learned but by heart. */
  z.strictObject({ kind: z.literal('shuffled'), seed: z.int().min(0).default(0) }),
]);
export type LabelsSpec = z.infer<typeof labelsSchema>;

export const dataSchema = z.strictObject({
  source: dataSourceSchema,
  validationFraction: z.number().min(0).max(0.9).default(0.2),
  splitSeed: z.int().min(0).default(0),
  /** Mean and standard deviation are fitted on the training part only. */
  standardize: z.boolean().default(true),
  /** The training part this many times over, one copy after the other: redundant data; once where left out. */
  copies: z.int().min(1).max(1_000).optional(),
  labels: labelsSchema.optional(),
});
export type DataSpec = z.infer<typeof dataSchema>;

export const domainSchema = z
  .tuple([z.number().finite(), z.number().finite(), z.number().finite(), z.number().finite()])
  .refine(([x0, x1, y0, y1]) => x0 < x1 && y0 < y1, {
    error: 'domain is x0,x1,y0,y1 with x0 < x1 and y0 < y1',
  });
/** x0, x1, y0, y1 */
export type Domain = z.infer<typeof domainSchema>;

const point2 = z.tuple([z.number().finite(), z.number().finite()]);

export const objectiveSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('network'),
    model: modelSchema,
    data: dataSchema,
    weightInitializer: initializerSchema.default({ name: 'glorotUniform' }),
    biasInitializer: biasInitializerSchema.default({ name: 'zeros' }),
    layerInitializers: z.array(layerInitializerSchema).max(64).optional(),
    /** λ of the L2 term ½λ‖w‖² added to the mean loss; weights only unless `l2Biases`. */
    l2: z.number().min(0).default(0),
    l2Biases: z.boolean().default(false),
    /**
     * What batchNorm uses in place of the statistics of the examples at hand, as PyTorch's evaluation mode does: running
     * mean and variance, layer by layer. Weights trained elsewhere bring them; training needs them left out.
     */
    runningStatistics: z.array(z.number().finite()).optional(),
  }),
  z.strictObject({
    kind: z.literal('function'),
    /** A name of `atlas list functions`. */
    name: z.string().min(1),
    start: point2.optional(),
  }),
  z.strictObject({
    kind: z.literal('expression'),
    /** An expression in x and y, parsed (never evaluated as code). */
    expression: z.string().min(1).max(2_000),
    domain: domainSchema.default([-2, 2, -2, 2]),
    start: point2.optional(),
  }),
]);
export type ObjectiveSpec = z.infer<typeof objectiveSchema>;

export const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  /** ε·gamma^⌊t/every⌋ */
  z.strictObject({ kind: z.literal('step'), every: z.int().min(1), gamma: z.number().positive().default(0.1) }),
  /** ε·gamma^t */
  z.strictObject({ kind: z.literal('exponential'), gamma: z.number().positive() }),
  /** floor + ½(ε − floor)(1 + cos(π t/steps)) for t ≤ steps, floor afterwards */
  z.strictObject({ kind: z.literal('cosine'), steps: z.int().min(1), floor: z.number().min(0).default(0) }),
]);
export type ScheduleSpec = z.infer<typeof scheduleSchema>;

/** A mean of the iterates, measured beside them; the training itself stays as it is. */
export const averagingSchema = z.discriminatedUnion('kind', [
  /** Polyak's: of the iterates from step `start` on. */
  z.strictObject({ kind: z.literal('uniform'), start: z.int().min(0).default(0) }),
  /** decay·mean + (1 − decay)·θ from step `start` on; the default is PyTorch's (get_ema_multi_avg_fn). */
  z.strictObject({
    kind: z.literal('exponential'),
    decay: z.number().min(0).lt(1).default(0.999),
    start: z.int().min(0).default(0),
  }),
]);
export type AveragingSpec = z.infer<typeof averagingSchema>;

const stochastic = z.boolean().default(false);
/** Steps follow another gradient than the exact one of their examples; engine/training/inexactGradient.ts says which. */
export const inexactGradientSchema = z.discriminatedUnion('kind', [
  /** The standard deviation of each component; `relative`: that of the whole noise as a share of ‖g‖. */
  z.strictObject({
    kind: z.literal('noise'),
    deviation: z.number().positive().finite(),
    relative: z.boolean().default(false),
  }),
  /** Of so many examples of the batch, drawn anew at each step. */
  z.strictObject({ kind: z.literal('sample'), examples: z.int().min(1) }),
  z.strictObject({ kind: z.literal('quantize'), bits: z.int().min(1).max(24), stochastic }),
  z.strictObject({ kind: z.literal('round'), step: z.number().positive().finite(), stochastic }),
  /** The share of the components that stay. */
  z.strictObject({ kind: z.literal('truncate'), keep: z.number().positive().max(1) }),
  z.strictObject({
    kind: z.literal('bias'),
    factor: z.number().finite().default(1),
    offset: z.number().finite().default(0),
  }),
]);
export type InexactGradientSpec = z.infer<typeof inexactGradientSchema>;

export const optimizerSchema = z.strictObject({
  /** A name of `atlas list optimizers`. */
  name: z.string().min(1),
  learningRate: z.number().positive().finite(),
  /** The optimizer's own settings (momentum, b1, …); unknown names are refused with the known ones. */
  parameters: z.record(z.string(), z.union([z.number(), z.boolean()])).default({}),
  schedule: scheduleSchema.default({ kind: 'constant' }),
  /** Clipping of the gradient before the optimizer sees it. */
  clip: z.strictObject({ kind: z.enum(['norm', 'value']), threshold: z.number().positive() }).optional(),
  /** λ of PyTorch's coupled weight decay: g ← g + λθ. */
  weightDecay: z.number().min(0).default(0),
  averaging: averagingSchema.optional(),
  /** Before clipping. Seeded by the experiment's seed, from a stream of its own. */
  inexact: inexactGradientSchema.optional(),
});
export type OptimizerSpec = z.infer<typeof optimizerSchema>;

/** Easy examples first (Bengio et al. 2009): steps are dealt a share of the training part that grows to all of it. */
export const curriculumSchema = z.strictObject({
  /**
   * A run on the same data: the larger an example's margin at the end of it, the easier it is. Left out: the order of the
   * data is from easy to hard.
   */
  rankedBy: z.string().min(1).optional(),
  /** At step 0; from there it grows evenly. */
  share: z.number().positive().max(1).default(0.2),
  /** From this step on all examples are dealt. */
  steps: z.int().min(1),
});
export type CurriculumSpec = z.infer<typeof curriculumSchema>;

export const trainingSchema = z.strictObject({
  /** Examples per step; 'full' uses the whole training part. Ignored for functions. */
  batchSize: z.union([z.literal('full'), z.int().min(1)]).default('full'),
  /** 'shuffled' draws a new order each epoch from the seed; 'file' keeps the order of the data. */
  order: z.enum(['shuffled', 'file']).default('shuffled'),
  curriculum: curriculumSchema.optional(),
  stop: z
    .strictObject({
      steps: z.int().min(1).max(10_000_000).default(1_000),
      /** Stop at the step before which at least this many evaluations were made (the column of steps.csv). */
      evaluations: z.int().min(1).optional(),
      /** Stop when the training gradient's Euclidean norm is at or below this. */
      gradientNorm: z.number().positive().optional(),
      /** Stop after this many recorded rows without a lower validation loss. */
      patience: z.int().min(1).optional(),
    })
    .prefault({}),
  /** Record θ and the measures at every n-th step (the last is always recorded). */
  recordEvery: z.int().min(1).default(1),
});
export type TrainingSpec = z.infer<typeof trainingSchema>;

export const executorNames = ['reference', 'wasm', 'onnx', 'webgpu', 'tensorflow'] as const;
export type ExecutorName = (typeof executorNames)[number];
export const executorChoiceSchema = z.enum(['auto', ...executorNames]);
export type ExecutorChoice = z.infer<typeof executorChoiceSchema>;

/** Left out: all layers. Else these, counted from 0, and the others start from their initializers. */
const startLayers = z.array(z.int().min(0)).min(1).max(64).optional();
/** θ₀ from elsewhere: what was trained before, on this objective or another. */
export const startSchema = z.discriminatedUnion('kind', [
  /** A recorded row of a run, the last where left out. */
  z.strictObject({
    kind: z.literal('run'),
    runId: z.string().min(1),
    row: z.int().min(0).optional(),
    layers: startLayers,
  }),
  /** A .safetensors or .npz; relative to the experiment file or to the app's imports. */
  z.strictObject({ kind: z.literal('weights'), path: z.string().min(1), layers: startLayers }),
]);
export type StartSpec = z.infer<typeof startSchema>;

export const experimentSchema = z.strictObject({
  schemaVersion: z.literal(1).default(1),
  name: z.string().min(1).max(200).default('experiment'),
  description: z.string().max(2_000).optional(),
  objective: objectiveSchema,
  optimizer: optimizerSchema,
  training: trainingSchema.prefault({}),
  start: startSchema.optional(),
  /** Seeds the initialization and the batch order, each from its own stream. */
  seed: z.int().min(0).max(0xffff_ffff).default(0),
  executor: executorChoiceSchema.default('auto'),
});
export type Experiment = z.infer<typeof experimentSchema>;
/** What a person writes: defaults may be left out. */
export type ExperimentInput = z.input<typeof experimentSchema>;
