import { badInput, sayError, unknownName } from '../../../shared/errors';
import type { HyperparameterInfo, OptimizerInfo } from '../../../shared/model/catalog';
import type { AveragingSpec, InexactGradientSpec, OptimizerSpec } from '../../../shared/model/experiment';
import type { MaybePromise, Objective, Vector } from '../objectives/objective';
import { createSchedule, type Schedule } from '../schedules/schedule';
import { checkSample } from '../training/inexactGradient';
import { descend, scale } from '../vectors';
import { adadelta } from './adadelta';
import { adagrad } from './adagrad';
import { adam } from './adam';
import { adamw } from './adamw';
import { amsgrad } from './amsgrad';
import { bfgs } from './bfgs';
import { conjugateGradient } from './conjugateGradient';
import { coordinateDescent } from './coordinateDescent';
import { gaussNewton } from './gaussNewton';
import { lbfgs } from './lbfgs';
import { lion } from './lion';
import { momentum } from './momentum';
import { nadam } from './nadam';
import { nesterov } from './nesterov';
import { newton } from './newton';
import { rmsprop } from './rmsprop';
import { rmspropNesterov } from './rmspropNesterov';
import { saddleFreeNewton } from './saddleFreeNewton';
import { sam } from './sam';
import type { Search, SearchDefinition, StepObjective } from './search';
import { sgd } from './sgd';
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  clipByValue,
  type Hyperparameters,
  type OptimizerDefinition,
  stateOf,
  type TransformState,
} from './transform';

/** In the order they are shown. */
const definitions: readonly (OptimizerDefinition | SearchDefinition)[] = [
  sgd,
  momentum,
  nesterov,
  adagrad,
  rmsprop,
  rmspropNesterov,
  adadelta,
  adam,
  adamw,
  amsgrad,
  nadam,
  lion,
  coordinateDescent,
  sam,
  newton,
  saddleFreeNewton,
  gaussNewton,
  conjugateGradient,
  bfgs,
  lbfgs,
];

/** The optimizers as plain data. */
export const optimizers: readonly OptimizerInfo[] = definitions.map(
  ({ name, title, rule, source, defaultLearningRate, parameters, ...rest }) => ({
    ...{ name, title, rule, source, defaultLearningRate, parameters },
    isSearch: 'createSearch' in rest,
  }),
);

/** A whole optimizer: clipping, weight decay, the named rule, the learning rate. */
export interface Optimizer {
  readonly name: string;
  /** `step` needs the objective, and answers with a promise. */
  readonly isSearch: boolean;
  /** ε of step t = 0, 1, … */
  readonly learningRate: Schedule;
  /** What a training measures besides its iterates. */
  readonly averaging: AveragingSpec | undefined;
  /** What a training does to the gradient before `step` sees it. */
  readonly inexact: InexactGradientSpec | undefined;
  init(params: Vector): OptimizerState;
  /**
   * The rate of each parameter in the last step, ε(t)·scale: θᵢ moved by that much against its gradient, or against the
   * mean of it where the rule keeps one. null for rules with one rate for all (ε itself) and before the first step.
   */
  rates(state: OptimizerState): Float64Array | null;
  /** @throws UserError (badInput) where the objective is too large for it or lacks the products it needs */
  check(objective: Objective): void;
  /**
   * params ← θ(t+1) = θ(t) − ε(t)·direction, and gradient ← direction; a search finds its own θ(t+1).
   *
   * @param at the step's objective; only a search looks at it
   * @returns ‖θ(t+1) − θ(t)‖; NaN or infinite where θ(t+1) is not finite
   */
  step(gradient: Vector, state: OptimizerState, params: Vector, at?: StepObjective): MaybePromise<number>;
}

export interface OptimizerState extends TransformState {
  /** The named rule's own memory: `velocity`, `firstMoment`, `secondMoment`, `sumOfSquares`, as far as it has them. */
  readonly vectors: Readonly<Record<string, Vector>>;
  /** The memory of a search. */
  readonly search?: Search;
}

/**
 * Builds the chain clip → weight decay → rule, the order in which PyTorch's users get them
 * (clip_grad_* before step(), weight_decay inside it).
 *
 * @throws UserError (badInput) for an unknown optimizer or hyperparameter and for a value out of range; `field` is its path
 */
export function createOptimizer(spec: OptimizerSpec): Optimizer {
  const definition = definitions.find((known) => known.name === spec.name);
  if (!definition) {
    const error = unknownName(
      'optimizer',
      spec.name,
      definitions.map((known) => known.name),
    );
    throw badInput(error.message, error.cure, ['optimizer', 'name']);
  }
  if (!(spec.learningRate > 0 && Number.isFinite(spec.learningRate))) {
    throw sayError('badInput', 'learningRateNotPositive', { value: spec.learningRate }, ['optimizer', 'learningRate']);
  }
  const parameters = checkedParameters(definition, spec.parameters);
  const learningRate = createSchedule(spec.schedule, spec.learningRate);
  if ('createSearch' in definition) return createSearchOptimizer(definition, spec, parameters, learningRate);
  const rule = definition.create(parameters);
  const before = [
    ...(spec.clip
      ? [spec.clip.kind === 'norm' ? clipByGlobalNorm(spec.clip.threshold) : clipByValue(spec.clip.threshold)]
      : []),
    ...(spec.weightDecay > 0 ? [addDecayedWeights(spec.weightDecay)] : []),
  ];
  const direction = chain(...before, rule);
  return {
    name: spec.name,
    isSearch: false,
    rates(state) {
      if (!direction.scales || state.count === 0) return null;
      const out = new Float64Array(Object.values(state.vectors)[0]!.length);
      direction.scales(state, out);
      scale(out, learningRate(state.count - 1));
      return out;
    },
    learningRate,
    averaging: spec.averaging,
    inexact: spec.inexact,
    check: ({ examples }) => checkSample(spec.inexact, examples),
    init: (params) => direction.init(params),
    step(gradient, state, params) {
      const rate = learningRate(state.count);
      direction.update(gradient, state, params);
      return descend(params, rate, gradient);
    },
  };
}

/** @throws UserError (badInput) for clipping, weight decay and changed gradients, of which a search would know nothing */
function createSearchOptimizer(
  { name, createSearch, maxDimension = Number.POSITIVE_INFINITY, usesGaussNewton = false }: SearchDefinition,
  { clip, weightDecay, averaging, inexact }: OptimizerSpec,
  parameters: Hyperparameters,
  learningRate: Schedule,
): Optimizer {
  if (clip) {
    throw sayError('badInput', 'searchClips', { optimizer: name }, ['optimizer', 'clip']);
  }
  if (weightDecay > 0) {
    throw sayError('badInput', 'searchDecays', { optimizer: name }, ['optimizer', 'weightDecay']);
  }
  if (inexact && inexact.kind !== 'sample') {
    throw sayError('badInput', 'searchInexact', { optimizer: name, kind: inexact.kind }, [
      'optimizer',
      'inexact',
      'kind',
    ]);
  }
  return {
    name,
    isSearch: true,
    rates: () => null,
    learningRate,
    averaging,
    inexact,
    init: (params) => ({ ...stateOf(), search: createSearch(parameters, params) }),
    check({ dimension, executor, gaussNewton, examples }) {
      checkSample(inexact, examples);
      if (dimension > maxDimension) {
        const values = { optimizer: name, parameters: dimension, most: maxDimension };
        throw sayError('badInput', 'matrixTooLarge', values, ['optimizer', 'name']);
      }
      if (usesGaussNewton && !gaussNewton) {
        throw badInput(
          `"${executor}" has no Gauss–Newton products${examples === 0 ? ': a function is no loss of a network' : ''}.`,
          'Use newton or saddleFreeNewton, or choose another executor.',
          ['optimizer', 'name'],
        );
      }
    },
    async step(gradient, state, params, at) {
      if (!at) throw new Error(`${name} was given no objective.`);
      const rate = learningRate(state.count);
      const moved = await state.search!.step(gradient, params, rate, at);
      state.count++;
      return moved;
    },
  };
}

function checkedParameters(
  definition: Omit<OptimizerInfo, 'isSearch'>,
  given: OptimizerSpec['parameters'],
): Hyperparameters {
  const known = new Map(definition.parameters.map((info) => [info.name, info]));
  for (const [name, value] of Object.entries(given)) {
    const info = known.get(name);
    const field = ['optimizer', 'parameters', name];
    if (!info) {
      const names = [...known.keys()];
      throw badInput(
        `Unknown hyperparameter "${name}" of ${definition.name}.`,
        names.length > 0 ? `Known: ${names.join(', ')}.` : `${definition.name} has none besides the learning rate.`,
        field,
      );
    }
    if (!isAllowed(info, value)) {
      throw badInput(`${definition.name} cannot use ${name} = ${value}.`, `${name} is ${range(info)}.`, field);
    }
  }
  return Object.fromEntries(definition.parameters.map(({ name, default: value }) => [name, given[name] ?? value]));
}

function isAllowed(info: HyperparameterInfo, value: number | boolean): boolean {
  if (typeof value !== info.kind) return false;
  if (typeof value === 'boolean') return true;
  const { min = -Infinity, max = Infinity, isInteger = false } = info;
  if (isInteger && !Number.isInteger(value)) return false;
  return Number.isFinite(value) && value >= min && (info.maxExclusive ? value < max : value <= max);
}

function range({ kind, min, max, maxExclusive, isInteger }: HyperparameterInfo): string {
  if (kind === 'boolean') return 'true or false';
  const lower = min === undefined ? [] : [`at least ${min}`];
  const upper = max === undefined ? [] : [`${maxExclusive ? 'below' : 'at most'} ${max}`];
  return [isInteger ? 'a whole number' : 'a number', [...lower, ...upper].join(' and ')].join(' ').trim();
}
