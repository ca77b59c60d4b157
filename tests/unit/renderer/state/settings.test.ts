import { beforeEach, expect, test, vi } from 'vitest';
import { settingsSchema } from '../../../../src/shared/contract';

const answer = vi.hoisted(() => ({ settings: undefined as unknown, arrive: () => undefined as unknown }));
vi.mock('../../../../src/renderer/api', () => ({
  request: (method: string) =>
    method === 'settings/get'
      ? new Promise((resolve) => {
          answer.arrive = () => resolve({ ok: true, value: answer.settings });
        })
      : Promise.resolve({ ok: true, value: null }),
}));

beforeEach(() => vi.resetModules());

test('what is changed before the remembered settings arrive stands over them', async () => {
  const { loadSettings, toggleTheme, useSettings } = await import('../../../../src/renderer/state/settings');
  answer.settings = settingsSchema.parse({ theme: 'dark', playbackSpeed: 2 });
  const loaded = loadSettings();
  const before = useSettings.getState().theme;
  toggleTheme();
  answer.arrive();
  await loaded;
  const { theme, settings } = useSettings.getState();
  expect(theme).toBe(before === 'dark' ? 'light' : 'dark');
  expect(settings.playbackSpeed).toBe(2);
});
