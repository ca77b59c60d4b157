import { z } from 'zod';
import { create } from 'zustand';
import type { AppError, ParamsInput, Progress, Result } from '../../shared/contract';
import type { Domain, ObjectiveSpec } from '../../shared/model/experiment';
import {
  gridSchema,
  type Plane,
  type PlanePath,
  type PlaneRequest,
  type PlaneSpec,
  type Probe,
  type Subset,
  type Surface,
  type SurfaceRequest,
  type SurfaceTile,
  surfaceRequestSchema,
} from '../../shared/model/landscape';
import { request } from '../api';
import type { HoverProbe, SceneSurface } from '../scene/model';
import type { FieldIssue } from './compile';
import { withJob } from './jobs';
import { adaptiveIssue, defaultLayerOptions, type LayerOptions, layerOptionsShape } from './layerOptions';
import { clearNotices, notifyError } from './notices';
import {
  checkWhole,
  defaultPlaneChoice,
  planeChoiceFields,
  planeIssues,
  planeSpecOf,
  type StageRun,
  sourceRuns,
  whileTraining,
} from './planeChoice';
import { applyTile, fillBetween, type Refinement, startRefinement } from './refine';
import { anyRunning, bumpRevision, trackOf, useRuns } from './runs';
import { replacePath } from './tracks';

const text = z.string().max(100);
/** How the landscape is cut and drawn; numbers are the text typed. */
export const landscapeOptionsSchema = z.strictObject({
  ...planeChoiceFields,
  /** Points along each side for networks and for functions of two parameters. */
  networkGrid: text,
  functionGrid: text,
  subset: z.enum(['full', 'random']),
  subsetExamples: text,
  split: z.enum(['train', 'validation']),
  heightScale: z.enum(['auto', 'linear', 'log']),
  view: z.enum(['perspective', 'top']),
  contours: z.boolean(),
  shadows: z.boolean(),
  ...layerOptionsShape,
});
export type LandscapeOptions = z.infer<typeof landscapeOptionsSchema>;

export const defaultLandscapeOptions: LandscapeOptions = {
  ...defaultPlaneChoice,
  networkGrid: '51',
  functionGrid: '97',
  subset: 'full',
  subsetExamples: '500',
  split: 'train',
  heightScale: 'auto',
  view: 'perspective',
  contours: true,
  shadows: true,
  ...defaultLayerOptions,
};

/** What the surface on the stage was asked for with. */
export type AskedSurface = ParamsInput<'surface/compute'>;

interface LandscapeState {
  options: LandscapeOptions;
  /** What is drawn; null before there is anything. */
  objective: ObjectiveSpec | null;
  plane: Omit<Plane, 'paths'> | null;
  /** Runs a network's plane was made from, in its order; null before there is one. */
  source: readonly string[] | null;
  surface: SceneSurface | null;
  /** The finished computation behind `surface`; null while it is coarse or live. */
  result: Surface | null;
  /** What `result` answers. */
  asked: AskedSurface | null;
  /** The plane and surface follow a training network. */
  live: boolean;
  computing: boolean;
  /** A plot asked for as a whole, in place of the options' own, until an option changes or other runs come. */
  custom: SurfaceRequest | null;
  /** Options were changed after the surface was computed. */
  stale: boolean;
  /** Why the plane last asked for could not be made, until an option changes. */
  planeError: AppError | null;
  /** Under the pointer: read off the grid at once, then exactly. */
  hover: HoverProbe | null;
  probe: Probe | null;
}

export const useLandscape = create<LandscapeState>(() => ({
  options: defaultLandscapeOptions,
  objective: null,
  plane: null,
  source: null,
  surface: null,
  result: null,
  asked: null,
  live: false,
  computing: false,
  custom: null,
  stale: false,
  planeError: null,
  hover: null,
  probe: null,
}));

/** Changes that only alter the picture. */
export function setView(
  change: Partial<
    Pick<LandscapeOptions, 'view' | 'contours' | 'shadows' | 'heightScale'> &
      Omit<LayerOptions, 'measure' | 'l2' | 'band' | 'adaptive' | 'tolerance'>
  >,
): void {
  useLandscape.setState(({ options }) => ({ options: { ...options, ...change } }));
}

/** Changes that need another computation; the surface is marked stale until then. */
export function setOptions(change: Partial<LandscapeOptions>): void {
  useLandscape.setState(({ options }) => ({
    options: { ...options, ...change },
    custom: null,
    stale: true,
    planeError: null,
  }));
}

export function adoptOptions(options: LandscapeOptions): void {
  useLandscape.setState({ options });
}

export const hasTwoParameters = (objective: ObjectiveSpec | null): boolean =>
  objective !== null && objective.kind !== 'network';

/** Everything of an objective that changes its surface (the start does not). */
export function shapeKey(objective: ObjectiveSpec): string {
  if (objective.kind === 'network') return JSON.stringify(objective);
  const { start: _start, ...shape } = objective;
  return JSON.stringify(shape);
}

/** What is wrong with the options' numbers and, where the runs are given, with the plane through them. */
export function optionIssues(options: LandscapeOptions, network: boolean, runs?: readonly StageRun[]): FieldIssue[] {
  const issues: FieldIssue[] = [];
  const gridPath = network ? 'networkGrid' : 'functionGrid';
  const grid = checkWhole(issues, gridPath, options[gridPath], { min: 2 });
  if (grid !== null && !gridSchema.safeParse([grid, grid]).success) {
    issues.push({ path: gridPath, key: 'tooBig', values: { value: options[gridPath], limit: '2048' } });
  }
  const tolerance = adaptiveIssue(options);
  if (tolerance) issues.push(tolerance);
  if (network && options.subset === 'random') {
    checkWhole(issues, 'subsetExamples', options.subsetExamples, { min: 1 });
  }
  return network ? [...issues, ...planeIssues(options, runs)] : issues;
}

/** The plane as asked for now, the drawn one where it cannot be had; null while there is nothing to cut. */
export function currentPlaneRequest(): PlaneRequest | null {
  const { objective, options, custom } = useLandscape.getState();
  if (custom) return { source: custom.source, plane: custom.plane };
  const runs = stageRuns();
  const network = objective?.kind === 'network';
  if (!network) {
    const plane: PlaneSpec = { kind: 'parameters', indices: [0, 1], origin: 'final' };
    if (runs.length > 0) return { source: { kind: 'runs', runIds: runs.map(({ runId }) => runId) }, plane };
    return objective && { source: { kind: 'objective', objective }, plane };
  }
  if (runs.length === 0) return null;
  const training = anyRunning(useRuns.getState().runs);
  const choice = training ? whileTraining(options) : options;
  if (!training && planeIssues(choice, runs).length > 0) return drawnOfNetwork();
  return { source: { kind: 'runs', runIds: sourceRuns(choice, runs) }, plane: planeSpecOf(choice, runs) };
}

/** The runs on the stage with the rows they have recorded. */
export const stageRuns = (): StageRun[] =>
  useRuns.getState().runs.map(({ runId }) => ({ runId, rows: trackOf(runId)?.rows ?? 0 }));

/** The plane that is drawn, as it was asked for; null while there is none. */
export function drawnPlaneRequest(): PlaneRequest | null {
  const { plane, objective } = useLandscape.getState();
  if (!plane) return null;
  if (objective?.kind === 'network') return drawnOfNetwork();
  const wanted = currentPlaneRequest();
  return wanted && { source: wanted.source, plane: plane.spec };
}

function drawnOfNetwork(): PlaneRequest | null {
  const { plane, source } = useLandscape.getState();
  const runs = useRuns.getState().runs.map(({ runId }) => runId);
  const runIds = (source ?? runs).filter((runId) => runs.includes(runId));
  return plane && runIds.length > 0 ? { source: { kind: 'runs', runIds }, plane: plane.spec } : null;
}

function currentSubset(): Subset {
  const { options, objective } = useLandscape.getState();
  if (objective?.kind !== 'network' || options.subset === 'full') return { kind: 'full' };
  return { kind: 'random', examples: Number(options.subsetExamples), seed: 0 };
}

export function currentGrid(): [number, number] {
  const { options, objective } = useLandscape.getState();
  const side = Number(objective?.kind === 'network' ? options.networkGrid : options.functionGrid);
  return [side, side];
}

/** One computation at a time: a new one ends the one before. */
let controller: AbortController | null = null;

export function takeOver(): AbortController {
  controller?.abort();
  controller = new AbortController();
  return controller;
}

/** The landscape with its options, to be put back as it was. */
export type HeldLandscape = Pick<
  LandscapeState,
  'options' | 'objective' | 'plane' | 'source' | 'surface' | 'result' | 'asked' | 'custom' | 'stale' | 'planeError'
>;

export function holdLandscape(): HeldLandscape {
  const { options, objective, plane, source, surface, result, asked, custom, stale, planeError } =
    useLandscape.getState();
  return { options, objective, plane, source, surface, result, asked, custom, stale, planeError };
}

/** Draws a held landscape again; what it was still being computed is computed. */
export function putBackLandscape(held: HeldLandscape): void {
  clearLandscape();
  useLandscape.setState(held);
  if (held.objective && !held.result) void recompute();
}

export function clearLandscape(): void {
  takeOver();
  controller = null;
  useLandscape.setState({
    objective: null,
    plane: null,
    source: null,
    surface: null,
    result: null,
    asked: null,
    live: false,
    computing: false,
    custom: null,
    stale: false,
    planeError: null,
    hover: null,
    probe: null,
  });
}

let version = 0;
export const sceneSurface = (xs: Float64Array, ys: Float64Array, loss: Float64Array, range: Domain): SceneSurface => ({
  version: ++version,
  range,
  xs,
  ys,
  loss,
});
const edges = (xs: Float64Array, ys: Float64Array): Domain => [
  xs[0] as number,
  xs[xs.length - 1] as number,
  ys[0] as number,
  ys[ys.length - 1] as number,
];

/** Takes a plane with its paths: the scene and the charts see both at once. */
function adoptPlane({ paths, ...plane }: Plane): void {
  adoptPaths(paths);
  useLandscape.setState({ plane, source: paths.map(({ runId }) => runId), planeError: null });
}

function adoptPaths(paths: readonly PlanePath[]): void {
  for (const path of paths) {
    const track = trackOf(path.runId);
    if (track) replacePath(track, path);
  }
  bumpRevision();
}

/**
 * The window of a function's surface: its domain, widened to hold the paths, but never beyond three times its size, so
 * that a path that runs away does not flatten the picture.
 */
export function windowOf(domain: Domain, paths: readonly { x: Float64Array; y: Float64Array; rows: number }[]): Domain {
  const [x0, x1, y0, y1] = domain;
  let [left, right, bottom, top] = domain;
  for (const { x, y, rows } of paths) {
    for (let i = 0; i < rows; i++) {
      const px = x[i] as number;
      const py = y[i] as number;
      if (px < left) left = px;
      if (px > right) right = px;
      if (py < bottom) bottom = py;
      if (py > top) top = py;
    }
  }
  const marginX = 0.04 * (right - left);
  const marginY = 0.04 * (top - bottom);
  const width = x1 - x0;
  const height = y1 - y0;
  return [
    left < x0 ? Math.max(left - marginX, x0 - width) : x0,
    right > x1 ? Math.min(right + marginX, x1 + width) : x1,
    bottom < y0 ? Math.max(bottom - marginY, y0 - height) : y0,
    top > y1 ? Math.min(top + marginY, y1 + height) : y1,
  ];
}

/** Draws a function of two parameters: from the form before anything ran, then under its runs. */
export async function showFunction(objective: ObjectiveSpec): Promise<void> {
  useLandscape.setState({ objective, custom: null });
  const { signal } = takeOver();
  const source = { kind: 'objective', objective } as const;
  const plane = { kind: 'parameters' } as const;
  const made = await request('plane/create', { source, plane }, { signal });
  if (signal.aborted) return;
  if (!made.ok) return failed(made.error);
  clearNotices('stage');
  const { paths: _none, ...rest } = made.value;
  useLandscape.setState({ plane: rest });
  await computeSurface({ source, plane: made.value.spec }, made.value.range, signal);
}

/** The recorded paths of the runs on the stage, as seen from the plane asked for now. */
export async function projectRuns(): Promise<void> {
  const wanted = currentPlaneRequest();
  if (!wanted) return;
  const made = await withJob('projecting', (signal, onProgress) =>
    request('plane/create', wanted, { signal, onProgress }),
  );
  if (made.ok) adoptPaths(made.value.paths);
  else failed(made.error);
}

/** After a function's runs: a wider surface where their paths left the window. */
export async function widenFunction(): Promise<void> {
  const { objective, plane, surface } = useLandscape.getState();
  if (!objective || !plane || !surface) return;
  const wanted = windowOf(
    plane.range,
    useRuns.getState().runs.flatMap(({ runId }) => {
      const track = trackOf(runId);
      return track ? [{ ...track.path.current, rows: track.pathRows.current }] : [];
    }),
  );
  if (wanted.every((edge, i) => edge === surface.range[i])) return;
  const { signal } = takeOver();
  await computeSurface({ source: { kind: 'objective', objective }, plane: plane.spec }, wanted, signal);
}

/** Cuts the landscape anew with the options, or the plot asked for in their place, as they stand. */
export async function recompute(): Promise<void> {
  const { objective, options, custom } = useLandscape.getState();
  if (!objective) return;
  if (!custom && optionIssues(options, objective.kind === 'network', stageRuns()).length > 0) return standIn();
  if (objective.kind !== 'network' && !custom) {
    await showFunction(objective);
    await widenFunction();
    return;
  }
  const wanted = currentPlaneRequest();
  if (!wanted || anyRunning(useRuns.getState().runs)) return;
  const { signal } = takeOver();
  useLandscape.setState({ computing: true });
  const made = await withJob(
    'projecting',
    (inner, onProgress) => request('plane/create', wanted, { signal: inner, onProgress }),
    { outer: signal },
  );
  if (signal.aborted) return;
  if (!made.ok) {
    useLandscape.setState({ planeError: made.error });
    return failed(made.error);
  }
  adoptPlane(made.value);
  await computeSurface(wanted, custom?.range ?? made.value.range, signal);
}

/** A plane that cannot be had leaves what is drawn; where nothing is, the path's own plane stands in. */
async function standIn(): Promise<void> {
  const { objective, options, surface, live } = useLandscape.getState();
  const runs = stageRuns();
  const drawn = surface !== null && !live;
  if (drawn || objective?.kind !== 'network' || runs.length === 0) return;
  if (optionIssues({ ...options, ...defaultPlaneChoice }, true).length > 0) return;
  const source = { kind: 'runs', runIds: runs.map(({ runId }) => runId) };
  const data = { split: options.split, subset: currentSubset(), grid: currentGrid() };
  await showPlot(surfaceRequestSchema.parse({ source, plane: { kind: 'pca' }, ...data }));
}

/** Draws a plot asked for as a whole: the cure of an objection. */
export async function showPlot(custom: SurfaceRequest): Promise<void> {
  useLandscape.setState({ custom });
  await recompute();
}

/** The request behind the surface on the stage; null while there is none. */
export function currentSurfaceRequest(): SurfaceRequest | null {
  const plane = currentPlaneRequest();
  const { surface, custom } = useLandscape.getState();
  if (!plane || !surface) return null;
  return { ...plane, ...dataOf(custom), grid: currentGrid(), range: surface.range, executor: 'auto', save: false };
}

/** On which examples, of which points, as the plot or the options say. */
function dataOf(
  custom: SurfaceRequest | null,
): Pick<SurfaceRequest, 'subset' | 'split' | 'l2' | 'statistics' | 'adaptive'> {
  if (custom) {
    const { subset, split, l2, statistics, adaptive } = custom;
    return { subset, split, l2, statistics, ...(adaptive && { adaptive }) };
  }
  const { options, objective } = useLandscape.getState();
  const { adaptive, tolerance } = options;
  const { split, l2 } = objective?.kind === 'network' ? options : ({ split: 'train', l2: 'in' } as const);
  return {
    ...{ subset: currentSubset(), split, l2, statistics: 'given' as const },
    ...(adaptive && { adaptive: { tolerance: Number(tolerance) / 100 } }),
  };
}

/** Pause between two pictures of a surface in progress, at least; large grids, slow to draw, get longer ones. */
const picturePause = 200;

/** Shows a surface while its passes arrive, not more often than it can be drawn. */
function progressivePicture(signal: AbortSignal): { add(tile: SurfaceTile): void; stop(): void } {
  let refinement: Refinement | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let pause = 0;
  const draw = () => {
    timer = null;
    if (!refinement || refinement.whole === null || signal.aborted) return;
    const began = performance.now();
    fillBetween(refinement, refinement.whole);
    const { xs, ys, loss } = refinement;
    useLandscape.setState({ surface: sceneSurface(xs, ys, loss, edges(xs, ys)), result: null, asked: null });
    pause = Math.max(picturePause, 4 * (performance.now() - began));
  };
  return {
    add(tile) {
      refinement ??= startRefinement(tile.xs, tile.ys);
      applyTile(refinement, tile);
      if (refinement.whole !== null) timer ??= setTimeout(draw, pause);
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** Progressive: the first coarse pass stands within moments, the result replaces it. */
async function computeSurface(wanted: PlaneRequest, range: Domain, signal: AbortSignal): Promise<void> {
  useLandscape.setState({ computing: true, stale: false, live: false });
  const { custom } = useLandscape.getState();
  const picture = progressivePicture(signal);
  const asked: AskedSurface = {
    ...wanted,
    ...dataOf(custom),
    grid: currentGrid(),
    range,
    // A plane being turned would leave a file for every angle.
    save: wanted.source.kind === 'runs' && wanted.plane.kind !== 'turned',
  };
  const result = await withJob(
    'surface',
    (inner, onProgress) => request('surface/compute', asked, { signal: inner, onProgress, onPartial: picture.add }),
    { outer: signal },
  );
  picture.stop();
  if (signal.aborted) return;
  if (!result.ok) return failed(result.error);
  const { xs, ys, loss } = result.value;
  clearNotices('stage');
  useLandscape.setState({
    surface: sceneSurface(xs, ys, loss, edges(xs, ys)),
    result: result.value,
    asked,
    computing: false,
  });
}

function failed(error: AppError): void {
  useLandscape.setState({ computing: false, stale: true });
  notifyError(error, 'stage');
}

const livePause = 1_000;
const liveGrid = 25;
const liveExamples = 500;
/** A plane through a path needs this many rows before it means anything. */
const liveRows = 4;

/**
 * While a network trains: about once a second a new plane through the path so far and a coarse surface on a subset, so
 * that the landscape moves under the optimizer. Ends with the runs; the caller then asks for the fine surface.
 */
export async function followTraining(objective: ObjectiveSpec): Promise<void> {
  useLandscape.setState({
    ...{ objective, plane: null, surface: null, result: null, asked: null, live: true, stale: false },
    custom: null,
  });
  const { signal } = takeOver();
  while (!signal.aborted && anyRunning(useRuns.getState().runs)) {
    const began = performance.now();
    if (everyRunHasRows()) await liveStep(signal);
    await pauseFor(Math.max(livePause - (performance.now() - began), 150), signal);
  }
}

const everyRunHasRows = (): boolean =>
  useRuns.getState().runs.every(({ runId }) => (trackOf(runId)?.rows ?? 0) >= liveRows);

async function liveStep(signal: AbortSignal): Promise<void> {
  const wanted = currentPlaneRequest();
  if (!wanted || !(await drawCoarse(wanted, liveGrid, { signal })).ok) return;
  for (const { runId } of useRuns.getState().runs) {
    if (!signal.aborted) await request('run/follow', { runId, plane: wanted });
  }
}

/** Draws a plane coarsely, on few examples, so that the picture keeps up with what changes. Does not tell errors. */
export async function drawCoarse(
  wanted: PlaneRequest,
  side: number,
  {
    signal,
    onProgress,
    split = 'train',
  }: { signal: AbortSignal; onProgress?: (progress: Progress) => void; split?: SurfaceRequest['split'] },
): Promise<Result<null>> {
  const made = await request('plane/create', wanted, { signal, ...(onProgress && { onProgress }) });
  if (!made.ok) return made;
  const data = { split, subset: fewExamples(split), range: made.value.range };
  const surface = await request('surface/compute', { ...wanted, ...data, grid: [side, side] }, { signal });
  if (!surface.ok) return surface;
  if (signal.aborted) return { ok: false, error: { code: 'cancelled', message: 'Cancelled.' } };
  const { xs, ys, loss } = surface.value;
  adoptPlane(made.value);
  useLandscape.setState({
    surface: sceneSurface(xs, ys, loss, edges(xs, ys)),
    ...{ result: null, asked: null, live: true },
  });
  return { ok: true, value: null };
}

/** As many of the examples as a coarse surface needs. */
export function fewExamples(split: SurfaceRequest['split'] = 'train'): Subset {
  const { examples } = useRuns.getState().runs[0]?.info ?? {};
  return (examples?.[split] ?? 0) > liveExamples
    ? { kind: 'random', examples: liveExamples, seed: 0 }
    : { kind: 'full' };
}

const pauseFor = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    const stop = onceEnded(done);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      stop();
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });

/** Ends a pause early when nothing runs any more. */
function onceEnded(listener: () => void): () => void {
  return useRuns.subscribe(({ runs }) => {
    if (!anyRunning(runs)) listener();
  });
}

const probeDelay = 140;
let probeTimer: ReturnType<typeof setTimeout> | null = null;
let probeController: AbortController | null = null;

/** The pointer moved on the surface; where it rests, the engine is asked for the exact values. */
export function hoverAt(hover: HoverProbe | null): void {
  if (probeTimer !== null) clearTimeout(probeTimer);
  probeController?.abort();
  probeTimer = null;
  useLandscape.setState({ hover, probe: null });
  if (!hover) return;
  probeTimer = setTimeout(() => void probeAt(hover.x, hover.y), probeDelay);
}

async function probeAt(x: number, y: number): Promise<void> {
  const wanted = drawnPlaneRequest();
  const { live, computing, options } = useLandscape.getState();
  // What the engine tells is the training loss with its L2 term.
  const { split, l2 } = dataOf(useLandscape.getState().custom);
  if (!wanted || live || computing || options.measure !== 'loss' || split !== 'train' || l2 !== 'in') return;
  probeController = new AbortController();
  const { signal } = probeController;
  const result = await request('objective/probe', { ...wanted, x, y }, { signal });
  // The grid's own values stay where the exact ones cannot be had.
  if (result.ok && !signal.aborted) useLandscape.setState({ probe: result.value });
}
