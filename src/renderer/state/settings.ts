import { create } from 'zustand';
import { type Settings, settingsSchema } from '../../shared/contract';
import type { Theme } from '../../shared/math/optimizerColors';
import { request } from '../api';
import { changeLanguage } from '../i18n';
import { notifyError } from './notices';
import { setPlaybackSpeed } from './timeline';

export type RememberedSettings = Omit<Settings, 'workspace'>;

interface SettingsState {
  settings: RememberedSettings;
  /** The theme in force: the chosen one, or the system's. */
  theme: Theme;
}

const { workspace: _none, ...defaults } = settingsSchema.parse({});
const systemDark = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null;

function themeOf(choice: Settings['theme']): Theme {
  if (choice !== 'system') return choice;
  return systemDark && !systemDark.matches ? 'light' : 'dark';
}

export const useSettings = create<SettingsState>(() => ({ settings: defaults, theme: themeOf('system') }));

/** What was changed here; it stands over what is read, which may arrive later. */
let changedHere: Partial<RememberedSettings> = {};

/** Changes settings here at once and remembers them with a short delay, so that dragging a splitter writes once. */
export function updateSettings(change: Partial<RememberedSettings>): void {
  changedHere = { ...changedHere, ...change };
  apply({ ...useSettings.getState().settings, ...change });
  scheduleSave(change);
}

/** Reads the remembered settings; returns the workspace, not yet validated. */
export async function loadSettings(): Promise<unknown> {
  const result = await request('settings/get', {});
  if (!result.ok) {
    notifyError(result.error);
    apply({ ...defaults, ...changedHere });
    return undefined;
  }
  const { workspace, ...settings } = result.value;
  apply({ ...settings, ...changedHere });
  return workspace;
}

export function toggleTheme(): void {
  updateSettings({ theme: useSettings.getState().theme === 'dark' ? 'light' : 'dark' });
}

function apply(settings: RememberedSettings): void {
  const theme = themeOf(settings.theme);
  // Before anything is drawn anew: charts read their colours off the page.
  if (typeof document !== 'undefined') document.documentElement.dataset.theme = theme;
  useSettings.setState({ settings, theme });
  setPlaybackSpeed(settings.playbackSpeed);
  void changeLanguage(settings.language);
}

systemDark?.addEventListener('change', () => apply(useSettings.getState().settings));

const saveDelay = 400;
let pending: Partial<Settings> = {};
let timer: ReturnType<typeof setTimeout> | null = null;

/** Remembers settings (and the workspace) after a short pause; later changes within it are written together. */
export function scheduleSave(change: Partial<Settings>): void {
  pending = { ...pending, ...change };
  if (timer !== null) clearTimeout(timer);
  timer = setTimeout(() => void flushSettings(), saveDelay);
}

export async function flushSettings(): Promise<void> {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  if (Object.keys(pending).length === 0) return;
  const change = pending;
  pending = {};
  const result = await request('settings/set', change);
  if (!result.ok) notifyError(result.error);
}
