import { z } from 'zod';
import { experimentSchema } from './experiment';
import { planeSpecSchema } from './landscape';
import { type Words, wordsSchema } from './words';

/** The topics of chapter 8, in the order of the book. */
export const lessonTopics = [
  'analyticOptimization',
  'learningVersusOptimization',
  'empiricalRisk',
  'surrogateLosses',
  'minibatches',
  'batchSize',
  'shuffling',
  'generalization',
  'illConditioning',
  'localMinima',
  'saddles',
  'cliffs',
  'longTerm',
  'inexactGradients',
  'localAndGlobal',
  'initialization',
  'basicAlgorithms',
  'adaptiveRates',
  'secondOrder',
  'strategies',
] as const;

const identifier = z.string().regex(/^[a-z][a-zA-Z0-9-]{0,60}$/, {
  error: 'is a word of letters, digits and hyphens that begins with a small letter',
});
const factName = z.string().min(1);
/** A number, or a fact of the same step times a factor plus an offset. */
const quantitySchema = z.union([
  z.number().finite(),
  z.strictObject({ fact: factName, times: z.number().finite().default(1), plus: z.number().finite().default(0) }),
]);
export type Quantity = z.infer<typeof quantitySchema>;

/** A statement about a fact that `atlas lesson NAME --check` asserts, and the player shows beside what was measured. */
export const claimSchema = z
  .strictObject({
    fact: factName,
    /** |fact − near| ≤ tolerance·|near|, or ≤ tolerance where `absolute`. 'theory': the fact's own. */
    near: z.union([z.literal('theory'), quantitySchema]).optional(),
    tolerance: z.number().positive().optional(),
    absolute: z.boolean().default(false),
    atLeast: quantitySchema.optional(),
    atMost: quantitySchema.optional(),
    says: wordsSchema,
  })
  .refine(({ near, atLeast, atMost }) => near !== undefined || atLeast !== undefined || atMost !== undefined, {
    error: 'a claim says near, atLeast or atMost',
  })
  .refine(({ near, tolerance }) => (near === undefined) === (tolerance === undefined), {
    error: 'near and tolerance belong together',
    path: ['tolerance'],
  });
export type Claim = z.infer<typeof claimSchema>;

const numberRange = {
  min: z.number().finite().optional(),
  max: z.number().finite().optional(),
  log: z.boolean().optional(),
};
/** Something to drag: a parameter of the step's study, or a number of the stage's experiments by its path. */
const controlSchema = z.union([
  z.strictObject({ parameter: z.string().min(1), ...numberRange }),
  z.strictObject({
    /** E.g. "optimizer.learningRate", in every experiment; "1.optimizer.learningRate" in the second. */
    experiment: z.string().min(1),
    label: wordsSchema,
    min: z.number().finite(),
    max: z.number().finite(),
    log: z.boolean().optional(),
  }),
]);

/** What the step puts on the workbench's own stage: runs that train as it opens, and can be played and changed. */
const stageSchema = z.strictObject({
  /** Of one model and data (initializers may differ) or one function; they race. */
  experiments: z.array(experimentSchema).min(1).max(8),
  plane: planeSpecSchema.optional(),
  view: z.enum(['perspective', 'top']).default('perspective'),
  heightScale: z.enum(['auto', 'linear', 'log']).default('auto'),
});

const stepStudySchema = z.strictObject({
  name: z.string().min(1),
  parameters: z.record(z.string(), z.unknown()).default({}),
  /** What of its result is shown, in this order; all when left out. */
  facts: z.array(factName).optional(),
  charts: z.array(z.string()).optional(),
  scenes: z.array(z.string()).optional(),
  tables: z.array(z.string()).optional(),
  /** false: it runs when the person presses the button (after a prediction, or when it takes long). */
  auto: z.boolean().default(true),
});

export const lessonStepSchema = z.strictObject({
  id: identifier,
  title: wordsSchema,
  /** Markdown with $TeX$ and $$TeX$$. */
  body: wordsSchema,
  stage: stageSchema.optional(),
  study: stepStudySchema.optional(),
  controls: z.array(controlSchema).default([]),
  claims: z.array(claimSchema).default([]),
  /** Asked before the study's result is shown: a number the person guesses, laid beside the fact afterwards. */
  predict: z.strictObject({ ask: wordsSchema, fact: factName }).optional(),
  question: z
    .strictObject({
      ask: wordsSchema,
      choices: z
        .array(z.strictObject({ text: wordsSchema, correct: z.boolean().default(false) }))
        .min(2)
        .max(6),
      answer: wordsSchema,
    })
    .refine(({ choices }) => choices.some(({ correct }) => correct), { error: 'no choice is correct' })
    .optional(),
});
export type LessonStep = z.infer<typeof lessonStepSchema>;

export const lessonSchema = z.strictObject({
  /** The file's name without its ending. */
  name: identifier,
  title: wordsSchema,
  summary: wordsSchema,
  topic: z.enum(lessonTopics),
  /** Of the book, e.g. "8.2.1"; several with commas. */
  section: z.string().regex(/^8(\.\d+)*(, 8(\.\d+)*)*$/, { error: 'section is e.g. "8.2.1"' }),
  minutes: z.int().min(1).max(60),
  steps: z.array(lessonStepSchema).min(1).max(30),
});
export type Lesson = z.infer<typeof lessonSchema>;

export type LessonInfo = Omit<Lesson, 'steps'> & {
  steps: number;
  /** The teacher's own, from the app's folder; else it came with the app. */
  own: boolean;
};

/** What `lesson/check` found when it replayed a lesson. */
export interface LessonCheck {
  name: string;
  holds: boolean;
  steps: StepCheck[];
  seconds: number;
}

export interface StepCheck {
  id: string;
  claims: { says: Words; fact: string; value: number /** null where the claim holds. */; failure: string | null }[];
  /** What the step shows or asks about and its study does not give, or why its experiments do not run. */
  problems: string[];
  seconds: number;
}
