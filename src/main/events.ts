import type { EventName, Events } from '../shared/contract';

/** Events for every connected interface, in the order they were emitted. */
export interface EventHub {
  emit<E extends EventName>(name: E, payload: Events[E]): void;
  /** Returns the undo. */
  subscribe<E extends EventName>(name: E, listener: (payload: Events[E]) => void): () => void;
  /** Every event, for hosts that pass them on. Returns the undo. */
  subscribeAll(listener: <E extends EventName>(name: E, payload: Events[E]) => void): () => void;
}

export function createEventHub(): EventHub {
  type AnyListener = (name: EventName, payload: Events[EventName]) => void;
  const listeners = new Set<AnyListener>();
  const add = (listener: AnyListener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    emit(name, payload) {
      for (const listener of [...listeners]) listener(name, payload);
    },
    subscribe: (name, listener) =>
      add((emitted, payload) => {
        if (emitted === name) (listener as (payload: Events[EventName]) => void)(payload);
      }),
    subscribeAll: (listener) => add(listener as AnyListener),
  };
}
