import type { z } from 'zod';
import type { AppError } from '../../shared/contract';
import type { Catalog } from '../../shared/model/catalog';
import { type Experiment, experimentSchema, type ObjectiveSpec, objectiveSchema } from '../../shared/model/experiment';
import { automaticName, type Draft, type LayerDraft, type OptimizerDraft } from './draft';

/** What is wrong with one field of the form. The text comes from `errors.KEY` of the interface's language. */
export interface FieldIssue {
  /** Path in the draft, e.g. `optimizers.0.learningRate`. */
  path: string;
  key: IssueKey;
  values: { value?: string; limit?: string };
  /** Set when the engine answered: its own words. */
  message?: string;
  cure?: string;
}
export type IssueKey =
  | 'required'
  | 'notANumber'
  | 'notAnInteger'
  | 'tooSmall'
  | 'tooSmallExclusive'
  | 'tooBig'
  | 'tooBigExclusive'
  | 'domain'
  | 'sameIndex'
  | 'sameEigenvector'
  | 'samePoint'
  | 'noSuchRun'
  | 'noFile'
  | 'noConnection'
  | 'otherConnection'
  | 'sameEnds'
  | 'widthRange'
  | 'tooManyRates'
  | 'unknown'
  | 'engine';

export interface CompiledOptimizer {
  draft: OptimizerDraft;
  label: string;
  experiment: Experiment;
}
export interface Compiled {
  /** One per optimizer that is not hidden; empty when there are issues. */
  experiments: CompiledOptimizer[];
  issues: FieldIssue[];
}

/** Names shown for the optimizers: their own title, numbered where it occurs twice. */
export function optimizerLabels(optimizers: readonly OptimizerDraft[], catalog: Catalog | null): string[] {
  const base = optimizers.map(
    ({ label, name }) => label.trim() || catalog?.optimizers.find((o) => o.name === name)?.title || name,
  );
  return base.map((label, i) => {
    const twins = base.filter((other) => other === label).length;
    if (twins === 1) return label;
    return `${label} ${base.slice(0, i + 1).filter((other) => other === label).length}`;
  });
}

/** Turns the form into experiments, or says what is wrong and where. */
export function compileDraft(draft: Draft, catalog: Catalog | null): Compiled {
  const labels = optimizerLabels(draft.optimizers, catalog);
  const issues = new Map<string, FieldIssue>();
  const experiments: CompiledOptimizer[] = [];
  const objective = objectiveCandidate(draft);
  draft.optimizers.forEach((optimizer, index) => {
    const candidate = {
      name: draft.name.trim() || automaticName(draft, catalog),
      objective,
      optimizer: optimizerCandidate(optimizer, catalog),
      training: trainingCandidate(draft),
      ...(draft.start && { start: draft.start }),
      seed: numeric(draft.seed),
      executor: draft.executor,
    };
    const parsed = experimentSchema.safeParse(candidate);
    const found = parsed.success ? [] : parsed.error.issues.map((issue) => fromZod(issue, draft, candidate, index));
    for (const issue of [...found, ...hyperparameterIssues(optimizer, index, catalog)]) {
      if (!issues.has(issue.path)) issues.set(issue.path, issue);
    }
    if (parsed.success && !optimizer.hidden) {
      experiments.push({ draft: optimizer, label: labels[index] as string, experiment: parsed.data });
    }
  });
  const all = [...issues.values()];
  return { experiments: all.length > 0 ? [] : experiments, issues: all };
}

/** The objective alone, or null while a field of it is wrong. */
export function compileObjective(draft: Draft): ObjectiveSpec | null {
  const parsed = objectiveSchema.safeParse(objectiveCandidate(draft));
  return parsed.success ? parsed.data : null;
}

/** An error of the engine as an issue beside its field; null when it belongs to none. */
export function issueFromEngine(error: AppError, draft: Draft, optimizerIndex: number): FieldIssue | null {
  if (!error.field || error.field.length === 0) return null;
  const field = error.field[0] === 'experiment' ? error.field.slice(1) : error.field;
  const path = draftPath(field, draft, optimizerIndex);
  if (path === null) return null;
  return { path, key: 'engine', values: {}, message: error.message, ...(error.cure && { cure: error.cure }) };
}

/** A number where the text is one, else the text itself, which the schema then refuses. */
function numeric(text: string): number | string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : trimmed;
}
const optional = <K extends string>(key: K, text: string) =>
  text.trim() === '' ? {} : ({ [key]: numeric(text) } as Record<K, number | string>);

function startCandidate(start: readonly [string, string]): { start?: (number | string)[] } {
  return start.every((text) => text.trim() === '') ? {} : { start: start.map(numeric) };
}

function objectiveCandidate(draft: Draft): unknown {
  switch (draft.kind) {
    case 'function':
      return { kind: 'function', name: draft.function.name, ...startCandidate(draft.function.start) };
    case 'expression':
      return {
        kind: 'expression',
        expression: draft.expression.text.trim(),
        domain: draft.expression.domain.map(numeric),
        ...startCandidate(draft.expression.start),
      };
    case 'network': {
      const { network } = draft;
      return {
        kind: 'network',
        model: {
          inputShape: network.dataset.inputShape,
          layers: network.layers.map(layerCandidate),
          loss: network.loss,
        },
        data: dataCandidate(draft),
        weightInitializer: initializerCandidate(network.weightInitializer),
        biasInitializer: initializerCandidate(network.biasInitializer),
        ...(network.layerInitializers.length > 0 && { layerInitializers: network.layerInitializers }),
        l2: numeric(network.l2),
        l2Biases: network.l2Biases,
      };
    }
    default:
      return draft.kind satisfies never;
  }
}

function layerCandidate(draft: LayerDraft): unknown {
  if (draft.kind === 'fixed') return draft.layer;
  const { units, activation, bias } = draft;
  return { type: 'dense', units: numeric(units), activation, bias };
}

/** What `data/preview` takes, not yet validated. */
export function dataCandidate(draft: Draft): unknown {
  const { dataset, validationFraction, splitSeed, standardize, copies, labels } = draft.network;
  const source =
    dataset.kind === 'builtin'
      ? { kind: 'builtin', name: dataset.name }
      : dataset.kind === 'generated'
        ? {
            kind: 'generated',
            name: dataset.name,
            examples: numeric(dataset.examples),
            noise: numeric(dataset.noise),
            seed: numeric(dataset.seed),
            ...optional('freshValidation', dataset.freshValidation),
          }
        : { kind: 'file', path: dataset.name, target: dataset.target };
  return {
    ...{ source, validationFraction: numeric(validationFraction), splitSeed: numeric(splitSeed), standardize },
    // One copy is how data are without the word.
    ...(copies.trim() !== '1' && { copies: numeric(copies) }),
    ...(labels.kind !== 'true' && {
      labels: {
        kind: labels.kind,
        ...(labels.kind === 'random' && { fraction: numeric(labels.fraction) }),
        seed: numeric(labels.seed),
      },
    }),
  };
}

/** Initializers whose scale has a meaning. */
export const scaledInitializers: readonly string[] = [
  'constant',
  'normal',
  'uniform',
  'orthogonal',
  'sparse',
  'identity',
];

function initializerCandidate({ name, scale, connections }: Draft['network']['biasInitializer']): unknown {
  return {
    name,
    ...(scaledInitializers.includes(name) && optional('scale', scale)),
    ...(name === 'sparse' && optional('connections', connections)),
  };
}

function optimizerCandidate(optimizer: OptimizerDraft, catalog: Catalog | null): unknown {
  const { schedule, clip } = optimizer;
  // The form does not show a search the fields that it refuses.
  const isSearch = catalog?.optimizers.find(({ name }) => name === optimizer.name)?.isSearch ?? false;
  const parameters = Object.fromEntries(
    Object.entries(optimizer.parameters).map(([name, value]) => [
      name,
      typeof value === 'boolean' ? value : numeric(value),
    ]),
  );
  return {
    name: optimizer.name,
    learningRate: numeric(optimizer.learningRate),
    parameters,
    schedule: scheduleCandidate(schedule),
    ...(!isSearch && clip.kind !== 'none' && { clip: { kind: clip.kind, threshold: numeric(clip.threshold) } }),
    ...(!isSearch && { weightDecay: numeric(optimizer.weightDecay) }),
    ...averagingCandidate(optimizer.averaging),
    ...((!isSearch || optimizer.inexact.kind === 'sample') && inexactCandidate(optimizer.inexact)),
  };
}

function averagingCandidate({ kind, decay, start }: OptimizerDraft['averaging']): { averaging?: unknown } {
  if (kind === 'none') return {};
  return { averaging: { kind, ...(kind === 'exponential' && { decay: numeric(decay) }), start: numeric(start) } };
}

function inexactCandidate(draft: OptimizerDraft['inexact']): { inexact?: unknown } {
  const { kind, relative, stochastic } = draft;
  switch (kind) {
    case 'none':
      return {};
    case 'noise':
      return { inexact: { kind, deviation: numeric(draft.deviation), relative } };
    case 'sample':
      return { inexact: { kind, examples: numeric(draft.examples) } };
    case 'quantize':
      return { inexact: { kind, bits: numeric(draft.bits), stochastic } };
    case 'round':
      return { inexact: { kind, step: numeric(draft.step), stochastic } };
    case 'truncate':
      return { inexact: { kind, keep: numeric(draft.keep) } };
    case 'bias':
      return { inexact: { kind, factor: numeric(draft.factor), offset: numeric(draft.offset) } };
    default:
      return kind satisfies never;
  }
}

function scheduleCandidate(schedule: OptimizerDraft['schedule']): unknown {
  const { kind, every, gamma, steps, floor } = schedule;
  switch (kind) {
    case 'constant':
      return { kind };
    case 'step':
      return { kind, every: numeric(every), gamma: numeric(gamma) };
    case 'exponential':
      return { kind, gamma: numeric(gamma) };
    case 'cosine':
      return { kind, steps: numeric(steps), floor: numeric(floor) };
    default:
      return kind satisfies never;
  }
}

function trainingCandidate({ training }: Draft): unknown {
  return {
    batchSize: training.batch === 'full' ? 'full' : numeric(training.batchSize),
    order: training.order,
    ...(training.curriculum && { curriculum: training.curriculum }),
    stop: {
      steps: numeric(training.steps),
      ...optional('gradientNorm', training.gradientNorm),
      ...optional('patience', training.patience),
      ...optional('evaluations', training.evaluations),
    },
    recordEvery: numeric(training.recordEvery),
  };
}

function hyperparameterIssues(optimizer: OptimizerDraft, index: number, catalog: Catalog | null): FieldIssue[] {
  const info = catalog?.optimizers.find(({ name }) => name === optimizer.name);
  return (info?.parameters ?? []).flatMap((parameter): FieldIssue[] => {
    const typed = optimizer.parameters[parameter.name];
    if (parameter.kind === 'boolean' || typeof typed !== 'string') return [];
    const path = `optimizers.${index}.parameters.${parameter.name}`;
    const value = numeric(typed);
    if (value === '') return [{ path, key: 'required', values: {} }];
    if (typeof value === 'string') return [{ path, key: 'notANumber', values: { value } }];
    const { min, max, maxExclusive, isInteger } = parameter;
    if (isInteger && !Number.isInteger(value)) return [{ path, key: 'notAnInteger', values: { value: typed.trim() } }];
    if (min !== undefined && value < min) {
      return [{ path, key: 'tooSmall', values: { value: typed.trim(), limit: String(min) } }];
    }
    if (max !== undefined && (maxExclusive ? value >= max : value > max)) {
      const key = maxExclusive ? 'tooBigExclusive' : 'tooBig';
      return [{ path, key, values: { value: typed.trim(), limit: String(max) } }];
    }
    return [];
  });
}

function fromZod(issue: z.core.$ZodIssue, draft: Draft, candidate: unknown, optimizerIndex: number): FieldIssue {
  const field = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const path = draftPath(field, draft, optimizerIndex) ?? 'objective';
  const raw = field.reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], candidate);
  const value = String(raw ?? '');
  if (value.trim() === '') return { path, key: 'required', values: {} };
  switch (issue.code) {
    case 'invalid_type':
      if (typeof raw === 'number') return { path, key: 'notAnInteger', values: { value } };
      return { path, key: 'notANumber', values: { value } };
    case 'invalid_union':
      // Only the batch size is a union of a word and a number.
      if (typeof raw !== 'number') return { path, key: 'notANumber', values: { value } };
      if (!Number.isInteger(raw)) return { path, key: 'notAnInteger', values: { value } };
      return { path, key: 'tooSmall', values: { value, limit: '1' } };
    case 'too_small':
      return {
        path,
        key: issue.inclusive ? 'tooSmall' : 'tooSmallExclusive',
        values: { value, limit: String(issue.minimum) },
      };
    case 'too_big':
      return {
        path,
        key: issue.inclusive ? 'tooBig' : 'tooBigExclusive',
        values: { value, limit: String(issue.maximum) },
      };
    case 'custom':
      return { path, key: 'domain', values: {} };
    default:
      return { path, key: 'unknown', values: { value }, message: issue.message };
  }
}

type Field = readonly (string | number)[];

/** Where a field of the experiment stands in the form; null when it has no field there. */
function draftPath(field: Field, draft: Draft, optimizerIndex: number): string | null {
  const [head, ...rest] = field;
  switch (head) {
    case 'optimizer':
      return ['optimizers', optimizerIndex, ...rest].join('.');
    case 'training':
      return ['training', ...(rest[0] === 'stop' ? rest.slice(1) : rest)].join('.');
    case 'start':
      return head;
    case 'seed':
    case 'name':
    case 'executor':
      return head;
    case 'objective':
      return objectivePath(rest, draft);
    default:
      return null;
  }
}

function objectivePath(field: Field, draft: Draft): string {
  const [head, ...rest] = field;
  if (draft.kind === 'function') return head === 'start' ? ['function.start', ...rest].join('.') : 'function.name';
  if (draft.kind === 'expression') {
    if (head === 'domain' || head === 'start') return ['expression', head, ...rest].join('.');
    return 'expression.text';
  }
  switch (head) {
    case 'model':
      return rest[0] === 'layers'
        ? ['network', ...rest].join('.')
        : rest[0] === 'loss'
          ? 'network.loss'
          : 'network.dataset.name';
    case 'data':
      if (rest[0] !== 'source') return ['network', ...rest].join('.');
      return ['network.dataset', rest[1] === 'path' || rest[1] === undefined ? 'name' : rest[1]].join('.');
    case undefined:
      return 'network.dataset.name';
    default:
      return ['network', head, ...rest].join('.');
  }
}
