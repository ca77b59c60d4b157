import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEnginePort, type EngineChild } from '../../src/main/enginePort';
import type { FromEngine, ToEngine } from '../../src/main/engineProtocol';
import { forkEngine } from '../../src/main/forkEngine';
import type { ServerMessage } from '../../src/shared/contract';

/** An engine process that does nothing by itself. */
class FakeChild implements EngineChild {
  sent: ToEngine[] = [];
  killed = false;
  #onMessage: (message: FromEngine) => void = () => undefined;
  #onExit: (reason: string) => void = () => undefined;

  post(message: ToEngine) {
    this.sent.push(message);
  }
  kill() {
    this.killed = true;
    this.exit('killed');
  }
  onMessage(listener: (message: FromEngine) => void) {
    this.#onMessage = listener;
  }
  onExit(listener: (reason: string) => void) {
    this.#onExit = listener;
  }
  say(message: FromEngine) {
    this.#onMessage(message);
  }
  exit(reason: string) {
    this.#onExit(reason);
  }
}

function setUp() {
  const children: FakeChild[] = [];
  const port = createEnginePort(
    () => {
      const child = new FakeChild();
      children.push(child);
      return child;
    },
    { graceMs: 1_000, crashLimit: 3, crashWindowMs: 30_000 },
  );
  const heard: ServerMessage[] = [];
  const client = port.connect((message) => heard.push(message));
  return { children, port, client, heard, last: () => children.at(-1) as FakeChild };
}

const info = (id: number) => ({ type: 'request', id, method: 'app/info', params: {} }) as const;
const reply = (id: number): ServerMessage => ({ type: 'reply', id, result: { ok: true, value: null } });

describe('the supervised engine', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('keeps the clients apart', () => {
    const { port, client, heard, last } = setUp();
    const otherHeard: ServerMessage[] = [];
    const other = port.connect((message) => otherHeard.push(message));
    client.send(info(1));
    other.send(info(1));
    const [first, second] = last().sent as { client: number }[];
    expect(first?.client).not.toBe(second?.client);
    last().say({ client: second?.client ?? 0, message: reply(1) });
    expect(heard).toEqual([]);
    expect(otherHeard).toEqual([reply(1)]);
    const event: ServerMessage = { type: 'event', name: 'engine/restarted', payload: { reason: 'x' } };
    last().say({ client: null, message: event });
    expect(heard).toEqual([event]);
  });

  it('answers what is not in the contract itself, and drops what has no id', () => {
    const { client, heard, last } = setUp();
    for (const junk of [null, 7, 'x', [], {}, { type: 'request' }, { type: 'request', id: 0.5, method: 'app/info' }]) {
      client.send(junk);
    }
    expect(heard).toEqual([]);
    for (const method of ['run/format', 'constructor', '__proto__', 'hasOwnProperty', 3, null]) {
      client.send({ type: 'request', id: 4, method, params: {} });
      expect(heard.pop()).toMatchObject({ id: 4, result: { ok: false, error: { code: 'badInput' } } });
    }
    client.send({ type: 'execute', id: 5 });
    expect(heard.pop()).toMatchObject({ id: 5, result: { ok: false } });
    expect(last().sent).toEqual([]);
  });

  it('passes on only the members of the contract', () => {
    const { client, last } = setUp();
    client.send({ ...info(1), admin: true });
    client.send({ type: 'cancel', id: 1, admin: true });
    expect(last().sent.map((message) => (message as { message: unknown }).message)).toEqual([
      info(1),
      { type: 'cancel', id: 1 },
    ]);
  });

  it('answers requests in flight with an engine error when the process dies, and starts it again', () => {
    const { children, client, heard, last } = setUp();
    client.send(info(1));
    client.send(info(2));
    last().say({ client: 1, message: reply(1) });
    heard.length = 0;
    children[0]?.exit('signal SIGSEGV');
    expect(heard).toMatchObject([
      { type: 'reply', id: 2, result: { ok: false, error: { code: 'engine' } } },
      { type: 'event', name: 'engine/restarted', payload: { reason: 'signal SIGSEGV' } },
    ]);
    expect(children).toHaveLength(2);
    client.send(info(3));
    expect(last().sent).toHaveLength(1);
  });

  it('stops restarting in a crash loop, says so, and tries again after a while', () => {
    const { children, client, heard } = setUp();
    for (const child of [0, 1, 2]) children[child]?.exit('exit code 1');
    expect(children).toHaveLength(3);
    heard.length = 0;
    client.send(info(1));
    expect(heard).toMatchObject([{ id: 1, result: { error: { code: 'engine', message: /keeps stopping/ } } }]);
    vi.advanceTimersByTime(30_001);
    client.send(info(2));
    expect(children).toHaveLength(4);
    expect(children[3]?.sent).toHaveLength(1);
  });

  it('tells the engine when a client leaves, and forgets it', () => {
    const { client, heard, last } = setUp();
    client.send(info(1));
    client.close();
    client.close();
    client.send(info(2));
    expect(last().sent.slice(1)).toEqual([{ type: 'left', client: 1 }]);
    last().say({ client: 1, message: reply(1) });
    expect(heard).toEqual([]);
  });

  it('stops without restarting: politely, then by force', async () => {
    const polite = setUp();
    const stopped = polite.port.stop();
    expect(polite.last().sent).toEqual([{ type: 'quit' }]);
    polite.last().exit('exit code 0');
    await stopped;
    expect(polite.children).toHaveLength(1);
    expect(polite.last().killed).toBe(false);

    const stuck = setUp();
    const ended = stuck.port.stop();
    vi.advanceTimersByTime(999);
    expect(stuck.last().killed).toBe(false);
    vi.advanceTimersByTime(1);
    await ended;
    expect(stuck.last().killed).toBe(true);
    expect(stuck.children).toHaveLength(1);
  });
});

describe('a forked engine process', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'engine-port-'));
    file = join(folder, 'engine.mjs');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const options = {
    dataFolder: 'd',
    resourcesFolder: 'r',
    kernelsFolder: 'k',
    probeFile: 'p',
    host: 'cli',
    version: '0',
  } as const;

  it('receives its options, keeps typed arrays, dies on request and is replaced after a crash', async () => {
    writeFileSync(
      file,
      `process.on('message', ({ type, client, message }) => {
        if (type === 'quit') process.exit(0);
        if (message.params.die) process.kill(process.pid, 'SIGKILL');
        const value = { options: JSON.parse(process.argv[2]), echo: message.params, pid: process.pid };
        process.send({ client, message: { type: 'reply', id: message.id, result: { ok: true, value } } });
      });`,
    );
    const port = createEnginePort(() => forkEngine(file, options), { graceMs: 5_000 });
    const heard: ServerMessage[] = [];
    const client = port.connect((message) => heard.push(message));
    const values = new Float64Array([1.5, Number.NaN]);
    client.send({ ...info(1), params: { values: values.subarray(0, 2) } });
    await expect.poll(() => heard.length).toBe(1);
    expect(heard[0]).toMatchObject({ id: 1, result: { ok: true, value: { options, echo: { values } } } });

    client.send({ ...info(2), params: { die: true } });
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(3);
    expect(heard.slice(1)).toMatchObject([
      { id: 2, result: { ok: false, error: { code: 'engine', message: /SIGKILL/ } } },
      { type: 'event', name: 'engine/restarted' },
    ]);
    client.send({ ...info(3), params: {} });
    await expect.poll(() => heard.length).toBe(4);
    expect(heard[3]).toMatchObject({ id: 3, result: { ok: true } });
    await port.stop();
    const { pid } = (heard[3] as { result: { value: { pid: number } } }).result.value;
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  it('is killed when it does not finish within the grace time', async () => {
    writeFileSync(file, `process.on('message', () => { for (;;); }); process.send({ client: null, message: 'up' });`);
    const port = createEnginePort(() => forkEngine(file, options), { graceMs: 200 });
    const heard: unknown[] = [];
    port.connect((message) => heard.push(message));
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['up']);
    const started = performance.now();
    await port.stop();
    expect(performance.now() - started).toBeGreaterThan(150);
  });
});
