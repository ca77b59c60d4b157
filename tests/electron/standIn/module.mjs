import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { preventable, schemeHandlers, WebContents } from './webContents.mjs';

/** What the executable gives once Chromium runs. @type {{ connection: any, end(): Promise<void> }} */
let chromium;
let appFolder = '';
/** @type {(value?: unknown) => void} */
let becomeReady = () => undefined;
const ready = new Promise((done) => {
  becomeReady = done;
});
const packageFile = () => JSON.parse(readFileSync(join(appFolder, 'package.json'), 'utf8'));

/** For the executable alone. */
export const standIn = {
  openApp: (/** @type {string} */ folder) => {
    appFolder = folder;
  },
  async start(/** @type {typeof chromium} */ started) {
    chromium = started;
    await chromium.connection.browser.send('Target.setDiscoverTargets', { discover: true });
    becomeReady();
    app.emit('ready');
  },
};

class App extends EventEmitter {
  isPackaged = false;
  commandLine = { appendSwitch: () => undefined };
  #name = '';
  /** @type {Record<string, string>} */
  #paths = { home: homedir(), temp: tmpdir(), documents: homedir(), userData: join(tmpdir(), 'electron-stand-in') };
  #quitting = false;
  /** A second instance ends when it has told the first. @type {Promise<unknown> | undefined} */
  #told;

  whenReady = () => ready;
  isReady = () => chromium !== undefined;
  getAppPath = () => appFolder;
  getVersion = () => packageFile().version;
  getName = () => this.#name || packageFile().productName;
  enableSandbox() {}

  setName(/** @type {string} */ name) {
    this.#name = name;
  }

  getPath(/** @type {string} */ name) {
    if (!this.#paths[name]) throw new Error(`Failed to get '${name}' path`);
    return this.#paths[name];
  }

  setPath(/** @type {string} */ name, /** @type {string} */ path) {
    this.#paths[name] = path;
  }

  /** Returns at once; the debugger that called it has to get its answer before the process ends. */
  quit() {
    setImmediate(() => void this.#quit());
  }

  async #quit() {
    if (!this.#quitting) {
      const event = preventable();
      this.emit('before-quit', event);
      if (event.defaultPrevented) return;
      this.#quitting = true;
      for (const window of BrowserWindow.getAllWindows()) {
        if (!(await window.closeAndWait())) {
          this.#quitting = false;
          return;
        }
      }
    }
    const event = preventable();
    this.emit('will-quit', event);
    if (event.defaultPrevented) return;
    this.emit('quit', {}, 0);
    this.exit(0);
  }

  exit(code = 0) {
    void Promise.all([chromium?.end(), this.#told]).finally(() => process.exit(code));
  }

  isQuitting = () => this.#quitting;

  /** The first instance listens in its data folder; a second one tells it and gets false. */
  requestSingleInstanceLock() {
    const folder = this.getPath('userData');
    mkdirSync(folder, { recursive: true });
    const socket = join(folder, 'instance.sock');
    const owner = join(folder, 'instance.pid');
    if (isRunning(owner)) {
      const line = connect(socket);
      this.#told = new Promise((done) => line.once('connect', done).once('error', done));
      return false;
    }
    rmSync(socket, { force: true });
    createServer(() => this.emit('second-instance', {}, [], ''))
      .listen(socket)
      .unref();
    writeFileSync(owner, String(process.pid));
    return true;
  }
}

function isRunning(/** @type {string} */ pidFile) {
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 0);
    return true;
  } catch {
    return false;
  }
}
export const app = new App();

class IpcMain extends EventEmitter {
  /** @type {Map<string, (...args: any[]) => unknown>} */
  #handlers = new Map();

  handle(/** @type {string} */ channel, /** @type {(...args: any[]) => unknown} */ handler) {
    if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.#handlers.set(channel, handler);
  }

  removeHandler(/** @type {string} */ channel) {
    this.#handlers.delete(channel);
  }

  /** For the stand-in's pages alone. */
  invoke(/** @type {string} */ channel, /** @type {unknown} */ event, /** @type {unknown[]} */ args) {
    const handler = this.#handlers.get(channel);
    if (!handler) throw new Error(`No handler registered for '${channel}'`);
    return handler(event, ...args);
  }
}
export const ipcMain = new IpcMain();

/** Permissions that a debugger can set. Electron grants where no handler says otherwise. */
const permissions = ['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read'];
class Session extends EventEmitter {
  /** @type {((contents: unknown, permission: string, answer: (granted: boolean) => void) => void) | null} */
  #onRequest = null;

  setPermissionRequestHandler(/** @type {any} */ handler) {
    this.#onRequest = handler;
  }
  setPermissionCheckHandler() {}
  setDevicePermissionHandler() {}

  /** For the stand-in's windows alone: tells Chromium what the handler says. */
  async applyPermissions(/** @type {unknown} */ contents) {
    for (const name of permissions) {
      let granted = true;
      this.#onRequest?.(contents, name, (answer) => {
        granted = answer;
      });
      const setting = granted ? 'granted' : 'denied';
      await chromium.connection.browser.send('Browser.setPermission', { permission: { name }, setting });
    }
  }
}
export const session = { defaultSession: new Session() };

/** @type {Map<number, BrowserWindow>} */
const windows = new Map();

export class BrowserWindow extends EventEmitter {
  #bounds;
  #visible;
  #minimized = false;
  #maximized = false;
  #title;

  constructor(/** @type {any} */ options = {}) {
    super();
    const { x = 0, y = 0, width = 800, height = 600, show = true, title = '' } = options;
    this.#bounds = { x, y, width, height };
    this.#visible = show;
    this.#title = title;
    /** For tests: what a real window would have been made with. */
    this.options = options;
    this.webContents = new WebContents({
      connection: chromium.connection,
      options,
      session: session.defaultSession,
      ipcMain,
    });
    this.id = this.webContents.id;
    windows.set(this.id, this);
    this.webContents.once('did-finish-load', () => this.emit('ready-to-show'));
    this.webContents.once('destroyed', () => {
      windows.delete(this.id);
      this.emit('closed');
      if (windows.size === 0 && !app.isQuitting()) app.emit('window-all-closed');
    });
    app.emit('web-contents-created', {}, this.webContents);
  }

  static getAllWindows = () => [...windows.values()];
  static getFocusedWindow = () => [...windows.values()].find((window) => window.#visible) ?? null;
  static fromWebContents = (/** @type {unknown} */ contents) =>
    [...windows.values()].find((window) => window.webContents === contents) ?? null;

  async loadURL(/** @type {string} */ url) {
    await session.defaultSession.applyPermissions(this.webContents);
    await this.webContents.loadURL(url);
  }

  /** @returns {Promise<boolean>} false when a listener kept it open */
  closeAndWait() {
    return new Promise((done) => {
      const event = preventable();
      this.emit('close', event);
      if (event.defaultPrevented) return done(false);
      this.once('closed', () => done(true));
      this.webContents.close();
    });
  }

  close() {
    void this.closeAndWait();
  }

  getTitle = () => this.webContents.getTitle() || this.#title;
  isDestroyed = () => this.webContents.isDestroyed();
  isVisible = () => this.#visible;
  isMinimized = () => this.#minimized;
  isMaximized = () => this.#maximized;
  getBounds = () => ({ ...this.#bounds });
  getNormalBounds = () => ({ ...this.#bounds });

  setBounds(/** @type {object} */ bounds) {
    this.#bounds = { ...this.#bounds, ...bounds };
  }

  show() {
    this.#visible = true;
    this.emit('show');
  }
  focus() {
    this.emit('focus');
  }
  minimize() {
    this.#minimized = true;
  }
  restore() {
    this.#minimized = false;
  }
  maximize() {
    this.#maximized = true;
  }
}

export const webContents = {
  fromDevToolsTargetId: (/** @type {string} */ targetId) =>
    [...windows.values()].find((window) => window.webContents.targetId === targetId)?.webContents ?? null,
};

class MenuItem {
  /** @type {Menu | undefined} */
  submenu;

  constructor(/** @type {any} */ options) {
    const { submenu, click, ...rest } = options;
    Object.assign(this, rest);
    this.click = () => click?.(this, BrowserWindow.getFocusedWindow(), {});
    if (submenu) this.submenu = Menu.buildFromTemplate(submenu);
  }
}

/** @type {Menu | null} */
let applicationMenu = null;
export class Menu {
  /** @type {MenuItem[]} */
  items = [];

  static buildFromTemplate(/** @type {object[]} */ template) {
    const menu = new Menu();
    menu.items = template.map((options) => new MenuItem(options));
    return menu;
  }

  static setApplicationMenu(/** @type {Menu | null} */ menu) {
    applicationMenu = menu;
  }

  static getApplicationMenu = () => applicationMenu;

  /** @returns {MenuItem | null} */
  getMenuItemById(/** @type {string} */ id) {
    for (const item of this.items) {
      const found = /** @type {any} */ (item).id === id ? item : item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }
}

export const protocol = {
  /** @type {Set<string>} */
  privileged: new Set(),
  registerSchemesAsPrivileged(/** @type {{ scheme: string }[]} */ schemes) {
    if (app.isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    for (const { scheme } of schemes) protocol.privileged.add(scheme);
  },
  handle(/** @type {string} */ scheme, /** @type {(request: Request) => Response | Promise<Response>} */ handler) {
    if (!protocol.privileged.has(scheme)) throw new Error(`The scheme ${scheme} was not registered.`);
    schemeHandlers.set(scheme, handler);
  },
};

export const utilityProcess = {
  fork(/** @type {string} */ file, /** @type {string[]} */ args = []) {
    const bootstrap = fileURLToPath(new URL('./utility.mjs', import.meta.url));
    const child = fork(bootstrap, [file, ...args], { serialization: 'advanced', execArgv: [] });
    const handle = new EventEmitter();
    child.once('spawn', () => handle.emit('spawn'));
    child.on('message', (message) => handle.emit('message', message));
    child.once('exit', (code, signal) => handle.emit('exit', code ?? (signal ? 15 : 0)));
    return Object.assign(handle, {
      pid: child.pid,
      postMessage: (/** @type {any} */ message) => child.connected && child.send(message, () => undefined),
      kill: () => child.kill(),
    });
  },
};

const workArea = { x: 0, y: 0, width: 1_920, height: 1_080 };
export const screen = { getAllDisplays: () => [{ workArea, bounds: workArea }] };
export const nativeTheme = { shouldUseDarkColors: true };
export const shell = { openExternal: async () => undefined };
export const dialog = {
  showSaveDialog: async () => ({ canceled: true, filePath: '' }),
  showOpenDialog: async () => ({ canceled: true, filePaths: [] }),
  showMessageBox: async () => ({ response: 0, checkboxChecked: false }),
};
