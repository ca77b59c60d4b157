import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bridge, requestNames } from '../../src/shared/contract';

const electron = vi.hoisted(() => {
  const listeners = new Map<string, Set<(event: unknown, payload: unknown) => void>>();
  return {
    listeners,
    exposed: new Map<string, unknown>(),
    sent: [] as unknown[][],
    answer: { path: '/x' } as unknown,
  };
});
vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, api: unknown) => void electron.exposed.set(name, api) },
  ipcRenderer: {
    send: (...message: unknown[]) => void electron.sent.push(message),
    invoke: async () => electron.answer,
    on(channel: string, listener: (event: unknown, payload: unknown) => void) {
      const set = electron.listeners.get(channel) ?? new Set();
      electron.listeners.set(channel, set.add(listener));
    },
    off: (channel: string, listener: (event: unknown, payload: unknown) => void) =>
      void electron.listeners.get(channel)?.delete(listener),
  },
}));

const tell = (channel: string, payload: unknown) => {
  for (const listener of electron.listeners.get(channel) ?? []) listener({ sender: 'secret' }, payload);
};

describe('preload', () => {
  let bridge: Bridge;
  beforeEach(async () => {
    await import('../../src/preload/index');
    bridge = electron.exposed.get('lossAtlas') as Bridge;
  });
  afterEach(() => {
    electron.sent.length = 0;
  });

  it('exposes one name with exactly the members of the Bridge', () => {
    expect([...electron.exposed.keys()]).toEqual(['lossAtlas']);
    const members: Record<keyof Bridge, true> = {
      host: true,
      send: true,
      onMessage: true,
      onConnection: true,
      saveFile: true,
      onMenu: true,
    };
    expect(Object.keys(bridge).sort()).toEqual(Object.keys(members).sort());
  });

  it('lets every request of the contract through, on one channel, and nothing else', () => {
    for (const [id, method] of requestNames.entries()) bridge.send({ type: 'request', id, method, params: { id } });
    expect(electron.sent).toEqual(
      requestNames.map((method, id) => ['engine/send', { type: 'request', id, method, params: { id } }]),
    );
    electron.sent.length = 0;
    for (const method of ['run/format', 'constructor', '__proto__', '']) {
      expect(() => bridge.send({ type: 'request', id: 1, method, params: {} } as never)).toThrow(/Unknown request/);
    }
    expect(() => bridge.send({ type: 'event', id: 1 } as never)).toThrow(/contract/);
    expect(electron.sent).toEqual([]);
  });

  it('drops members that are not in the contract', () => {
    bridge.send({ type: 'cancel', id: 3, channel: 'other' } as never);
    expect(electron.sent).toEqual([['engine/send', { type: 'cancel', id: 3 }]]);
  });

  it('tells messages without the event that could reach further, until the undo', () => {
    const heard: unknown[][] = [];
    const undo = bridge.onMessage((...args: unknown[]) => heard.push(args));
    tell('engine/message', 'one');
    undo();
    tell('engine/message', 'two');
    expect(heard).toEqual([['one']]);
  });

  it('tells only commands of the contract from the menu', () => {
    const heard: unknown[] = [];
    bridge.onMenu((command) => heard.push(command));
    tell('menu/command', 'train');
    tell('menu/command', 'format');
    expect(heard).toEqual(['train']);
  });

  it('gives where a file was saved, and rejects with what went wrong', async () => {
    expect(await bridge.saveFile('a.svg', new Uint8Array(1))).toBe('/x');
    electron.answer = { path: null };
    expect(await bridge.saveFile('a.svg', new Uint8Array(1))).toBeNull();
    electron.answer = { error: 'The disk is full.' };
    await expect(bridge.saveFile('a.svg', new Uint8Array(1))).rejects.toThrow('The disk is full.');
  });
});
