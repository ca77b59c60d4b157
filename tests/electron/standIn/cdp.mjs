import { EventEmitter } from 'node:events';
import WebSocket from 'ws';

/** A connection to Chromium's debugging port; sessions are flat. */
export class Connection {
  #socket;
  #nextId = 1;
  /** @type {Map<number, { resolve(value: any): void, reject(error: Error): void }>} */
  #waiting = new Map();
  /** @type {Map<string, Session>} */
  #sessions = new Map();

  constructor(/** @type {WebSocket} */ socket) {
    this.#socket = socket;
    this.browser = new Session(this, undefined);
    socket.on('message', (data) => this.#receive(JSON.parse(String(data))));
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The connection to Chromium ended.'));
    });
  }

  static async open(/** @type {string} */ url) {
    const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 512 * 2 ** 20 });
    await new Promise((done, failed) => {
      socket.once('open', done);
      socket.once('error', failed);
    });
    return new Connection(socket);
  }

  /** @returns {Promise<any>} */
  send(/** @type {string} */ method, /** @type {object} */ params, /** @type {string | undefined} */ sessionId) {
    const id = this.#nextId++;
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** @returns {Promise<Session>} */
  async attach(/** @type {string} */ targetId) {
    const { sessionId } = await this.browser.send('Target.attachToTarget', { targetId, flatten: true });
    const session = new Session(this, sessionId);
    this.#sessions.set(sessionId, session);
    return session;
  }

  #receive(/** @type {any} */ { id, result, error, method, params, sessionId }) {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result);
      return;
    }
    const session = sessionId === undefined ? this.browser : this.#sessions.get(sessionId);
    session?.emit(method, params);
  }
}

export class Session extends EventEmitter {
  #connection;
  #id;

  constructor(/** @type {Connection} */ connection, /** @type {string | undefined} */ id) {
    super();
    this.#connection = connection;
    this.#id = id;
  }

  /** @returns {Promise<any>} */
  send(/** @type {string} */ method, params = {}) {
    return this.#connection.send(method, params, this.#id);
  }
}
