import { z } from 'zod';
import type { Catalog, CriticalPoint, DataPreview } from './model/catalog';
import { type Connection, connectionRequestSchema, type KeptConnection } from './model/connection';
import {
  allCriticalPointsSchema,
  type CriticalPoints,
  criticalSearchSchema,
  type FoundCriticalPoint,
  type SearchStep,
} from './model/critical';
import {
  type Density,
  densityRequestSchema,
  type Layers,
  layersRequestSchema,
  type PathSharpness,
  pathRequestSchema,
  type SavedCurvature,
  type SharpnessPoint,
  type Trace,
  traceRequestSchema,
} from './model/curvature';
import type { DoctorReport, ExecutorReport } from './model/executors';
import { dataSchema, executorChoiceSchema, experimentSchema, objectiveSchema } from './model/experiment';
import {
  type Plane,
  type Probe,
  planeRequestSchema,
  probeRequestSchema,
  type Spectrum,
  type Surface,
  type SurfaceTile,
  spectrumRequestSchema,
  surfaceRequestSchema,
} from './model/landscape';
import type { Lesson, LessonCheck, LessonInfo, StepCheck } from './model/lesson';
import type { LintReport } from './model/lint';
import { type Motion, type MotionRows, motionRequestSchema } from './model/motion';
import { type FairRace, type RaceProgress, raceRequestSchema } from './model/race';
import {
  type MetricColumns,
  marginsRequestSchema,
  type Outcome,
  type ParameterLayout,
  type RunInfo,
  type RunMargins,
  type UnreadableFile,
} from './model/run';
import {
  differenceRequestSchema,
  type Profile,
  type ProfileTile,
  profileRequestSchema,
  type SurfaceDifference,
  type Volume,
  type VolumeSlice,
  volumeRequestSchema,
} from './model/sections';
import { type StudyResult, studyRequestSchema } from './model/study';
import { regionCriteriaSchema, regionsRequestSchema, type SurfaceRegions } from './model/topology';

/**
 * Everything that crosses between an interface and the engine, each signature once.
 * The router validates `params` with the schema; the types of callers and handlers are derived from here.
 */

/** What a person reads when something could not be done. */
export interface AppError {
  /** badInput: exit code 2 and a message beside the field; the others: exit code 1. */
  code: 'badInput' | 'notFound' | 'cancelled' | 'io' | 'engine' | 'internal';
  /** One sentence that contains the offending value. */
  message: string;
  /** What to do about it. */
  cure?: string;
  /** Path of the offending field, e.g. ["optimizer", "learningRate"]. */
  field?: (string | number)[];
}

export type Result<T> = { ok: true; value: T } | { ok: false; error: AppError };

/** Progress of one request: what is being done, how far, how long still. */
export interface Progress {
  label: ProgressLabel;
  done: number;
  total: number;
  /** null until it can be estimated. */
  secondsLeft: number | null;
}
/** Keys of the interface's texts (`progress.*`). */
export type ProgressLabel =
  | 'loadingData'
  | 'training'
  | 'projecting'
  | 'surface'
  | 'profile'
  | 'volume'
  | 'replaying'
  | 'lanczos'
  | 'density'
  | 'trace'
  | 'layers'
  | 'sharpness'
  | 'criticalPoints'
  | 'executors'
  | 'connecting'
  | 'race'
  | 'study'
  | 'margins'
  | 'figure';

export interface AppInfo {
  version: string;
  host: 'electron' | 'browser' | 'cli';
  /** Each executor in words, e.g. "wasm (relaxed SIMD, 2 threads)". */
  executors: { name: string; description: string }[];
  dataFolder: string;
}

const settingsFields = {
  theme: z.enum(['system', 'dark', 'light']),
  language: z.enum(['system', 'en', 'ko']),
  /** For experiments that name none. */
  executor: executorChoiceSchema,
  colorMap: z.enum(['viridis', 'cividis', 'magma', 'batlow', 'grey']),
  paneSizes: z.array(z.number().min(0)).max(8),
  playbackSpeed: z.number().positive(),
  /** Where the last lesson was left, and the steps done of each, by their ids. */
  lessons: z.strictObject({
    last: z.strictObject({ name: z.string(), step: z.string() }).nullable(),
    done: z.record(z.string(), z.array(z.string())),
  }),
  /** The workbench as it was left (validated by the interface that wrote it). */
  workspace: z.unknown(),
};

/** Remembered settings of the interface. */
export const settingsSchema = z.strictObject({
  theme: settingsFields.theme.default('system'),
  language: settingsFields.language.default('system'),
  executor: settingsFields.executor.default('auto'),
  colorMap: settingsFields.colorMap.default('viridis'),
  paneSizes: settingsFields.paneSizes.default([]),
  playbackSpeed: settingsFields.playbackSpeed.default(1),
  lessons: settingsFields.lessons.default({ last: null, done: {} }),
  workspace: settingsFields.workspace.optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

export const figureOptionsSchema = z.strictObject({
  format: z.enum(['svg', 'png']).default('svg'),
  /** Outer width in millimetres: 89 is a single journal column, 183 a double one. */
  widthMm: z.number().min(20).max(500).default(89),
  heightMm: z.number().min(20).max(500).optional(),
  /** PNG only. */
  dpi: z.number().min(36).max(1_200).default(300),
  colorMap: settingsSchema.shape.colorMap,
  scale: z.enum(['auto', 'linear', 'log']).default('auto'),
  title: z.string().max(200).optional(),
  /**
   * Critical points by shape, with the dashed ways down: all of a function in the window, or of the runs the points kept
   * in their folders that converged; or those named, projected on the figure's plane.
   */
  criticalPoints: z
    .union([
      z.enum(['none', 'all']),
      z.array(z.strictObject({ runId: z.string(), id: z.string(), descents: z.boolean().default(true) })).max(1_000),
    ])
    .default('none'),
  /** Borders of basins (numbered from the deepest) or hills (from the highest), or of the regions that have a name. */
  regions: z.enum(['none', 'basins', 'hills', 'kinds']).default('none'),
  criteria: regionCriteriaSchema.prefault({}),
});
export type FigureOptions = z.infer<typeof figureOptionsSchema>;

const runId = z.strictObject({ runId: z.string().min(1) });
const lessonName = z.strictObject({ name: z.string().min(1) });
const nothing = z.strictObject({});

/** `partial` is what a request may stream before its result. */
interface Call<Schema extends z.ZodType, Value, Partial = never> {
  params: Schema;
  /** Never present: carries the types only. */
  _types?: { value: Value; partial: Partial };
}
const call =
  <Value, Partial = never>() =>
  <Schema extends z.ZodType>(params: Schema): Call<Schema, Value, Partial> => ({ params });

export const requests = {
  'app/info': call<AppInfo>()(nothing),
  /** Every executor tried and checked, timed where that was not done before; each is streamed as it is known. */
  'app/doctor': call<DoctorReport, ExecutorReport>()(
    /** `remeasure`: time all of them anew. */
    z.strictObject({ remeasure: z.boolean().default(false) }),
  ),
  'settings/get': call<Settings>()(nothing),
  /** What is left out stays: these fields have no defaults, which zod would fill in also under `partial`. */
  'settings/set': call<Settings>()(z.strictObject(settingsFields).partial()),
  'catalog/get': call<Catalog>()(nothing),

  /** Reads and prepares a dataset without training on it. */
  'data/preview': call<DataPreview>()(z.strictObject({ data: dataSchema, inputShape: z.array(z.int()).optional() })),
  /** Takes a user's file into the app's own folder and returns the path an experiment or a plane may name. */
  'data/import': call<{ path: string }>()(
    z.strictObject({
      name: z.string().min(1).max(255),
      bytes: z.instanceof(Uint8Array),
      /** data: examples (.csv, .npz); direction: through parameter space (.npy, .npz, .safetensors). */
      purpose: z.enum(['data', 'direction']).default('data'),
    }),
  ),
  /** Checks an objective: parameter count and layout, or what is wrong with it. */
  'objective/describe': call<{ parameterCount: number; layout: ParameterLayout }>()(
    z.strictObject({ objective: objectiveSchema }),
  ),
  'objective/probe': call<Probe>()(probeRequestSchema),
  /** Newton from the given point to a stationary point of a two-parameter function. */
  'critical/refine': call<CriticalPoint>()(
    z.strictObject({ objective: objectiveSchema, x: z.number().finite(), y: z.number().finite() }),
  ),
  /** Every critical point of a two-parameter function in a window. */
  'critical/all': call<CriticalPoints>()(allCriticalPointsSchema),
  /** From a point of a run's path or plane to a critical point in full space; kept in the run's folder. */
  'critical/fromRun': call<FoundCriticalPoint, SearchStep>()(criticalSearchSchema),
  /** What `critical/fromRun` kept in a run, oldest first, and files in its folder that are no such point. */
  'critical/saved': call<{ points: FoundCriticalPoint[]; unreadable: UnreadableFile[] }>()(runId),

  /** Starts a run and returns at once; `run/batch` and `run/ended` tell the rest. */
  'run/start': call<RunInfo>()(
    /** `path`: the run's folder; in the app's own folder when left out. */
    z.strictObject({ experiment: experimentSchema, path: z.string().min(1).optional() }),
  ),
  /** Adds a `.lossrun` folder from elsewhere to the list. */
  'run/attach': call<RunInfo>()(z.strictObject({ path: z.string().min(1) })),
  /** Weights trained elsewhere (.safetensors, .npz) as a run of one row. */
  'run/import': call<RunInfo>()(z.strictObject({ experiment: experimentSchema, weights: z.string().min(1) })),
  'run/pause': call<null>()(runId),
  'run/resume': call<null>()(runId),
  'run/cancel': call<null>()(runId),
  /** The interface has used this many batches of the run: credits of the back-pressure window. */
  'run/acknowledge': call<null>()(runId.extend({ batches: z.int().min(1) })),
  /**
   * Project the batches that follow on this plane as last made by `plane/create` (null: stop). Rows recorded since
   * that plane was made are sent again, projected: a batch may repeat rows, `firstRow` says where it belongs.
   */
  'run/follow': call<null>()(runId.extend({ plane: planeRequestSchema.nullable() })),
  /**
   * Repeats a run from its experiment and tells what moved its optimizer at every recorded row, seen from a plane. Refused
   * where the repeated path is not the recorded one.
   */
  'run/motion': call<Motion, MotionRows>()(motionRequestSchema),
  'run/list': call<RunInfo[]>()(nothing),
  /** Folders that should be runs but cannot be read, and why. */
  'run/unreadable': call<UnreadableFile[]>()(nothing),
  'run/open': call<{ run: RunInfo; metrics: MetricColumns }>()(runId),
  /** The margins of a network that classifies along a run's path, in float64. */
  'run/margins': call<RunMargins>()(marginsRequestSchema),
  'run/delete': call<null>()(runId),
  /**
   * Tunes each optimizer's learning rate over one grid and reports on fresh seeds; every rate is streamed once all its
   * seeds have run. Nothing is kept: `run/start` with an entrant's `experiment` records its run.
   */
  'race/fair': call<FairRace, RaceProgress>()(raceRequestSchema),
  /** Runs a measured experiment; nothing is kept. */
  'study/run': call<StudyResult>()(studyRequestSchema),

  /** The lessons that came with the app and the person's own, in the order of the book; and files that are none. */
  'lesson/list': call<{ lessons: LessonInfo[]; unreadable: UnreadableFile[] }>()(nothing),
  'lesson/get': call<Lesson>()(lessonName),
  /** The text of a lesson's file, to write one's own from. */
  'lesson/source': call<{ text: string }>()(lessonName),
  /** Takes a lesson file (NAME.md) into the app's own folder; one of the same name there is replaced. */
  'lesson/add': call<LessonInfo>()(
    z.strictObject({ name: z.string().min(1).max(255), bytes: z.instanceof(Uint8Array) }),
  ),
  /** Replays a lesson without a window and looks whether its claims hold; each step is streamed. */
  'lesson/check': call<LessonCheck, StepCheck>()(
    /** A lesson of the list, or a file. */
    z.union([lessonName, z.strictObject({ path: z.string().min(1) })]),
  ),

  /** Builds a plane and projects the source's runs on it. */
  'plane/create': call<Plane>()(planeRequestSchema),
  'surface/compute': call<Surface, SurfaceTile>()(surfaceRequestSchema),
  /** A surface with its minima, basins and named regions, by criteria that come back with it. */
  'surface/regions': call<SurfaceRegions, SurfaceTile>()(regionsRequestSchema),
  /** The loss along a segment of a plane, every point computed. */
  'surface/profile': call<Profile, ProfileTile>()(profileRequestSchema),
  /** The loss along three directions; whole slices are streamed. */
  'surface/volume': call<Volume, VolumeSlice>()(volumeRequestSchema),
  'surface/difference': call<SurfaceDifference>()(differenceRequestSchema),
  /** Computes the plot of a request and says what is wrong with it, with a request that cures each objection. */
  'plot/lint': call<LintReport>()(surfaceRequestSchema),
  /** What lies between two solutions: the loss on the line and on a trained curve, and the barriers. */
  'connection/compute': call<Connection>()(connectionRequestSchema),
  /** Curves kept in the run's folder, oldest first, and files in it that are none. */
  'connection/saved': call<{ connections: KeptConnection[]; unreadable: UnreadableFile[] }>()(runId),
  /** Ends of the spectrum (or all of it) and what the point is called. Like all below, kept in the run's folder. */
  'curvature/spectrum': call<Spectrum>()(spectrumRequestSchema),
  /** Density of all eigenvalues, with its error band. */
  'curvature/density': call<Density>()(densityRequestSchema),
  'curvature/trace': call<Trace>()(traceRequestSchema),
  /** Eigenvalues and traces of each layer's block; shares of the layers in the top eigenvectors. */
  'curvature/layers': call<Layers>()(layersRequestSchema),
  /** λmax at every n-th recorded row; each point is streamed as it is known. */
  'curvature/alongPath': call<PathSharpness, SharpnessPoint>()(pathRequestSchema),
  /** What was measured of a run before, oldest first, and files in its folder that are no such result. */
  'curvature/saved': call<{ results: SavedCurvature[]; unreadable: UnreadableFile[] }>()(runId),
  'figure/export': call<{ bytes: Uint8Array; mediaType: string }>()(
    surfaceRequestSchema.extend({ figure: figureOptionsSchema.prefault({}) }),
  ),
} satisfies Record<string, Call<z.ZodType, unknown, unknown>>;

export type RequestName = keyof typeof requests;
export const requestNames = Object.keys(requests) as RequestName[];
/** What a caller passes: defaults may be left out. */
export type ParamsInput<K extends RequestName> = z.input<(typeof requests)[K]['params']>;
/** What a handler receives: validated, defaults filled in. */
export type Params<K extends RequestName> = z.output<(typeof requests)[K]['params']>;
type Types<K extends RequestName> = NonNullable<(typeof requests)[K]['_types']>;
export type Value<K extends RequestName> = Types<K>['value'];
export type PartialOf<K extends RequestName> = Types<K>['partial'];

/** Rows recorded since the last batch of this run, about 33 ms of work. */
export interface RunBatch {
  runId: string;
  firstRow: number;
  rows: number;
  metrics: MetricColumns;
  /** On the plane last given to `run/follow`; two-parameter objectives always have it. */
  path: { x: Float64Array; y: Float64Array; residual: Float64Array } | null;
}

/** Told to every connected interface. */
export interface Events {
  'run/batch': RunBatch;
  /** `error`: what went wrong outside the optimization (a full disk, …); the run up to then is intact. */
  'run/ended': { run: RunInfo; error?: AppError };
  'run/changed': { runId: string; outcome: Outcome; paused: boolean };
  /** The engine process ended unexpectedly and was started again; runs up to then are intact. */
  'engine/restarted': { reason: string };
}
export type EventName = keyof Events;

/** What travels between an interface and the engine, whatever carries it. */
export type ClientMessage =
  | { type: 'request'; id: number; method: RequestName; params: unknown }
  | { type: 'cancel'; id: number };

export type ServerMessage =
  | { type: 'reply'; id: number; result: Result<unknown> }
  | { type: 'progress'; id: number; progress: Progress }
  | { type: 'partial'; id: number; value: unknown }
  | { [E in EventName]: { type: 'event'; name: E; payload: Events[E] } }[EventName];

/** What the preload puts on `window.lossAtlas`, and what the browser host's client imitates. */
export interface Bridge {
  host: 'electron' | 'browser';
  send(message: ClientMessage): void;
  /** Returns the undo. */
  onMessage(listener: (message: ServerMessage) => void): () => void;
  /** Connection to the engine; the browser host can lose it. Returns the undo. */
  onConnection(listener: (connected: boolean) => void): () => void;
  /** Asks where to save and writes; null when the person cancelled. */
  saveFile(name: string, bytes: Uint8Array): Promise<string | null>;
  /** Commands of the native menu. Returns the undo. */
  onMenu(listener: (command: MenuCommand) => void): () => void;
}

export const menuCommands = [
  'newExperiment',
  'openExperiment',
  'train',
  'stop',
  'exportFigure',
  'topView',
  'resetView',
  'togglePlay',
  'undo',
  'redo',
  'toggleTheme',
  'doctor',
  'help',
] as const;
export type MenuCommand = (typeof menuCommands)[number];
