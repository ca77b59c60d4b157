import type { AppInfo } from '../../shared/contract';
import { sayError, UserError } from '../../shared/errors';
import { type Message, message, type Said } from '../../shared/messages';
import {
  type ExecutorPurpose,
  type ExecutorReport,
  type ExecutorSelection,
  hasFailedCheck,
} from '../../shared/model/executors';
import type { ExecutorChoice, ExecutorName } from '../../shared/model/experiment';
import { type Executor, supportOf } from '../engine/executors/executor';
import { type Costs, fitCosts, predictSeconds, workOf } from '../engine/executors/probe/cost';
import { timedNets } from '../engine/executors/probe/nets';
import type { Network } from '../engine/graph/ir';
import { executorList, listedExecutors } from './executorList';
import type { Measurements } from './measurements';

export interface ChosenExecutor {
  executor: Executor;
  selection: ExecutorSelection;
}

/** The executors of this process, each made when first asked for; the one place where one is chosen. */
export interface Executors {
  /**
   * An executor asked for by name is that one. 'auto' is the one preferred in the settings, else the one predicted to
   * take least time for what it is used for, by what was measured on this machine or, before that, by the
   * built-in table; among those that are there and can run the network.
   * @throws UserError badInput where the executor asked for cannot run the network
   */
  choose(choice: ExecutorChoice, network: Network, use: ExecutorUse): Promise<ChosenExecutor>;
  /** Changes when the same question may be answered otherwise. */
  readonly circumstances: string;
  describe(): Promise<AppInfo['executors']>;
  dispose(): Promise<void>;
}

export interface ExecutorsOptions {
  make: (name: ExecutorName) => Executor | Promise<Executor>;
  /** Of the settings. */
  preferred: () => ExecutorChoice;
  measurements: Pick<Measurements, 'complete' | 'revision'>;
}

export function createExecutors({ make, preferred, measurements }: ExecutorsOptions): Executors {
  const made = new Map<ExecutorName, Promise<Executor>>();
  const named = (name: ExecutorName): Promise<Executor> => {
    let executor = made.get(name);
    if (!executor) {
      executor = Promise.resolve().then(() => make(name));
      made.set(name, executor);
    }
    return executor;
  };
  let costs: { revision: number; byName: KnownCosts } | null = null;
  const knownCosts = (): KnownCosts => {
    const { revision, complete } = measurements;
    if (costs?.revision !== revision) costs = { revision, byName: complete ? measuredCosts(complete) : typicalCosts() };
    return costs.byName;
  };

  return {
    async choose(choice, network, use) {
      if (choice !== 'auto') {
        const executor = await named(choice);
        requireSupport(executor, network);
        return { executor, selection: { by: 'asked', per: use.purpose, estimates: [], passedOver: [] } };
      }
      const first = preferred();
      return chooseAutomatically({
        network,
        use,
        costs: knownCosts(),
        preferred: first === 'auto' ? null : first,
        make: named,
      });
    },
    get circumstances() {
      return `${preferred()} ${measurements.revision}`;
    },
    describe: () =>
      Promise.all(
        listedExecutors.map(async (name) => ({
          name,
          description: await describe(name, made.get(name), measurements.complete),
        })),
      ),
    async dispose() {
      for (const executor of made.values()) {
        await executor.then(
          (running) => running.dispose(),
          () => undefined,
        );
      }
      made.clear();
    },
  };
}

/** In its own words, or why it is not there; nothing is made to be listed, since that may load a native library. */
async function describe(
  name: ExecutorName,
  executor: Promise<Executor> | undefined,
  reports: readonly ExecutorReport[] | null,
): Promise<string> {
  if (executor) {
    return executor.then(
      ({ description }) => description,
      (error: Error) => error.message,
    );
  }
  const report = reports?.find((each) => each.name === name);
  return report ? (report.reason ?? report.description) : executorList[name].summary;
}

/** What most of the commands will be: over how many examples, and of what kind. */
export interface ExecutorUse {
  readonly rows: number;
  readonly purpose: ExecutorPurpose;
}

type CostsByPurpose = Readonly<Record<ExecutorPurpose, Costs>>;

interface Excluded {
  readonly reason: string;
  readonly said?: Said | undefined;
}

/** By name: the costs of an executor that may be chosen, or why it may not. */
export type KnownCosts = {
  readonly by: 'measured' | 'typical';
  readonly executors: ReadonlyMap<ExecutorName, { costs: CostsByPurpose } | Excluded>;
};

/** By what was measured here. */
export function measuredCosts(reports: readonly ExecutorReport[]): KnownCosts {
  return { by: 'measured', executors: new Map(reports.map((report) => [report.name, costsOf(report)])) };
}

function excluded({ text, said }: Message): Excluded {
  return { reason: text, said };
}

function costsOf(report: ExecutorReport): { costs: CostsByPurpose } | Excluded {
  const { reason, said } = report;
  if (report.state !== 'available') return reason ? { reason, said } : excluded(message('executorAbsent', {}));
  if (hasFailedCheck(report)) return excluded(message('checkFailed', {}));
  if (report.software) return excluded(message('cardImitated', { devices: report.devices.join(', ') }));
  const fitted = (purpose: ExecutorPurpose) =>
    fitCosts(
      report.speeds.map(({ net, examples, measured, ...seconds }) => ({
        work: workOf(timedNets[net]().network, measured, purpose),
        seconds: (seconds[purpose] * measured) / examples,
      })),
    );
  return { costs: { gradient: fitted('gradient'), point: fitted('point') } };
}

function typicalCosts(): KnownCosts {
  return {
    by: 'typical',
    executors: new Map(
      listedExecutors.map((name) => {
        const { typical } = executorList[name];
        return [name, typical ? { costs: typical } : excluded(message('notMeasuredYet', {}))];
      }),
    ),
  };
}

/** The preferred executor where it is there and able, else the fastest that is; the reference runs everything. */
export async function chooseAutomatically(options: {
  network: Network;
  use: ExecutorUse;
  costs: KnownCosts;
  preferred: ExecutorName | null;
  make: (name: ExecutorName) => Promise<Executor>;
}): Promise<ChosenExecutor> {
  const { network, preferred, make } = options;
  const { rows, purpose } = options.use;
  const { by, executors } = options.costs;
  const passedOver: ExecutorSelection['passedOver'] = [];
  /** The executor, or null where it is not there or cannot: then it is said why. */
  const able = async (name: ExecutorName): Promise<Executor | null> => {
    try {
      const executor = await make(name);
      const support = supportOf(executor, network);
      if (support.ok) return executor;
      passedOver.push({ executor: name, reason: support.reason, ...(support.said && { said: support.said }) });
    } catch (error) {
      const said = error instanceof UserError ? error.said : undefined;
      passedOver.push({ executor: name, reason: (error as Error).message, ...(said && { said }) });
    }
    return null;
  };
  if (preferred) {
    const executor = await able(preferred);
    if (executor) return { executor, selection: { by: 'preferred', per: purpose, estimates: [], passedOver } };
  }
  const work = workOf(network, rows, purpose);
  const estimates: ExecutorSelection['estimates'] = [];
  /** Not asked for this network: only where the slow reference is what remains is it worth a word. */
  const absent: ExecutorSelection['passedOver'] = [];
  /** Able perhaps, but nothing like this network was timed. */
  const unknown: ExecutorName[] = [];
  for (const [name, known] of executors) {
    if (name === preferred) continue;
    if ('reason' in known) {
      absent.push({ executor: name, reason: known.reason, ...(known.said && { said: known.said }) });
      continue;
    }
    const seconds = predictSeconds(known.costs[purpose], work);
    if (seconds === null) unknown.push(name);
    else estimates.push({ executor: name, seconds });
  }
  estimates.sort((a, b) => a.seconds - b.seconds);
  for (const name of [...estimates.map(({ executor }) => executor), ...unknown]) {
    const executor = await able(name);
    if (!executor) continue;
    const failed = new Set(passedOver.map((each) => each.executor));
    const possible = estimates.filter((each) => !failed.has(each.executor));
    const why = executor.name === 'reference' ? [...passedOver, ...absent] : passedOver;
    return { executor, selection: { by, per: purpose, estimates: possible, passedOver: why } };
  }
  const why = [...passedOver, ...absent];
  return { executor: await make('reference'), selection: { by, per: purpose, estimates: [], passedOver: why } };
}

/** @throws badInput where the executor cannot run the network */
export function requireSupport(executor: Executor, network: Network): void {
  const support = supportOf(executor, network);
  if (support.ok) return;
  throw sayError('badInput', 'executorCannotRun', { executor: executor.name, reason: support.reason }, ['executor']);
}
