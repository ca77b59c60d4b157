import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { BrowserWindow, Rectangle } from 'electron';
import { z } from 'zod';

const windowStateSchema = z.object({
  x: z.int().optional(),
  y: z.int().optional(),
  width: z.int().min(640).max(20_000),
  height: z.int().min(480).max(20_000),
  maximized: z.boolean(),
});
export type WindowState = z.infer<typeof windowStateSchema>;

const firstState: WindowState = { width: 1440, height: 900, maximized: false };

/** The window as it was left; the first one's size where nothing usable is remembered. */
export function readWindowState(file: string, workAreas: readonly Rectangle[]): WindowState {
  try {
    const state = windowStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return isVisible(state, workAreas) ? state : { ...firstState, maximized: state.maximized };
  } catch {
    return firstState;
  }
}

/** A screen may have been unplugged: enough of the title bar has to be where a person can take hold of it. */
function isVisible({ x, y, width }: WindowState, workAreas: readonly Rectangle[]): boolean {
  if (x === undefined || y === undefined) return true;
  return workAreas.some(
    (area) =>
      x + width - 100 >= area.x && x + 100 <= area.x + area.width && y >= area.y && y + 40 <= area.y + area.height,
  );
}

/** Remembers the window's place when it closes. */
export function rememberWindowState(window: BrowserWindow, file: string): void {
  window.on('close', () => {
    const state: WindowState = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(state));
    } catch {
      // A window that forgets its place is no reason to stay open.
    }
  });
}
