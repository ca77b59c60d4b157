import type { AppError, ParamsInput, RequestName, Value } from '../../../shared/contract';
import { UserError } from '../../../shared/errors';
import type { RunInfo } from '../../../shared/model/run';
import type { EventHub } from '../../events';
import { appFolders, appVersion, defaultDataFolder } from '../../folders';
import { openEngine } from '../../openEngine';
import { createProgressBar } from './progressBar';
import type { Terminal } from './terminal';

/** The engine in this process, as a command uses it. */
export interface Engine {
  /** Shows progress, stops with Ctrl-C. @throws UserError */
  call<K extends RequestName>(method: K, params: ParamsInput<K>): Promise<Value<K>>;
  readonly events: EventHub;
}

export interface EngineOptions {
  terminal: Terminal;
  /** Where runs without a path of their own are kept; the app's folder when left out. */
  dataFolder?: string | undefined;
  /** Settings and measurements, where they are not in the data folder. */
  settingsFolder?: string;
  /** Runs attached by the command stay in the app's list. */
  host?: 'cli' | 'browser';
}

/** Starts an engine for one command and ends it whatever happens. */
export async function withEngine<T>(options: EngineOptions, use: (engine: Engine) => Promise<T>): Promise<T> {
  const { terminal } = options;
  const folders = appFolders();
  const engine = openEngine({
    dataFolder: options.dataFolder ?? defaultDataFolder(),
    resourcesFolder: folders.resources,
    kernelsFolder: folders.kernels,
    probeFile: folders.probe,
    settingsFolder: options.settingsFolder,
    host: options.host ?? 'cli',
    version: appVersion(folders),
  });
  try {
    return await use({
      events: engine.events,
      async call(method, params) {
        const bar = createProgressBar(terminal);
        const result = await engine.router.call(method, params, { signal: terminal.signal, onProgress: bar.update });
        bar.stop();
        if (!result.ok) throw fromAppError(result.error);
        return result.value;
      },
    });
  } finally {
    await engine.close();
  }
}

export function fromAppError({ code, message, cure, field }: AppError): UserError {
  return new UserError(code, message, { ...(cure !== undefined && { cure }), ...(field && { field }) });
}

export interface FinishedRun {
  run: RunInfo;
  /** What ended the run from outside: a full disk, … */
  error: AppError | undefined;
}

/**
 * Starts a run and waits for its end. Ctrl-C cancels it; what was recorded stays.
 * @param watch told about every batch
 */
export async function trainToEnd(
  engine: Engine,
  terminal: Terminal,
  params: ParamsInput<'run/start'>,
  watch: (batch: { path: { x: Float64Array; y: Float64Array } | null; step: number }) => void = () => undefined,
): Promise<FinishedRun> {
  const bar = createProgressBar(terminal);
  const ended = new Map<string, FinishedRun>();
  let started: string | null = null;
  let onEnd: (() => void) | null = null;
  let total = 0;
  const begin = performance.now();
  const undo = [
    engine.events.subscribe('run/ended', ({ run, error }) => {
      ended.set(run.id, { run, error });
      onEnd?.();
    }),
    engine.events.subscribe('run/batch', (batch) => {
      // Batches are used as they come: without this they would be held back and merged.
      queueMicrotask(
        () => void engine.call('run/acknowledge', { runId: batch.runId, batches: 1 }).catch(() => undefined),
      );
      const step = batch.metrics.step.at(-1) ?? 0;
      watch({ path: batch.path, step });
      const seconds = (performance.now() - begin) / 1_000;
      const secondsLeft = step > 0 && total > 0 ? (seconds * (total - step)) / step : null;
      bar.update({ label: 'training', done: step, total, secondsLeft });
    }),
  ];
  const cancel = () => {
    if (started) void engine.call('run/cancel', { runId: started }).catch(() => undefined);
  };
  terminal.signal.addEventListener('abort', cancel);
  try {
    const run = await engine.call('run/start', params);
    started = run.id;
    total = run.experiment.training.stop.steps;
    if (terminal.signal.aborted) cancel();
    if (!ended.has(run.id)) {
      await new Promise<void>((resolve) => {
        onEnd = () => ended.has(run.id) && resolve();
      });
    }
    return ended.get(run.id)!;
  } finally {
    terminal.signal.removeEventListener('abort', cancel);
    for (const stop of undo) stop();
    bar.stop();
  }
}
