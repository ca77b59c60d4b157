import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import sirv from 'sirv';
import { type WebSocket, WebSocketServer } from 'ws';
import { decode, encode, maxMessageBytes } from '../../../shared/codec';
import { badInput, UserError } from '../../../shared/errors';
import { createEnginePort, type EngineChild, type EnginePort } from '../../enginePort';
import { appFolders, appVersion } from '../../folders';
import { forkEngine } from '../../forkEngine';
import { pageHeaders } from '../pagePolicy';
import { createSession, type Session } from './session';

export interface WebHostOptions {
  dataFolder: string;
  /** 0 (the default) takes a free one. */
  port?: number;
  /** Looks for new files at every request instead of once: for development. */
  dev?: boolean;
  /** Where the built interface is; the app's own when left out. */
  rendererFolder?: string;
  /** Starts an engine process; the app's own when left out. */
  forkEngine?: () => EngineChild;
}

export interface WebHost {
  /** The link that logs in, once. */
  url: string;
  /** Ends the connections and the engine. */
  close(): Promise<void>;
}

/** The only address it listens on: nothing outside this machine can reach it. */
const address = '127.0.0.1';

/**
 * Serves the interface and its engine on 127.0.0.1 behind a single-use link.
 * @throws UserError when the port is taken or not a port
 */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const folders = appFolders();
  const rendererFolder = options.rendererFolder ?? folders.renderer;
  if (!existsSync(rendererFolder)) {
    throw new UserError('notFound', `The interface is not built: no folder ${rendererFolder}.`, {
      cure: 'Run "npm run build".',
    });
  }
  const server = createServer({ maxHeaderSize: 16_384 });
  const port = await listen(server, options.port ?? 0);
  const session = createSession(port);
  const origins = [`http://${address}:${port}`, `http://localhost:${port}`];
  const fork =
    options.forkEngine ??
    (() =>
      forkEngine(folders.engine, {
        dataFolder: options.dataFolder,
        resourcesFolder: folders.resources,
        kernelsFolder: folders.kernels,
        probeFile: folders.probe,
        host: 'browser',
        version: appVersion(folders),
      }));
  const engine = createEnginePort(fork);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false });

  const headers = pageHeaders(origins.map((origin) => origin.replace('http', 'ws')));
  const files = sirv(rendererFolder, { dev: options.dev ?? false, etag: true });
  server.on('request', (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader('Cache-Control', 'no-cache');
    const refusal = refuse(request, origins);
    if (refusal) return answer(response, refusal);
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405);
    const given = tokenOf(request);
    if (given !== null) return logIn(request, response, session, given);
    if (!session.isValid(request.headers.cookie)) return answer(response, 401);
    files(request, response, () => answer(response, 404));
  });

  server.on('upgrade', (request, socket, head) => {
    const refusal =
      refuse(request, origins) ??
      (request.headers.origin === undefined ? 403 : null) ??
      (session.isValid(request.headers.cookie) ? null : 401) ??
      (request.url === '/engine' ? null : 404);
    if (refusal) return answerRaw(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, engine));
  });

  return {
    url: `${origins[0]}/?token=${session.token}`,
    async close() {
      for (const socket of sockets.clients) socket.close(1001);
      await engine.stop();
      await new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
        for (const socket of sockets.clients) socket.terminate();
      });
    },
  };
}

function serve(socket: WebSocket, engine: EnginePort): void {
  const client = engine.connect((message) => {
    if (socket.readyState === socket.OPEN) socket.send(encode(message));
  });
  socket.on('message', (data: Buffer, isBinary) => {
    const message = isBinary ? tryDecode(data) : null;
    // 1007: data that is not what the protocol says.
    if (message) client.send(message.value);
    else socket.close(1007);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => client.close());
}

function tryDecode(bytes: Uint8Array): { value: unknown } | null {
  try {
    return { value: decode(bytes) };
  } catch {
    return null;
  }
}

/** A foreign Host means DNS rebinding, a foreign Origin another site's page. */
function refuse(request: IncomingMessage, origins: readonly string[]): number | null {
  if (!origins.includes(`http://${request.headers.host}`)) return 421;
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${request.headers.host}`) return 403;
  return null;
}

function tokenOf(request: IncomingMessage): string | null {
  const url = parseUrl(request.url ?? '/');
  return url?.pathname === '/' ? url.searchParams.get('token') : null;
}

function parseUrl(path: string): URL | null {
  try {
    return new URL(path, 'http://host');
  } catch {
    return null;
  }
}

function logIn(request: IncomingMessage, response: ServerResponse, session: Session, token: string): void {
  const redeemed = session.redeem(token);
  if (redeemed) response.setHeader('Set-Cookie', session.cookie);
  // A used link still leads on in the browser that used it.
  const allowed = redeemed || session.isValid(request.headers.cookie);
  if (allowed) response.setHeader('Location', '/');
  answer(response, allowed ? 303 : 401);
}

const answers: Record<number, string> = {
  303: 'See other',
  401: 'This link was used already, or it is not the one Loss Atlas printed. Start Loss Atlas again for a new one.',
  403: 'Requests from other sites are refused.',
  404: 'There is nothing here.',
  405: 'Only GET and HEAD are served.',
  421: 'This address is not served here.',
};

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(`${answers[status]}\n`);
}

function answerRaw(socket: Duplex, status: number): void {
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status} ${answers[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw badInput(`${port} is not a port.`, 'Give a whole number from 1 to 65535.', ['port']);
  }
  await new Promise<void>((listening, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => failed(describeListenError(error, port)));
    server.listen(port, address, listening);
  });
  return (server.address() as AddressInfo).port;
}

function describeListenError(error: NodeJS.ErrnoException, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return badInput(`Port ${port} is in use.`, 'Choose another, or leave --port out to take a free one.', ['port']);
    case 'EACCES':
      return badInput(`No permission to listen on port ${port}.`, 'Choose one above 1023.', ['port']);
    default:
      return error;
  }
}
