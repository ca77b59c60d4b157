import { create } from 'zustand';
import type { AppError, Progress } from '../../shared/contract';
import type { Plane, PlaneRequest } from '../../shared/model/landscape';
import { request } from '../api';
import type { FieldIssue } from './compile';
import { fewExamples, stageRuns, useLandscape } from './landscape';
import { type PlaneKind, planeIssues, planeKinds, planeSpecOf, sourceRuns } from './planeChoice';
import { applyTile, fillBetween, type Refinement, startRefinement } from './refine';
import { anyRunning, useRuns } from './runs';

/** Small surfaces of every kind of plane with the settings as they are: what the gallery shows. */

export interface PlanePreview {
  /** The request it answers, with the rows its runs had. */
  key: string;
  state: 'waiting' | 'making' | 'ready' | 'failed';
  plane: Plane | null;
  /** Coarse at first. */
  surface: Pick<Refinement, 'xs' | 'ys' | 'loss'> | null;
  /** Of a plane that takes long to make. */
  progress: Progress | null;
  /** Why this plane cannot be had: a setting that is missing, or the engine's word. */
  issue: FieldIssue | null;
  error: AppError | null;
}

interface PreviewState {
  previews: Partial<Record<PlaneKind, PlanePreview>>;
  /** A person has stopped them. */
  stopped: boolean;
}
export const usePlanePreviews = create<PreviewState>(() => ({ previews: {}, stopped: false }));

/** Points along each side. */
const previewGrid = 21;

/** Those that need the Hessian come last. */
const byCost: readonly PlaneKind[] = [
  'pca',
  'random',
  'parameters',
  'points',
  'file',
  'connection',
  'gradient',
  'eigenvectors',
];

/** What is being made; one at a time. */
let making: { kind: PlaneKind; key: string; controller: AbortController } | null = null;
let watched = false;

/** Keeps the previews up to date while something shows them. Returns the undo. */
export function watchPlanePreviews(): () => void {
  watched = true;
  usePlanePreviews.setState({ stopped: false });
  update();
  const undos = [
    useLandscape.subscribe((s, b) => (s.options !== b.options || s.computing !== b.computing) && update()),
    useRuns.subscribe((s, b) => s.runs !== b.runs && update()),
  ];
  return () => {
    watched = false;
    making?.controller.abort();
    for (const undo of undos) undo();
  };
}

export function stopPlanePreviews(): void {
  usePlanePreviews.setState({ stopped: true });
  making?.controller.abort();
}

export function resumePlanePreviews(): void {
  usePlanePreviews.setState({ stopped: false });
  update();
}

interface Wanted {
  key: string;
  request: PlaneRequest | null;
  issue: FieldIssue | null;
}

/** What each kind of plane would be with the settings as they are; null while there is no finished run to cut. */
function wantedPreviews(): Record<PlaneKind, Wanted> | null {
  const { options, objective } = useLandscape.getState();
  const { runs: views } = useRuns.getState();
  const runs = stageRuns();
  if (objective?.kind !== 'network' || runs.length === 0 || anyRunning(views)) return null;
  const wanted = planeKinds.map((plane): [PlaneKind, Wanted] => {
    const choice = { ...options, plane, turn: '0', turnOrigin: null };
    const [issue = null] = planeIssues(choice, runs);
    const made: PlaneRequest | null = issue
      ? null
      : { source: { kind: 'runs', runIds: sourceRuns(choice, runs) }, plane: planeSpecOf(choice, runs) };
    return [plane, { key: JSON.stringify([made ?? issue, runs]), request: made, issue }];
  });
  return Object.fromEntries(wanted) as Record<PlaneKind, Wanted>;
}

/** Drops what is out of date and makes what is missing. */
function update(): void {
  if (!watched) return;
  const wanted = wantedPreviews();
  const { previews } = usePlanePreviews.getState();
  const next: PreviewState['previews'] = {};
  for (const kind of wanted ? planeKinds : []) {
    const { key, issue } = (wanted as NonNullable<typeof wanted>)[kind];
    const known = previews[kind];
    next[kind] = known?.key === key ? known : { ...nothing, key, issue, state: issue ? 'failed' : 'waiting' };
  }
  if (planeKinds.some((kind) => next[kind] !== previews[kind])) usePlanePreviews.setState({ previews: next });
  // The surface on the stage goes first.
  if (making && (useLandscape.getState().computing || next[making.kind]?.key !== making.key)) making.controller.abort();
  else if (wanted && !making) void makeNext(wanted);
}

const nothing = { plane: null, surface: null, progress: null, issue: null, error: null };

async function makeNext(wanted: Record<PlaneKind, Wanted>): Promise<void> {
  const { options, computing } = useLandscape.getState();
  const { previews, stopped } = usePlanePreviews.getState();
  if (stopped || computing) return;
  const kind = [options.plane, ...byCost].find((one) => previews[one]?.state === 'waiting');
  const next = kind && wanted[kind];
  if (!kind || !next?.request) return;
  making = { kind, key: next.key, controller: new AbortController() };
  await make(kind, next.key, next.request, making.controller.signal);
  making = null;
  update();
}

async function make(kind: PlaneKind, key: string, wanted: PlaneRequest, signal: AbortSignal): Promise<void> {
  const patch = (change: Partial<PlanePreview>) =>
    usePlanePreviews.setState(({ previews }) => {
      const known = previews[kind];
      return known?.key === key ? { previews: { ...previews, [kind]: { ...known, ...change } } } : {};
    });
  const refused = (error: AppError) =>
    patch(error.code === 'cancelled' ? { ...nothing, state: 'waiting' } : { ...nothing, state: 'failed', error });
  patch({ state: 'making' });
  const made = await request('plane/create', wanted, { signal, onProgress: (progress) => patch({ progress }) });
  if (!made.ok) return refused(made.error);
  patch({ plane: made.value, progress: null });
  let refinement: Refinement | null = null;
  const surface = await request(
    'surface/compute',
    { ...wanted, grid: [previewGrid, previewGrid], range: made.value.range, subset: fewExamples() },
    {
      signal,
      onPartial(tile) {
        refinement ??= startRefinement(tile.xs, tile.ys);
        applyTile(refinement, tile);
        const { xs, ys, loss, known, whole } = refinement;
        if (whole === null) return;
        const coarse = { xs, ys, loss: loss.slice(), known };
        fillBetween(coarse, whole);
        patch({ surface: coarse });
      },
    },
  );
  if (!surface.ok) return refused(surface.error);
  const { xs, ys, loss } = surface.value;
  patch({ state: 'ready', surface: { xs, ys, loss } });
}
