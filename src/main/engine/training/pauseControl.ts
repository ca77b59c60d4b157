/** Holds a training between two batches. */
export interface PauseControl {
  readonly paused: boolean;
  pause(): void;
  resume(): void;
  /** Resolves at once, or when resumed. */
  wait(): Promise<void>;
}

export function createPauseControl(): PauseControl {
  let waiting: { promise: Promise<void>; resume: () => void } | null = null;
  return {
    get paused() {
      return waiting !== null;
    },
    pause() {
      if (waiting) return;
      let resume = () => {};
      const promise = new Promise<void>((resolve) => {
        resume = resolve;
      });
      waiting = { promise, resume };
    },
    resume() {
      waiting?.resume();
      waiting = null;
    },
    wait: () => waiting?.promise ?? Promise.resolve(),
  };
}
