import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect } from '@playwright/test';
import type { CurvatureFixture } from '../gallery/curvatureFixtures';
import { startGallery } from './galleryServer';
import { root } from './host';

/** Every curvature view from fixtures, in both sizes, themes and languages: nothing reaches out of its pane. */

const pictures = join(root, 'tests', 'output', 'curvatureGallery');
mkdirSync(pictures, { recursive: true });

const test = base.extend<object, { origin: string }>({
  origin: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first parameter
    async ({}, use) => {
      const gallery = await startGallery();
      await use(gallery.origin);
      gallery.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

const fixtures: CurvatureFixture[] = [
  'spectrum',
  'spectrumAlone',
  'density',
  'densityAlone',
  'trace',
  'layers',
  'path',
];
for (const [theme, language] of [
  ['dark', 'en'],
  ['light', 'ko'],
  ['light', 'en'],
  ['dark', 'ko'],
] as const) {
  test(`${theme}, ${language}`, async ({ page, origin }) => {
    test.slow();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
    for (const fixture of fixtures) {
      for (const size of ['pane', 'large']) {
        await page.goto(`${origin}/curvature.html?fixture=${fixture}&size=${size}&theme=${theme}&language=${language}`);
        const view = page.locator('.curvature-gallery');
        await expect(view.locator('svg, canvas').first()).toBeVisible();
        await page.waitForTimeout(60);
        await view.screenshot({ path: join(pictures, `${fixture}-${size}-${theme}-${language}.png`) });
        // Tables scroll by themselves where they must; nothing else is wider than the pane.
        const wide = await view.evaluate((pane) =>
          [...pane.querySelectorAll('*')]
            .filter((element) => !element.closest('.table-scroll table') && !element.closest('svg'))
            .filter((element) => element.getBoundingClientRect().right > pane.getBoundingClientRect().right)
            .map((element) => element.className),
        );
        expect(wide, `${fixture} ${size}`).toEqual([]);
        const { violations } = await new AxeBuilder({ page }).include('.curvature-gallery').analyze();
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
      }
    }
    expect(problems).toEqual([]);
  });
}

test('values are read by pointer and by keys', async ({ page, origin }) => {
  await page.goto(`${origin}/curvature.html?fixture=path&size=large&theme=light`);
  const plot = page.getByRole('slider', { name: 'Sharpness along the path' });
  const readout = page.locator('.plot-readout');
  await expect(readout).toContainText('arrow keys');
  const box = (await plot.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await expect(readout).toContainText(/^Step [\d,]+ · Hessian .* ± .* · Gauss–Newton .* ± .* · 2\/η 10$/);
  await plot.focus();
  await page.keyboard.press('End');
  await expect(readout).toContainText('Step 20,000');
  await expect(plot).toHaveAttribute('aria-valuetext', /Step 20,000/);
  await page.keyboard.press('Shift+ArrowLeft');
  await expect(readout).toContainText('Step 19,000');
});
