import { z } from 'zod';
import { create } from 'zustand';
import {
  type CriticalPoints,
  type FoundCriticalPoint,
  type SearchStep,
  searchMethodSchema,
} from '../../shared/model/critical';
import type { Domain, ObjectiveSpec } from '../../shared/model/experiment';
import type { CriticalKind, PlaneRequest } from '../../shared/model/landscape';
import type { UnreadableFile } from '../../shared/model/run';
import { request } from '../api';
import type { FieldIssue } from './compile';
import { withJob } from './jobs';
import { currentSurfaceRequest, drawnPlaneRequest, shapeKey, showPlot, useLandscape } from './landscape';
import { clearNotices, notifyError } from './notices';
import { numberIssues } from './numberIssues';
import { isRunning, type RunView, selectedRun, trackOf, useRuns } from './runs';
import { useTimeline } from './timeline';

const text = z.string().max(100);
/** How a critical point is searched in full space; numbers are the text typed. */
export const criticalOptionsSchema = z.strictObject({
  /** Where the search begins: the selected run at the playhead, or the point of the plane that was clicked. */
  from: z.enum(['playhead', 'pointed']),
  method: searchMethodSchema,
  tolerance: text,
  maxIterations: text,
  descend: z.boolean(),
  polish: z.boolean(),
});
export type CriticalOptions = z.infer<typeof criticalOptionsSchema>;

export const defaultCriticalOptions: CriticalOptions = {
  from: 'playhead',
  method: 'newtonMR',
  tolerance: '1e-8',
  maxIterations: '100',
  descend: true,
  polish: false,
};

interface CriticalState {
  options: CriticalOptions;
  busy: boolean;
  /** All of a function's window, and which function that was. */
  inWindow: { shape: string; found: CriticalPoints } | null;
  /** Of the points in the window the one that stands out. */
  chosen: number | null;
  /** Where a plane was clicked last. */
  pointed: { x: number; y: number; plane: PlaneRequest } | null;
  /** The search under way. */
  live: { runId: string; steps: readonly SearchStep[] } | null;
  /** The points found from each run, those kept in its folder among them, oldest first. */
  found: Record<string, readonly FoundCriticalPoint[]>;
  /** Of each run's points the one that is shown, by `foundAt`; the newest where none was chosen. */
  shown: Record<string, string>;
  /** Files in a run's folder that hold no such point, and why. */
  unreadable: Record<string, readonly UnreadableFile[]>;
}

export const useCritical = create<CriticalState>(() => ({
  options: defaultCriticalOptions,
  busy: false,
  inWindow: null,
  chosen: null,
  pointed: null,
  live: null,
  found: {},
  shown: {},
  unreadable: {},
}));

/** The point of a run that is shown; undefined where none was found. */
export const shownPoint = (
  { found, shown }: Pick<CriticalState, 'found' | 'shown'>,
  runId: string,
): FoundCriticalPoint | undefined =>
  found[runId]?.find(({ foundAt }) => foundAt === shown[runId]) ?? found[runId]?.at(-1);

export function setCritical(change: Partial<CriticalOptions>): void {
  useCritical.setState(({ options }) => ({ options: { ...options, ...change } }));
}

export function adoptCriticalOptions(options: CriticalOptions): void {
  useCritical.setState({ options });
}

export function choosePoint(chosen: number | null): void {
  useCritical.setState({ chosen });
}

/** A mark of the scene was clicked: those of the window are named by their place in the table, others by `foundAt`. */
export function chooseMark(id: string): void {
  const index = Number(id);
  const run = selectedRun(useRuns.getState());
  if (Number.isInteger(index)) choosePoint(index);
  else if (run) void chooseFound(run.runId, id);
}

/** Shows one of a run's points, on the plane it was found on. */
export async function chooseFound(runId: string, foundAt: string): Promise<void> {
  const { found } = useCritical.getState();
  const point = found[runId]?.find((candidate) => candidate.foundAt === foundAt);
  if (!point) return;
  useCritical.setState(({ shown }) => ({ shown: { ...shown, [runId]: foundAt } }));
  if (point.plane && !samePlane(point.plane, drawnPlaneRequest())) await drawPlaneOf(point);
}

/** Cuts the landscape along the plane a point was found on. */
export async function drawPlaneOf({ plane }: FoundCriticalPoint): Promise<void> {
  const drawn = currentSurfaceRequest();
  if (!plane || !drawn) return;
  const { range: _other, ...asDrawn } = drawn;
  await showPlot({ ...asDrawn, ...plane });
}

const asked = new Set<string>();

/** Reads the points kept in a run's folder, once. */
export async function loadSavedCritical(runId: string): Promise<void> {
  if (asked.has(runId)) return;
  asked.add(runId);
  const saved = await request('critical/saved', { runId });
  if (!saved.ok) {
    asked.delete(runId);
    notifyError(saved.error, 'critical');
    return;
  }
  const { points, unreadable } = saved.value;
  useCritical.setState((state) => {
    const kept = new Set(points.map(({ id }) => id));
    const since = (state.found[runId] ?? []).filter(({ id }) => id === null || !kept.has(id));
    return {
      found: { ...state.found, [runId]: [...points, ...since] },
      unreadable: { ...state.unreadable, [runId]: unreadable },
    };
  });
}

/** A point of a network's plane was clicked: the next search begins there. */
export function pointAt(x: number, y: number): void {
  const plane = drawnPlaneRequest();
  if (plane)
    useCritical.setState(({ options }) => ({ options: { ...options, from: 'pointed' }, pointed: { x, y, plane } }));
}

/** What a point is called: a search that did not converge found none. */
export const kindOf = ({ outcome, index }: FoundCriticalPoint): CriticalKind =>
  outcome === 'converged' ? index.kind : 'notCritical';

export const samePlane = (a: PlaneRequest | null, b: PlaneRequest | null): boolean =>
  a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b);

/** What was found of this function; null of another. */
export const foundInWindow = (
  { inWindow }: Pick<CriticalState, 'inWindow'>,
  objective: ObjectiveSpec | null,
): CriticalPoints | null => (objective && inWindow?.shape === shapeKey(objective) ? inWindow.found : null);

const mostIterations = 10_000;

/** What is wrong with the numbers of a search. */
export const criticalIssues = ({ tolerance, maxIterations }: CriticalOptions): FieldIssue[] => [
  ...numberIssues('tolerance', tolerance, { above: 0 }),
  ...numberIssues('maxIterations', maxIterations, { whole: true, min: 1, max: mostIterations }),
];

/** Every critical point of the function in the window that is drawn. Null when cancelled or failed (then said). */
export async function findInWindow(): Promise<CriticalPoints | null> {
  const { objective, surface } = useLandscape.getState();
  if (!objective || objective.kind === 'network' || !surface || useCritical.getState().busy) return null;
  useCritical.setState({ busy: true });
  const result = await withJob('criticalPoints', (signal, onProgress) =>
    request('critical/all', { objective, window: surface.range }, { signal, onProgress }),
  );
  useCritical.setState({ busy: false });
  if (!result.ok) {
    notifyError(result.error, 'critical');
    return null;
  }
  clearNotices('critical');
  useCritical.setState({ inWindow: { shape: shapeKey(objective), found: result.value }, chosen: null });
  return result.value;
}

type SearchStart = { kind: 'row'; row: number } | { kind: 'plane'; x: number; y: number };

/** Where a search from a run would begin now; null where no point of the plane was chosen. */
export function searchStart(
  { runId }: RunView,
  { options, pointed }: Pick<CriticalState, 'options' | 'pointed'>,
  plane: PlaneRequest | null,
): SearchStart | null {
  if (options.from === 'playhead') {
    const rows = trackOf(runId)?.rows ?? 0;
    return rows > 0 ? { kind: 'row', row: Math.min(useTimeline.getState().readout, rows - 1) } : null;
  }
  return pointed && samePlane(pointed.plane, plane) ? { kind: 'plane', x: pointed.x, y: pointed.y } : null;
}

/** From the selected run to a critical point in full space. Null when cancelled or failed (then said). */
export async function searchFromHere(): Promise<FoundCriticalPoint | null> {
  const state = useCritical.getState();
  const run = selectedRun(useRuns.getState());
  const plane = drawnPlaneRequest();
  const from = run && searchStart(run, state, plane);
  if (!run || !from || state.busy || isRunning(run) || criticalIssues(state.options).length > 0) return null;
  const { runId } = run;
  const { method, tolerance, maxIterations, descend, polish } = state.options;
  const steps: SearchStep[] = [];
  useCritical.setState({ busy: true, live: { runId, steps: [] } });
  const result = await withJob('criticalPoints', (signal, onProgress) =>
    request(
      'critical/fromRun',
      {
        ...{ runId, from, method, descend, polish },
        ...(plane && { plane: plane.plane }),
        ...(plane?.source.kind === 'runs' && { planeRuns: plane.source.runIds }),
        tolerance: Number(tolerance),
        maxIterations: Number(maxIterations),
      },
      {
        signal,
        onProgress,
        onPartial(step) {
          steps.push(step);
          useCritical.setState({ live: { runId, steps: steps.slice() } });
        },
      },
    ),
  );
  useCritical.setState({ busy: false, live: null });
  if (!result.ok) {
    notifyError(result.error, 'critical');
    return null;
  }
  clearNotices('critical');
  const point = result.value;
  useCritical.setState(({ found, shown }) => ({
    found: { ...found, [runId]: [...(found[runId] ?? []), point] },
    shown: { ...shown, [runId]: point.foundAt },
  }));
  return point;
}

/** Room left beside a point that a window is widened for, as a share of its new size. */
const margin = 0.1;

interface Place {
  x: number;
  y: number;
}

/** The window widened to hold points of the plane. */
export function widenedTo([x0, x1, y0, y1]: Domain, points: readonly Place[]): Domain {
  const side = (low: number, high: number, values: readonly number[]): [number, number] => {
    const [least, most] = [Math.min(low, ...values), Math.max(high, ...values)];
    const room = (margin / (1 - margin)) * (most - least);
    return [least < low ? least - room : low, most > high ? most + room : high];
  };
  return [
    ...side(
      x0,
      x1,
      points.map(({ x }) => x),
    ),
    ...side(
      y0,
      y1,
      points.map(({ y }) => y),
    ),
  ];
}

const isOutside = ([x0, x1, y0, y1]: Domain, { x, y }: Place): boolean => x < x0 || x > x1 || y < y0 || y > y1;

/** Of a point found and the ways down from it what lies outside a window. */
export function outsideOf(
  { onPlane, descents }: FoundCriticalPoint,
  window: Domain,
): { point: Place[]; ways: Place[] } {
  const ways = (descents ?? []).flatMap(({ onPlane: path }) =>
    path ? Array.from(path.x, (x, i): Place => ({ x, y: path.y[i]! })) : [],
  );
  return {
    point: onPlane && isOutside(window, onPlane) ? [onPlane] : [],
    ways: ways.filter((place) => isOutside(window, place)),
  };
}

/** Draws the surface as it is as far as these points of its plane. */
export async function widenTo(points: readonly Place[]): Promise<void> {
  const drawn = currentSurfaceRequest();
  const plane = drawnPlaneRequest();
  if (drawn?.range && plane) await showPlot({ ...drawn, ...plane, range: widenedTo(drawn.range, points) });
}
