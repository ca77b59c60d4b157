import { cancelled } from '../../shared/errors';

/** Longest stretch of work between two looks at the signal: a third of the 100 ms within which a cancel must be seen. */
const sliceMs = 30;

/**
 * Lets long work share its thread: `await turn()` often; about every 30 ms it gives the event loop a turn, in which
 * messages arrive, and throws `cancelled()` once the signal is aborted.
 */
export function cooperate(signal?: AbortSignal): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (signal?.aborted) throw cancelled();
    if (performance.now() - last < sliceMs) return undefined;
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      last = performance.now();
      if (signal?.aborted) throw cancelled();
    });
  };
}
