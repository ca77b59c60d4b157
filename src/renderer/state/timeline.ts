import { create } from 'zustand';
import type { Playhead } from '../scene/model';

/** Whole playback at speed 1 lasts about this long, so that short and long runs are both watchable. */
const playbackSeconds = 9;
/** Slowest playback: few recorded rows are not stretched further than this. */
const minimumRowsPerSecond = 12;
/** React sees the playhead at most this often. */
const readoutInterval = 100;

interface TimelineState {
  playing: boolean;
  /** The playhead sticks to the newest row while something trains. */
  following: boolean;
  loop: boolean;
  /** Rows are still coming: playback that catches up waits instead of stopping. */
  growing: boolean;
  /** Recorded rows of the longest visible run. */
  rows: number;
  /** Row shown by the readouts, whole, refreshed at most ten times a second. */
  readout: number;
}

export const useTimeline = create<TimelineState>(() => ({
  playing: false,
  following: false,
  loop: false,
  growing: false,
  rows: 0,
  readout: 0,
}));

/** The speed belongs to the remembered settings; they set it here. */
let speed = 1;
export function setPlaybackSpeed(value: number): void {
  speed = value;
}

let current = 0;
const listeners = new Set<() => void>();

/** Moves outside React: the scene and the charts read `current` when told. */
export const playhead: Playhead = {
  get current() {
    return current;
  },
  subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

let lastReadout = 0;
let pendingReadout: ReturnType<typeof setTimeout> | null = null;

function move(row: number): void {
  const last = Math.max(useTimeline.getState().rows - 1, 0);
  current = Math.min(Math.max(row, 0), last);
  for (const listener of listeners) listener();
  const now = performance.now();
  if (now - lastReadout >= readoutInterval) {
    publishReadout();
  } else if (pendingReadout === null) {
    pendingReadout = setTimeout(publishReadout, readoutInterval - (now - lastReadout));
  }
}

function publishReadout(): void {
  if (pendingReadout !== null) clearTimeout(pendingReadout);
  pendingReadout = null;
  lastReadout = performance.now();
  const readout = Math.floor(current + 1e-9);
  if (readout !== useTimeline.getState().readout) useTimeline.setState({ readout });
}

let frame: number | null = null;
let lastTime = 0;

function tick(time: number): void {
  frame = null;
  const { playing, loop, rows, growing } = useTimeline.getState();
  if (!playing) return;
  // A hidden or busy window must not make the playhead jump.
  const seconds = Math.min((time - lastTime) / 1_000, 0.25);
  lastTime = time;
  const rate = Math.max(rows / playbackSeconds, minimumRowsPerSecond) * speed;
  const next = current + rate * seconds;
  const last = Math.max(rows - 1, 0);
  if (next >= last && !growing) {
    if (loop && last > 0) {
      move(0);
    } else {
      move(last);
      publishReadout();
      useTimeline.setState({ playing: false });
      return;
    }
  } else {
    move(next);
  }
  frame = requestAnimationFrame(tick);
}

export function play(): void {
  const { rows } = useTimeline.getState();
  if (rows < 2) return;
  if (current >= rows - 1 && useTimeline.getState().growing) {
    useTimeline.setState({ following: true, playing: false });
    return;
  }
  if (current >= rows - 1) move(0);
  useTimeline.setState({ playing: true, following: false });
  lastTime = performance.now();
  if (frame === null) frame = requestAnimationFrame(tick);
}

export function pause(): void {
  if (frame !== null) cancelAnimationFrame(frame);
  frame = null;
  useTimeline.setState({ playing: false, following: false });
}

export function togglePlay(): void {
  if (useTimeline.getState().playing) pause();
  else play();
}

/** Puts the playhead on a row by hand: playback and following stop. */
export function seek(row: number): void {
  pause();
  move(row);
  publishReadout();
}

export const stepBy = (rows: number): void => seek(Math.round(current) + rows);
export const jumpToStart = (): void => seek(0);
export function jumpToEnd(): void {
  const { rows } = useTimeline.getState();
  seek(rows - 1);
}

export function toggleLoop(): void {
  useTimeline.setState(({ loop }) => ({ loop: !loop }));
}

/** A new race: back to the first row. `follow` keeps the playhead at the newest row; otherwise it plays from the start. */
export function restart(follow: boolean): void {
  pause();
  useTimeline.setState({ rows: 0, following: follow, growing: true });
  move(0);
}

/** Other rows than before, all there already: from the first one on, or its end where nothing should move. */
export function showRows(rows: number, playIt: boolean): void {
  restart(false);
  settle();
  setRows(rows);
  if (playIt) play();
  else jumpToEnd();
}

/** No more rows will come. */
export function settle(): void {
  useTimeline.setState({ growing: false, following: false });
}

/** The longest run now has this many rows. */
export function setRows(rows: number): void {
  if (rows === useTimeline.getState().rows) return;
  useTimeline.setState({ rows });
  if (useTimeline.getState().following) move(rows - 1);
  else if (current > rows - 1) move(rows - 1);
}
