import { existsSync, readdirSync } from 'node:fs';

/** Chromium's own Vulkan loader and software driver, as Debian installs them. */
const loaderFolder = '/usr/lib/chromium';
const driver = `${loaderFolder}/vk_swiftshader_icd.json`;
const driverFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'];

/**
 * Lets the processes started from here find a graphics adapter on a machine without one: SwiftShader, which computes
 * on the CPU. A driver that is installed or named stays.
 */
export function offerSoftwareVulkan(): void {
  const { env } = process;
  const installed = driverFolders.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
  if (installed || env.VK_ICD_FILENAMES !== undefined || !existsSync(driver)) return;
  env.VK_ICD_FILENAMES = driver;
  env.LD_LIBRARY_PATH = env.LD_LIBRARY_PATH ? `${env.LD_LIBRARY_PATH}:${loaderFolder}` : loaderFolder;
}
