import { create } from 'zustand';
import type { Motion } from '../../shared/model/motion';
import { request } from '../api';
import type { SceneMotion } from '../scene/model';
import { withJob } from './jobs';
import { drawnPlaneRequest, useLandscape } from './landscape';
import { notifyError } from './notices';
import { anyRunning, type RunView, useRuns } from './runs';

interface MotionState {
  /** Arrows at the optimizers. */
  shown: boolean;
  busy: boolean;
  /** By run: what moved it, and the plane (as JSON) it is seen from. null: it could not be told, which was said. */
  known: Record<string, { plane: string; motion: Motion | null }>;
}

export const useMotion = create<MotionState>(() => ({ shown: false, busy: false, known: {} }));

export function toggleMotion(): void {
  useMotion.setState(({ shown }) => ({ shown: !shown }));
  refresh();
}

export function adoptMotion(shown: boolean): void {
  useMotion.setState({ shown });
}

let controller: AbortController | null = null;

/** Repeats the runs on the stage that are not seen from the drawn plane yet, one after the other. */
async function follow(): Promise<void> {
  controller?.abort();
  controller = new AbortController();
  const { signal } = controller;
  const plane = drawnPlaneRequest();
  const { runs } = useRuns.getState();
  if (!plane || !useMotion.getState().shown || useLandscape.getState().live || anyRunning(runs)) {
    useMotion.setState({ busy: false });
    return;
  }
  const key = JSON.stringify(plane);
  const missing = runs.filter(({ runId }) => useMotion.getState().known[runId]?.plane !== key);
  useMotion.setState(({ known }) => ({
    busy: missing.length > 0,
    // Of those on the stage only.
    known: Object.fromEntries(Object.entries(known).filter(([id]) => runs.some(({ runId }) => runId === id))),
  }));
  for (const { runId } of missing) {
    const made = await withJob(
      'replaying',
      (inner, onProgress) => request('run/motion', { runId, ...plane }, { signal: inner, onProgress }),
      { outer: signal },
    );
    if (signal.aborted) return;
    if (!made.ok) {
      notifyError(made.error, 'stage');
      if (made.error.code === 'cancelled') {
        // Cancelled by hand: the switch goes back.
        useMotion.setState({ shown: false, busy: false });
        return;
      }
    }
    const motion = made.ok ? made.value : null;
    useMotion.setState(({ known }) => ({ known: { ...known, [runId]: { plane: key, motion } } }));
  }
  useMotion.setState({ busy: false });
}

/** A plane being turned by hand changes many times a second. */
const settling = 250;
let timer: ReturnType<typeof setTimeout> | null = null;

function refresh(): void {
  if (timer !== null) clearTimeout(timer);
  timer = setTimeout(() => {
    timer = null;
    void follow();
  }, settling);
}

/** Follows the plane and the runs on the stage. Returns the undo. */
export function connectMotion(): () => void {
  const undos = [
    useLandscape.subscribe(({ plane, live }, before) => {
      if (plane !== before.plane || live !== before.live) refresh();
    }),
    useRuns.subscribe(({ runs }, before) => {
      if (anyRunning(runs) !== anyRunning(before.runs) || runs.length !== before.runs.length) refresh();
    }),
  ];
  return () => {
    for (const undo of undos) undo();
  };
}

/** Of a run what is known from the plane that is drawn. */
export function motionOf(known: MotionState['known'], run: RunView | null): Motion | null {
  const entry = run ? known[run.runId] : undefined;
  return entry?.motion && entry.plane === JSON.stringify(drawnPlaneRequest()) ? entry.motion : null;
}

/** What the scene draws of it. */
export function sceneMotions({ shown, known }: MotionState, runs: readonly RunView[]): SceneMotion[] {
  const { plane } = useLandscape.getState();
  if (!shown || !plane) return [];
  const { norms, axisCosine: cosine } = plane;
  return runs.flatMap((run) => {
    const motion = motionOf(known, run);
    return motion ? [{ id: run.runId, rows: motion.rows, columns: motion.columns, norms, cosine }] : [];
  });
}
