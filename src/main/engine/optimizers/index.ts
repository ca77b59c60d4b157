import { badInput, unknownName } from '../../../shared/errors';
import type { HyperparameterInfo, OptimizerInfo } from '../../../shared/model/catalog';
import type { OptimizerSpec } from '../../../shared/model/experiment';
import type { Vector } from '../objectives/objective';
import { createSchedule, type Schedule } from '../schedules/schedule';
import { descend, scale } from '../vectors';
import { adagrad } from './adagrad';
import { adam } from './adam';
import { momentum } from './momentum';
import { nesterov } from './nesterov';
import { rmsprop } from './rmsprop';
import { sgd } from './sgd';
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  clipByValue,
  type Hyperparameters,
  type OptimizerDefinition,
  type TransformState,
} from './transform';

/** In the order they are shown. */
const definitions: readonly OptimizerDefinition[] = [sgd, momentum, nesterov, adagrad, rmsprop, adam];

/** The optimizers as plain data. */
export const optimizers: readonly OptimizerInfo[] = definitions.map(({ create: _, ...info }) => info);

/** A whole optimizer: clipping, weight decay, the named rule, the learning rate. */
export interface Optimizer {
  readonly name: string;
  /** ε of step t = 0, 1, … */
  readonly learningRate: Schedule;
  init(params: Vector): OptimizerState;
  /**
   * The rate of each parameter in the last step, ε(t)·scale: θᵢ moved by that much against its gradient, or against the
   * mean of it where the rule keeps one. null for rules with one rate for all (ε itself) and before the first step.
   */
  rates(state: OptimizerState): Float64Array | null;
  /**
   * params ← θ(t+1) = θ(t) − ε(t)·direction, and gradient ← direction.
   *
   * @returns ‖θ(t+1) − θ(t)‖; NaN or infinite where θ(t+1) is not finite
   */
  step(gradient: Vector, state: OptimizerState, params: Vector): number;
}

export interface OptimizerState extends TransformState {
  /** The named rule's own memory: `velocity`, `firstMoment`, `secondMoment`, `sumOfSquares`, as far as it has them. */
  readonly vectors: Readonly<Record<string, Vector>>;
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
    throw badInput(`The learning rate ${spec.learningRate} is not a positive number.`, 'Use a number above 0.', [
      'optimizer',
      'learningRate',
    ]);
  }
  const rule = definition.create(checkedParameters(definition, spec.parameters));
  const learningRate = createSchedule(spec.schedule, spec.learningRate);
  const before = [
    ...(spec.clip
      ? [spec.clip.kind === 'norm' ? clipByGlobalNorm(spec.clip.threshold) : clipByValue(spec.clip.threshold)]
      : []),
    ...(spec.weightDecay > 0 ? [addDecayedWeights(spec.weightDecay)] : []),
  ];
  const direction = chain(...before, rule);
  return {
    name: spec.name,
    learningRate,
    rates(state) {
      if (!direction.scales || state.count === 0) return null;
      const out = new Float64Array(Object.values(state.vectors)[0]!.length);
      direction.scales(state, out);
      scale(out, learningRate(state.count - 1));
      return out;
    },
    init: (params) => direction.init(params),
    step(gradient, state, params) {
      const rate = learningRate(state.count);
      direction.update(gradient, state, params);
      return descend(params, rate, gradient);
    },
  };
}

function checkedParameters(definition: OptimizerInfo, given: OptimizerSpec['parameters']): Hyperparameters {
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
  const { min = -Infinity, max = Infinity } = info;
  return Number.isFinite(value) && value >= min && (info.maxExclusive ? value < max : value <= max);
}

function range({ kind, min, max, maxExclusive }: HyperparameterInfo): string {
  if (kind === 'boolean') return 'true or false';
  const lower = min === undefined ? [] : [`at least ${min}`];
  const upper = max === undefined ? [] : [`${maxExclusive ? 'below' : 'at most'} ${max}`];
  return ['a number', [...lower, ...upper].join(' and ')].join(' ').trim();
}
