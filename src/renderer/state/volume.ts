import { z } from 'zod';
import { create } from 'zustand';
import type { PlaneSpec, SurfaceRequest } from '../../shared/model/landscape';
import type { Volume, VolumeSlice } from '../../shared/model/sections';
import { request } from '../api';
import { type SceneVolume, type VolumeAxis, volumeAxes } from '../scene/volume/model';
import type { FieldIssue } from './compile';
import { withJob } from './jobs';
import { currentSurfaceRequest, drawnPlaneRequest, useLandscape } from './landscape';
import { clearNotices, notifyError } from './notices';

const text = z.string().max(100);
const share = z.number().min(0).max(1);
const slice = z.strictObject({ shown: z.boolean(), at: share });
/** What the volume is of and how it is drawn; numbers that are computed with are the text typed. */
export const volumeOptionsSchema = z.strictObject({
  third: z.enum(['random', 'gradient', 'hessianGradient', 'eigenvector', 'pca', 'parameter']),
  seed: text,
  end: z.enum(['top', 'bottom']),
  rank: text,
  component: z.enum(['1', '2']),
  index: text,
  /** Points along each side. */
  grid: text,
  isosurface: z.boolean(),
  /** As a share of the colour scale. */
  level: share,
  opacity: share,
  slices: z.strictObject({ x: slice, y: slice, z: slice }),
});
export type VolumeOptions = z.infer<typeof volumeOptionsSchema>;
/** The choices that need another computation. */
export type ThirdOptions = Pick<VolumeOptions, 'third' | 'seed' | 'end' | 'rank' | 'component' | 'index' | 'grid'>;

export const defaultVolumeOptions: VolumeOptions = {
  ...{ third: 'random', seed: '1', end: 'top', rank: '1', component: '1', index: '0', grid: '25' },
  ...{ isosurface: true, level: 0.3, opacity: 0.55 },
  slices: { x: { shown: false, at: 0.5 }, y: { shown: false, at: 0.5 }, z: { shown: true, at: 0.5 } },
};

interface VolumeState {
  options: VolumeOptions;
  /** In place of the landscape. */
  open: boolean;
  /** What is drawn, as far as it has come. */
  volume: SceneVolume | null;
  /** The finished computation behind it. */
  result: Volume | null;
  /** What `volume` was asked with, as JSON. */
  asked: string | null;
  busy: boolean;
}

export const useVolume = create<VolumeState>(() => ({
  ...{ options: defaultVolumeOptions, open: false, volume: null, result: null, asked: null, busy: false },
}));

export function setVolume(change: Partial<VolumeOptions>): void {
  useVolume.setState(({ options }) => ({ options: { ...options, ...change } }));
}

export function adoptVolumeOptions(options: VolumeOptions): void {
  useVolume.setState({ options });
}

export function setSlice(axis: VolumeAxis, change: Partial<VolumeOptions['slices']['x']>): void {
  const { slices } = useVolume.getState().options;
  setVolume({ slices: { ...slices, [axis]: { ...slices[axis], ...change } } });
}

/** Shares of an axis or of the colour scale that a key moves. */
export const volumeStep = 0.01;
const clamped = (value: number): number => Math.min(Math.max(Number(value.toFixed(4)), 0), 1);

export function stepVolume(what: 'level' | VolumeAxis, steps: number): void {
  const { options } = useVolume.getState();
  if (what === 'level') setVolume({ level: clamped(options.level + steps * volumeStep), isosurface: true });
  else setSlice(what, { at: clamped(options.slices[what].at + steps * volumeStep), shown: true });
}

export function toggleVolumePart(what: 'level' | VolumeAxis): void {
  const { options } = useVolume.getState();
  if (what === 'level') setVolume({ isosurface: !options.isosurface });
  else setSlice(what, { shown: !options.slices[what].shown });
}

/** What is wrong with the numbers. */
export function volumeIssues({ third, seed, rank, index, grid }: ThirdOptions): FieldIssue[] {
  const issues: FieldIssue[] = [];
  const whole = (path: string, value: string, min: number, max: number) => {
    const number = Number(value);
    const shown = { value: value.trim() };
    if (value.trim() === '') issues.push({ path, key: 'required', values: {} });
    else if (Number.isNaN(number)) issues.push({ path, key: 'notANumber', values: shown });
    else if (!Number.isInteger(number)) issues.push({ path, key: 'notAnInteger', values: shown });
    else if (number < min) issues.push({ path, key: 'tooSmall', values: { ...shown, limit: String(min) } });
    else if (number > max) issues.push({ path, key: 'tooBig', values: { ...shown, limit: String(max) } });
  };
  // 161³ is what a volume may hold.
  whole('grid', grid, 2, 161);
  if (third === 'random') whole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  if (third === 'eigenvector') whole('rank', rank, 1, 50);
  if (third === 'parameter') whole('index', index, 0, Number.MAX_SAFE_INTEGER);
  return issues;
}

/** The plane and its axis that the contract takes a third direction from. */
function thirdOf(options: ThirdOptions): { plane: PlaneSpec; axis: 1 | 2 } {
  switch (options.third) {
    case 'random': {
      const { normalization } = useLandscape.getState().options;
      const seed = Number(options.seed);
      return { plane: { kind: 'random', seed, normalization, biases: 'zero', origin: 'final' }, axis: 1 };
    }
    case 'gradient':
    case 'hessianGradient':
      return {
        plane: { kind: 'gradient', biases: true, origin: 'final' },
        axis: options.third === 'gradient' ? 1 : 2,
      };
    case 'eigenvector': {
      const wanted = { end: options.end, rank: Number(options.rank) };
      // The plane has two: the other one is whichever is not asked for.
      const other = { end: options.end, rank: wanted.rank === 1 ? 2 : 1 };
      return {
        plane: { kind: 'eigenvectors', which: [wanted, other], biases: true, origin: 'final', seed: 0 },
        axis: 1,
      };
    }
    case 'pca':
      return { plane: { kind: 'pca', biases: true }, axis: options.component === '1' ? 1 : 2 };
    case 'parameter': {
      const index = Number(options.index);
      return { plane: { kind: 'parameters', indices: [index, index === 0 ? 1 : 0], origin: 'final' }, axis: 1 };
    }
    default:
      return options.third satisfies never;
  }
}

/** The surface on the stage, which a volume is raised on; null while there is none, or it has two parameters only. */
function ground(): Omit<SurfaceRequest, 'grid' | 'adaptive'> | null {
  const { objective, live } = useLandscape.getState();
  const surface = currentSurfaceRequest();
  const drawn = drawnPlaneRequest();
  if (!surface || !drawn || live || objective?.kind !== 'network') return null;
  const { grid: _, adaptive: __, ...rest } = surface;
  return { ...rest, plane: drawn.plane };
}

const askedWith = (of: ReturnType<typeof ground>, options: VolumeOptions): string =>
  JSON.stringify([of, thirdOf(options), options.grid]);

/** Another plane, path or third direction than the volume was computed for. */
export function volumeIsStale({ options, asked }: Pick<VolumeState, 'options' | 'asked'>): boolean {
  return asked === null || asked !== askedWith(ground(), options);
}

let controller: AbortController | null = null;

/** Enters the view, with the volume of what is on the stage, or leaves it. */
export function toggleVolume(): void {
  const state = useVolume.getState();
  if (state.open) {
    useVolume.setState({ open: false });
    return;
  }
  if (!ground()) return;
  useVolume.setState({ open: true });
  if (!state.busy && volumeIsStale(state)) void computeVolume();
}

let version = 0;
/** Pause between two pictures of a volume in progress. */
const picturePause = 250;

/** Computes the volume as it is asked for now; slices are drawn as they come. */
export async function computeVolume(): Promise<void> {
  const { options } = useVolume.getState();
  const of = ground();
  if (!of || volumeIssues(options).length > 0) return;
  controller?.abort();
  controller = new AbortController();
  const { signal } = controller;
  const side = Number(options.grid);
  useVolume.setState({ busy: true, volume: null, result: null, asked: askedWith(of, options) });
  const picture = slicePicture(side);
  const made = await withJob(
    'volume',
    (inner, onProgress) =>
      request(
        'surface/volume',
        {
          ...of,
          grid: [side, side, side],
          third: thirdOf(options),
          save: of.source.kind === 'runs' && of.plane.kind !== 'turned',
        },
        { signal: inner, onProgress, onPartial: picture },
      ),
    { outer: signal },
  );
  if (signal.aborted) return;
  if (!made.ok) {
    useVolume.setState({ busy: false, asked: null });
    notifyError(made.error, 'stage');
    return;
  }
  clearNotices('stage');
  const { xs, ys, zs, loss } = made.value;
  useVolume.setState({ busy: false, result: made.value, volume: { version: ++version, xs, ys, zs, loss } });
}

/** Shows the slices that have come, not more often than they can be drawn. */
function slicePicture(side: number): (slice: VolumeSlice) => void {
  let loss: Float64Array | null = null;
  let first = 0;
  let drawn = 0;
  return ({ k, z: at, xs, ys, loss: values }) => {
    loss ??= new Float64Array(side ** 3).fill(Number.NaN);
    loss.set(values, k * values.length);
    if (k === 0) first = at;
    // Two slices say how far apart they are.
    if (k === 0 || performance.now() - drawn < picturePause) return;
    drawn = performance.now();
    const zs = Float64Array.from({ length: side }, (_, n) => first + (n * (at - first)) / k);
    useVolume.setState({ volume: { version: ++version, xs, ys, zs, loss } });
  };
}

/** Leaves the view where the landscape it was raised on goes. Returns the undo. */
export function connectVolume(): () => void {
  return useLandscape.subscribe(({ surface, live, objective }, before) => {
    const gone = surface === null || live || objective?.kind !== 'network';
    if (!gone || (surface === before.surface && live === before.live)) return;
    controller?.abort();
    useVolume.setState({ open: false, volume: null, result: null, asked: null, busy: false });
  });
}

export const shownSlices = ({ slices }: VolumeOptions): Record<VolumeAxis, number | null> =>
  Object.fromEntries(volumeAxes.map((axis) => [axis, slices[axis].shown ? slices[axis].at : null])) as Record<
    VolumeAxis,
    number | null
  >;
