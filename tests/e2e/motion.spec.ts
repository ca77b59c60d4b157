import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { root } from './host';

test.use({
  ownHost: true,
  viewport: { width: 1440, height: 1000 },
  colorScheme: 'dark',
  contextOptions: { reducedMotion: 'reduce' },
});

const shots = join(root, 'tests', 'output', 'motion');
mkdirSync(shots, { recursive: true });

const drawn = (app: Page) =>
  expect(app.locator('.stage-caption')).toHaveAttribute('data-state', 'done', { timeout: 60_000 });

async function load(app: Page, preset: RegExp, steps: string) {
  await app.getByRole('button', { name: 'Load', exact: true }).click();
  await app.getByRole('menuitem', { name: preset }).click();
  await app.getByLabel('Steps', { exact: true }).fill(steps);
}

test('three optimizers of a function: arrows at the playhead, their lengths, on and off', async ({ app }) => {
  test.slow();
  await drawn(app);
  await expect(app.locator('.run').first()).toContainText('Reached its', { timeout: 30_000 });
  const legend = app.locator('.motion-legend');
  await expect(legend).toHaveCount(0);
  await app.locator('body').press('g');
  await expect(legend).toContainText('−gradient');
  await expect(app.getByRole('button', { name: /Gradient, velocity and step/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  // From the last row no step was taken.
  await expect(legend.locator('[data-glyph=step] dd')).toHaveText('–');
  await app.locator('body').press('Home');
  for (let k = 0; k < 4; k++) await app.locator('body').press('ArrowRight');
  await expect(legend.locator('[data-glyph=step] dd')).not.toHaveText('–');
  for (const run of await app.locator('.run').all()) {
    await run.getByRole('button').first().click();
    await app.waitForTimeout(500);
    const name = (await run.innerText()).split('\n')[0]!.trim();
    await app.screenshot({ path: join(shots, `himmelblau-${name.toLowerCase().replace(/\W+/g, '-')}.png`) });
  }
  await expect(legend.locator('[data-glyph=velocity]')).toHaveCount(1);
  await app.locator('body').press('2');
  await app.waitForTimeout(900);
  await app.screenshot({ path: join(shots, 'himmelblau-top.png') });
  await app.locator('body').press('g');
  await expect(legend).toHaveCount(0);
  // Remembered.
  await app.locator('body').press('g');
  await app.waitForTimeout(700);
  await app.reload();
  await drawn(app);
  await expect(legend).toContainText('−gradient');
});

test('a network: its training moves the plane live, then it is repeated exactly', async ({ app }) => {
  test.slow();
  await drawn(app);
  await load(app, /Handwritten digits/, '400000');
  // A rate that does not decay keeps the path, and with it the plane, moving.
  await app.getByRole('button', { name: 'More settings of Adam' }).click();
  await app.getByLabel('Learning-rate schedule').selectOption({ label: 'Constant' });
  await app.getByRole('button', { name: 'Train', exact: true }).click();
  const caption = app.locator('.stage-caption');
  // While it trains the plane and the surface are made anew about once a second.
  await expect(caption).toHaveAttribute('data-state', 'live', { timeout: 60_000 });
  await expect(caption).toContainText('live, coarse on a subset');
  const first = await caption.innerText();
  await app.screenshot({ path: join(shots, 'live.png') });
  await expect(caption).not.toHaveText(first, { timeout: 100_000 });
  await expect(caption).toHaveAttribute('data-state', 'live');
  await app.screenshot({ path: join(shots, 'live-later.png') });
  await app.getByRole('button', { name: 'Stop', exact: true }).click();
  await drawn(app);

  await app.locator('body').press('g');
  const legend = app.locator('.motion-legend');
  await expect(legend).toContainText('Mean of the gradients', { timeout: 60_000 });
  await expect(legend).toContainText('Rates along the axes');
  await app.locator('body').press('Home');
  for (let k = 0; k < 3; k++) await app.locator('body').press('ArrowRight');
  await app.waitForTimeout(600);
  await app.screenshot({ path: join(shots, 'digits.png') });
  await expect(app.getByRole('alert')).toHaveCount(0);
});

test('the trained curve between two solutions on its plane', async ({ app }) => {
  test.slow();
  await drawn(app);
  await load(app, /^Iris/, '200');
  await app.getByRole('button', { name: 'Add an optimizer' }).click();
  await app.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(app.locator('.run')).toHaveCount(2);
  for (const one of await app.locator('.run').all())
    await expect(one).toContainText('Reached its', { timeout: 30_000 });
  await drawn(app);
  await app.getByRole('button', { name: 'Connect', exact: true }).click();
  const show = app.locator('.connect-result').getByRole('button', { name: 'Show its plane' });
  await show.scrollIntoViewIfNeeded({ timeout: 60_000 });
  await show.click();
  await expect(app.locator('.stage-caption')).toContainText('Ends and bend of a curve');
  await drawn(app);
  await app.waitForTimeout(600);
  await app.screenshot({ path: join(shots, 'curve.png') });
});

test.describe('in Korean, light', () => {
  test.use({ locale: 'ko-KR', colorScheme: 'light' });
  test('the same arrows', async ({ app }) => {
    await drawn(app);
    await app.locator('body').press('g');
    const legend = app.locator('.motion-legend');
    await expect(legend).toContainText('−기울기', { timeout: 30_000 });
    await app.locator('body').press('Home');
    for (let k = 0; k < 4; k++) await app.locator('body').press('ArrowRight');
    await app.waitForTimeout(600);
    await app.screenshot({ path: join(shots, 'korean-light.png') });
  });
});
