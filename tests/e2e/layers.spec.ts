import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { root } from './host';

/** What the surface on the stage shows: layers, bands, cuts, where it was computed, differences, cross-sections. */

test.use({
  ownHost: true,
  viewport: { width: 1440, height: 900 },
  colorScheme: 'dark',
  contextOptions: { reducedMotion: 'reduce' },
});

const shots = join(root, 'tests', 'output', 'layers');
mkdirSync(shots, { recursive: true });
const shot = (app: Page, name: string) => app.screenshot({ path: join(shots, `${name}.png`) });

const caption = (app: Page) => app.locator('.stage-caption');
const drawn = (app: Page) => expect(caption(app)).toHaveAttribute('data-state', 'done', { timeout: 40_000 });
const sectionOf = (app: Page, name: string) =>
  app.locator('.section').filter({ has: app.getByRole('button', { name, exact: true }) });
const scene = (app: Page) => app.locator('.scene');

async function trained(app: Page, preset: RegExp, steps: string) {
  await app.getByRole('button', { name: 'Load', exact: true }).click();
  await app.getByRole('menuitem', { name: preset }).click();
  await app.getByLabel('Steps', { exact: true }).fill(steps);
}
async function run(app: Page) {
  await app.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(app.locator('.run').first()).toContainText('Reached its', { timeout: 40_000 });
  await drawn(app);
}

/** Opens a popover of the toolbar, uses it, closes it. */
async function within(app: Page, name: RegExp | string, use: (popover: ReturnType<Page['locator']>) => Promise<void>) {
  await app.locator('.toolbar').getByRole('button', { name }).click();
  const popover = app.locator('.popover');
  await expect(popover).toBeVisible();
  await use(popover);
  await app.keyboard.press('Escape');
  await expect(popover).toHaveCount(0);
}
const choose = (app: Page, layer: string) =>
  within(app, /^Layer:/, async (popover) => {
    await popover.locator('.layer-choice', { hasText: new RegExp(`^${layer}$`) }).click();
    await expect(popover.getByRole('radio', { name: layer, exact: true })).toBeChecked({ timeout: 30_000 });
  });

async function expectAccessible(app: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page: app }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
}

test('a network’s layers: each says what it is, the band and the L2 term', async ({ app }) => {
  test.slow();
  await trained(app, /^Iris/, '60');
  const weights = app
    .locator('details, .section')
    .filter({ has: app.getByLabel('L2 strength λ') })
    .last();
  await weights.locator('summary, .section-header button').first().click();
  await app.getByLabel('L2 strength λ').fill('0.01');
  await run(app);
  await expect(caption(app)).toContainText('Training loss');
  await expect(caption(app)).toContainText('with the L2 term');
  await shot(app, 'loss-training');
  for (const [layer, name] of [
    ['Validation loss', 'loss-validation'],
    ['Training accuracy', 'accuracy-training'],
    ['Validation accuracy', 'accuracy-validation'],
    ['Training 0–1 error', 'error-training'],
    ['Gap: validation − training loss', 'gap'],
  ] as const) {
    await choose(app, layer);
    await expect(scene(app)).toHaveAccessibleName(new RegExp(`^${layer}`));
    await expect(caption(app)).toContainText(layer);
    await expect(app.locator('.scene-color-bar-title')).toContainText(layer);
    await shot(app, name);
  }
  await within(app, /^Layer:/, async (popover) => {
    await popover.locator('.layer-choice', { hasText: /^Training loss$/ }).click();
    await popover.getByText('Left out', { exact: true }).click();
    await expect(caption(app)).toContainText('Training loss without L2', { timeout: 30_000 });
    await expect(popover.getByRole('radio', { name: /^Standard error, training/ })).toBeDisabled();
    await expectAccessible(app);
    await shot(app, 'layer-menu');
    await popover.getByText('In the picture', { exact: true }).click();
    await expect(caption(app)).toContainText('with the L2 term');
  });

  // On a subset: sheets, hover with its error, the standard error itself.
  await within(app, /^Plane:/, async (popover) => {
    await popover.getByText('Random subset', { exact: true }).click();
    await popover.getByLabel('Examples in the subset').fill('40');
    await popover.getByLabel('Examples in the subset').press('Enter');
    await expect(caption(app)).toContainText('random 40 examples', { timeout: 30_000 });
    await drawn(app);
  });
  await within(app, /^Layer:/, async (popover) => {
    await popover.getByText('±2 SE', { exact: true }).click();
    await expect(caption(app)).toContainText('sheets at ±2 standard errors');
  });
  const box = (await scene(app).boundingBox())!;
  await app.mouse.move(box.x + 0.45 * box.width, box.y + 0.55 * box.height);
  await expect(app.locator('.hover-readout')).toContainText(/Training loss.*±/);
  await shot(app, 'band');
  await choose(app, 'Standard error, training');
  await app.keyboard.press('2');
  await expect(caption(app)).toHaveAttribute('data-view', 'top');
  await shot(app, 'standard-error-top');
  // Remembered.
  await app.reload();
  await drawn(app);
  await expect(scene(app)).toHaveAccessibleName(/^Standard error, training/);
});

test('heights cut at a value and a quantile, an adaptive surface with its points, drop lines', async ({ app }) => {
  await drawn(app);
  await within(app, 'Display', async (popover) => {
    await popover.getByText('At a value', { exact: true }).click();
    await popover.getByLabel('Highest value drawn').fill('abc');
    await expect(popover.getByRole('alert')).toContainText('abc');
    await popover.getByLabel('Highest value drawn').fill('100');
    await expect(caption(app)).toContainText('cut flat at 100');
    await expect(app.locator('.scene-color-bar')).toContainText('≥ 100');
  });
  await shot(app, 'clipped');
  await within(app, 'Display', async (popover) => {
    await popover.getByText('At a quantile', { exact: true }).click();
    await popover.getByLabel('Quantile of the heights').fill('80');
    await expect(app.locator('.scene-color-bar')).toContainText(/≥ \d/);
  });
  await app.keyboard.press('2');
  await shot(app, 'clipped-top');
  await within(app, 'Display', (popover) => popover.getByText('No', { exact: true }).click());
  await within(app, /^Plane:/, async (popover) => {
    await popover.getByText(/^Adaptive/).click();
    await expect(caption(app)).toContainText(/\d of 9,409 points computed/, { timeout: 30_000 });
    await expect(caption(app)).toContainText('largest checked error');
    await popover.getByText(/^Mark computed points/).click();
  });
  await shot(app, 'adaptive-top');
  await app.keyboard.press('1');
  await shot(app, 'adaptive');
});

test('a pinned surface taken away from another, and validation minus training', async ({ app }) => {
  test.slow();
  await trained(app, /^Iris/, '60');
  await run(app);
  await within(app, /^Layer:/, async (popover) => {
    await popover.getByRole('button', { name: 'Pin this surface' }).click();
    await expect(popover.getByRole('button', { name: 'Pinned' })).toBeDisabled();
  });
  await choose(app, 'Validation loss');
  await within(app, /^Layer:/, async (popover) => {
    await popover.getByLabel('This surface minus').selectOption({ label: 'PCA of the path · Training loss · 51×51' });
    await popover.getByRole('button', { name: 'Draw the difference' }).click();
    await expect(caption(app)).toContainText('minus PCA of the path · Training loss', { timeout: 30_000 });
    await expect(caption(app)).toContainText(/RMS \S+ · every point exact/);
    await shot(app, 'difference-menu');
  });
  await expect(scene(app)).toHaveAccessibleName(/^Difference of losses/);
  await shot(app, 'difference');
  await app.keyboard.press('2');
  await shot(app, 'difference-top');
  // Another grid: resampled, and said.
  await within(app, /^Plane:/, async (popover) => {
    await popover.getByLabel('Grid').fill('41');
    await popover.getByLabel('Grid').press('Enter');
    await expect(caption(app)).toContainText('41×41', { timeout: 30_000 });
    await drawn(app);
  });
  await within(app, /^Layer:/, async (popover) => {
    await popover.getByRole('button', { name: 'Draw the difference' }).click();
    await expect(caption(app)).toContainText('the other grid was resampled', { timeout: 30_000 });
    await popover.getByRole('button', { name: 'End the comparison' }).click();
    await expect(caption(app)).toContainText('Validation loss');
  });
});

test('a cross-section by preset, by two clicks, by keyboard, typed; its file', async ({ app }) => {
  test.slow();
  await trained(app, /^Iris/, '60');
  await run(app);
  const section = sectionOf(app, 'Cross-section');
  await section.scrollIntoViewIfNeeded();
  await section.getByText('Both', { exact: true }).click();
  await section.getByRole('button', { name: 'Start to end of the path' }).click();
  await expect(section.getByRole('slider', { name: 'Loss along the line' })).toBeVisible({ timeout: 30_000 });
  await expect(section.getByRole('slider', { name: 'Accuracy along the line' })).toBeVisible();
  await section.getByRole('slider', { name: 'Loss along the line' }).press('ArrowRight');
  await expect(section.locator('.plot-readout').first()).toContainText(/Training loss .* Validation loss/);
  await section.locator('.profile-view').scrollIntoViewIfNeeded();
  await shot(app, 'profile');
  await section.screenshot({ path: join(shots, 'profile-section.png') });
  await expectAccessible(app);

  const download = app.waitForEvent('download');
  await section.getByRole('button', { name: 'Save CSV' }).click();
  const csv = readFileSync(await (await download).path(), 'utf8')
    .trim()
    .split('\r\n');
  expect(csv).toHaveLength(102);
  expect(csv[0]).toBe('distance,x,y,trainLoss,trainAccuracy,validationLoss,validationAccuracy');

  // Two clicks from above.
  await app.keyboard.press('Escape');
  await app.locator('.segment', { hasText: 'View from the top' }).click();
  await section.getByRole('button', { name: 'Choose on the surface' }).click();
  await expect(app.locator('.stage-hint')).toContainText('(A)');
  const box = (await scene(app).boundingBox())!;
  await app.mouse.click(box.x + 0.35 * box.width, box.y + 0.35 * box.height);
  await expect(app.locator('.stage-hint')).toContainText('(B)');
  await app.mouse.click(box.x + 0.6 * box.width, box.y + 0.6 * box.height);
  await expect(section.getByRole('slider', { name: 'Loss along the line' })).toBeVisible({ timeout: 30_000 });
  await shot(app, 'profile-top');

  // By keyboard: the scene's own cursor.
  await section.getByRole('button', { name: 'Choose on the surface' }).click();
  await scene(app).focus();
  await app.keyboard.press('c');
  await app.keyboard.press('Enter');
  await expect(app.locator('.stage-hint')).toContainText('(B)');
  for (let k = 0; k < 5; k++) await app.keyboard.press('ArrowRight');
  await app.keyboard.press('Enter');
  await expect(section.getByRole('slider', { name: 'Loss along the line' })).toBeVisible({ timeout: 30_000 });
  const y = await section.getByLabel(/^A: PC 2/).inputValue();
  await expect(section.getByLabel(/^B: PC 2/)).toHaveValue(y);

  // Typed: the same point twice is refused.
  await section.getByLabel(/^A: /).first().fill('0');
  await section.getByLabel(/^A: /).last().fill('0');
  await section.getByLabel(/^B: /).first().fill('0');
  await section.getByLabel(/^B: /).last().fill('0');
  await expect(section.getByRole('alert')).toContainText('same point');
  await expect(section.getByRole('button', { name: 'Compute' })).toBeDisabled();
  await section.getByLabel(/^B: /).last().fill('0.5');
  await section.getByLabel(/^B: /).last().press('Enter');
  await expect(section.locator('.profile-view > .hint')).toContainText('101 points');
});

test('true loss beside the slice’s along the path, its distance in the chart and as drop lines', async ({ app }) => {
  await trained(app, /^Iris/, '60');
  await run(app);
  const section = sectionOf(app, 'Curves');
  const slice = section.getByRole('slider', { name: /^True loss and loss on the slice/ });
  await expect(slice).toBeVisible();
  await slice.press('End');
  await expect(section.locator('.plot-readout').first()).toContainText(/Step 60 · True loss .* · Loss on the slice/);
  await within(app, 'Display', async (popover) => {
    await popover.getByText(/^Drop lines/).click();
    await expect(caption(app)).toContainText('drop lines up to a distance of');
  });
  await app.getByRole('button', { name: 'To the last row' }).click();
  await shot(app, 'drop-lines');
  await section.screenshot({ path: join(shots, 'slice-section.png') });
});

test.describe('in Korean, light', () => {
  test.use({ locale: 'ko-KR', colorScheme: 'light' });
  test('the same words', async ({ app }) => {
    await drawn(app);
    await within(app, '표시', async (popover) => {
      await popover.getByText('값에서', { exact: true }).click();
      await popover.getByLabel('그릴 가장 큰 값').fill('150');
      await expect(caption(app)).toContainText('평평하게 자름');
    });
    const section = sectionOf(app, '단면');
    await section.getByRole('button', { name: 'x 방향' }).click();
    await expect(section.getByRole('slider', { name: '선을 따른 손실' })).toBeVisible({ timeout: 30_000 });
    await section.scrollIntoViewIfNeeded();
    await within(app, /^층:/, async () => void (await shot(app, 'korean-light')));
    await shot(app, 'korean-light-profile');
  });
});
