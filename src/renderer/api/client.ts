import type {
  Bridge,
  ClientMessage,
  EventName,
  Events,
  ParamsInput,
  PartialOf,
  Progress,
  RequestName,
  Result,
  ServerMessage,
  Value,
} from '../../shared/contract';

export interface RequestOptions<K extends RequestName> {
  /** Aborting asks the engine to stop; the result is then the error `cancelled`, unless it was ready before. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  onPartial?: (value: PartialOf<K>) => void;
}

/** The contract as functions, over whatever carries its messages. */
export interface Client {
  /** Never rejects: what went wrong is in the result. */
  request<K extends RequestName>(
    method: K,
    params: ParamsInput<K>,
    options?: RequestOptions<K>,
  ): Promise<Result<Value<K>>>;
  /** Returns the undo. */
  subscribe<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void;
}

interface Waiting {
  resolve(result: Result<unknown>): void;
  onProgress: ((progress: Progress) => void) | undefined;
  onPartial: ((value: unknown) => void) | undefined;
}

export function createClient(bridge: Pick<Bridge, 'send' | 'onMessage'>): Client {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  let nextId = 1;

  bridge.onMessage((message: ServerMessage) => {
    switch (message.type) {
      case 'reply':
        waiting.get(message.id)?.resolve(message.result);
        return;
      case 'progress':
        waiting.get(message.id)?.onProgress?.(message.progress);
        return;
      case 'partial':
        waiting.get(message.id)?.onPartial?.(message.value);
        return;
      case 'event':
        for (const listener of [...(listeners.get(message.name) ?? [])]) listener(message.payload as never);
        return;
      default:
        message satisfies never;
    }
  });

  function exchange(message: Extract<ClientMessage, { type: 'request' }>, options: RequestOptions<RequestName>) {
    const { id } = message;
    const { signal, onProgress } = options;
    return new Promise<Result<unknown>>((done) => {
      const cancel = () => bridge.send({ type: 'cancel', id });
      const resolve = (result: Result<unknown>) => {
        signal?.removeEventListener('abort', cancel);
        waiting.delete(id);
        done(result);
      };
      signal?.addEventListener('abort', cancel);
      waiting.set(id, { resolve, onProgress, onPartial: options.onPartial as ((value: unknown) => void) | undefined });
      bridge.send(message);
    });
  }

  return {
    async request<K extends RequestName>(method: K, params: ParamsInput<K>, options: RequestOptions<K> = {}) {
      if (options.signal?.aborted) return { ok: false, error: { code: 'cancelled', message: 'Cancelled.' } };
      const message = { type: 'request', id: nextId++, method, params } as const;
      return (await exchange(message, options as RequestOptions<RequestName>)) as Result<Value<K>>;
    },

    subscribe(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set);
      set.add(listener as (payload: never) => void);
      return () => void set.delete(listener as (payload: never) => void);
    },
  };
}
