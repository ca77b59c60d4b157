import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindow } from 'electron';
import { afterAll, describe, expect, it } from 'vitest';
import { readWindowState, rememberWindowState } from '../../../src/main/hosts/electron/windowState';

const folder = mkdtempSync(join(tmpdir(), 'window-state-'));
const file = join(folder, 'deeper', 'window.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const screen = { x: 0, y: 0, width: 1_920, height: 1_080 };
const first = { width: 1_440, height: 900, maximized: false };

describe('window state', () => {
  it('comes back as the window was closed', () => {
    const bounds = { x: 30, y: 40, width: 1_000, height: 700 };
    const window = Object.assign(new EventEmitter(), { getNormalBounds: () => bounds, isMaximized: () => true });
    rememberWindowState(window as unknown as BrowserWindow, file);
    window.emit('close');
    expect(readWindowState(file, [screen])).toEqual({ ...bounds, maximized: true });
  });

  it('is the first one where there is none, or nothing usable', () => {
    expect(readWindowState(join(folder, 'none.json'), [screen])).toEqual(first);
    for (const text of ['', '{', '[]', '{"width":10,"height":10,"maximized":false}', '{"width":"wide"}']) {
      const broken = join(folder, 'broken.json');
      writeFileSync(broken, text);
      expect(readWindowState(broken, [screen]), text).toEqual(first);
    }
  });

  it('forgets a place on a screen that is gone', () => {
    const gone = join(folder, 'gone.json');
    writeFileSync(gone, JSON.stringify({ x: 4_000, y: 10, width: 1_000, height: 700, maximized: true }));
    expect(readWindowState(gone, [screen])).toEqual({ ...first, maximized: true });
    expect(readWindowState(gone, [screen, { ...screen, x: 3_840 }])).toMatchObject({ x: 4_000 });
  });
});
