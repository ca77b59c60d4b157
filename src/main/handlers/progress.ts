import type { Progress, ProgressLabel } from '../../shared/contract';

/** Before this much time has passed an estimate would jump about. */
const settlingMs = 300;

/** Reports how far a piece of work is and, once that can be told, how long still at the pace so far. */
export function createProgress(
  label: ProgressLabel,
  total: number,
  send: (progress: Progress) => void,
): (done: number) => void {
  const started = performance.now();
  return (done) => {
    const elapsed = performance.now() - started;
    const secondsLeft = elapsed < settlingMs || done === 0 ? null : ((elapsed / done) * (total - done)) / 1_000;
    send({ label, done, total, secondsLeft });
  };
}
