import { accessSync, constants } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import {
  type DoctorReport,
  type ExecutorPurpose,
  type ExecutorReport,
  representativeNets,
} from '../../shared/model/executors';
import { timedNets } from '../engine/executors/probe/nets';
import { countParameters } from '../engine/models/countParameters';
import type { CallContext } from '../router';
import type { Services } from '../services';
import { listedExecutors } from './executorList';
import { createProgress } from './progress';

/** Tries every executor, one after the other, each in a process of its own. */
export async function examine(
  services: Services,
  remeasure: boolean,
  { signal, progress, partial }: CallContext<ExecutorReport>,
): Promise<DoctorReport> {
  const end = services.activity.begin();
  try {
    const { measurements } = services;
    /** Started, made, checked, each network timed, done. */
    const stepsEach = 4 + representativeNets.length;
    const report = createProgress('executors', listedExecutors.length * stepsEach, progress);
    const executors: ExecutorReport[] = [];
    for (const [i, name] of listedExecutors.entries()) {
      let steps = 0;
      report(i * stepsEach);
      const onStep = () => {
        steps = Math.min(steps + 1, stepsEach);
        report(i * stepsEach + steps);
      };
      const found = await measurements.probe(name, { remeasure, thorough: true, signal, onStep });
      executors.push(found);
      partial(found);
    }
    report(listedExecutors.length * stepsEach);
    const { measuredAt } = measurements;
    return { machine: machineOf(services, executors), executors, choices: await choicesOf(services), measuredAt };
  } finally {
    end();
  }
}

function machineOf({ options }: Services, executors: readonly ExecutorReport[]): DoctorReport['machine'] {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${platform()} ${release()} (${arch()})`,
    node: process.versions.node,
    v8: process.versions.v8,
    electron: process.versions.electron ?? null,
    version: options.version,
    dataFolder: options.dataFolder,
    dataFolderWritable: isWritable(options.dataFolder),
    kernels: executors.find(({ name }) => name === 'wasm')?.kernels ?? null,
  };
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function choicesOf({ executors }: Services): Promise<DoctorReport['choices']> {
  return Promise.all(
    representativeNets.map(async (net) => {
      const { network, title, examples } = timedNets[net]();
      const choose = async (purpose: ExecutorPurpose) => {
        const { executor, selection } = await executors.choose('auto', network, { rows: examples, purpose });
        return { executor: executor.name, description: executor.description, selection };
      };
      const parameters = countParameters(network.model);
      return {
        ...{ net, model: title, parameters, examples },
        gradient: await choose('gradient'),
        point: await choose('point'),
      };
    }),
  );
}
