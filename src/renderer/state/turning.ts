import { withJob } from './jobs';
import {
  currentGrid,
  currentPlaneRequest,
  drawCoarse,
  optionIssues,
  recompute,
  setOptions,
  stageRuns,
  takeOver,
  useLandscape,
} from './landscape';
import { notifyError } from './notices';
import type { PlaneChoice } from './planeChoice';

/** Points along each side while a plane is turned: as many as the surface has, at most this many. */
const mostPoints = 48;
const fewestPoints = 13;
/** A picture that took longer is made coarser the next time. */
const slow = 90;
/** Once nothing changed for this long, the surface is computed as the options say. */
const rest = 250;

let changed = false;
let follower: AbortController | null = null;

/**
 * Changes how the plane is turned while a slider moves: coarse surfaces follow, one after the other and each with the
 * newest values, then the fine one.
 */
export function turnTo(change: Partial<Pick<PlaneChoice, 'turn' | 'turnOrigin'>>): void {
  setOptions(change);
  changed = true;
  if (!follower || follower.signal.aborted) void follow();
}

async function follow(): Promise<void> {
  follower = takeOver();
  const { signal } = follower;
  // What was computed before has been given up.
  useLandscape.setState({ computing: false });
  let side = Math.min(currentGrid()[0], mostPoints);
  while (!signal.aborted && changed) {
    changed = false;
    const { options } = useLandscape.getState();
    const wanted = currentPlaneRequest();
    if (!wanted || optionIssues(options, true, stageRuns()).length > 0) break;
    const began = performance.now();
    const drawn = await withJob(
      'projecting',
      (inner, onProgress) => drawCoarse(wanted, side, { signal: inner, onProgress, split: options.split }),
      { outer: signal },
    );
    if (signal.aborted) return;
    if (!drawn.ok) {
      follower = null;
      useLandscape.setState({ planeError: drawn.error, stale: true });
      notifyError(drawn.error, 'stage');
      return;
    }
    if (performance.now() - began > slow) side = Math.max(fewestPoints, Math.ceil(side / 2));
    if (!changed) await new Promise((resolve) => setTimeout(resolve, rest));
  }
  if (signal.aborted) return;
  follower = null;
  await recompute();
}
