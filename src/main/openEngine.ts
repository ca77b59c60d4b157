import type { EngineOptions } from './engineProtocol';
import type { EventHub } from './events';
import { createHandlers } from './handlers';
import { createRouter, type Router } from './router';
import { createServices } from './services';

/** An engine in this process: what a host needs of it. */
export interface OpenEngine {
  router: Router;
  events: EventHub;
  close(): Promise<void>;
}

/** The one place where the handlers and what they work with are put together. */
export function openEngine(options: EngineOptions): OpenEngine {
  const services = createServices(options);
  return {
    router: createRouter(createHandlers(services)),
    events: services.events,
    close: () => services.dispose(),
  };
}
