import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { pack, unpack } from './payload.mjs';

const worldName = 'preload';
const binding = 'standInSendToMain';
const worldSource = readFileSync(new URL('./world.js', import.meta.url), 'utf8');

/** @type {Map<string, (request: Request) => Response | Promise<Response>>} */
export const schemeHandlers = new Map();
/** app://host/path has the address https://host.app-scheme/path in Chromium. */
export const inside = (/** @type {string} */ url) => url.replace(/^([a-z]+):\/\/([^/]+)/, replaceOrigin);
const replaceOrigin = (/** @type {string} */ whole, /** @type {string} */ scheme, /** @type {string} */ host) =>
  schemeHandlers.has(scheme) ? `https://${host}.${scheme}-scheme` : whole;
export const outside = (/** @type {string} */ url) => url.replace(/^https:\/\/([^/]+)\.([a-z]+)-scheme\b/, '$2://$1');

/** An event that can be prevented, as Electron gives them. */
export function preventable(members = {}) {
  return {
    ...members,
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true;
    },
  };
}

let nextId = 1;

/** One page in Chromium. Calls before it is there wait for it. */
export class WebContents extends EventEmitter {
  id = nextId++;
  targetId = '';
  /** @type {any} */
  session;
  mainFrame = { url: '', parent: null };
  #destroyed = false;
  #title = '';
  /** Document loads that were asked for here and not by the page. */
  #expected = new Set();
  /** @type {(details: { url: string }) => { action: string }} */
  #onOpen = () => ({ action: 'allow' });
  /** @type {number | undefined} */
  #world;
  #ready;
  #ipcMain;

  /**
   * @param {{ connection: import('./cdp.mjs').Connection, options: any, session: any, ipcMain: any }} parts
   */
  constructor({ connection, options, session, ipcMain }) {
    super();
    this.session = session;
    this.#ipcMain = ipcMain;
    this.#ready = this.#create(connection, options);
  }

  async #create(/** @type {import('./cdp.mjs').Connection} */ connection, /** @type {any} */ options) {
    const { width = 800, height = 600, webPreferences = {} } = options;
    const target = await connection.browser.send('Target.createTarget', { url: 'about:blank', width, height });
    this.targetId = target.targetId;
    const page = await connection.attach(this.targetId);
    connection.browser.on('Target.targetDestroyed', ({ targetId }) => {
      if (targetId === this.targetId) this.#end();
    });
    connection.browser.on('Target.targetInfoChanged', ({ targetInfo }) => {
      if (targetInfo.targetId === this.targetId) this.#title = targetInfo.title;
    });
    page.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.name === worldName && context.auxData.frameId === this.targetId) this.#world = context.id;
    });
    page.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === binding) this.#receive(unpack(payload));
    });
    page.on('Page.frameNavigated', ({ frame }) => {
      if (!frame.parentId) this.mainFrame.url = outside(frame.url);
    });
    page.on('Page.loadEventFired', () => this.emit('did-finish-load'));
    page.on('Inspector.targetCrashed', () => this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 }));
    page.on('Fetch.requestPaused', (request) => void this.#onRequest(request).catch(() => undefined));
    await page.send('Page.enable');
    await page.send('Inspector.enable');
    await page.send('Runtime.enable');
    await page.send('Runtime.addBinding', { name: binding, executionContextName: worldName });
    await page.send('Page.addScriptToEvaluateOnNewDocument', {
      source: `if (window.top === window) { ${worldSource}; installMainWorld(); }`,
    });
    const preload = webPreferences.preload ? readFileSync(webPreferences.preload, 'utf8') : '';
    await page.send('Page.addScriptToEvaluateOnNewDocument', {
      worldName,
      source: `if (window.top === window) {
        ${worldSource}
        const deliver = installPreload(function (require, module, exports) { ${preload}\n },
          (message) => globalThis.${binding}(text.pack(message)));
        globalThis.standInDeliver = (packed) => deliver(text.unpack(packed));
      }`,
    });
    await page.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
    return page;
  }

  async #onRequest(/** @type {any} */ { requestId, request, resourceType, frameId }) {
    const page = await this.#ready;
    const url = outside(request.url);
    if (resourceType === 'Document' && frameId === this.targetId && !this.#expected.delete(request.url)) {
      const event = preventable({ url, isMainFrame: true });
      this.emit('will-navigate', event, url);
      if (event.defaultPrevented) {
        await page.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
        return;
      }
    }
    const handler = schemeHandlers.get(new URL(url).protocol.slice(0, -1));
    if (!handler) {
      await page.send('Fetch.continueRequest', { requestId });
      return;
    }
    const response = await handler(new Request(url, { method: request.method, headers: request.headers }));
    await page.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: response.status,
      responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
      body: Buffer.from(await response.arrayBuffer()).toString('base64'),
    });
  }

  #receive(/** @type {any} */ message) {
    if (message.open !== undefined) {
      this.#onOpen({ url: outside(message.open) });
      return;
    }
    const event = { sender: this, senderFrame: this.mainFrame };
    if (message.send !== undefined) {
      this.#ipcMain.emit(message.send, event, ...message.args);
      return;
    }
    const { invoke, id, args } = message;
    Promise.resolve()
      .then(() => this.#ipcMain.invoke(invoke, event, args))
      .then(
        (value) => this.#deliver({ settled: id, value }),
        (error) => this.#deliver({ settled: id, error: String(error) }),
      );
  }

  #deliver(/** @type {any} */ message) {
    void this.#ready.then((page) => {
      const expression = `standInDeliver(${JSON.stringify(pack(message))})`;
      return page.send('Runtime.evaluate', { expression, contextId: this.#world }).catch(() => undefined);
    });
  }

  #end() {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.emit('destroyed');
  }

  send(/** @type {string} */ channel, /** @type {unknown[]} */ ...args) {
    if (!this.#destroyed) this.#deliver({ channel, args });
  }

  async loadURL(/** @type {string} */ url) {
    const page = await this.#ready;
    this.#expected.add(inside(url));
    await page.send('Page.navigate', { url: inside(url) });
  }

  reload() {
    void this.#ready.then((page) => {
      this.#expected.add(inside(this.mainFrame.url));
      return page.send('Page.reload');
    });
  }

  close() {
    void this.#ready.then((page) => page.send('Page.close')).catch(() => undefined);
  }

  setWindowOpenHandler(/** @type {(details: { url: string }) => { action: string }} */ handler) {
    this.#onOpen = handler;
  }

  getURL() {
    return this.mainFrame.url;
  }

  getTitle() {
    return this.#title;
  }

  isDestroyed() {
    return this.#destroyed;
  }
}
