import { create } from 'zustand';
import type { AppError, Events, Value } from '../../shared/contract';
import type { RunInfo } from '../../shared/model/run';
import { request, subscribe } from '../api';
import { announce, notify, notifyError } from './notices';
import { setRows } from './timeline';
import { appendBatch, createTrack, loadMetrics, type Track } from './tracks';

/** One run on the stage, as React knows it; its numbers are in its track. */
export interface RunView {
  runId: string;
  label: string;
  /** Index of the palette. */
  color: number;
  hidden: boolean;
  paused: boolean;
  info: RunInfo;
}

interface RunsState {
  /** The runs on the stage, all of one objective. */
  runs: RunView[];
  /** The run the inspection speaks of. */
  selected: string | null;
  /** Runs are being asked for. */
  starting: boolean;
  /** Rises at most ten times a second while rows arrive: charts redraw. */
  revision: number;
  /** Everything recorded so far, newest first; null until asked. */
  library: RunInfo[] | null;
  /** Folders among them that cannot be read, and why. */
  unreadable: Value<'run/unreadable'>;
}

export const useRuns = create<RunsState>(() => ({
  runs: [],
  selected: null,
  starting: false,
  revision: 0,
  library: null,
  unreadable: [],
}));

const tracks = new Map<string, Track>();
export const trackOf = (runId: string): Track | undefined => tracks.get(runId);

export const isRunning = (run: RunView): boolean => run.info.outcome.kind === 'running';
export const anyRunning = (runs: readonly RunView[]): boolean => runs.some(isRunning);

type Listener = () => void;
const endListeners = new Set<Listener>();
/** Called when the last run of the stage has ended. Returns the undo. */
export function onAllEnded(listener: Listener): () => void {
  endListeners.add(listener);
  return () => endListeners.delete(listener);
}
const rowListeners = new Set<Listener>();
/** Called after rows arrived (many times a second). Returns the undo. */
export function onRows(listener: Listener): () => void {
  rowListeners.add(listener);
  return () => rowListeners.delete(listener);
}

const revisionInterval = 100;
let revisionTimer: ReturnType<typeof setTimeout> | null = null;
export function bumpRevision(): void {
  if (revisionTimer !== null) return;
  revisionTimer = setTimeout(() => {
    revisionTimer = null;
    useRuns.setState(({ revision }) => ({ revision: revision + 1 }));
  }, revisionInterval);
}

/** Events that came before the reply that names their run. */
let early: (() => void)[] = [];

function whenKnown(runId: string, use: (run: RunView, track: Track) => void): void {
  const { runs, starting } = useRuns.getState();
  const run = runs.find((candidate) => candidate.runId === runId);
  const track = tracks.get(runId);
  if (run && track) use(run, track);
  else if (starting) early.push(() => whenKnown(runId, use));
}

export function refreshRows(): void {
  const { runs } = useRuns.getState();
  setRows(runs.reduce((most, { runId }) => Math.max(most, tracks.get(runId)?.rows ?? 0), 0));
}

function onBatch(batch: Events['run/batch']): void {
  whenKnown(batch.runId, (_run, track) => {
    appendBatch(track, batch);
    refreshRows();
    bumpRevision();
    for (const listener of rowListeners) listener();
    void request('run/acknowledge', { runId: batch.runId, batches: 1 });
  });
}

function patch(runId: string, change: Partial<RunView>): void {
  useRuns.setState(({ runs }) => ({ runs: runs.map((run) => (run.runId === runId ? { ...run, ...change } : run)) }));
}

function onEnded({ run: info, error }: Events['run/ended']): void {
  whenKnown(info.id, () => {
    patch(info.id, { info, paused: false });
    if (error) notifyError(error);
    if (!anyRunning(useRuns.getState().runs)) for (const listener of endListeners) listener();
  });
}

function onChanged({ runId, outcome, paused }: Events['run/changed']): void {
  whenKnown(runId, (run) => {
    // The end itself comes with `run/ended`, which has the whole run.
    if (outcome.kind === 'running') patch(runId, { paused, info: { ...run.info, outcome } });
  });
}

/** Connects the store to the engine's events. Returns the undo. */
export function connectRuns(texts: { engineRestarted(): { message: string; cure: string } }): () => void {
  const undos = [
    subscribe('run/batch', onBatch),
    subscribe('run/ended', onEnded),
    subscribe('run/changed', onChanged),
    subscribe('engine/restarted', () => {
      const { message, cure } = texts.engineRestarted();
      notify({ place: 'app', tone: 'error', message, cure });
      useRuns.setState(({ runs }) => ({
        runs: runs.map((run) =>
          isRunning(run)
            ? { ...run, paused: false, info: { ...run.info, outcome: { kind: 'interrupted', step: lastStep(run) } } }
            : run,
        ),
      }));
      for (const listener of endListeners) listener();
    }),
  ];
  return () => {
    for (const undo of undos) undo();
  };
}

/** The last step recorded. */
export function lastStep({ runId }: RunView): number {
  const track = tracks.get(runId);
  return track && track.rows > 0 ? (track.metrics.step[track.rows - 1] as number) : 0;
}

/** Takes every run off the stage (they stay recorded). */
export function clearStage(): void {
  tracks.clear();
  early = [];
  useRuns.setState({ runs: [], selected: null });
  setRows(0);
}

/** The runs of the stage with what they recorded, to be put back as they were. */
export interface HeldRuns {
  runs: RunView[];
  selected: string | null;
  tracks: ReadonlyMap<string, Track>;
}

export function holdRuns(): HeldRuns {
  const { runs, selected } = useRuns.getState();
  return { runs, selected, tracks: new Map(tracks) };
}

/** Puts held runs on the stage in place of what is there. */
export function putBackRuns(held: HeldRuns): void {
  clearStage();
  for (const [runId, track] of held.tracks) tracks.set(runId, track);
  useRuns.setState({ runs: held.runs, selected: held.selected });
  refreshRows();
  bumpRevision();
}

/** Resolves when nothing trains any more. */
export function whenAllEnded(): Promise<void> {
  return new Promise((resolve) => {
    const idle = () => {
      const { runs, starting } = useRuns.getState();
      return !starting && !anyRunning(runs);
    };
    if (idle()) {
      resolve();
      return;
    }
    const undo = useRuns.subscribe(() => {
      if (!idle()) return;
      undo();
      resolve();
    });
  });
}

export interface StartRequest {
  label: string;
  color: number;
  experiment: RunInfo['experiment'];
}

/** Starts runs and puts them on the stage in place of what was there. Errors come back in the order of `requests`. */
export async function startRuns(requests: readonly StartRequest[]): Promise<(AppError | null)[]> {
  clearStage();
  useRuns.setState({ starting: true });
  const results = await Promise.all(requests.map(({ experiment }) => request('run/start', { experiment })));
  results.forEach((result, i) => {
    const wanted = requests[i] as StartRequest;
    if (result.ok) place(result.value, wanted.label, wanted.color);
  });
  const waiting = early;
  early = [];
  for (const replay of waiting) replay();
  useRuns.setState({ starting: false });
  return results.map((result) => (result.ok ? null : result.error));
}

function place(info: RunInfo, label: string, color: number): void {
  tracks.set(info.id, createTrack(info.id));
  const view: RunView = { runId: info.id, label, color, hidden: false, paused: false, info };
  useRuns.setState(({ runs, selected }) => ({ runs: [...runs, view], selected: selected ?? info.id }));
}

export interface RestoreRequest {
  runId: string;
  label: string;
  color: number;
}

/** Puts recorded runs back on the stage; those that are gone are left out. Returns how many came back. */
export async function restoreRuns(requests: readonly RestoreRequest[]): Promise<number> {
  clearStage();
  useRuns.setState({ starting: true });
  const results = await Promise.all(requests.map(({ runId }) => request('run/open', { runId })));
  results.forEach((result, i) => {
    if (!result.ok) return;
    const { label, color } = requests[i] as RestoreRequest;
    place(result.value.run, label, color);
    loadMetrics(tracks.get(result.value.run.id) as Track, result.value.metrics);
  });
  const waiting = early;
  early = [];
  for (const replay of waiting) replay();
  useRuns.setState({ starting: false });
  bumpRevision();
  return useRuns.getState().runs.length;
}

const forRunning = async (method: 'run/pause' | 'run/resume' | 'run/cancel'): Promise<void> => {
  const running = useRuns.getState().runs.filter(isRunning);
  const results = await Promise.all(running.map(({ runId }) => request(method, { runId })));
  for (const result of results) if (!result.ok) notifyError(result.error);
};

export const stopRuns = (): Promise<void> => forRunning('run/cancel');

export async function togglePause(): Promise<void> {
  const paused = useRuns.getState().runs.some((run) => isRunning(run) && run.paused);
  await forRunning(paused ? 'run/resume' : 'run/pause');
}

export function selectRun(runId: string): void {
  useRuns.setState({ selected: runId });
}

export function toggleRunHidden(runId: string): void {
  const run = useRuns.getState().runs.find((candidate) => candidate.runId === runId);
  if (run) patch(runId, { hidden: !run.hidden });
}

export async function loadLibrary(): Promise<void> {
  const [result, unreadable] = await Promise.all([request('run/list', {}), request('run/unreadable', {})]);
  if (unreadable.ok) useRuns.setState({ unreadable: unreadable.value });
  if (result.ok) {
    useRuns.setState({ library: result.value.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)) });
  } else {
    notifyError(result.error);
  }
}

/** Deletes a recorded run for good. */
export async function deleteRun(runId: string, announcement: string): Promise<void> {
  const result = await request('run/delete', { runId });
  if (!result.ok) {
    notifyError(result.error);
    return;
  }
  announce(announcement);
  if (useRuns.getState().runs.some((run) => run.runId === runId)) {
    tracks.delete(runId);
    useRuns.setState(({ runs, selected }) => {
      const left = runs.filter((run) => run.runId !== runId);
      return { runs: left, selected: selected === runId ? (left[0]?.runId ?? null) : selected };
    });
    refreshRows();
    bumpRevision();
  }
  await loadLibrary();
}

/** The run the inspection speaks of. */
export const selectedRun = ({ runs, selected }: RunsState): RunView | null =>
  runs.find(({ runId }) => runId === selected) ?? runs[0] ?? null;
