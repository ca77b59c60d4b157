import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test as base, expect, type Page } from '@playwright/test';
import type { HoverProbe } from '../../src/renderer/scene/model';
import { colorMap } from '../../src/shared/math/colorMaps';
import { heightTransform } from '../../src/shared/math/heightTransform';
import type { FixtureName } from '../gallery/fixtures';
import type {} from '../gallery/gallery';
import { startGallery } from './galleryServer';

/** The scene by itself, drawn from fixtures under the app's content security policy. */

const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const pictures = inRoot('tests/output/scene');

interface Options {
  fixture?: FixtureName;
  theme?: 'dark' | 'light';
  view?: 'perspective' | 'top';
}

const test = base.extend<{ show(options: Options): Promise<void>; problems: string[] }, { origin: string }>({
  origin: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first parameter
    async ({}, use) => {
      const gallery = await startGallery();
      await use(gallery.origin);
      gallery.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  problems: [
    async ({ page }, use) => {
      const found: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') found.push(message.text());
      });
      page.on('pageerror', (error) => found.push(String(error)));
      await use(found);
      expect(found).toEqual([]);
    },
    { auto: true },
  ],
  show: async ({ page, origin }, use) => {
    // The browser asks for an icon that the gallery does not have.
    await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
    await use(async ({ fixture = 'himmelblau', theme = 'dark', view = 'perspective' }) => {
      await page.goto(`${origin}/?${new URLSearchParams({ fixture, theme, view })}`);
      await expect(page.locator('.scene canvas').first()).toBeVisible();
      await page.waitForFunction(() => window.gallery?.controls !== null);
      await settle(page);
    });
  },
});

test.use({ reducedMotion: 'reduce' });

/** Waits until the picture stands still. */
async function settle(page: Page): Promise<void> {
  let before = '';
  await expect
    .poll(
      async () => {
        const now = await fingerprint(page);
        const still = now !== '' && now === before;
        before = now;
        return still;
      },
      { timeout: 30_000, intervals: [150] },
    )
    .toBe(true);
}

/** Digest of the current picture; empty before there is one. */
async function fingerprint(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const { controls } = window.gallery;
    if (!controls) return '';
    let bytes: Uint8Array;
    try {
      bytes = await controls.capture();
    } catch {
      // The controls are there before the first picture is.
      return '';
    }
    const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  });
}

/** Red, green, blue of pixels of the current picture. */
async function pixels(page: Page, points: readonly (readonly [number, number])[]): Promise<[number, number, number][]> {
  return page.evaluate(
    async (wanted) => {
      const bytes = await window.gallery.controls?.capture();
      if (!bytes) throw new Error('no picture');
      const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const ctx = canvas.getContext('2d');
      if (!ctx) throw new Error('no canvas');
      ctx.drawImage(bitmap, 0, 0);
      return wanted.map(([x, y]) => [...ctx.getImageData(x, y, 1, 1).data.slice(0, 3)] as [number, number, number]);
    },
    points as [number, number][],
  );
}

async function hoverAt(page: Page, x: number, y: number) {
  await page.mouse.move(x, y);
  return page.evaluate(() => window.gallery.hover);
}

const himmelblau = (x: number, y: number) => (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2;

test.describe('pictures', () => {
  mkdirSync(pictures, { recursive: true });
  const cases: [string, Options, [number, number]?][] = [
    ['perspective', {}],
    ['perspective-light', { theme: 'light' }],
    ['top', { view: 'top' }],
    ['top-light', { view: 'top', theme: 'light' }],
    ['rosenbrock-log', { fixture: 'rosenbrock' }],
    ['rosenbrock-log-top', { fixture: 'rosenbrock', view: 'top', theme: 'light' }],
    ['gaps', { fixture: 'gaps', theme: 'light' }],
    ['network', { fixture: 'network' }],
    ['network-light', { fixture: 'network', theme: 'light' }],
    ['coarse', { fixture: 'coarse' }],
    ['flat', { fixture: 'flat' }],
    ['critical', { fixture: 'critical' }],
    ['critical-light-top', { fixture: 'critical', view: 'top', theme: 'light' }],
    ['small', {}, [640, 480]],
    ['narrow', { view: 'top' }, [420, 640]],
  ];
  for (const [name, options, [width, height] = [1280, 800]] of cases) {
    test(name, async ({ page, show }) => {
      await page.setViewportSize({ width, height });
      await show(options);
      const picture = await page.screenshot({ path: `${pictures}/${name}.png` });
      // An empty canvas compresses to next to nothing.
      expect(picture.length).toBeGreaterThan(name === 'flat' ? 8_000 : 25_000);
    });
  }
});

test('the top view shows the loss in the colours of the colour bar, at the place of the point', async ({
  page,
  show,
}) => {
  await show({ view: 'top' });
  await page.evaluate(() => window.gallery.change({ paths: [], showContours: false }));
  await settle(page);
  const transform = heightTransform('linear', 0, himmelblau(5, 5));
  const color = colorMap('viridis');
  for (const [px, py] of [
    [330, 90],
    [620, 380],
    [930, 60],
    [420, 640],
    [880, 560],
  ] as const) {
    const probe = await hoverAt(page, px, py);
    if (!probe) throw new Error(`no surface at ${px}, ${py}`);
    expect(Math.abs(probe.loss - himmelblau(probe.x, probe.y))).toBeLessThan(2);
    const h = 1e-4;
    const slope = (himmelblau(probe.x + h, probe.y) - himmelblau(probe.x - h, probe.y)) / (2 * h);
    expect(Math.abs(probe.gradient[0] - slope)).toBeLessThan(3);
    await page.mouse.move(5, 5);
    const [pixel] = await pixels(page, [[px, py]]);
    const wanted = color(transform.toHeight(probe.loss));
    for (let c = 0; c < 3; c++) expect(Math.abs((pixel?.[c] ?? 0) - (wanted[c] as number))).toBeLessThan(24);
  }
});

test('the top view has no perspective: equal steps of the pointer are equal steps on the plane', async ({
  page,
  show,
}) => {
  await show({ view: 'top' });
  const probes: (HoverProbe | null)[] = [];
  for (const x of [320, 470, 620, 770, 920]) probes.push(await hoverAt(page, x, 300));
  const xs = probes.map((probe) => probe?.x ?? Number.NaN);
  for (let k = 1; k < xs.length; k++) {
    expect((xs[k] as number) - (xs[k - 1] as number)).toBeCloseTo(((xs[4] as number) - (xs[0] as number)) / 4, 3);
  }
  expect(probes.map((probe) => probe?.y)).toEqual(probes.map(() => expect.closeTo(probes[0]?.y as number, 3)));
});

test('hover ends where the surface ends; a click picks, a drag orbits', async ({ page, show }) => {
  await show({});
  const before = await hoverAt(page, 620, 480);
  expect(before).not.toBeNull();
  expect(await hoverAt(page, 40, 40)).toBeNull();

  await page.mouse.click(620, 480);
  const [pick] = await page.evaluate(() => window.gallery.picks);
  expect(pick).toEqual([expect.closeTo(before?.x as number, 6), expect.closeTo(before?.y as number, 6)]);

  await page.mouse.move(620, 480);
  await page.mouse.down();
  await page.mouse.move(760, 470, { steps: 5 });
  await page.mouse.up();
  await settle(page);
  expect(await page.evaluate(() => window.gallery.picks.length)).toBe(1);
  await page.mouse.move(600, 470);
  const after = await hoverAt(page, 620, 480);
  expect(Math.hypot((after?.x ?? 99) - (before?.x ?? 0), (after?.y ?? 99) - (before?.y ?? 0))).toBeGreaterThan(0.5);

  await page.evaluate(() => window.gallery.controls?.resetView());
  await settle(page);
  await page.mouse.move(600, 470);
  const reset = await hoverAt(page, 620, 480);
  expect([reset?.x, reset?.y]).toEqual([
    expect.closeTo(before?.x as number, 2),
    expect.closeTo(before?.y as number, 2),
  ]);
});

test('a click on a mark names it and picks no point', async ({ page, show }) => {
  await show({ fixture: 'critical', view: 'top' });
  const [a, b] = [await hoverAt(page, 470, 250), await hoverAt(page, 770, 450)];
  // The top view is linear: this is where (3, 2) must be.
  const x = 470 + (300 * (3 - a!.x)) / (b!.x - a!.x);
  const y = 250 + (200 * (2 - a!.y)) / (b!.y - a!.y);
  await page.mouse.click(x, y);
  await page.mouse.click(x + 40, y + 3);
  const { picks, pickedMarks } = await page.evaluate(() => window.gallery);
  expect(pickedMarks).toEqual(['0']);
  expect(picks).toHaveLength(1);
});

test('everything works from the keyboard', async ({ page, show }) => {
  await show({});
  await page.keyboard.press('Tab');
  await expect(page.getByRole('application')).toBeFocused();
  await page.mouse.move(620, 480);
  const before = await page.evaluate(() => window.gallery.hover);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('+');
  await settle(page);
  await page.mouse.move(621, 480);
  const orbited = await page.evaluate(() => window.gallery.hover);
  expect(Math.hypot((orbited?.x ?? 99) - (before?.x ?? 0), (orbited?.y ?? 99) - (before?.y ?? 0))).toBeGreaterThan(0.3);
  await page.keyboard.press('0');

  await page.keyboard.press('c');
  const start = await page.evaluate(() => window.gallery.hover);
  for (let k = 0; k < 5; k++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowUp');
  const moved = await page.evaluate(() => window.gallery.hover);
  // A fiftieth of ten a step, a fifth of that with Shift.
  expect((moved?.x ?? 0) - (start?.x ?? 0)).toBeCloseTo(1, 6);
  expect((moved?.y ?? 0) - (start?.y ?? 0)).toBeCloseTo(0.04, 6);
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => window.gallery.picks)).toEqual([[moved?.x, moved?.y]]);
  await page.keyboard.press('Escape');
  expect(await page.evaluate(() => window.gallery.hover)).toBeNull();
});

test('the playhead moves the markers and a growing run grows its path, without React', async ({ page, show }) => {
  await show({ view: 'top' });
  const first = await fingerprint(page);
  await page.evaluate(() => window.gallery.playhead.move(60));
  await settle(page);
  const later = await fingerprint(page);
  expect(later).not.toBe(first);
  // Rows appear only when they are counted.
  await page.evaluate(() => {
    window.gallery.setCount(10);
    window.gallery.playhead.move(60);
  });
  await settle(page);
  const short = await fingerprint(page);
  expect(short).not.toBe(later);
  await page.evaluate(() => {
    window.gallery.setCount(120);
    window.gallery.playhead.move(60);
  });
  await settle(page);
  expect(await fingerprint(page)).toBe(later);
});

test('numbers changed in place are drawn when the version changes', async ({ page, show }) => {
  await show({});
  const before = await fingerprint(page);
  await page.evaluate(() => window.gallery.refine());
  await settle(page);
  expect(await fingerprint(page)).not.toBe(before);
  await expect(page.getByText('20', { exact: true })).toBeVisible();
});

test('a gap shows the floor and has no value', async ({ page, show }) => {
  await show({ fixture: 'gaps', view: 'top' });
  await page.evaluate(() => window.gallery.change({ paths: [] }));
  await settle(page);
  // The middle of the hole at (0.9, 0.7) in [−2, 2]².
  const left = await hoverAt(page, 320, 300);
  const right = await hoverAt(page, 920, 600);
  if (!left || !right) throw new Error('no surface beside the hole');
  const px = Math.round(320 + ((0.9 - left.x) / (right.x - left.x)) * 600);
  const py = Math.round(300 + ((0.7 - left.y) / (right.y - left.y)) * 300);
  expect(await hoverAt(page, px, py)).toBeNull();
  await page.mouse.move(5, 5);
  const [hole, land] = await pixels(page, [
    [px, py],
    [320, 300],
  ]);
  expect(Math.max(...(hole ?? []))).toBeLessThan(60);
  expect(Math.max(...(land ?? []))).toBeGreaterThan(80);
});

test('views change with motion and arrive', async ({ page, show }) => {
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await show({ view: 'top' });
  const top = await fingerprint(page);
  await page.evaluate(() => window.gallery.change({ view: 'perspective' }));
  await settle(page);
  expect(await fingerprint(page)).not.toBe(top);
  await page.evaluate(() => window.gallery.change({ view: 'top' }));
  await settle(page);
  const probes = [await hoverAt(page, 320, 300), await hoverAt(page, 620, 300), await hoverAt(page, 920, 300)];
  const [a, b, c] = probes.map((probe) => probe?.x ?? Number.NaN) as [number, number, number];
  expect(b - a).toBeCloseTo(c - b, 2);
});

test('a lost context says so and comes back', async ({ page, show, problems }) => {
  await show({});
  const before = await fingerprint(page);
  await page.evaluate(() => {
    const canvas = document.querySelector('.scene canvas') as HTMLCanvasElement;
    const extension = canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context');
    Object.assign(window, { restore: () => extension?.restoreContext() });
    extension?.loseContext();
  });
  await expect(page.getByRole('alert')).toBeVisible();
  await page.evaluate(() => (window as unknown as { restore(): void }).restore());
  await expect(page.getByRole('alert')).toBeHidden();
  await settle(page);
  expect(await fingerprint(page)).toBe(before);
  // three.js reports the loss as an error.
  problems.splice(0, problems.length, ...problems.filter((text) => !text.includes('Context Lost')));
});

test('without WebGL there is a readable message', async ({ page, origin }) => {
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  await page.addInitScript(() => {
    const original = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
      return kind.startsWith('webgl') ? null : Reflect.apply(original, this, [kind, ...rest]);
    } as typeof original;
  });
  await page.goto(`${origin}/`);
  await expect(page.getByRole('alert')).toContainText('WebGL 2');
});
