import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';

// The start of a utility process: Electron's `parentPort` over Node's own channel, then the module that was asked for.
const parentPort = Object.assign(new EventEmitter(), {
  postMessage: (/** @type {unknown} */ message) => process.send?.(message),
});
parentPort.on('newListener', (name) => {
  if (name !== 'message' || parentPort.listenerCount('message') > 0) return;
  process.on('message', (data) => parentPort.emit('message', { data, ports: [] }));
});
Object.defineProperty(process, 'parentPort', { value: parentPort });
process.once('disconnect', () => process.exit(1));

process.argv.splice(1, 1);
await import(pathToFileURL(process.argv[1] ?? '').href);
