import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { root } from './host';

test.use({
  ownHost: true,
  viewport: { width: 1440, height: 1000 },
  colorScheme: 'dark',
  contextOptions: { reducedMotion: 'reduce' },
});

const shots = join(root, 'tests', 'output', 'volume');
mkdirSync(shots, { recursive: true });

const drawn = (app: Page) =>
  expect(app.locator('.stage-caption')).toHaveAttribute('data-state', 'done', { timeout: 60_000 });

async function trained(
  app: Page,
  preset: RegExp,
  steps: string,
  words = { load: 'Load', steps: 'Steps', train: 'Train' },
) {
  await app.getByRole('button', { name: words.load, exact: true }).click();
  await app.getByRole('menuitem', { name: preset }).click();
  await app.getByLabel(words.steps, { exact: true }).fill(steps);
  await app.getByRole('button', { name: words.train, exact: true }).click();
  await drawn(app);
}

const computed = (app: Page) =>
  expect(app.locator('.volume-panel .hint')).toHaveAttribute('data-state', 'done', { timeout: 120_000 });

/** Pixels of the drawing that differ between two moments. */
async function picture(app: Page): Promise<Buffer> {
  await app.waitForTimeout(600);
  return app.locator('.stage-view').screenshot();
}

test('a volume on a network’s plane: isosurface, slices, paths; moved by keys and sliders; left and found again', async ({
  app,
}) => {
  test.slow();
  // Two parameters have no third direction.
  await drawn(app);
  await expect(app.getByRole('button', { name: /^Volume/ })).toBeDisabled();
  await trained(app, /^Iris/, '120');
  await app.getByRole('button', { name: 'Volume', exact: true }).click();
  const panel = app.locator('.volume-panel');
  await computed(app);
  await expect(panel.locator('.hint')).toContainText('25 × 25 × 25');
  const first = await picture(app);
  await app.screenshot({ path: join(shots, 'iris.png') });

  // By keyboard: the level, three slices.
  const scene = app.locator('.scene');
  await scene.focus();
  const level = panel.getByRole('slider', { name: /^Level/ });
  const before = Number(await level.inputValue());
  await app.keyboard.press(']');
  expect(Number(await level.inputValue())).toBeCloseTo(before + 0.01);
  await app.keyboard.press('Shift+BracketLeft');
  expect(Number(await level.inputValue())).toBeCloseTo(before - 0.09);
  await app.keyboard.press('x');
  await app.keyboard.press('y');
  await expect(panel.getByRole('switch', { name: /Slice across/ }).nth(0)).toBeChecked();
  await expect(panel.getByRole('switch', { name: /Slice across/ }).nth(1)).toBeChecked();
  for (let k = 0; k < 5; k++) await app.keyboard.press(',');
  expect(Number(await panel.getByRole('slider', { name: / = / }).nth(1).inputValue())).toBeCloseTo(0.45);
  const all = await picture(app);
  expect(all.equals(first)).toBe(false);
  await app.screenshot({ path: join(shots, 'iris-slices.png') });
  await app.keyboard.press('i');
  await expect(panel.getByRole('switch', { name: 'Isosurface' })).not.toBeChecked();
  await app.screenshot({ path: join(shots, 'iris-slices-only.png') });
  await app.keyboard.press('i');
  await app.keyboard.press('y');
  for (let k = 0; k < 5; k++) await app.keyboard.press('ArrowLeft');
  await app.keyboard.press('ArrowUp');
  await app.keyboard.press('ArrowUp');
  expect((await picture(app)).equals(all)).toBe(false);
  await app.screenshot({ path: join(shots, 'iris-turned.png') });

  // Other third directions.
  await panel.getByLabel('Third direction', { exact: true }).selectOption({ label: 'Hessian eigenvector' });
  await computed(app);
  await app.screenshot({ path: join(shots, 'iris-eigenvector.png') });
  await panel.getByLabel('Third direction', { exact: true }).selectOption({ label: 'Principal component of the path' });
  await expect(app.locator('.stage-top')).toContainText('lies in the plane');
  await app.screenshot({ path: join(shots, 'in-the-plane.png') });
  await panel.getByLabel('Third direction', { exact: true }).selectOption({ label: 'Gradient' });
  await expect(app.locator('.stage-top')).not.toContainText('lies in the plane');
  await computed(app);
  await app.screenshot({ path: join(shots, 'iris-gradient.png') });

  await panel.getByLabel('Grid').fill('1');
  await expect(panel.getByRole('alert')).toBeVisible();
  await panel.getByLabel('Grid').fill('13');
  await panel.getByLabel('Grid').press('Enter');
  await computed(app);
  await expect(panel.locator('.hint')).toContainText('13 × 13 × 13');

  const { violations } = await new AxeBuilder({ page: app }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);

  await app.keyboard.press('Escape');
  await panel.getByRole('button', { name: 'Back to the landscape' }).click();
  await expect(panel).toHaveCount(0);
  // What was chosen is remembered, and what was computed is there at once.
  await app.waitForTimeout(700);
  await app.reload();
  await drawn(app);
  await app.locator('body').press('v');
  await computed(app);
  await expect(panel.locator('.hint')).toContainText('13 × 13 × 13');
  await expect(panel.getByLabel('Third direction', { exact: true })).toHaveValue('gradient');
});

test('the slices come one by one, and the computation can be cancelled', async ({ app }) => {
  test.slow();
  await drawn(app);
  await trained(app, /Handwritten digits/, '30');
  await app.locator('body').press('v');
  const panel = app.locator('.volume-panel');
  await panel.getByLabel('Grid').fill('41');
  await panel.getByLabel('Grid').press('Enter');
  await expect(app.locator('.progress-card[data-job=volume]')).toBeVisible({ timeout: 30_000 });
  // Two slices are the first that can be drawn.
  await expect(panel).not.toContainText('Level –', { timeout: 90_000 });
  await expect(panel.locator('.hint')).toHaveAttribute('data-state', 'computing');
  await app.waitForTimeout(1_500);
  await app.screenshot({ path: join(shots, 'digits-streaming.png') });
  await app.locator('.progress-card[data-job=volume]').getByRole('button', { name: 'Cancel' }).click();
  await expect(app.locator('.progress-card[data-job=volume]')).toHaveCount(0, { timeout: 20_000 });
  await expect(app.getByRole('alert')).toHaveCount(0);
  await expect(panel.getByRole('button', { name: 'Compute the volume' })).toBeEnabled();
});

test.describe('in Korean, light', () => {
  test.use({ locale: 'ko-KR', colorScheme: 'light' });
  test('the same view', async ({ app }) => {
    test.slow();
    await drawn(app);
    await trained(app, /붓꽃/, '120', { load: '불러오기', steps: '스텝 수', train: '학습' });
    await app.getByRole('button', { name: '부피', exact: true }).click();
    await computed(app);
    await app.getByRole('switch', { name: /단면/ }).nth(0).check({ force: true });
    await app.screenshot({ path: join(shots, 'korean-light.png') });
  });
});
