import type { AppError } from '../../shared/contract';
import { type Experiment, experimentSchema, type ObjectiveSpec } from '../../shared/model/experiment';
import { type PlaneSpec, surfaceRequestSchema } from '../../shared/model/landscape';
import type { RunInfo } from '../../shared/model/run';
import { request } from '../api';
import { useCatalog } from './catalog';
import { compileDraft, compileObjective, issueFromEngine } from './compile';
import { pointAt } from './critical';
import { watchDraft } from './data';
import { type Draft, defaultDraft, draftFromExperiment, freshId } from './draft';
import {
  adoptOptions,
  clearLandscape,
  defaultLandscapeOptions,
  followTraining,
  type HeldLandscape,
  hasTwoParameters,
  holdLandscape,
  type LandscapeOptions,
  projectRuns,
  putBackLandscape,
  recompute,
  shapeKey,
  showFunction,
  showPlot,
  useLandscape,
  widenFunction,
} from './landscape';
import { clearNotices, notify, notifyError } from './notices';
import { pickEnd } from './profiles';
import {
  anyRunning,
  clearStage,
  type HeldRuns,
  holdRuns,
  onAllEnded,
  onRows,
  putBackRuns,
  type RestoreRequest,
  refreshRows,
  restoreRuns,
  type StartRequest,
  startRuns,
  stopRuns,
  trackOf,
  useRuns,
  whenAllEnded,
} from './runs';
import { jumpToEnd, play, playhead, restart, seek, settle } from './timeline';
import { edit, focusField, setEngineIssues, useWorkbench } from './workbench';

/** What happens on the stage as a whole: a race begins, ends, is restored, gives way to another objective. */

export const reducedMotion = (): boolean =>
  typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Runs every visible optimizer of the form. Returns false when a field is wrong (its message then stands beside it). */
export async function train(): Promise<boolean> {
  const { draft } = useWorkbench.getState();
  const { catalog } = useCatalog.getState();
  if (!draft || useRuns.getState().starting) return false;
  if (guest) {
    if (guest.requests.length === 0) return false;
    await again(guest.requests);
    return true;
  }
  const { experiments, issues } = compileDraft(draft, catalog);
  if (issues.length > 0) {
    focusField((issues[0] as (typeof issues)[number]).path);
    return false;
  }
  if (experiments.length === 0) {
    focusField('optimizers');
    return false;
  }
  setEngineIssues([]);
  const errors = await launch(
    experiments.map(({ label, experiment, draft: { color } }) => ({
      label,
      color,
      // The name of a run says what ran: the experiment and, in a race, the optimizer.
      experiment: experiments.length > 1 ? { ...experiment, name: `${experiment.name} · ${label}` } : experiment,
    })),
  );
  reportErrors(
    errors,
    experiments.map((e) => draft.optimizers.indexOf(e.draft)),
    draft,
  );
  return useRuns.getState().runs.length > 0;
}

/**
 * Starts runs of one objective on the stage in place of what was there, and draws under them. Errors come back in the
 * order of `requests`.
 */
export async function launch(requests: readonly StartRequest[]): Promise<(AppError | null)[]> {
  if (anyRunning(useRuns.getState().runs)) await stopRuns();
  clearNotices('stage');
  clearNotices('app');
  const { objective } = (requests[0] as StartRequest).experiment;
  const network = objective.kind === 'network';
  restart(network);
  playWhenReady = !network && !reducedMotion();
  const drawn = network ? null : drawFunction(objective);
  const errors = await startRuns(requests);
  if (useRuns.getState().runs.length === 0) {
    settle();
  } else if (network) {
    clearLandscapeOf('network');
    if (anyRunning(useRuns.getState().runs)) void followTraining(objective);
    else finish();
  } else {
    await drawn;
  }
  return errors;
}

/** The same function is drawn once; its runs come and go over it. */
async function drawFunction(objective: ObjectiveSpec): Promise<void> {
  const { objective: shown, surface } = useLandscape.getState();
  if (surface && shown && shapeKey(shown) === shapeKey(objective)) {
    useLandscape.setState({ objective });
    return;
  }
  await showFunction(objective);
}

function reportErrors(errors: readonly (AppError | null)[], optimizerIndices: readonly number[], draft: Draft): void {
  const issues = errors.flatMap((error, i) => {
    if (!error) return [];
    const issue = issueFromEngine(error, draft, optimizerIndices[i] as number);
    if (!issue) notifyError(error, 'stage');
    return issue ? [issue] : [];
  });
  if (issues.length === 0) return;
  setEngineIssues(issues);
  focusField((issues[0] as (typeof issues)[number]).path);
}

let playWhenReady = false;

/** The last run of the stage has ended. */
function finish(): void {
  settle();
  const { objective } = useLandscape.getState();
  if (objective && !hasTwoParameters(objective)) {
    const { runs } = useRuns.getState();
    const source = { kind: 'runs', runIds: runs.map(({ runId }) => runId) } as const;
    if (guest?.plane) void showPlot(surfaceRequestSchema.parse({ source, plane: guest.plane }));
    else void recompute();
  } else {
    if (reducedMotion()) jumpToEnd();
    void widenFunction();
  }
}

/** A function's runs play from their first row as soon as there are two. */
function beginPlayback(): void {
  if (!playWhenReady) return;
  const ready = useRuns.getState().runs.some(({ runId }) => (trackOf(runId)?.pathRows.current ?? 0) > 1);
  if (!ready) return;
  playWhenReady = false;
  play();
}

/** Starts the visible optimizers from a point of the surface (objectives of two parameters). */
export async function startFrom(x: number, y: number): Promise<void> {
  const { objective } = useLandscape.getState();
  if (!objective || objective.kind === 'network') return;
  if (guest) {
    const requests = guest.requests.map((wanted) => startingAt(wanted, [x, y]));
    await again(requests);
    return;
  }
  const start: [string, string] = [x.toPrecision(5), y.toPrecision(5)].map((text) => String(Number(text))) as [
    string,
    string,
  ];
  edit(`pick:${freshId()}`, (draft) =>
    draft.kind === 'function'
      ? { ...draft, start: null, function: { ...draft.function, start } }
      : { ...draft, start: null, expression: { ...draft.expression, start } },
  );
  await train();
}

/** A click on the surface: an end of a cross-section while those are chosen; else a function's race begins there, on a network's plane a search for a critical point may. */
export async function pickPoint(x: number, y: number): Promise<void> {
  if (pickEnd(x, y)) return;
  if (hasTwoParameters(useLandscape.getState().objective)) await startFrom(x, y);
  else pointAt(x, y);
}

let drawnShape = '';
let drawTimer: ReturnType<typeof setTimeout> | null = null;

/** Experiments that have the stage in place of the form's: a lesson's. */
export interface Guest {
  /** Of one objective. */
  requests: readonly StartRequest[];
  /** Of a network, once it is trained; the usual one when left out. */
  plane?: PlaneSpec | undefined;
  /** How the landscape is drawn; as the last guest's when left out. */
  view?: Pick<LandscapeOptions, 'view' | 'heightScale'>;
}

let guest: Guest | null = null;
/** The form's own stage while a lesson has it. */
let held: { runs: HeldRuns; landscape: HeldLandscape; row: number } | null = null;
export const heldStage = (): typeof held => held;

/** Comings and goings on the stage, one after the other; of those that wait only the newest is carried out. */
let turns: Promise<void> = Promise.resolve();
let newest = 0;
function takeTurn(act: () => Promise<void>): Promise<void> {
  const turn = ++newest;
  turns = turns.then(() => (turn === newest ? act() : undefined));
  return turns;
}

/** Empties the stage; a guest's runs leave no trace. */
async function clearForNext(): Promise<void> {
  if (anyRunning(useRuns.getState().runs)) await stopRuns();
  await whenAllEnded();
  const leaving = guest ? useRuns.getState().runs : [];
  playWhenReady = false;
  clearStage();
  clearLandscape();
  for (const { runId } of leaving) await request('run/delete', { runId });
}

/** Gives the stage to a lesson's experiments (null: it stays empty); the form's are held until `bidFarewell`. */
export const welcome = (next: Guest | null): Promise<void> =>
  takeTurn(async () => {
    if (!held) {
      if (anyRunning(useRuns.getState().runs)) await stopRuns();
      await whenAllEnded();
      held = { runs: holdRuns(), landscape: holdLandscape(), row: playhead.current };
    }
    await clearForNext();
    // A view that came with runs leaves with them.
    if (next?.view || (!next && guest?.view)) adoptOptions({ ...defaultLandscapeOptions, ...next?.view });
    guest = next ?? { requests: [] };
    if (next) for (const error of await launch(next.requests)) if (error) notifyError(error, 'stage');
  });

/** The stage as it was before the first `welcome`. */
export const bidFarewell = (): Promise<void> =>
  takeTurn(async () => {
    if (!held) return;
    await clearForNext();
    guest = null;
    const { runs, landscape, row } = held;
    held = null;
    putBackRuns(runs);
    putBackLandscape(landscape);
    settle();
    seek(row);
    // The form may have changed in between.
    const { draft } = useWorkbench.getState();
    if (draft) syncStage(draft);
  });

/** Something else comes to the stage than what was held: it is not put back. */
const forgetHeld = (): Promise<void> =>
  takeTurn(async () => {
    if (!held) return;
    await clearForNext();
    guest = null;
    held = null;
  });

/** The guest once more, drawn as the person has it by now. */
async function again(requests: readonly StartRequest[]): Promise<void> {
  const { view, heightScale } = useLandscape.getState().options;
  await welcome({ requests, plane: guest?.plane, view: { view, heightScale } });
}

function startingAt(wanted: StartRequest, start: [number, number]): StartRequest {
  const { objective } = wanted.experiment;
  if (objective.kind === 'network') return wanted;
  return { ...wanted, experiment: { ...wanted.experiment, objective: { ...objective, start } } };
}

/** The stage follows the form: another function is drawn as soon as it is chosen; a network waits for Train. */
function syncStage(draft: Draft): void {
  if (held) return;
  const objective = compileObjective(draft);
  if (!objective) return;
  const shape = objective.kind === 'network' ? 'network' : shapeKey(objective);
  if (shape === drawnShape) return;
  drawnShape = shape;
  if (drawTimer !== null) clearTimeout(drawTimer);
  drawTimer = setTimeout(() => {
    const shown = useLandscape.getState().objective;
    if (shown && (objective.kind === 'network' ? shown.kind === 'network' : shapeKey(shown) === shape)) return;
    void stopRuns();
    clearStage();
    clearLandscape();
    if (objective.kind !== 'network') void showFunction(objective);
  }, 250);
}

function clearLandscapeOf(kind: 'network'): void {
  const { objective } = useLandscape.getState();
  if (objective && objective.kind !== kind) clearLandscape();
}

/** Puts recorded runs back with their landscape, and plays them. Returns false when none is left. */
export async function restore(requests: readonly RestoreRequest[]): Promise<boolean> {
  restart(false);
  const count = await restoreRuns(requests);
  const { runs } = useRuns.getState();
  const first = runs[0];
  if (count === 0 || !first) {
    settle();
    return false;
  }
  const { objective } = first.info.experiment;
  drawnShape = objective.kind === 'network' ? 'network' : shapeKey(objective);
  useLandscape.setState({ objective, plane: null, surface: null, result: null, asked: null });
  refreshRows();
  if (anyRunning(runs) && objective.kind === 'network') {
    restart(true);
    refreshRows();
    void followTraining(objective);
    return true;
  }
  if (!anyRunning(runs)) settle();
  if (objective.kind === 'network') {
    jumpToEnd();
    await recompute();
  } else {
    // The paths are there before the surface: playback need not wait for it.
    const drawn = showFunction(objective);
    await projectRuns();
    if (reducedMotion()) jumpToEnd();
    else play();
    await drawn;
    await widenFunction();
  }
  return true;
}

/** Opens one recorded run: the form takes its experiment, the stage its path. */
export async function openRecorded(info: RunInfo): Promise<void> {
  await forgetHeld();
  if (anyRunning(useRuns.getState().runs)) await stopRuns();
  takeExperiment(info.experiment);
  await restore([{ runId: info.id, label: optimizerTitle(info.experiment), color: 0 }]);
}

function takeExperiment(experiment: Experiment): void {
  const { catalog } = useCatalog.getState();
  if (!catalog) return;
  const objective = experiment.objective;
  // The stage is filled by the caller, not by the change of the form.
  drawnShape = objective.kind === 'network' ? 'network' : shapeKey(objective);
  edit(`open:${freshId()}`, (draft) => draftFromExperiment(experiment, catalog, draft));
}

const optimizerTitle = ({ optimizer }: Experiment): string =>
  useCatalog.getState().catalog?.optimizers.find(({ name }) => name === optimizer.name)?.title ?? optimizer.name;

/** Reads an experiment file a person chose. */
export async function openExperimentFile(file: File, texts: { notAnExperiment(name: string): string }): Promise<void> {
  const { catalog } = useCatalog.getState();
  if (!catalog) return;
  const parsed = experimentSchema.safeParse(parseJson(await file.text()));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.');
    notify({
      place: 'app',
      tone: 'error',
      message: texts.notAnExperiment(file.name),
      cure: issue ? `${where ? `${where}: ` : ''}${issue.message}` : undefined,
    });
    return;
  }
  edit(`open:${freshId()}`, (draft) => draftFromExperiment(parsed.data, catalog, draft));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The form as it came. */
export function newExperiment(): void {
  const { catalog } = useCatalog.getState();
  if (catalog) edit(`new:${freshId()}`, () => defaultDraft(catalog));
}

/** Connects the stage to the form and to the runs. Returns the undo. */
export function connectSession(): () => void {
  const undos = [
    onAllEnded(finish),
    onRows(beginPlayback),
    useWorkbench.subscribe(({ draft }, before) => {
      if (!draft || draft === before.draft) return;
      watchDraft(draft);
      if (before.draft) syncStage(draft);
    }),
  ];
  return () => {
    for (const undo of undos) undo();
  };
}

/** The form as it is belongs to what the stage shows: it needs no other drawing. */
export function markDrawn(draft: Draft): void {
  const objective = compileObjective(draft);
  if (objective) drawnShape = objective.kind === 'network' ? 'network' : shapeKey(objective);
}
