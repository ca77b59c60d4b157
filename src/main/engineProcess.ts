import type { EngineOptions, FromEngine, ToEngine } from './engineProtocol';
import { serveEngine } from './engineServer';
import { openEngine } from './openEngine';

/** Entry of the engine process: carries messages between its parent's port and the router, nothing else. */
const port = parentPort();
const engine = openEngine(JSON.parse(process.argv.at(-1) ?? '') as EngineOptions);
const server = serveEngine({
  router: engine.router,
  events: engine.events,
  post: port.post,
  quit: () => void engine.close().finally(() => process.exit(0)),
});
port.listen((message) => server.receive(message));

interface ParentPort {
  post(message: FromEngine): void;
  listen(listener: (message: ToEngine) => void): void;
}

/** Electron's utility process and Node's child process differ only here. */
function parentPort(): ParentPort {
  const { parentPort: electronPort } = process as typeof process & { parentPort?: ElectronParentPort };
  if (electronPort) {
    return {
      post: (message) => electronPort.postMessage(message),
      listen: (listener) => electronPort.on('message', ({ data }) => listener(data as ToEngine)),
    };
  }
  if (!process.send) throw new Error('The engine process has to be forked by a host.');
  // A host that died cannot say goodbye.
  process.once('disconnect', () => process.exit(1));
  // The terminal's Ctrl-C reaches the whole group; the host tells when it is time.
  process.on('SIGINT', () => undefined);
  return {
    post: (message) => {
      if (process.connected) process.send?.(message);
    },
    listen: (listener) => void process.on('message', (message) => listener(message as ToEngine)),
  };
}

interface ElectronParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}
