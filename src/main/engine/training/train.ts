import { setImmediate } from 'node:timers/promises';
import type { Outcome } from '../../../shared/model/run';
import type { PauseControl } from './pauseControl';
import type { StepBatch } from './recorder';
import { createTrainer, type TrainerOptions } from './trainer';

export { createPauseControl, type PauseControl } from './pauseControl';
export type { StepBatch } from './recorder';

export interface TrainOptions extends TrainerOptions {
  pause?: PauseControl;
  /** Work between two batches, and between two looks at `signal` and `pause`; 33 ms is two frames. */
  batchMilliseconds?: number;
}

/**
 * Trains, and yields the recorded rows about every 33 ms. Row t is θ_t before step t, its loss over the whole training
 * part, and the step taken from it; the last row is where the training ended, without a step (its `gradientNorm` is
 * there when it was computed: full batch, or a gradient-norm rule). `epoch` is the number of examples seen over n, NaN
 * for objectives without examples. Recorded are every `recordEvery`-th step and the last.
 *
 * How it ended is a value: `converged` (the gradient norm over the whole training part; looked at in every step for full
 * batch, at recorded rows otherwise), `patience`, `maxSteps` (or as many evaluations), `cancelled`, or `diverged`: a loss or
 * gradient that is not finite, or a parameter beyond float32; then the last row is the last finite one.
 *
 * @throws UserError (badInput) before the first step for a batch larger than the data or patience without validation data
 */
export async function* train(options: TrainOptions): AsyncGenerator<StepBatch, Outcome, void> {
  const { signal, pause, batchMilliseconds = 33 } = options;
  const trainer = createTrainer(options);
  let outcome: Outcome | null = null;
  while (!outcome) {
    await setImmediate();
    while (pause?.paused && !signal.aborted) await resumedOrAborted(pause, signal);
    outcome = await trainer.advance(performance.now() + batchMilliseconds);
    const batch = trainer.take();
    if (batch) yield batch;
  }
  return outcome;
}

function resumedOrAborted(pause: PauseControl, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end);
      resolve();
    };
    signal.addEventListener('abort', end);
    void pause.wait().then(end);
  });
}
