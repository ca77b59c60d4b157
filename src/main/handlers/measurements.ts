import { existsSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../shared/errors';
import { type ExecutorReport, executorReportSchema, representativeNets } from '../../shared/model/executors';
import type { ExecutorName } from '../../shared/model/experiment';
import { writeFileAtomic } from '../store/atomic';
import type { Activity } from './activity';
import { executorList, installedVersion, listedExecutors } from './executorList';
import type { probeExecutor } from './probeChild';

/** What makes a measurement stale: another of any of these. */
export function machineKey(kernelsFolder: string, version: string): Record<string, string> {
  const kernels = (['simd', 'relaxed'] as const).map((kernel) => {
    const stat = statSync(join(kernelsFolder, `kernels.${kernel}.wasm`), { throwIfNoEntry: false });
    return stat ? `${stat.size} ${Math.round(stat.mtimeMs)}` : 'none';
  });
  const libraries = new Set(listedExecutors.flatMap((name) => executorList[name].libraries));
  return {
    version,
    cpu: cpus()[0]?.model ?? '',
    cores: String(availableParallelism()),
    node: process.versions.node,
    electron: process.versions.electron ?? '',
    executors: listedExecutors.join(' '),
    kernels: kernels.join(', '),
    ...Object.fromEntries([...libraries].map((library) => [library, installedVersion(library) ?? 'none'])),
  };
}

const fileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  key: z.record(z.string(), z.string()),
  measuredAt: z.string(),
  reports: z.array(executorReportSchema),
});

/** What was measured on this machine, kept in a file. */
export interface Measurements {
  /** Of every executor; null until all were measured. */
  readonly complete: readonly ExecutorReport[] | null;
  readonly measuredAt: string | null;
  /** Grows whenever something new is known. */
  readonly revision: number;
  /**
   * Tries one executor now. Its speeds are those kept, where there are any and `remeasure` is not set.
   * @throws UserError `cancelled`
   */
  probe(
    name: ExecutorName,
    options: { remeasure: boolean; thorough: boolean; signal: AbortSignal; onStep?: () => void },
  ): Promise<ExecutorReport>;
  dispose(): void;
}

export interface MeasurementOptions {
  /** Made when something has been measured; a file that is of another machine or unreadable is measured anew. */
  file: string;
  key: Record<string, string>;
  kernelsFolder: string;
  /** Runs a probe process. */
  run: (
    options: Parameters<typeof probeExecutor>[1],
    control: Parameters<typeof probeExecutor>[2],
  ) => Promise<ExecutorReport>;
  activity: Activity;
  /**
   * Measures what is missing once nobody has wanted anything for so many milliseconds, one executor after the other;
   * whoever wants something ends it, and it goes on later. null: only when asked.
   */
  idleMs: number | null;
}

export function createMeasurements(options: MeasurementOptions): Measurements {
  const { file, key, kernelsFolder, run, activity, idleMs } = options;
  const kept = load(file, key);
  const reports = new Map(kept?.reports.map((report) => [report.name, report]));
  let measuredAt = kept?.measuredAt ?? null;
  let revision = 0;
  let disposed = false;
  let timer: NodeJS.Timeout | null = null;
  let background: AbortController | null = null;

  const missing = () => listedExecutors.filter((name) => !reports.has(name));

  function keep(report: ExecutorReport): void {
    // What could not be tried is tried again the next time.
    if (report.state === 'unknown') reports.delete(report.name);
    else reports.set(report.name, report);
    revision += 1;
    if (reports.size === 0) return;
    try {
      writeFileAtomic(
        file,
        `${JSON.stringify({ schemaVersion: 1, key, measuredAt, reports: [...reports.values()] })}\n`,
      );
    } catch {
      // A folder that cannot be written costs only the next start's measuring; doctor tells of it.
    }
  }

  async function probe(
    name: ExecutorName,
    { remeasure, thorough, signal, onStep }: Parameters<Measurements['probe']>[1],
  ): Promise<ExecutorReport> {
    const before = reports.get(name);
    const known = !remeasure && before?.state === 'available' && before.speeds.length > 0;
    const nets = known ? [] : representativeNets;
    const found = await run({ executor: name, kernelsFolder, nets, thorough }, { signal, ...(onStep && { onStep }) });
    const report = known && found.state === 'available' ? { ...found, speeds: before.speeds } : found;
    if (nets.length > 0 && report.speeds.length > 0) measuredAt = new Date().toISOString();
    if (!isSame(before, report)) keep(report);
    return report;
  }

  async function measureMissing(signal: AbortSignal): Promise<void> {
    for (const name of missing()) {
      const report = await probe(name, { remeasure: true, thorough: false, signal });
      // Where no process can be started the next one cannot be either.
      if (report.state === 'unknown') {
        stop();
        return;
      }
    }
  }

  function schedule(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    if (idleMs === null || disposed || activity.busy || missing().length === 0) return;
    timer = setTimeout(() => {
      timer = null;
      const controller = new AbortController();
      background = controller;
      measureMissing(controller.signal)
        .catch((error: unknown) => {
          if (!(error instanceof UserError && error.code === 'cancelled')) throw error;
        })
        .finally(() => {
          if (background === controller) background = null;
        });
    }, idleMs);
    timer.unref();
  }

  const onActivity = (busy: boolean) => {
    if (busy) background?.abort();
    schedule();
  };
  const undo = activity.subscribe(onActivity);
  schedule();

  function stop(): void {
    disposed = true;
    undo();
    if (timer) clearTimeout(timer);
    timer = null;
    background?.abort();
  }

  return {
    get complete() {
      return missing().length === 0 ? [...reports.values()] : null;
    },
    get measuredAt() {
      return missing().length === 0 ? measuredAt : null;
    },
    get revision() {
      return revision;
    },
    probe,
    dispose: stop,
  };
}

/** The file's contents where they are of this machine. */
function load(file: string, key: Record<string, string>): z.infer<typeof fileSchema> | null {
  if (!existsSync(file)) return null;
  try {
    const kept = fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const names = new Set([...Object.keys(kept.key), ...Object.keys(key)]);
    return [...names].every((name) => kept.key[name] === key[name]) ? kept : null;
  } catch {
    return null;
  }
}

const isSame = (before: ExecutorReport | undefined, report: ExecutorReport): boolean =>
  before !== undefined && JSON.stringify(before) === JSON.stringify(report);
