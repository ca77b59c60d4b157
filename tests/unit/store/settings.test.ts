import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadSettings, saveSettings } from '../../../src/main/store/settings';
import { temporaryFolder } from './sample';

it('gives the defaults when there is no file, and what was saved afterwards', () => {
  const path = join(temporaryFolder(), 'new', 'settings.json');
  const { settings } = loadSettings(path);
  expect(settings).toMatchObject({ theme: 'system', colorMap: 'viridis' });
  saveSettings(path, { ...settings, theme: 'dark' });
  expect(loadSettings(path)).toEqual({ settings: { ...settings, theme: 'dark' }, setAside: null });
});

it.each(['{"theme":"dark"', '{"theme":"pink"}', '[]'])('keeps the unreadable file %s aside', (content) => {
  const path = join(temporaryFolder(), 'settings.json');
  for (const expected of [`${path}.unreadable`, `${path}.unreadable-2`]) {
    writeFileSync(path, content);
    const { settings, setAside } = loadSettings(path);
    expect(settings.theme).toBe('system');
    expect(setAside).toBe(expected);
    expect(readFileSync(expected, 'utf8')).toBe(content);
    expect(existsSync(path)).toBe(false);
  }
});
