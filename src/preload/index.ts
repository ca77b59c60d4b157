import '../shared/noEval';

import { contextBridge, ipcRenderer } from 'electron';
import { channels, type SaveAnswer } from '../shared/channels';
import {
  type Bridge,
  type ClientMessage,
  type MenuCommand,
  menuCommands,
  requestNames,
  type ServerMessage,
} from '../shared/contract';

const methods: ReadonlySet<string> = new Set(requestNames);

/** Exactly the contract's Bridge, and through it exactly the contract's requests. */
const bridge: Bridge = {
  host: 'electron',
  send(message) {
    ipcRenderer.send(channels.toEngine, checked(message));
  },
  onMessage: (listener) => listen(channels.fromEngine, (message) => listener(message as ServerMessage)),
  onConnection(listener) {
    listener(true);
    return () => undefined;
  },
  async saveFile(name, bytes) {
    const answer = (await ipcRenderer.invoke(channels.saveFile, name, bytes)) as SaveAnswer;
    if ('error' in answer) throw new Error(answer.error);
    return answer.path;
  },
  onMenu: (listener) =>
    listen(channels.menu, (command) => {
      if (menuCommands.includes(command as MenuCommand)) listener(command as MenuCommand);
    }),
};
contextBridge.exposeInMainWorld('lossAtlas', bridge);

/** Only the members of the contract go on; an unknown method is an error where it is called. */
function checked(message: ClientMessage): ClientMessage {
  switch (message.type) {
    case 'cancel':
      return { type: 'cancel', id: Number(message.id) };
    case 'request':
      if (!methods.has(message.method)) throw new Error(`Unknown request "${String(message.method)}".`);
      return { type: 'request', id: Number(message.id), method: message.method, params: message.params };
    default:
      message satisfies never;
      throw new Error('Not a message of the contract.');
  }
}

function listen(channel: string, listener: (payload: unknown) => void): () => void {
  const receive = (_event: unknown, payload: unknown) => listener(payload);
  ipcRenderer.on(channel, receive);
  return () => void ipcRenderer.off(channel, receive);
}
