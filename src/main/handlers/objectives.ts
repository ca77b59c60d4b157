import { badInput } from '../../shared/errors';
import type { ExecutorPurpose, ExecutorSelection } from '../../shared/model/executors';
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
import type { Objective, Rows, Vector } from '../engine/objectives/objective';
import { withL2 } from '../engine/objectives/withL2';
import { withStatistics } from '../engine/objectives/withStatistics';
import { createRng } from '../engine/random';
import type { Activity } from './activity';
import type { DataLoader } from './dataLoader';
import type { Executors } from './executors';

/** An objective ready to be evaluated, with the data it came from. */
export interface LoadedObjective {
  train: Objective;
  /** The training loss without its L2 term; the same as `train` where there is none. */
  unpenalized: Objective;
  /** What training steps follow the gradient of, where the model has dropout; else null. */
  stepping: Objective | null;
  /** Without the L2 term; null where there is no validation part. */
  validation: Objective | null;
  /** null for functions and expressions. */
  data: PreparedData | null;
}

/** A loaded objective in use; `release` lets it be unloaded when others need the room. */
export interface ObjectiveLease extends LoadedObjective {
  /** Why this executor; null for functions and expressions. */
  selection: ExecutorSelection | null;
  /** Ends the lease. What `allocate` gave meanwhile is given to others: keep copies. */
  release(): void;
}

/** What it is leased for, so that auto finds what is fast at that. */
export interface LeaseUse {
  /** Examples of most commands; all where left out. */
  batch?: number | undefined;
  /** 'gradient' where left out. */
  purpose?: ExecutorPurpose;
}

export interface ObjectivePool {
  /** @throws UserError for data, models or names that do not fit */
  lease(spec: ObjectiveSpec, executor: ExecutorChoice, use?: LeaseUse): Promise<ObjectiveLease>;
  /** The objective of a recorded run, on the run's own executor where none is named; refuses data that changed since. */
  leaseRun(run: RunInfo, executor?: ExecutorChoice, use?: LeaseUse): Promise<ObjectiveLease>;
  dispose(): void;
}

/** Loaded objectives nobody uses at the moment that are kept for the next call. */
const idleLimit = 4;
/** Answers to "which executor" that are remembered. */
const choiceLimit = 32;

interface Entry {
  /** Of its objective, and why its executor. */
  spec: string;
  selection: ExecutorSelection | null;
  loaded: Promise<LoadedObjective>;
  users: number;
  /** What leases have allocated and given back: storage in an executor's memory lives as long as its objective. */
  spare: Map<keyof LoadedObjective, Vector[]>;
}

/** Which entry answers a question, and how it is made. */
interface Choice {
  key: string;
  selection: ExecutorSelection | null;
  load(): Promise<LoadedObjective>;
  /** The data it was made for need not be kept: the answer is remembered longer than they are of use. */
  forget(): void;
}

export function createObjectivePool(executors: Executors, data: DataLoader, activity: Activity): ObjectivePool {
  const entries = new Map<string, Entry>();
  const choices = new Map<string, Promise<Choice>>();

  function evict(): void {
    const idle = [...entries].filter(([, entry]) => entry.users === 0);
    for (const [key, entry] of idle.slice(0, Math.max(0, idle.length - idleLimit))) {
      entries.delete(key);
      void entry.loaded.then(unload, () => undefined);
    }
  }

  /** The same question has the same answer while the circumstances last. */
  function choiceFor(spec: ObjectiveSpec, executor: ExecutorChoice, use: LeaseUse): Promise<Choice> {
    const question = JSON.stringify([executor, executor === 'auto' && executors.circumstances, use, spec]);
    let choice = choices.get(question);
    if (!choice) {
      choice = choose(spec, executor, use, executors, data);
      choices.set(question, choice);
      choice.catch(() => choices.delete(question));
      for (const oldest of [...choices.keys()].slice(0, Math.max(0, choices.size - choiceLimit)))
        choices.delete(oldest);
    }
    return choice;
  }

  /**
   * While a network trains, auto stays with the executor that has it: its data are in memory once, and the commands of
   * an executor that answers later would come to their turn only between two stretches of training.
   */
  function inUse(spec: ObjectiveSpec): [string, Entry] | undefined {
    const wanted = JSON.stringify(spec);
    return [...entries].find(([, entry]) => entry.users > 0 && entry.spec === wanted);
  }

  async function findEntry(spec: ObjectiveSpec, executor: ExecutorChoice, use: LeaseUse): Promise<[string, Entry]> {
    const used = executor === 'auto' ? inUse(spec) : undefined;
    if (used) return used;
    const { key, selection, load, forget } = await choiceFor(spec, executor, use);
    const known = entries.get(key);
    const entry = known ?? { spec: JSON.stringify(spec), selection, loaded: load(), users: 0, spare: new Map() };
    entry.selection = selection;
    forget();
    return [key, entry];
  }

  async function lease(spec: ObjectiveSpec, executor: ExecutorChoice, use: LeaseUse = {}): Promise<ObjectiveLease> {
    const end = activity.begin();
    try {
      const [key, entry] = await findEntry(spec, executor, use);
      const { selection } = entry;
      entries.delete(key);
      entries.set(key, entry);
      entry.users += 1;
      const loaded = await entry.loaded.catch((error: unknown) => {
        if (entries.get(key) === entry) entries.delete(key);
        throw error;
      });
      const lent = lend(loaded, entry);
      let released = false;
      return {
        ...lent.objectives,
        selection,
        release() {
          if (released) return;
          released = true;
          lent.giveBack();
          entry.users -= 1;
          evict();
          end();
        },
      };
    } catch (error) {
      end();
      throw error;
    }
  }

  return {
    lease,
    async leaseRun(run, executor = 'auto', use = {}) {
      const choice = executor === 'auto' ? run.experiment.executor : executor;
      const leased = await lease(run.experiment.objective, choice, use);
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

/** The objectives with storage that is given back at the end instead of growing from call to call. */
function lend(loaded: LoadedObjective, { spare }: Entry): { objectives: LoadedObjective; giveBack(): void } {
  const lent: [Vector[], Vector][] = [];
  const { data: _, ...parts } = loaded;
  const { train, unpenalized, stepping, validation } = parts;
  const lending = (part: keyof typeof parts, objective: Objective): Objective => {
    const free = spare.get(part) ?? [];
    spare.set(part, free);
    return {
      ...objective,
      allocate() {
        const vector = free.pop()?.fill(0) ?? objective.allocate();
        lent.push([free, vector]);
        return vector;
      },
    };
  };
  return {
    objectives: {
      ...loaded,
      train: lending('train', train),
      unpenalized: lending('train', unpenalized),
      stepping: stepping && lending('stepping', stepping),
      validation: validation && lending('validation', validation),
    },
    giveBack() {
      for (const [free, vector] of lent) free.push(vector);
    },
  };
}

async function choose(
  spec: ObjectiveSpec,
  executor: ExecutorChoice,
  { batch, purpose = 'gradient' }: LeaseUse,
  executors: Executors,
  loader: DataLoader,
): Promise<Choice> {
  const alone = (train: () => Objective): Choice => ({
    key: JSON.stringify(spec),
    selection: null,
    load: async () => {
      const objective = train();
      return { train: objective, unpenalized: objective, stepping: null, validation: null, data: null };
    },
    forget: () => undefined,
  });
  switch (spec.kind) {
    case 'function':
      return alone(() => functionObjective(spec.name));
    case 'expression':
      return alone(() => expressionObjective(spec.expression));
    case 'network': {
      let read: PreparedData | null = await loader.load(spec.data);
      checkModel(spec.model, read);
      const rows = Math.min(batch ?? read.train.examples, read.train.examples);
      const chosen = await executors.choose(executor, buildNetwork(spec.model), { rows, purpose });
      return {
        key: JSON.stringify([chosen.executor.name, spec]),
        selection: chosen.selection,
        load: async () => loadNetwork(spec, read ?? (await loader.load(spec.data)), chosen.executor),
        forget() {
          read = null;
        },
      };
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
    unpenalized: train,
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
