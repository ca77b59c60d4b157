import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, test as base, type ElectronApplication, expect, type Page } from '@playwright/test';
import type { MenuItem } from 'electron';
import { electronPath, hasDisplay } from '../../.ci/electron.mjs';
import type { Bridge, ServerMessage } from '../../src/shared/contract';
import { enginePids, root } from './host';

/** Electron where it is installed and has a display, else the stand-in (see tests/electron/README.md). */
const executablePath = (hasDisplay() && electronPath()) || join(root, 'tests', 'electron', 'standIn', 'electron.mjs');

interface Desktop {
  app: ElectronApplication;
  window: Page;
  dataFolder: string;
}

/** What the tests below do to the page on purpose: addresses that are not there. */
const provoked = /status of 404|net::ERR_ABORTED/;

const test = base.extend<{ desktop: Desktop }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first parameter
  desktop: async ({}, use) => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'loss-atlas-desktop-'));
    const env = { ...process.env, LOSS_ATLAS_DATA: dataFolder } as Record<string, string>;
    const app = await _electron.launch({ executablePath, args: [root], env, timeout: 30_000 });
    try {
      const window = await app.firstWindow();
      const errors: string[] = [];
      window.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      window.on('pageerror', (error) => errors.push(String(error)));
      await window.waitForFunction(() => document.title === 'Loss Atlas');
      await expect(window.locator('canvas').first()).toBeVisible();
      await use({ app, window, dataFolder });
      expect(errors.filter((error) => !provoked.test(error))).toEqual([]);
    } finally {
      await app.close();
      await rm(dataFolder, { recursive: true, force: true });
    }
  },
});

const bridge = (window: Page) => window.evaluateHandle(() => (window as unknown as { lossAtlas: Bridge }).lossAtlas);

/** Asks the engine through the preload, as the interface does. */
async function ask(window: Page, id: number, method: string, params: unknown): Promise<ServerMessage> {
  const api = await bridge(window);
  return api.evaluate(
    (api, message) =>
      new Promise<ServerMessage>((done) => {
        const undo = api.onMessage((answer) => {
          if (answer.type !== 'reply' || answer.id !== message.id) return;
          undo();
          done(answer);
        });
        api.send(message as never);
      }),
    { type: 'request', id, method, params },
  );
}

test('opens one visible window on the app, with the safe preferences', async ({ desktop: { app, window } }) => {
  expect(app.windows()).toHaveLength(1);
  expect(await window.title()).toBe('Loss Atlas');
  const handle = await app.browserWindow(window);
  await expect.poll(() => handle.evaluate((browserWindow) => browserWindow.isVisible())).toBe(true);
  expect(await handle.evaluate((browserWindow) => browserWindow.webContents.getURL())).toMatch(/^app:\/\/loss-atlas\//);
  expect(await window.evaluate(() => isSecureContext)).toBe(true);
});

test('gives the page the bridge of the contract and nothing of Node or Electron', async ({ desktop: { window } }) => {
  const surface = await window.evaluate(() => {
    const page = window as unknown as Record<string, unknown>;
    return {
      bridge: Object.keys(page.lossAtlas as object).sort(),
      leaked: ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter((name) => name in page),
    };
  });
  expect(surface).toEqual({
    bridge: ['host', 'onConnection', 'onMenu', 'onMessage', 'saveFile', 'send'],
    leaked: [],
  });
});

test('reaches the engine through the preload; unknown methods do not pass', async ({ desktop: { window } }) => {
  expect(await ask(window, 900_001, 'app/info', {})).toMatchObject({
    result: { ok: true, value: { host: 'electron' } },
  });
  expect(await ask(window, 900_002, 'settings/set', { theme: 'purple' })).toMatchObject({
    result: { ok: false, error: { code: 'badInput' } },
  });
  for (const method of ['run/format', 'constructor', '__proto__']) {
    await expect(ask(window, 900_003, method, {})).rejects.toThrow(`Unknown request "${method}".`);
  }
});

test('sends typed arrays across as they are', async ({ desktop: { window } }) => {
  const api = await bridge(window);
  const type = await api.evaluate(
    (api) =>
      new Promise<string>((done) => {
        const id = 900_010;
        api.onMessage((answer) => {
          if (answer.type !== 'reply' || answer.id !== id) return;
          const { result } = answer;
          done(result.ok ? Object.prototype.toString.call((result.value as { xs: unknown }).xs) : result.error.message);
        });
        const objective = { kind: 'function', name: 'himmelblau' };
        const params = { source: { kind: 'objective', objective }, plane: { kind: 'parameters' }, grid: [5, 5] };
        api.send({ type: 'request', id, method: 'surface/compute', params });
      }),
  );
  expect(type).toBe('[object Float64Array]');
});

test('has a native menu whose commands reach the interface', async ({ desktop: { app, window } }) => {
  const api = await bridge(window);
  const received = await api.evaluateHandle((api) => {
    const commands: string[] = [];
    api.onMenu((command) => commands.push(command));
    return commands;
  });
  const names = await app.evaluate(({ Menu }) => {
    const ids: string[] = [];
    const visit = (items: MenuItem[]) => {
      for (const item of items) {
        if (item.id && /^[a-z]+[A-Z]?\w*$/.test(item.id) && typeof item.click === 'function') ids.push(item.id);
        if (item.submenu) visit(item.submenu.items);
      }
    };
    visit(Menu.getApplicationMenu()?.items ?? []);
    return ids;
  });
  expect(names).toEqual(expect.arrayContaining(['newExperiment', 'train', 'exportFigure', 'undo', 'help']));
  const theme = () => window.evaluate(() => document.documentElement.dataset.theme);
  await expect(window.locator('html')).toHaveAttribute('data-theme', /dark|light/);
  const before = await theme();
  await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('toggleTheme')?.click());
  await expect.poll(() => received.jsonValue()).toEqual(['toggleTheme']);
  await expect.poll(theme).toBe(before === 'dark' ? 'light' : 'dark');
});

test('saves a file where the dialog says, and nowhere when it is cancelled', async ({ desktop }) => {
  const { app, window, dataFolder } = desktop;
  const file = join(dataFolder, 'figure.svg');
  await app.evaluate(({ dialog }, filePath) => {
    const asked: string[] = [];
    (globalThis as unknown as { asked: string[] }).asked = asked;
    dialog.showSaveDialog = (async (_window: unknown, options: { defaultPath: string }) => {
      asked.push(options.defaultPath);
      return { canceled: false, filePath };
    }) as never;
  }, file);
  const api = await bridge(window);
  const save = (name: string) => api.evaluate((api, name) => api.saveFile(name, new Uint8Array([60, 47, 62])), name);
  expect(await save('../../escape/figure.svg')).toBe(file);
  expect(await readFile(file, 'utf8')).toBe('</>');
  const asked = await app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked);
  expect(asked[0]).toMatch(/[/\\]figure\.svg$/);
  expect(asked[0]).not.toContain('escape');

  await app.evaluate(
    ({ dialog }, filePath) => {
      dialog.showSaveDialog = (async () => ({ canceled: false, filePath })) as never;
    },
    join(dataFolder, 'missing', 'figure.svg'),
  );
  await expect(save('figure.svg')).rejects.toThrow(/no file/i);
  await app.evaluate(({ dialog }) => {
    dialog.showSaveDialog = (async () => ({ canceled: true, filePath: '' })) as never;
  });
  expect(await save('figure.svg')).toBeNull();
});

test('denies every permission', async ({ desktop: { window } }) => {
  const states = await window.evaluate(async () => {
    const names = ['geolocation', 'notifications', 'midi'] as PermissionName[];
    const found = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
    return found.map(({ state }) => state);
  });
  expect(states).toEqual(['denied', 'denied', 'denied']);
});

test('stays on the app: no navigation, no windows; allowed links go to the browser', async ({ desktop }) => {
  const { app, window: page } = desktop;
  await app.evaluate(({ shell }) => {
    const opened: string[] = [];
    (globalThis as unknown as { opened: string[] }).opened = opened;
    shell.openExternal = async (url: string) => void opened.push(url);
  });
  const before = page.url();
  await page.evaluate(() => {
    location.href = 'https://example.com/';
  });
  await page.evaluate(() => {
    window.open('https://example.com/');
    window.open('http://github.com/');
    window.open('file:///etc/passwd');
    window.open('https://doi.org/10.1103/PhysRevE.00.000000');
  });
  await expect
    .poll(() => app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened))
    .toEqual(['https://doi.org/10.1103/PhysRevE.00.000000']);
  expect(app.windows()).toHaveLength(1);
  expect(page.url()).toBe(before);
  expect(await page.title()).toBe('Loss Atlas');
});

test('serves nothing outside the interface from its scheme', async ({ desktop: { window } }) => {
  const statuses = await window.evaluate(() =>
    Promise.all(
      ['/../package.json', '/..%2f..%2fpackage.json', '/%2e%2e%2fpackage.json', '/none.js'].map(
        async (path) => (await fetch(path)).status,
      ),
    ),
  );
  expect(statuses).toEqual([404, 404, 404, 404]);
  const headers = await window.evaluate(async () => Object.fromEntries((await fetch('/index.html')).headers));
  expect(headers['content-security-policy']).toContain("default-src 'none'");
});

test('answers what was under way and starts the engine again when it dies', async ({ desktop }) => {
  const { window, dataFolder } = desktop;
  const api = await bridge(window);
  const restarted = await api.evaluateHandle((api) => {
    const reasons: string[] = [];
    api.onMessage((message) => {
      if (message.type === 'event' && message.name === 'engine/restarted') reasons.push(message.payload.reason);
    });
    return reasons;
  });
  const [pid = 0] = await enginePids(dataFolder);
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => restarted.jsonValue()).toHaveLength(1);
  expect(await ask(window, 900_020, 'app/info', {})).toMatchObject({ result: { ok: true } });
});

test('a second start brings the first window back and ends', async ({ desktop: { app, window, dataFolder } }) => {
  const handle = await app.browserWindow(window);
  await handle.evaluate((browserWindow) => browserWindow.minimize());
  const env = { ...process.env, LOSS_ATLAS_DATA: dataFolder };
  const second = spawn(executablePath, ['--no-sandbox', root], { env, stdio: 'ignore' });
  expect(await new Promise((done) => second.once('exit', done))).toBe(0);
  await expect.poll(() => handle.evaluate((browserWindow) => browserWindow.isMinimized())).toBe(false);
  expect(app.windows()).toHaveLength(1);
  expect(await enginePids(dataFolder)).toHaveLength(1);
});

test('remembers its place, and quits with its engine', async ({ desktop: { app, window, dataFolder } }) => {
  expect(await enginePids(dataFolder)).toHaveLength(1);
  const handle = await app.browserWindow(window);
  await handle.evaluate((browserWindow) => browserWindow.setBounds({ x: 40, y: 50, width: 1_100, height: 700 }));
  const exited = new Promise((done) => app.process().once('exit', done));
  await app.close();
  await exited;
  await expect.poll(() => enginePids(dataFolder)).toHaveLength(0);
  const state = JSON.parse(await readFile(join(dataFolder, 'window', 'window.json'), 'utf8'));
  expect(state).toMatchObject({ width: 1_100, height: 700, maximized: false });
});
