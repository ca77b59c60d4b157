import { fork } from 'node:child_process';
import type { EngineChild } from './enginePort';
import type { EngineOptions, FromEngine } from './engineProtocol';

/** The engine as a child of plain Node. Structured clones cross, so typed arrays arrive as they are. */
export function forkEngine(file: string, options: EngineOptions): EngineChild {
  const child = fork(file, [JSON.stringify(options)], { serialization: 'advanced', stdio: 'inherit' });
  return {
    post: (message) => {
      // A message to a process that has just died is answered when its end is noticed.
      if (child.connected) child.send(message, () => undefined);
    },
    kill: () => void child.kill('SIGKILL'),
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromEngine)),
    onExit: (listener) => {
      let told = false;
      const tell = (reason: string) => {
        if (!told) listener(reason);
        told = true;
      };
      child.once('error', (error) => tell(error.message));
      child.once('exit', (code, signal) => tell(signal ? `signal ${signal}` : `exit code ${code}`));
    },
  };
}
