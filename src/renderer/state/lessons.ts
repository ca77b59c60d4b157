import { create } from 'zustand';
import type { AppError, Value } from '../../shared/contract';
import { type Experiment, experimentSchema } from '../../shared/model/experiment';
import type { Lesson, LessonInfo, LessonStep } from '../../shared/model/lesson';
import type { StudyChart, StudyParameter, StudyResult, StudyScene } from '../../shared/model/study';
import { request } from '../api';
import { useCatalog } from './catalog';
import type { Draft } from './draft';
import { withJob } from './jobs';
import { useLandscape } from './landscape';
import { notify, notifyError } from './notices';
import { refreshRows, type StartRequest } from './runs';
import { bidFarewell, reducedMotion, welcome } from './session';
import { updateSettings, useSettings } from './settings';
import { showRows, useTimeline } from './timeline';
import { toggleVolume, useVolume } from './volume';
import { useWorkbench } from './workbench';

/** What a person did and saw in one step of the open lesson. */
export interface StepState {
  /** The study's parameters that were changed. */
  parameters: Readonly<Record<string, unknown>>;
  /** Numbers of the stage's experiments that were changed, by their paths. */
  experiments: Readonly<Record<string, number>>;
  result: StudyResult | null;
  /** The changed parameters `result` was measured with. */
  measuredWith: Readonly<Record<string, unknown>>;
  /** The facts measured with the lesson's own settings: what a prediction is held against. */
  ownFacts: StudyResult['facts'] | null;
  error: AppError | null;
  running: boolean;
  /** What was predicted: a number, or null where the person went on without one; undefined before. */
  guess: number | null | undefined;
  /** The chosen answer, and whether it was checked. */
  choice: number | null;
  checked: boolean;
  /** What of the study is on the stage: a scene's name, or 'stage' for the step's runs; null: the first. */
  view: string | null;
  /** The chart that stands beside the text in presenter mode; null: the first. */
  chart: string | null;
}

const untouched: StepState = {
  parameters: {},
  experiments: {},
  result: null,
  measuredWith: {},
  ownFacts: null,
  error: null,
  running: false,
  guess: undefined,
  choice: null,
  checked: false,
  view: null,
  chart: null,
};

/** Pictures of a step for the hand-out: data URLs of what the stage showed. */
export interface HandOutPicture {
  step: string;
  /** Of the scene; empty for the step's runs. */
  scene: string;
  url: string;
}

interface LessonsState {
  library: LessonInfo[] | null;
  unreadable: Value<'lesson/list'>['unreadable'];
  /** Why the last file could not be taken. */
  addError: AppError | null;
  lesson: Lesson | null;
  /** The step that is shown. */
  index: number;
  steps: Readonly<Record<string, StepState>>;
  presenting: boolean;
  laser: boolean;
  /** null: none asked for; it is prepared by walking through the steps. */
  handOut: { state: 'preparing' | 'ready'; pictures: readonly HandOutPicture[] } | null;
}

export const useLessons = create<LessonsState>(() => ({
  library: null,
  unreadable: [],
  addError: null,
  lesson: null,
  index: 0,
  steps: {},
  presenting: false,
  laser: false,
  handOut: null,
}));

export const currentStep = ({ lesson, index }: Pick<LessonsState, 'lesson' | 'index'>): LessonStep | null =>
  lesson?.steps[index] ?? null;
export const stateOf = ({ steps }: Pick<LessonsState, 'steps'>, id: string): StepState => steps[id] ?? untouched;

/** What a step shows of its study is out: nothing was asked first, or the guess is in. */
export const isRevealed = (step: LessonStep, { guess }: StepState): boolean => !step.predict || guess !== undefined;
/** The lesson's claims speak of these settings. */
export const hasOwnSettings = ({ measuredWith, experiments }: StepState): boolean =>
  Object.keys(measuredWith).length === 0 && Object.keys(experiments).length === 0;

/** Those named, in the order of the names; all where none is. */
export function shownOf<T>(all: Readonly<Record<string, T>>, names: readonly string[] | undefined): [string, T][] {
  if (!names) return Object.entries(all);
  return names.flatMap((name): [string, T][] => (all[name] === undefined ? [] : [[name, all[name]]]));
}
const noScenes: [string, StudyScene][] = [];
export const scenesOf = (step: LessonStep, { result }: StepState): [string, StudyScene][] =>
  result ? shownOf(result.scenes, step.study?.scenes) : noScenes;
export const chartsOf = (step: LessonStep, { result }: StepState): [string, StudyChart][] =>
  result ? shownOf(result.charts, step.study?.charts) : [];

/** The study's scene on the stage; `bare` before the prediction, when only its surface is to be seen. */
export function shownScene(state: LessonsState): { scene: StudyScene; bare: boolean } | null {
  const step = currentStep(state);
  if (!step) return null;
  const own = stateOf(state, step.id);
  const scenes = scenesOf(step, own);
  const usual = step.stage ? 'stage' : scenes[0]?.[0];
  const scene = scenes.find(([name]) => name === (own.view ?? usual))?.[1];
  return scene ? { scene, bare: !isRevealed(step, own) } : null;
}

/** A study's parameter as the catalog has it. */
export const parameterOf = (study: string, name: string): StudyParameter | undefined =>
  useCatalog.getState().catalog?.studies.find((info) => info.name === study)?.parameters[name];

export async function loadLessons(): Promise<void> {
  const result = await request('lesson/list', {});
  if (!result.ok) {
    notifyError(result.error);
    useLessons.setState({ library: [] });
    return;
  }
  useLessons.setState({ library: result.value.lessons, unreadable: result.value.unreadable });
}

/** Takes a person's own lesson file into the library. */
export async function addLesson(file: File): Promise<boolean> {
  useLessons.setState({ addError: null });
  const result = await request('lesson/add', { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  if (!result.ok) useLessons.setState({ addError: result.error });
  await loadLessons();
  return result.ok;
}

/** Opens a lesson at a step (the first when left out); the stage is its own until it is closed. */
export async function openLesson(name: string, stepId?: string): Promise<void> {
  const result = await request('lesson/get', { name });
  if (!result.ok) {
    notifyError(result.error);
    return;
  }
  const lesson = result.value;
  cancelStudy();
  if (useVolume.getState().open) toggleVolume();
  useLessons.setState({ lesson, index: 0, steps: {}, handOut: null });
  goTo(
    Math.max(
      lesson.steps.findIndex(({ id }) => id === stepId),
      0,
    ),
  );
}

/** The workbench as it was. */
export function closeLesson(): void {
  if (!useLessons.getState().lesson) return;
  cancelStudy();
  setPresenting(false);
  useLessons.setState({ lesson: null, steps: {}, index: 0, handOut: null });
  void bidFarewell();
}

/** Shows a step: its runs train on the stage, its study is measured unless it waits to be asked. */
export function goTo(index: number): void {
  const { lesson } = useLessons.getState();
  const step = lesson?.steps[index];
  if (!lesson || !step) return;
  cancelStudy();
  useLessons.setState({ index });
  remember(lesson, step, []);
  enter(step);
}

function enter(step: LessonStep): void {
  void showStage(step);
  const { result } = stateOf(useLessons.getState(), step.id);
  if (step.study?.auto && !result) void measure(step);
}

/** The step is done; the next one, or none after the last. */
export function nextStep(): void {
  const { lesson, index } = useLessons.getState();
  const step = lesson?.steps[index];
  if (!lesson || !step) return;
  remember(lesson, step, [step.id]);
  if (index + 1 < lesson.steps.length) goTo(index + 1);
}

export function previousStep(): void {
  const { index } = useLessons.getState();
  if (index > 0) goTo(index - 1);
}

/** What a step still hides is shown, in the order it is asked. Returns false when nothing was left. */
export function revealNext(): boolean {
  const state = useLessons.getState();
  const step = currentStep(state);
  if (!step) return false;
  const own = stateOf(state, step.id);
  if (step.study && !own.result && !own.running) {
    void measure(step);
    return true;
  }
  if (!isRevealed(step, own)) {
    guess(null);
    return true;
  }
  if (step.question && !own.checked) {
    patch(step.id, { checked: true });
    return true;
  }
  return false;
}

/** Everything that was dragged back to the lesson's own values. */
export function resetControls(): void {
  const state = useLessons.getState();
  const step = currentStep(state);
  if (!step) return;
  const { parameters, experiments } = stateOf(state, step.id);
  patch(step.id, { parameters: {}, experiments: {} });
  cancelStudy();
  if (Object.keys(parameters).length > 0) void measure(step);
  if (Object.keys(experiments).length > 0) void showStage(step);
}

/** The step as it came. */
export function resetStep(): void {
  const { lesson, index, steps } = useLessons.getState();
  const step = lesson?.steps[index];
  if (!step) return;
  cancelStudy();
  const { [step.id]: _gone, ...others } = steps;
  useLessons.setState({ steps: others });
  enter(step);
}

function remember(lesson: Lesson, step: LessonStep, done: string[]): void {
  const { lessons } = useSettings.getState().settings;
  const before = lessons.done[lesson.name] ?? [];
  const known = [...before, ...done.filter((id) => !before.includes(id))];
  updateSettings({
    lessons: { last: { name: lesson.name, step: step.id }, done: { ...lessons.done, [lesson.name]: known } },
  });
}

function patch(id: string, change: Partial<StepState>): void {
  useLessons.setState(({ steps }) => ({ steps: { ...steps, [id]: { ...(steps[id] ?? untouched), ...change } } }));
}

/** Changes what the person did in the step that is shown. */
function patchCurrent(change: Partial<StepState>): void {
  const step = currentStep(useLessons.getState());
  if (step) patch(step.id, change);
}

export const guess = (value: number | null): void => patchCurrent({ guess: value });
export const choose = (choice: number): void => patchCurrent({ choice, checked: false });
export const checkAnswer = (): void => patchCurrent({ checked: true });
export const showView = (view: string): void => patchCurrent({ view });
export const showChart = (chart: string): void => patchCurrent({ chart });

let studyController: AbortController | null = null;
let studyTimer: ReturnType<typeof setTimeout> | null = null;

function cancelStudy(): void {
  studyController?.abort();
  studyController = null;
  if (studyTimer !== null) clearTimeout(studyTimer);
  studyTimer = null;
  if (stageTimer !== null) clearTimeout(stageTimer);
  stageTimer = null;
}

/** Runs the step's study with the parameters as they stand; one that still runs is given up. */
export async function measure(step: LessonStep): Promise<void> {
  const { study } = step;
  if (!study) return;
  studyController?.abort();
  const controller = new AbortController();
  studyController = controller;
  const { parameters } = stateOf(useLessons.getState(), step.id);
  patch(step.id, { running: true, error: null });
  const result = await withJob(
    'study',
    (signal, onProgress) =>
      request(
        'study/run',
        { name: study.name, parameters: { ...study.parameters, ...parameters } },
        { signal, onProgress },
      ),
    { outer: controller.signal },
  );
  if (studyController !== controller) {
    // Given up for another step: it can be asked again there. A newer run of the same step speaks for itself.
    if (currentStep(useLessons.getState())?.id !== step.id) patch(step.id, { running: false });
    return;
  }
  studyController = null;
  if (result.ok) {
    const ownFacts = Object.keys(parameters).length === 0 && { ownFacts: result.value.facts };
    patch(step.id, { running: false, result: result.value, measuredWith: parameters, ...ownFacts });
  } else patch(step.id, { running: false, error: result.error });
}

/** Dragging is over when nothing moved for so long. */
const settleMilliseconds = 300;

/** Sets a parameter of the step's study; measured anew once the dragging has stopped. Its own value is no change. */
export function setParameter(name: string, value: unknown): void {
  const state = useLessons.getState();
  const step = currentStep(state);
  if (!step?.study) return;
  const { [name]: _before, ...others } = stateOf(state, step.id).parameters;
  patch(step.id, { parameters: value === ownValue(step, name) ? others : { ...others, [name]: value } });
  if (studyTimer !== null) clearTimeout(studyTimer);
  studyTimer = setTimeout(() => void measure(step), settleMilliseconds);
}

/** What the lesson gives a parameter: its own setting, or the study's default. */
export function ownValue({ study }: LessonStep, name: string): unknown {
  if (!study) return undefined;
  return name in study.parameters ? study.parameters[name] : parameterOf(study.name, name)?.default;
}

let stageTimer: ReturnType<typeof setTimeout> | null = null;

/** Sets a number of the stage's experiments; they run anew once the dragging has stopped. */
export function setExperimentNumber(path: string, value: number): void {
  const state = useLessons.getState();
  const step = currentStep(state);
  if (!step?.stage) return;
  const { [path]: _before, ...others } = stateOf(state, step.id).experiments;
  patch(step.id, { experiments: value === numberAt(step, path) ? others : { ...others, [path]: value } });
  if (stageTimer !== null) clearTimeout(stageTimer);
  stageTimer = setTimeout(() => void showStage(step), settleMilliseconds);
}

/** A path that begins with a number is of that experiment alone. */
function splitPath(path: string): { only: number | null; keys: string[] } {
  const keys = path.split('.');
  const only = Number(keys[0]);
  return Number.isInteger(only) ? { only, keys: keys.slice(1) } : { only: null, keys };
}

/** A number of the step's experiments as the lesson has it; NaN where there is none. */
export function numberAt({ stage }: LessonStep, path: string): number {
  const { only, keys } = splitPath(path);
  const value = keys.reduce<unknown>(
    (node, key) => (node as Record<string, unknown> | undefined)?.[key],
    stage?.experiments[only ?? 0],
  );
  return typeof value === 'number' ? value : Number.NaN;
}

/** The experiment with some of its numbers replaced, not yet validated. */
function withNumbers(experiment: Experiment, index: number, numbers: Readonly<Record<string, number>>): unknown {
  const changed: unknown = structuredClone(experiment);
  for (const [path, value] of Object.entries(numbers)) {
    const { only, keys } = splitPath(path);
    if (only !== null && only !== index) continue;
    let node = changed as Record<string, unknown>;
    for (const key of keys.slice(0, -1)) {
      node[key] ??= {};
      node = node[key] as Record<string, unknown>;
    }
    node[keys.at(-1) as string] = value;
  }
  return changed;
}

/** The stage belongs to the step: its runs, or nothing under the study's scenes. */
async function showStage(step: LessonStep): Promise<void> {
  const { stage } = step;
  if (!stage) {
    await welcome(null);
    syncTimeline();
    return;
  }
  const numbers = stateOf(useLessons.getState(), step.id).experiments;
  const { view, heightScale, plane } = stage;
  const experiments: Experiment[] = [];
  for (const [i, experiment] of stage.experiments.entries()) {
    const parsed = experimentSchema.safeParse(withNumbers(experiment, i, numbers));
    if (!parsed.success) {
      // A lesson's control may leave what an experiment allows.
      const issue = parsed.error.issues[0];
      const message = `${issue?.path.join('.')}: ${issue?.message}`;
      notify({ place: 'stage', tone: 'error', message, cure: undefined });
      return;
    }
    experiments.push(parsed.data);
  }
  const labels = labelsOf(experiments);
  const requests = experiments.map(
    (experiment, i): StartRequest => ({ label: labels[i] as string, color: i, experiment }),
  );
  await welcome({ requests, plane, view: { view, heightScale } });
  syncTimeline();
}

/** Each experiment's own name where the lesson gives different ones; else its optimizer, with the rate where that differs. */
export function labelsOf(experiments: readonly Experiment[]): string[] {
  const { catalog } = useCatalog.getState();
  const names = experiments.map(({ name }) => name);
  if (experiments.length > 1 && new Set(names).size === names.length) return names;
  const titles = experiments.map(
    ({ optimizer }) => catalog?.optimizers.find(({ name }) => name === optimizer.name)?.title ?? optimizer.name,
  );
  return titles.map((title, i) => {
    const twins = experiments.filter((_, j) => titles[j] === title);
    if (twins.length === 1) return title;
    const rates = new Set(twins.map(({ optimizer }) => optimizer.learningRate));
    if (rates.size === twins.length) return `${title}, ε = ${experiments[i]?.optimizer.learningRate}`;
    return `${title} ${titles.slice(0, i + 1).filter((other) => other === title).length}`;
  });
}

export function setPresenting(presenting: boolean): void {
  // Before anything is drawn anew: charts follow the page's type and colours.
  if (typeof document !== 'undefined') document.documentElement.toggleAttribute('data-presenting', presenting);
  useLessons.setState({ presenting, laser: false });
}
export const togglePresenting = (): void => setPresenting(!useLessons.getState().presenting);
export const setLaser = (laser: boolean): void => useLessons.setState({ laser });

/**
 * Connects the open lesson to the workbench: a scene's paths play on the timeline; whoever changes the form (opens a
 * run, loads an experiment) leaves the lesson. Returns the undo.
 */
export function connectLessons(): () => void {
  const undos = [
    useLessons.subscribe(syncTimeline),
    useWorkbench.subscribe(({ draft }, before) => {
      if (draft && before.draft && changesMore(draft, before.draft)) closeLesson();
    }),
  ];
  return () => {
    for (const undo of undos) undo();
  };
}

/** More than the experiment's name, which is in sight also in a lesson. */
function changesMore(draft: Draft, before: Draft): boolean {
  return (Object.keys(draft) as (keyof Draft)[]).some((key) => key !== 'name' && draft[key] !== before[key]);
}

let played: StudyScene | null = null;

/** The timeline is that of the scene, if one is shown with its paths; else of the runs. */
function syncTimeline(): void {
  const state = useLessons.getState();
  const shown = shownScene(state);
  const scene = shown && !shown.bare ? shown.scene : null;
  if (!scene) {
    if (played) refreshRows();
    played = null;
    return;
  }
  const rows = Math.max(0, ...scene.paths.map(({ x }) => x.length));
  if (scene === played && useTimeline.getState().rows === rows) return;
  played = scene;
  showRows(rows, !reducedMotion() && state.handOut === null);
}

let handOutController: AbortController | null = null;

/**
 * Walks through the whole lesson with its own settings and takes a picture of everything the stage shows, then opens
 * the page to print.
 *
 * @param capture the stage as PNG, once it shows what the stores hold
 */
export async function prepareHandOut(capture: () => Promise<Uint8Array>): Promise<void> {
  const { lesson, index, handOut } = useLessons.getState();
  if (!lesson || handOut) return;
  const controller = new AbortController();
  handOutController = controller;
  const pictures: HandOutPicture[] = [];
  setPresenting(false);
  useLessons.setState({ handOut: { state: 'preparing', pictures } });
  const current = () => !controller.signal.aborted && useLessons.getState().lesson === lesson;
  const before = useLessons.getState().steps;
  for (const [i, step] of lesson.steps.entries()) {
    // The figures of a hand-out are those the text speaks of.
    patch(step.id, {
      ...untouched,
      ...(hasOwnSettings(stateOf({ steps: before }, step.id)) && before[step.id]),
      guess: null,
    });
    goTo(i);
    await stepSettled(step, controller.signal);
    if (!current()) break;
    const own = stateOf(useLessons.getState(), step.id);
    const views = [...(step.stage ? ['stage'] : []), ...scenesOf(step, own).map(([name]) => name)];
    for (const view of views) {
      showView(view);
      const bytes = await capture();
      pictures.push({ step: step.id, scene: view === 'stage' ? '' : view, url: await dataUrl(bytes) });
      if (!current()) break;
    }
    if (!current()) break;
  }
  if (useLessons.getState().lesson !== lesson) return;
  const done = current();
  useLessons.setState({ handOut: done ? { state: 'ready', pictures } : null });
  // What was measured on the way stays; what the person did is theirs again.
  for (const [id, own] of Object.entries(useLessons.getState().steps)) {
    const mine = before[id] ?? untouched;
    const { result, measuredWith, ownFacts } = own;
    patch(id, mine.result ? mine : { ...mine, result, measuredWith, ownFacts });
  }
  goTo(index);
}

export function closeHandOut(): void {
  handOutController?.abort();
  handOutController = null;
  if (useLessons.getState().handOut?.state === 'ready') useLessons.setState({ handOut: null });
}

/** The step's study has ended and its runs have their final surface. */
function stepSettled(step: LessonStep, signal: AbortSignal): Promise<void> {
  const settled = () => {
    const own = stateOf(useLessons.getState(), step.id);
    if (step.study && !own.result && !own.error) {
      if (!own.running) void measure(step);
      return false;
    }
    return !step.stage || useLandscape.getState().result !== null;
  };
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!signal.aborted && !settled()) return;
      clearInterval(timer);
      resolve();
    }, 60);
  });
}

const dataUrl = (bytes: Uint8Array): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
  });
