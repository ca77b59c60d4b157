import { randomUUID } from 'node:crypto';
import type { Experiment, ObjectiveSpec } from '../../shared/model/experiment';
import type { RunInfo } from '../../shared/model/run';
import { initialize } from '../engine/initializers/initialize';
import { marginalBiases } from '../engine/initializers/marginal';
import { findFunction } from '../engine/objectives/functions';
import type { Vector } from '../engine/objectives/objective';
import { createRng } from '../engine/random';
import type { LoadedObjective, ObjectiveLease } from './objectives';
import { type StartSources, startFrom } from './startFrom';

/**
 * θ₀ of an experiment: drawn by the initializers from its seed, or the chosen point of a two-parameter objective; where
 * the experiment has a `start`, that, or the layers it names.
 */
export function startingPoint(experiment: Experiment, loaded: LoadedObjective, services: StartSources): Vector {
  const params = initialPoint(experiment, loaded);
  if (experiment.start) startFrom(experiment.start, loaded.train.layout, params, services);
  return params;
}

function initialPoint({ objective, seed }: Experiment, loaded: LoadedObjective): Vector {
  const params = loaded.train.allocate();
  switch (objective.kind) {
    case 'function':
    case 'expression':
      params.set(startOf(objective));
      return params;
    case 'network': {
      const { model, weightInitializer: weights, biasInitializer: biases, layerInitializers: layers } = objective;
      const isMarginal = [biases, ...(layers ?? []).map((own) => own.biases)].some((spec) => spec?.name === 'marginal');
      initialize(
        loaded.train.layout,
        { weights, biases, layers, marginal: isMarginal ? marginalBiases(model, loaded.data!.train.y) : undefined },
        createRng(seed, 'initialization'),
        params,
      );
      return params;
    }
    default:
      return objective satisfies never;
  }
}

/** Where descents of a two-parameter objective start: the chosen point, else the function's own, else a fifth into the domain. */
export function startOf(objective: Exclude<ObjectiveSpec, { kind: 'network' }>): [number, number] {
  if (objective.start) return objective.start;
  if (objective.kind === 'function') return findFunction(objective.name).start;
  const [x0, x1, y0, y1] = objective.domain;
  return [x0 + 0.2 * (x1 - x0), y0 + 0.2 * (y1 - y0)];
}

/** The record of a run before its first row. */
export function newRun(experiment: Experiment, loaded: ObjectiveLease): RunInfo {
  return {
    schemaVersion: 1,
    id: `${slug(experiment.name)}-${randomUUID().slice(0, 8)}`,
    experiment,
    parameters: [...loaded.train.layout],
    parameterCount: loaded.train.dimension,
    datasetFingerprint: loaded.data?.fingerprint ?? null,
    examples: { train: loaded.data?.train.examples ?? 0, validation: loaded.data?.validation.examples ?? 0 },
    executor: loaded.train.executor,
    ...(loaded.selection && { executorSelection: loaded.selection }),
    createdAt: new Date().toISOString(),
    outcome: { kind: 'running', step: 0 },
    rows: 0,
    seconds: 0,
  };
}

function slug(name: string): string {
  const ascii = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return ascii.slice(0, 40) || 'run';
}
