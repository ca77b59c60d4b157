import { z } from 'zod';
import { create } from 'zustand';
import type { ProgressLabel } from '../../shared/contract';
import {
  type MeasuredCurvature,
  type Measurement,
  measurementSchema,
  type ResultOf,
  type SavedCurvature,
  type SharpnessPoint,
} from '../../shared/model/curvature';
import { executorChoiceSchema } from '../../shared/model/experiment';
import { type CurvatureMatrix, type CurvatureSubset, curvatureMatrixSchema } from '../../shared/model/landscape';
import type { UnreadableFile } from '../../shared/model/run';
import { request } from '../api';
import type { FieldIssue } from './compile';
import { withJob } from './jobs';
import { clearNotices, notifyError } from './notices';
import { numberIssues } from './numberIssues';
import { type RunView, selectedRun, trackOf, useRuns } from './runs';
import { useTimeline } from './timeline';

const text = z.string().max(100);
/** What is measured and how; numbers are the text typed. */
export const curvatureOptionsSchema = z.strictObject({
  measurement: measurementSchema,
  /** Where the run ended, or at the playhead. */
  at: z.enum(['final', 'playhead']),
  /** Side by side, in the order of the schema. */
  matrices: z.array(curvatureMatrixSchema).min(1),
  top: text,
  bottom: text,
  /** Eigenvalues nearest to it as well; none when empty. */
  shift: text,
  starts: text,
  steps: text,
  products: text,
  every: text,
  examples: z.enum(['full', 'random', 'batches']),
  subsetExamples: text,
  batches: text,
  batchSize: text,
  seed: text,
  executor: executorChoiceSchema,
});
export type CurvatureOptions = z.infer<typeof curvatureOptionsSchema>;

export const defaultCurvatureOptions: CurvatureOptions = {
  measurement: 'spectrum',
  at: 'final',
  matrices: ['hessian'],
  top: '5',
  bottom: '2',
  shift: '',
  starts: '8',
  steps: '80',
  products: '60',
  every: '10',
  examples: 'full',
  subsetExamples: '500',
  batches: '8',
  batchSize: '128',
  seed: '0',
  executor: 'auto',
};

/** Points of a path that is still being followed. */
export interface LivePath {
  runId: string;
  matrix: CurvatureMatrix;
  points: SharpnessPoint[];
}

interface CurvatureState {
  options: CurvatureOptions;
  busy: boolean;
  live: LivePath | null;
  /** Everything measured of a run, here or before, oldest first. */
  results: Record<string, readonly SavedCurvature[]>;
  /** Files of a run's folder that should be results. */
  unreadable: Record<string, readonly UnreadableFile[]>;
  /** Which results are shown, by `groupKey`; the newest where nothing was chosen. */
  chosen: Partial<Record<Measurement, string>>;
}

export const useCurvature = create<CurvatureState>(() => ({
  options: defaultCurvatureOptions,
  busy: false,
  live: null,
  results: {},
  unreadable: {},
  chosen: {},
}));

export function setCurvature(change: Partial<CurvatureOptions>): void {
  useCurvature.setState(({ options }) => ({ options: { ...options, ...change } }));
}

/** A matrix joins or leaves the comparison; the last one stays. */
export function toggleMatrix(matrix: CurvatureMatrix): void {
  const { matrices } = useCurvature.getState().options;
  const left = curvatureMatrixSchema.options.filter((known) => matrices.includes(known) !== (known === matrix));
  if (left.length > 0) setCurvature({ matrices: left });
}

export function chooseResults(measurement: Measurement, key: string): void {
  useCurvature.setState(({ chosen }) => ({ chosen: { ...chosen, [measurement]: key } }));
}

/** Options that are numbers as typed. */
export type NumberField = {
  [K in keyof CurvatureOptions]: string extends CurvatureOptions[K] ? K : never;
}[keyof CurvatureOptions];

/** Whole numbers and their limits, as the contract has them. */
const limits: Record<Exclude<NumberField, 'shift'>, readonly [number, number]> = {
  top: [0, 100],
  bottom: [0, 100],
  starts: [1, 200],
  steps: [2, 600],
  products: [6, 10_000],
  every: [1, Number.MAX_SAFE_INTEGER],
  subsetExamples: [1, Number.MAX_SAFE_INTEGER],
  batches: [1, 1_000],
  batchSize: [1, Number.MAX_SAFE_INTEGER],
  seed: [0, Number.MAX_SAFE_INTEGER],
};

/** The numbers a measurement asks for. */
export const fieldsOf: Record<Measurement, readonly NumberField[]> = {
  spectrum: ['top', 'bottom', 'shift'],
  density: ['starts', 'steps'],
  trace: ['products'],
  layers: ['top', 'products'],
  alongPath: ['every'],
};

/** What is wrong with the numbers that the chosen measurement needs. */
export function curvatureIssues(options: CurvatureOptions): FieldIssue[] {
  const sampling: Record<CurvatureOptions['examples'], readonly NumberField[]> = {
    full: [],
    random: ['subsetExamples'],
    batches: ['batches', 'batchSize'],
  };
  const fields = [...fieldsOf[options.measurement], ...sampling[options.examples], 'seed' as const];
  return fields.flatMap((path): FieldIssue[] => {
    const value = options[path];
    if (path === 'shift') return value.trim() === '' ? [] : numberIssues(path, value, {});
    const [min, max] = limits[path];
    return numberIssues(path, value, { whole: true, min, max });
  });
}

/** A function of two parameters is no mean over examples and has no network behind it: there is one matrix. */
export const matricesOf = (run: RunView, { matrices }: CurvatureOptions): readonly CurvatureMatrix[] =>
  isNetwork(run) ? matrices : ['hessian'];
export const isNetwork = (run: RunView): boolean => run.info.experiment.objective.kind === 'network';

const labels: Record<Measurement, ProgressLabel> = {
  spectrum: 'lanczos',
  density: 'density',
  trace: 'trace',
  layers: 'layers',
  alongPath: 'sharpness',
};

/**
 * Makes the chosen measurement of the selected run, one matrix after the other. Returns what was measured, or null when
 * it was cancelled or failed (then said); what was measured before stays.
 */
export async function measureCurvature(): Promise<SavedCurvature[] | null> {
  const run = selectedRun(useRuns.getState());
  const { options, busy } = useCurvature.getState();
  if (!run || busy || curvatureIssues(options).length > 0) return null;
  const matrices = matricesOf(run, options);
  const { measurement } = options;
  useCurvature.setState({ busy: true });
  const measured: SavedCurvature[] = [];
  const error = await withJob(labels[measurement], async (signal, onProgress) => {
    for (const [i, matrix] of matrices.entries()) {
      const result = await measure(run, matrix, options, {
        signal,
        onProgress: ({ done, total, ...progress }) =>
          onProgress({ ...progress, done: i * total + done, total: matrices.length * total }),
      });
      if (!result.ok) return result.error;
      const entry = {
        ...result.value,
        id: `${measurement}-${crypto.randomUUID()}`,
        measuredAt: new Date().toISOString(),
      };
      measured.push(entry);
      useCurvature.setState(({ results }) => ({
        results: { ...results, [run.runId]: [...(results[run.runId] ?? []), entry] },
      }));
    }
    return null;
  });
  const first = measured[0];
  useCurvature.setState({ busy: false, live: null });
  if (first) chooseResults(measurement, groupKey(first));
  if (error) {
    notifyError(error, 'curvature');
    return null;
  }
  clearNotices('curvature');
  return measured;
}

type CallOptions = Pick<NonNullable<Parameters<typeof request>[2]>, 'signal' | 'onProgress'>;
type Outcome = { ok: true; value: MeasuredCurvature } | { ok: false; error: Parameters<typeof notifyError>[0] };

async function measure(
  run: RunView,
  matrix: CurvatureMatrix,
  options: CurvatureOptions,
  call: CallOptions,
): Promise<Outcome> {
  const { measurement, executor } = options;
  const { runId } = run;
  const parameters = run.info.parameterCount;
  const seed = Number(options.seed);
  const shared = {
    runId,
    matrix,
    seed,
    executor,
    subset: isNetwork(run) ? subsetOf(options) : { kind: 'full' as const },
  };
  const point = { ...shared, row: options.at === 'final' ? ('final' as const) : playheadRow(runId) };
  const top = Math.min(Number(options.top), parameters);
  switch (measurement) {
    case 'spectrum': {
      const shift = options.shift.trim();
      const result = await request(
        'curvature/spectrum',
        {
          ...{ ...point, top, bottom: Math.min(Number(options.bottom), parameters) },
          ...(shift !== '' && { around: { shift: Number(shift) } }),
        },
        call,
      );
      return result.ok ? { ok: true, value: { measurement, result: result.value } } : result;
    }
    case 'density': {
      const sizes = { starts: Number(options.starts), steps: Number(options.steps) };
      const result = await request('curvature/density', { ...point, ...sizes }, call);
      return result.ok ? { ok: true, value: { measurement, result: result.value } } : result;
    }
    case 'trace': {
      const result = await request('curvature/trace', { ...point, products: Number(options.products) }, call);
      return result.ok ? { ok: true, value: { measurement, result: result.value } } : result;
    }
    case 'layers': {
      const sizes = { top: Math.min(top, mostEigenvectors), products: Number(options.products) };
      const result = await request('curvature/layers', { ...point, ...sizes }, call);
      return result.ok ? { ok: true, value: { measurement, result: result.value } } : result;
    }
    case 'alongPath': {
      const points: SharpnessPoint[] = [];
      const result = await request(
        'curvature/alongPath',
        { ...shared, every: Number(options.every) },
        {
          ...call,
          onPartial: (next) => {
            points.push(next);
            useCurvature.setState({ live: { runId, matrix, points: points.slice() } });
          },
        },
      );
      return result.ok ? { ok: true, value: { measurement, result: result.value } } : result;
    }
    default:
      return measurement satisfies never;
  }
}

/** The most whose shares by layer a request tells. */
const mostEigenvectors = 20;

function subsetOf(options: CurvatureOptions): CurvatureSubset {
  const seed = Number(options.seed);
  switch (options.examples) {
    case 'full':
      return { kind: 'full' };
    case 'random':
      return { kind: 'random', examples: Number(options.subsetExamples), seed };
    case 'batches':
      return { kind: 'batches', batches: Number(options.batches), batchSize: Number(options.batchSize), seed };
    default:
      return options.examples satisfies never;
  }
}

const playheadRow = (runId: string): number =>
  Math.min(useTimeline.getState().readout, Math.max((trackOf(runId)?.rows ?? 1) - 1, 0));

/** Results that belong side by side: one measurement at one place on the same examples, of several matrices. */
export function groupKey({ measurement, result }: MeasuredCurvature): string {
  const where = measurement === 'alongPath' ? result.every : result.row;
  return JSON.stringify([measurement, where, result.subset]);
}

/** The newest result of each matrix, in the order of the matrices, by group; the newest group first. */
export function groupsOf<M extends Measurement>(
  results: readonly SavedCurvature[],
  measurement: M,
): { key: string; results: ResultOf<M>[] }[] {
  const groups = new Map<string, Map<CurvatureMatrix, ResultOf<M>>>();
  for (const saved of results) {
    if (saved.measurement !== measurement) continue;
    const key = groupKey(saved);
    const group = groups.get(key) ?? new Map<CurvatureMatrix, ResultOf<M>>();
    groups.delete(key);
    groups.set(key, group.set(saved.result.matrix, saved.result as ResultOf<M>));
  }
  return [...groups]
    .map(([key, group]) => ({
      key,
      results: curvatureMatrixSchema.options.flatMap((matrix) => group.get(matrix) ?? []),
    }))
    .toReversed();
}

const asked = new Set<string>();

/** Reads what was measured of a run before, once. */
export async function loadSavedCurvature(runId: string): Promise<void> {
  if (asked.has(runId)) return;
  asked.add(runId);
  const saved = await request('curvature/saved', { runId });
  if (!saved.ok) {
    asked.delete(runId);
    notifyError(saved.error, 'curvature');
    return;
  }
  const { results, unreadable } = saved.value;
  useCurvature.setState((state) => ({
    // What was measured while the folder was read is in it or newer than it.
    results: { ...state.results, [runId]: [...results, ...(state.results[runId] ?? [])] },
    unreadable: { ...state.unreadable, [runId]: unreadable },
  }));
}

export function adoptCurvatureOptions(options: CurvatureOptions): void {
  useCurvature.setState({ options });
}
