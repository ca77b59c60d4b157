import { test as base, expect, type Page } from '@playwright/test';
import { type Host, logIn, startHost } from './host';

/** What went wrong in a page without anyone looking: console errors (content security policy among them), exceptions. */
export interface Problems {
  found: string[];
  /** Problems that the test provokes. */
  allow(pattern: RegExp): void;
}

interface TestFixtures {
  /** true: a host with an empty data folder for this test alone (`test.use({ ownHost: true })`). */
  ownHost: boolean;
  host: Host;
  problems: Problems;
  /** The app, opened and connected. */
  app: Page;
}

interface WorkerFixtures {
  sharedHost: { host: Host; state: Awaited<ReturnType<typeof logIn>> };
}

type LoggedIn = WorkerFixtures['sharedHost'];

async function withHost(use: (loggedIn: LoggedIn) => Promise<void>): Promise<void> {
  const host = await startHost();
  try {
    await use({ host, state: await logIn(host) });
  } finally {
    await host.close();
  }
}

/** Playwright's test with the app on a browser host: shared by the tests of a worker, logged in through its link. */
export const test = base.extend<TestFixtures & { loggedIn: LoggedIn }, WorkerFixtures>({
  ownHost: [false, { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first parameter
  sharedHost: [({}, use) => withHost(use), { scope: 'worker' }],
  loggedIn: async ({ ownHost, sharedHost }, use) => (ownHost ? withHost(use) : use(sharedHost)),
  host: ({ loggedIn }, use) => use(loggedIn.host),
  storageState: ({ loggedIn }, use) => use(loggedIn.state),
  baseURL: ({ loggedIn }, use) => use(loggedIn.host.origin),

  problems: [
    async ({ context }, use) => {
      const found: string[] = [];
      const allowed: RegExp[] = [];
      context.on('console', (message) => {
        if (message.type() === 'error') found.push(`${message.text()} (${message.location().url})`);
      });
      context.on('weberror', (error) => found.push(String(error.error())));
      await use({ found, allow: (pattern) => allowed.push(pattern) });
      expect(found.filter((problem) => !allowed.some((pattern) => pattern.test(problem)))).toEqual([]);
    },
    { auto: true },
  ],

  app: async ({ page }, use) => {
    await page.goto('/');
    await use(page);
  },
});

export { expect };
