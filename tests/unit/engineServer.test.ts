import { describe, expect, it } from 'vitest';
import type { FromEngine } from '../../src/main/engineProtocol';
import { serveEngine } from '../../src/main/engineServer';
import { createEventHub } from '../../src/main/events';
import type { CallOptions, Router } from '../../src/main/router';
import type { RequestName, Result } from '../../src/shared/contract';

interface Call {
  options: CallOptions<RequestName>;
  finish(result: Result<unknown>): void;
}

function setUp() {
  const calls: Call[] = [];
  const posted: FromEngine[] = [];
  const events = createEventHub();
  let quits = 0;
  const router = {
    callUntrusted: (_method: unknown, _params: unknown, options: CallOptions<RequestName> = {}) =>
      new Promise<Result<unknown>>((finish) => calls.push({ options, finish })),
  } as Router;
  const server = serveEngine({ router, events, post: (message) => posted.push(message), quit: () => quits++ });
  const ask = (client: number, id: number) =>
    server.receive({ type: 'message', client, message: { type: 'request', id, method: 'app/info', params: {} } });
  const cancel = (client: number, id: number) =>
    server.receive({ type: 'message', client, message: { type: 'cancel', id } });
  return { server, events, calls, posted, ask, cancel, quits: () => quits };
}

describe('engine server', () => {
  it('answers each client under its own id, with what streams before', async () => {
    const { ask, calls, posted } = setUp();
    ask(1, 5);
    ask(2, 5);
    const progress = { label: 'surface', done: 1, total: 2, secondsLeft: 1 } as const;
    calls[1]?.options.onProgress?.(progress);
    calls[1]?.options.onPartial?.('tile' as never);
    calls[1]?.finish({ ok: true, value: 'b' });
    calls[0]?.finish({ ok: true, value: 'a' });
    await expect.poll(() => posted.length).toBe(4);
    expect(posted).toEqual([
      { client: 2, message: { type: 'progress', id: 5, progress } },
      { client: 2, message: { type: 'partial', id: 5, value: 'tile' } },
      { client: 2, message: { type: 'reply', id: 5, result: { ok: true, value: 'b' } } },
      { client: 1, message: { type: 'reply', id: 5, result: { ok: true, value: 'a' } } },
    ]);
  });

  it('aborts the request that is cancelled and no other', () => {
    const { ask, cancel, calls } = setUp();
    ask(1, 1);
    ask(1, 2);
    ask(2, 1);
    cancel(1, 1);
    cancel(1, 99);
    expect(calls.map(({ options }) => options.signal?.aborted)).toEqual([true, false, false]);
  });

  it('aborts everything of a client that left', () => {
    const { server, ask, calls } = setUp();
    ask(1, 1);
    ask(1, 2);
    ask(2, 1);
    server.receive({ type: 'left', client: 1 });
    expect(calls.map(({ options }) => options.signal?.aborted)).toEqual([true, true, false]);
  });

  it('serves an id again only after its reply', async () => {
    const { ask, calls, posted } = setUp();
    ask(1, 1);
    ask(1, 1);
    expect(calls).toHaveLength(1);
    calls[0]?.finish({ ok: true, value: null });
    await expect.poll(() => posted.length).toBe(1);
    ask(1, 1);
    expect(calls).toHaveLength(2);
  });

  it('tells events to all, and quits when told to', () => {
    const { server, events, posted, quits } = setUp();
    events.emit('engine/restarted', { reason: 'x' });
    expect(posted).toEqual([
      { client: null, message: { type: 'event', name: 'engine/restarted', payload: { reason: 'x' } } },
    ]);
    server.receive({ type: 'quit' });
    expect(quits()).toBe(1);
  });
});
