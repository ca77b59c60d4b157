import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWebBridge, type Socket } from '../../../../src/renderer/api/webBridge';
import { decode, encode, maxMessageBytes } from '../../../../src/shared/codec';
import type { ClientMessage, ServerMessage } from '../../../../src/shared/contract';

class FakeSocket implements Socket {
  binaryType: BinaryType = 'blob';
  readyState: Socket['readyState'] = 1;
  onopen: Socket['onopen'] = null;
  onclose: Socket['onclose'] = null;
  onmessage: Socket['onmessage'] = null;
  sent: ClientMessage[] = [];

  send(data: Parameters<Socket['send']>[0]) {
    this.sent.push(decode(data as Uint8Array) as ClientMessage);
  }
  open() {
    (this.onopen as unknown as () => void)();
  }
  close() {
    (this.onclose as unknown as () => void)();
  }
  say(message: ServerMessage) {
    const { buffer, byteOffset, byteLength } = encode(message);
    const data = buffer.slice(byteOffset, byteOffset + byteLength);
    (this.onmessage as unknown as (event: { data: ArrayBuffer }) => void)({ data });
  }
}

function setUp() {
  const sockets: FakeSocket[] = [];
  const bridge = createWebBridge(() => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  });
  const heard: ServerMessage[] = [];
  const connected: boolean[] = [];
  bridge.onMessage((message) => heard.push(message));
  bridge.onConnection((state) => connected.push(state));
  return { bridge, sockets, heard, connected, last: () => sockets.at(-1) as FakeSocket };
}

const info = (id: number): ClientMessage => ({ type: 'request', id, method: 'app/info', params: {} });
const reply = (id: number): ServerMessage => ({ type: 'reply', id, result: { ok: true, value: null } });

describe('web bridge', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('keeps requests until the connection stands, then sends them in order', () => {
    const { bridge, last, heard, connected } = setUp();
    bridge.send(info(1));
    bridge.send(info(2));
    expect(last().sent).toEqual([]);
    last().open();
    expect(last().sent).toEqual([info(1), info(2)]);
    last().say(reply(2));
    expect(heard).toEqual([reply(2)]);
    expect(connected).toEqual([false, true]);
  });

  it('answers what was under way with an error when the connection is lost, and connects again', () => {
    const { bridge, sockets, last, heard, connected } = setUp();
    last().open();
    bridge.send(info(1));
    bridge.send(info(2));
    last().say(reply(1));
    last().close();
    expect(heard.slice(1)).toMatchObject([{ type: 'reply', id: 2, result: { ok: false, error: { code: 'engine' } } }]);
    bridge.send(info(3));
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
    last().open();
    expect(last().sent).toEqual([info(3)]);
    expect(connected).toEqual([false, true, false, true]);
  });

  it('waits longer after each failure, up to five seconds, and starts over after a success', () => {
    const { sockets, last } = setUp();
    for (const pause of [250, 500, 1_000, 2_000, 5_000, 5_000]) {
      const before = sockets.length;
      last().close();
      vi.advanceTimersByTime(pause - 1);
      expect(sockets).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(before + 1);
    }
    last().open();
    last().close();
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(8);
  });

  it('keeps what is asked while the connection is closing for the next one', () => {
    const { bridge, last } = setUp();
    last().open();
    last().readyState = 2;
    bridge.send(info(1));
    expect(last().sent).toEqual([]);
    last().close();
    vi.advanceTimersByTime(250);
    last().open();
    expect(last().sent).toEqual([info(1)]);
  });

  it('cancels what waits without sending it, what is under way by a message, and nothing else', () => {
    const { bridge, last, heard } = setUp();
    bridge.send(info(1));
    bridge.send({ type: 'cancel', id: 1 });
    expect(heard).toMatchObject([{ id: 1, result: { ok: false, error: { code: 'cancelled' } } }]);
    last().open();
    expect(last().sent).toEqual([]);
    bridge.send(info(2));
    bridge.send({ type: 'cancel', id: 2 });
    last().say(reply(2));
    bridge.send({ type: 'cancel', id: 2 });
    expect(last().sent).toEqual([info(2), { type: 'cancel', id: 2 }]);
  });

  it('refuses a message that the host would cut the connection for', () => {
    const { bridge, last, heard } = setUp();
    last().open();
    const params = { name: 'big.npz', bytes: new Uint8Array(maxMessageBytes) };
    bridge.send({ type: 'request', id: 1, method: 'data/import', params });
    expect(heard).toMatchObject([{ id: 1, result: { ok: false, error: { code: 'badInput', message: /65 MiB/ } } }]);
    expect(last().sent).toEqual([]);
  });
});
