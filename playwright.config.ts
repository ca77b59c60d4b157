import { defineConfig } from '@playwright/test';
import { chromiumArguments, findChromium } from './.ci/chromium.mjs';

const executablePath = await findChromium();

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'tests/output/playwright',
  // The engine and software rendering want both cores of a small machine.
  workers: 1,
  // Software rendering on a shared machine: a journey that fails twice is broken, once may be the machine; the report says so.
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: { args: chromiumArguments, ...(executablePath && { executablePath }) },
  },
});
