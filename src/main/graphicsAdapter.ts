import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What this process drives through Vulkan, as far as Linux tells: a library that imitates a card, or the cards there. */
export interface GraphicsAdapter {
  devices: string[];
  /** Imitated on the processor. */
  software: boolean;
}

const softwareDrivers: [RegExp, string][] = [
  [/libvk_swiftshader/, 'SwiftShader (on the processor)'],
  [/libvulkan_lvp/, 'lavapipe (on the processor)'],
];
const vendors: Record<string, string> = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel', '0x13b5': 'Arm' };

/**
 * The libraries mapped into this process tell of a software driver; it computes where the kernel has no card to offer.
 * Empty on other systems, where the library's own choice is trusted.
 */
export function graphicsAdapter(): GraphicsAdapter {
  if (process.platform !== 'linux') return { devices: [], software: false };
  const cards = [...nvidiaCards(), ...otherCards()];
  const libraries = readText('/proc/self/maps');
  const drivers = softwareDrivers.filter(([pattern]) => pattern.test(libraries)).map(([, name]) => name);
  return cards.length > 0 ? { devices: cards, software: false } : { devices: drivers, software: drivers.length > 0 };
}

function nvidiaCards(): string[] {
  const folder = '/proc/driver/nvidia/gpus';
  return names(folder).flatMap((name) => /Model:\s*(.+)/.exec(readText(join(folder, name, 'information')))?.[1] ?? []);
}

/** Cards with a render node, by their vendor; NVIDIA's own driver has named its cards. */
function otherCards(): string[] {
  const folder = '/sys/class/drm';
  return names(folder)
    .filter((name) => name.startsWith('renderD'))
    .flatMap((name) => {
      const vendor = readText(join(folder, name, 'device', 'vendor')).trim();
      const device = readText(join(folder, name, 'device', 'device')).trim();
      if (vendor === '0x10de' && names('/proc/driver/nvidia/gpus').length > 0) return [];
      return vendor in vendors ? [`${vendors[vendor]} ${device}`] : [];
    });
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
