/** Whether the engine works for someone: background work gives way. */
export interface Activity {
  readonly busy: boolean;
  /** Returns the end of the work; calling it twice does nothing. */
  begin(): () => void;
  /** Told when the first work begins and when the last has ended. Returns the undo. */
  subscribe(listener: (busy: boolean) => void): () => void;
}

export function createActivity(): Activity {
  const listeners = new Set<(busy: boolean) => void>();
  let working = 0;
  const tell = () => {
    for (const listener of [...listeners]) listener(working > 0);
  };
  return {
    get busy() {
      return working > 0;
    },
    begin() {
      working += 1;
      if (working === 1) tell();
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        working -= 1;
        if (working === 0) tell();
      };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
