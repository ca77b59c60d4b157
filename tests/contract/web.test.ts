import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { EngineChild } from '../../src/main/enginePort';
import type { FromEngine, ToEngine } from '../../src/main/engineProtocol';
import { startWebHost, type WebHost } from '../../src/main/hosts/web';
import { decode, encode } from '../../src/shared/codec';

const rendererFolder = mkdtempSync(join(tmpdir(), 'web-host-'));
writeFileSync(join(rendererFolder, 'index.html'), '<p>page</p>');
afterAll(() => rmSync(rendererFolder, { recursive: true, force: true }));

/** Echoes the params of a request; ends when told to quit. */
function echoEngine(log: ToEngine[] = []): EngineChild {
  let say: (message: FromEngine) => void = () => undefined;
  let exit: (reason: string) => void = () => undefined;
  return {
    post(message) {
      log.push(message);
      if (message.type === 'quit') exit('exit code 0');
      if (message.type !== 'message' || message.message.type !== 'request') return;
      const { id, params } = message.message;
      say({ client: message.client, message: { type: 'reply', id, result: { ok: true, value: params } } });
    },
    kill: () => exit('killed'),
    onMessage: (listener) => {
      say = listener;
    },
    onExit: (listener) => {
      exit = listener;
    },
  };
}

describe('browser host', () => {
  const hosts: WebHost[] = [];
  const log: ToEngine[] = [];
  async function start(port?: number): Promise<WebHost> {
    const host = await startWebHost({
      dataFolder: rendererFolder,
      rendererFolder,
      forkEngine: () => echoEngine(log),
      ...(port !== undefined && { port }),
    });
    hosts.push(host);
    return host;
  }
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close();
    log.length = 0;
  });

  async function logIn(host: WebHost): Promise<{ origin: string; cookie: string }> {
    const response = await fetch(host.url, { redirect: 'manual' });
    return {
      origin: new URL(host.url).origin,
      cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '',
    };
  }

  async function connect({ origin, cookie }: { origin: string; cookie: string }): Promise<WebSocket> {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/engine`, {
      headers: { Origin: origin, Cookie: cookie },
    });
    await new Promise((opened, failed) => {
      socket.once('open', opened);
      socket.once('error', failed);
    });
    return socket;
  }

  it('serves the page to the holder of the link, and typed arrays both ways', async () => {
    const session = await logIn(await start());
    const page = await fetch(session.origin, { headers: { Cookie: session.cookie } });
    expect(await page.text()).toBe('<p>page</p>');
    const socket = await connect(session);
    const params = { values: new Float64Array([1, Number.NaN, 3]), bytes: new Uint8Array([1, 2]) };
    const answered = new Promise<unknown>((done) => socket.once('message', (data: Buffer) => done(decode(data))));
    socket.send(encode({ type: 'request', id: 3, method: 'app/info', params }));
    expect(await answered).toEqual({ type: 'reply', id: 3, result: { ok: true, value: params } });
  });

  it('tells the engine when a page is gone', async () => {
    const socket = await connect(await logIn(await start()));
    socket.close();
    await expect.poll(() => log).toEqual([{ type: 'left', client: 1 }]);
  });

  it('ends connections and the engine on close, and frees its port', async () => {
    const host = await start();
    const socket = await connect(await logIn(host));
    const closed = new Promise<number>((done) => socket.once('close', done));
    hosts.length = 0;
    await host.close();
    expect(await closed).toBe(1001);
    expect(log.at(-1)).toEqual({ type: 'quit' });
    const port = Number(new URL(host.url).port);
    expect(new URL((await start(port)).url).port).toBe(String(port));
  });

  it('names a port that is in use and the way out', async () => {
    const port = Number(new URL((await start()).url).port);
    await expect(start(port)).rejects.toMatchObject({
      code: 'badInput',
      message: `Port ${port} is in use.`,
      cure: expect.stringContaining('--port'),
    });
  });

  it.each([-1, 65_536, 1.5, Number.NaN])('refuses %s as a port', async (port) => {
    await expect(start(port)).rejects.toMatchObject({ code: 'badInput', message: `${port} is not a port.` });
  });

  it('says when the interface is not built', async () => {
    const missing = join(rendererFolder, 'missing');
    await expect(startWebHost({ dataFolder: rendererFolder, rendererFolder: missing })).rejects.toMatchObject({
      code: 'notFound',
      message: expect.stringContaining(missing),
    });
  });
});
