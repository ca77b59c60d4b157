import type { ClientMessage } from '../shared/contract';
import type { FromEngine, ToEngine } from './engineProtocol';
import type { EventHub } from './events';
import type { Router } from './router';

export interface EngineServer {
  receive(message: ToEngine): void;
}

/** Serves the requests of several clients from one router, and tells all of them its events. */
export function serveEngine(options: {
  router: Router;
  events: EventHub;
  post: (message: FromEngine) => void;
  quit: () => void;
}): EngineServer {
  const { router, events, post, quit } = options;
  /** Requests in flight of each client. */
  const inFlight = new Map<number, Map<number, AbortController>>();

  events.subscribeAll((name, payload) => {
    post({ client: null, message: { type: 'event', name, payload } as FromEngine['message'] });
  });

  async function serve(client: number, message: ClientMessage): Promise<void> {
    const { id } = message;
    const requests = inFlight.get(client) ?? new Map<number, AbortController>();
    inFlight.set(client, requests);
    switch (message.type) {
      case 'cancel':
        requests.get(id)?.abort();
        return;
      case 'request': {
        // An id in use would let one request answer another.
        if (requests.has(id)) return;
        const controller = new AbortController();
        requests.set(id, controller);
        const result = await router.callUntrusted(message.method, message.params, {
          signal: controller.signal,
          onProgress: (progress) => post({ client, message: { type: 'progress', id, progress } }),
          onPartial: (value: unknown) => post({ client, message: { type: 'partial', id, value } }),
        });
        requests.delete(id);
        post({ client, message: { type: 'reply', id, result } });
        return;
      }
      default:
        message satisfies never;
    }
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'message':
          void serve(message.client, message.message);
          return;
        case 'left':
          for (const controller of inFlight.get(message.client)?.values() ?? []) controller.abort();
          inFlight.delete(message.client);
          return;
        case 'quit':
          quit();
          return;
        default:
          message satisfies never;
      }
    },
  };
}
