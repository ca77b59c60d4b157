import { badInput } from '../../shared/errors';
import type { ExecutorChoice, ObjectiveSpec } from '../../shared/model/experiment';
import type { Subset } from '../../shared/model/landscape';
import type { RunInfo } from '../../shared/model/run';
import type { PreparedData } from '../engine/datasets/prepareData';
import type { ExampleSet, Executor } from '../engine/executors/executor';
import { type BuildOptions, buildNetwork } from '../engine/graph/build';
import type { Network } from '../engine/graph/ir';
import { checkModel } from '../engine/models/checkModel';
import { expressionObjective } from '../engine/objectives/expression';
import { functionObjective } from '../engine/objectives/functions';
import type { Objective, Rows } from '../engine/objectives/objective';
import { withL2 } from '../engine/objectives/withL2';
import { withStatistics } from '../engine/objectives/withStatistics';
import { createRng } from '../engine/random';
import type { DataLoader } from './dataLoader';
import type { Executors } from './executors';

/** An objective ready to be evaluated, with the data it came from. */
export interface LoadedObjective {
  train: Objective;
  /** What training steps follow the gradient of, where the model has dropout; else null. */
  stepping: Objective | null;
  /** Without the L2 term; null where there is no validation part. */
  validation: Objective | null;
  /** null for functions and expressions. */
  data: PreparedData | null;
}

/** A loaded objective in use; `release` lets it be unloaded when others need the room. */
export interface ObjectiveLease extends LoadedObjective {
  release(): void;
}

export interface ObjectivePool {
  /** @throws UserError for data, models or names that do not fit */
  lease(spec: ObjectiveSpec, executor: ExecutorChoice): Promise<ObjectiveLease>;
  /** The objective of a recorded run; refuses data that changed since. */
  leaseRun(run: RunInfo, executor?: ExecutorChoice): Promise<ObjectiveLease>;
  dispose(): void;
}

/** Loaded objectives nobody uses at the moment that are kept for the next call. */
const idleLimit = 4;

interface Entry {
  loaded: Promise<LoadedObjective>;
  users: number;
}

export function createObjectivePool(executors: Executors, data: DataLoader): ObjectivePool {
  const entries = new Map<string, Entry>();

  function evict(): void {
    const idle = [...entries].filter(([, entry]) => entry.users === 0);
    for (const [key, entry] of idle.slice(0, Math.max(0, idle.length - idleLimit))) {
      entries.delete(key);
      void entry.loaded.then(unload, () => undefined);
    }
  }

  async function lease(spec: ObjectiveSpec, executor: ExecutorChoice): Promise<ObjectiveLease> {
    const key = JSON.stringify([executor, spec]);
    const entry = entries.get(key) ?? { loaded: load(spec, executor, executors, data), users: 0 };
    entries.delete(key);
    entries.set(key, entry);
    entry.users += 1;
    try {
      const loaded = await entry.loaded;
      let released = false;
      return {
        ...loaded,
        release() {
          if (released) return;
          released = true;
          entry.users -= 1;
          evict();
        },
      };
    } catch (error) {
      entries.delete(key);
      throw error;
    }
  }

  return {
    lease,
    async leaseRun(run, executor = run.experiment.executor) {
      const leased = await lease(run.experiment.objective, executor);
      const fingerprint = leased.data?.fingerprint ?? null;
      if (fingerprint !== run.datasetFingerprint) {
        leased.release();
        throw badInput(
          `The data of "${run.experiment.name}" changed since it was recorded (fingerprint ${fingerprint?.slice(0, 12)} instead of ${run.datasetFingerprint?.slice(0, 12)}).`,
          'Put the original file back; surfaces and spectra of other data would not belong to this path.',
        );
      }
      return leased;
    },
    dispose() {
      for (const entry of entries.values()) void entry.loaded.then(unload, () => undefined);
      entries.clear();
    },
  };
}

async function load(
  spec: ObjectiveSpec,
  choice: ExecutorChoice,
  executors: Executors,
  loader: DataLoader,
): Promise<LoadedObjective> {
  switch (spec.kind) {
    case 'function':
      return { train: functionObjective(spec.name), stepping: null, validation: null, data: null };
    case 'expression':
      return { train: expressionObjective(spec.expression), stepping: null, validation: null, data: null };
    case 'network': {
      const data = await loader.load(spec.data);
      checkModel(spec.model, data);
      return loadNetwork(spec, data, await executors.get(choice, buildNetwork(spec.model)));
    }
    default:
      return spec satisfies never;
  }
}

async function loadNetwork(
  { model, l2, l2Biases, runningStatistics }: Extract<ObjectiveSpec, { kind: 'network' }>,
  data: PreparedData,
  executor: Executor,
): Promise<LoadedObjective> {
  const statistics = runningStatistics ? 'running' : 'batch';
  const loadPart = async (part: ExampleSet, options: BuildOptions): Promise<Objective> => {
    const network = buildNetwork(model, options);
    if (runningStatistics) checkStatistics(runningStatistics, network);
    const objective = await executor.load(network, part);
    if (runningStatistics) objective.buffers?.set(runningStatistics);
    return objective;
  };
  const penalized = (objective: Objective): Objective =>
    l2 > 0 ? withL2(objective, { coefficient: l2, biases: l2Biases }) : objective;

  const train = await loadPart(data.train, { statistics });
  const hasDropout = model.layers.some((layer) => layer.type === 'dropout');
  const stepping = hasDropout ? await loadPart(data.train, { statistics, dropout: true }) : null;
  const hasValidation = data.validation.examples > 0;
  const validation = hasValidation ? await loadPart(data.validation, { statistics: 'running' }) : null;
  return {
    train: penalized(train),
    stepping: stepping && penalized(stepping),
    // The validation part is read by the statistics of the training part.
    validation: validation && train.statistics ? withStatistics(validation, train) : validation,
    data,
  };
}

function checkStatistics(given: readonly number[], { buffers }: Network): void {
  const wanted = buffers.reduce((sum, { size }) => sum + size, 0);
  if (given.length === wanted) return;
  throw badInput(
    `The model keeps ${wanted} running statistics; runningStatistics has ${given.length}.`,
    'Leave runningStatistics out to use those of the examples.',
    ['objective', 'runningStatistics'],
  );
}

function unload(objective: LoadedObjective): void {
  objective.train.dispose();
  objective.stepping?.dispose();
  objective.validation?.dispose();
}

/** The examples of a named subset, ascending; undefined for all of them. */
export function subsetRows(subset: Subset, examples: number): Rows | undefined {
  if (subset.kind === 'full' || examples === 0 || subset.examples >= examples) return undefined;
  const order = Int32Array.from({ length: examples }, (_, i) => i);
  return createRng(subset.seed, 'subset').shuffle(order).slice(0, subset.examples).sort();
}
