import type { AppError } from '../../shared/contract';
import { type Experiment, experimentSchema, type ObjectiveSpec } from '../../shared/model/experiment';
import type { RunInfo } from '../../shared/model/run';
import { useCatalog } from './catalog';
import { compileDraft, compileObjective, issueFromEngine } from './compile';
import { pointAt } from './critical';
import { watchDraft } from './data';
import { type Draft, defaultDraft, draftFromExperiment, freshId } from './draft';
import {
  clearLandscape,
  followTraining,
  hasTwoParameters,
  projectRuns,
  recompute,
  shapeKey,
  showFunction,
  useLandscape,
  widenFunction,
} from './landscape';
import { clearNotices, notify, notifyError } from './notices';
import { pickEnd } from './profiles';
import {
  anyRunning,
  clearStage,
  onAllEnded,
  onRows,
  type RestoreRequest,
  refreshRows,
  restoreRuns,
  type StartRequest,
  startRuns,
  stopRuns,
  trackOf,
  useRuns,
} from './runs';
import { jumpToEnd, play, restart, settle } from './timeline';
import { edit, focusField, setEngineIssues, useWorkbench } from './workbench';

/** What happens on the stage as a whole: a race begins, ends, is restored, gives way to another objective. */

const reducedMotion = (): boolean =>
  typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Runs every visible optimizer of the form. Returns false when a field is wrong (its message then stands beside it). */
export async function train(): Promise<boolean> {
  const { draft } = useWorkbench.getState();
  const { catalog } = useCatalog.getState();
  if (!draft || useRuns.getState().starting) return false;
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
    void recompute();
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

/** The stage follows the form: another function is drawn as soon as it is chosen; a network waits for Train. */
function syncStage(draft: Draft): void {
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
