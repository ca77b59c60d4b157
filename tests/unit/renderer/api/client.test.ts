import { describe, expect, it, vi } from 'vitest';
import { createClient } from '../../../../src/renderer/api/client';
import type { ClientMessage, ServerMessage } from '../../../../src/shared/contract';

function setUp() {
  const sent: ClientMessage[] = [];
  let tell: (message: ServerMessage) => void = () => undefined;
  const client = createClient({
    send: (message) => void sent.push(message),
    onMessage(listener) {
      tell = listener;
      return () => undefined;
    },
  });
  return { client, sent, tell: (message: ServerMessage) => tell(message) };
}
const reply = (id: number, value: unknown): ServerMessage => ({ type: 'reply', id, result: { ok: true, value } });

describe('client', () => {
  it('matches replies to requests by their id, in any order', async () => {
    const { client, sent, tell } = setUp();
    const first = client.request('run/list', {});
    const second = client.request('app/info', {});
    const [a, b] = sent.map(({ id }) => id) as [number, number];
    expect(a).not.toBe(b);
    tell(reply(b, 'second'));
    tell(reply(a, 'first'));
    expect(await first).toEqual({ ok: true, value: 'first' });
    expect(await second).toEqual({ ok: true, value: 'second' });
    expect(sent[0]).toEqual({ type: 'request', id: a, method: 'run/list', params: {} });
  });

  it('passes progress and partial values on until the reply, and nothing after it', async () => {
    const { client, sent, tell } = setUp();
    const onProgress = vi.fn();
    const onPartial = vi.fn();
    const asked = client.request('run/list', {}, { onProgress, onPartial });
    const id = sent[0]?.id ?? -1;
    const progress = { label: 'surface', done: 1, total: 2, secondsLeft: null } as const;
    tell({ type: 'progress', id, progress });
    tell({ type: 'partial', id, value: 7 });
    tell({ type: 'partial', id: id + 1, value: 8 });
    tell(reply(id, []));
    tell({ type: 'partial', id, value: 9 });
    await asked;
    expect(onProgress.mock.calls).toEqual([[progress]]);
    expect(onPartial.mock.calls).toEqual([[7]]);
  });

  it('asks the engine to stop on abort, once, and gives what it answers', async () => {
    const { client, sent, tell } = setUp();
    const controller = new AbortController();
    const asked = client.request('run/list', {}, { signal: controller.signal });
    const id = sent[0]?.id ?? -1;
    controller.abort();
    controller.abort();
    expect(sent.slice(1)).toEqual([{ type: 'cancel', id }]);
    const error = { code: 'cancelled', message: 'Cancelled.' } as const;
    tell({ type: 'reply', id, result: { ok: false, error } });
    expect(await asked).toEqual({ ok: false, error });
  });

  it('sends nothing for a signal that was aborted before, and no cancel after the reply', async () => {
    const { client, sent, tell } = setUp();
    const aborted = await client.request('run/list', {}, { signal: AbortSignal.abort() });
    expect(aborted).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(sent).toEqual([]);
    const controller = new AbortController();
    const asked = client.request('run/list', {}, { signal: controller.signal });
    tell(reply(sent[0]?.id ?? -1, []));
    await asked;
    controller.abort();
    expect(sent).toHaveLength(1);
  });

  it('tells events to their subscribers until they undo', () => {
    const { client, tell } = setUp();
    const heard: string[] = [];
    const undo = client.subscribe('engine/restarted', ({ reason }) => heard.push(`a ${reason}`));
    client.subscribe('engine/restarted', ({ reason }) => heard.push(`b ${reason}`));
    client.subscribe('run/changed', () => heard.push('other'));
    tell({ type: 'event', name: 'engine/restarted', payload: { reason: '1' } });
    undo();
    tell({ type: 'event', name: 'engine/restarted', payload: { reason: '2' } });
    expect(heard).toEqual(['a 1', 'b 1', 'b 2']);
  });
});
