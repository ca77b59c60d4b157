import fs from 'node:fs';
import { dirname } from 'node:path';
import { type Settings, settingsSchema } from '../../shared/contract';
import { writeFileAtomic } from './atomic';

/**
 * The remembered settings, or the defaults.
 * An unreadable file is kept aside under a new name, returned as `setAside`, so that nothing a person wrote is lost.
 */
export function loadSettings(path: string): { settings: Settings; setAside: string | null } {
  if (!fs.existsSync(path)) return { settings: settingsSchema.parse({}), setAside: null };
  try {
    return { settings: settingsSchema.parse(JSON.parse(fs.readFileSync(path, 'utf8'))), setAside: null };
  } catch {
    let setAside = `${path}.unreadable`;
    for (let n = 2; fs.existsSync(setAside); n++) setAside = `${path}.unreadable-${n}`;
    fs.renameSync(path, setAside);
    return { settings: settingsSchema.parse({}), setAside };
  }
}

export function saveSettings(path: string, settings: Settings): void {
  fs.mkdirSync(dirname(path), { recursive: true });
  writeFileAtomic(path, `${JSON.stringify(settings, null, 2)}\n`);
}
