import { createHash } from 'node:crypto';
import type { Surface } from '../../shared/model/landscape';
import type { KnownPoints } from '../engine/surface/points';
import type { KeptKind, KeptVolume, RunStore, Stored } from '../store';

/** Unfinished points of less work are not worth a file; more are written at most this often, and so that writing takes a
 * small part of the time. */
const intervalMs = 2_000;
const shareOfWriting = 0.05;

/** SHA-256 (hex) over what the numbers of a surface or volume depend on: `parts` as JSON and the vectors bit by bit. */
export function contentKey(vectors: readonly Float64Array[], parts: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(parts));
  for (const vector of vectors) {
    hash.update(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
  }
  return hash.digest('hex');
}

/** The id of what has this key, short enough for a file's name. */
export const resultId = (key: string): string => key.slice(0, 16);

/** What a run's folder keeps of one surface or volume while it is computed. */
export interface Keeping<T> {
  /** As finished before. */
  finished: T | null;
  /** Points of a computation that was cut off. */
  known: KnownPoints | null;
  /** What the result says about both. */
  reused: Surface['reused'];
  /** After every tile: writes the points when it is time. */
  keep(points: KnownPoints): void;
  /** At the end without a result: writes the points where they are worth it. */
  cutOff(points: KnownPoints): void;
  finish(result: T): void;
}

export const keepSurface = (store: RunStore, runId: string, key: string, count: number): Keeping<Surface> =>
  keep(store, runId, key, count, {
    kind: 'surfaces',
    find: (id) => store.findSurface(runId, id, key),
    save: (surface) => store.saveSurface(runId, key, surface),
  });

export const keepVolume = (store: RunStore, runId: string, key: string, count: number): Keeping<KeptVolume> =>
  keep(store, runId, key, count, {
    kind: 'volumes',
    find: (id) => store.findVolume(runId, id, key),
    save: (volume) => store.saveVolume(runId, key, volume),
  });

function keep<T>(
  store: RunStore,
  runId: string,
  key: string,
  count: number,
  { kind, find, save }: { kind: KeptKind; find(id: string): Stored<T>; save(result: T): void },
): Keeping<T> {
  const id = resultId(key);
  const finished = find(id);
  const unfinished = finished.value ? null : store.findUnfinished(runId, kind, id, key, count);
  const refused = [finished.refused, unfinished?.refused].filter((reason) => typeof reason === 'string').join(' ');
  const known = unfinished?.value ?? null;
  const points = finished.value ? count : (known?.done.reduce((sum, done) => sum + done, 0) ?? 0);
  const start = performance.now();
  let next = start + intervalMs;

  function write(values: KnownPoints): void {
    const began = performance.now();
    store.saveUnfinished(runId, kind, id, key, values);
    const took = performance.now() - began;
    next = performance.now() + Math.max(intervalMs, took / shareOfWriting);
  }
  return {
    finished: finished.value,
    known,
    reused: points > 0 || refused !== '' ? { points, refused: refused === '' ? null : refused } : undefined,
    keep(values) {
      if (performance.now() >= next) write(values);
    },
    cutOff(values) {
      if (performance.now() - start >= intervalMs) write(values);
    },
    finish: save,
  };
}

/** For a computation that was cut off. */
export function keepWhatIsKnown(keeping: Keeping<unknown> | null, points: KnownPoints | null): void {
  try {
    if (points) keeping?.cutOff(points);
  } catch {
    // The reason it ended is the one to tell.
  }
}
