import { utilityProcess } from 'electron';
import type { EngineChild } from '../../enginePort';
import type { EngineOptions, FromEngine } from '../../engineProtocol';

/** The engine in Electron's utility process, Chromium's place for work that may crash. */
export function forkUtility(file: string, options: EngineOptions): EngineChild {
  const child = utilityProcess.fork(file, [JSON.stringify(options)], { serviceName: 'Loss Atlas engine' });
  return {
    post: (message) => child.postMessage(message),
    kill: () => {
      // utilityProcess.kill asks (SIGTERM); a process stuck in a computation does not hear that.
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    },
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromEngine)),
    onExit: (listener) => void child.once('exit', (code) => listener(`exit code ${code}`)),
  };
}
