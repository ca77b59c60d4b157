import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { root } from './host';

/** A researcher's journey through the curvature of a run; each leaves screenshots in tests/output. */

test.use({
  ownHost: true,
  viewport: { width: 1440, height: 900 },
  colorScheme: 'dark',
  contextOptions: { reducedMotion: 'reduce' },
});

const shots = join(root, 'tests', 'output', 'curvature');
mkdirSync(shots, { recursive: true });
const shot = (page: Page, name: string) => page.screenshot({ path: join(shots, `${name}.png`) });

const pane = (page: Page) => page.locator('.inspection');
const dialog = (page: Page) => page.getByRole('dialog', { name: /^Curvature/ });
const choose = (page: Page, measurement: string) =>
  pane(page)
    .locator('.segment', { hasText: new RegExp(`^${measurement}$`) })
    .click();
const measure = async (page: Page) => {
  await pane(page).getByRole('button', { name: 'Measure' }).click();
  await expect(pane(page).locator('.progress-card')).toHaveCount(0, { timeout: 40_000 });
  await expect(pane(page).getByRole('alert')).toHaveCount(0);
};

async function trained(page: Page, title: string) {
  await page.getByRole('button', { name: 'Load' }).click();
  await page.getByRole('menuitem', { name: title }).click();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.locator('.run').first()).toContainText('Reached its', { timeout: 30_000 });
  await expect(page.locator('.stage-caption')).toHaveAttribute('data-state', 'done', { timeout: 40_000 });
}

/** The onnx executor has every matrix. */
async function sideBySide(page: Page) {
  await pane(page).locator('.curvature-options .more-options summary').click();
  await pane(page).getByRole('switch', { name: 'Gauss–Newton' }).check({ force: true });
  await pane(page).getByRole('switch', { name: 'Empirical Fisher' }).check({ force: true });
  await pane(page).getByLabel('Executor').selectOption('onnx');
  await expect(pane(page)).toContainText('is the Fisher information');
  await pane(page).locator('.curvature-options .more-options summary').click();
}

const views = [
  ['Spectrum', 'Eigenvalues as stems with residual bars'],
  ['Density', 'Density of the eigenvalues'],
  ['Trace', 'Traces with their confidence intervals'],
  ['Layers', null],
  ['Path', 'Sharpness along the path'],
] as const;

test('spectrum, density, trace, layers and path of three matrices, small and large, saved and found again', async ({
  app,
}) => {
  test.slow();
  await trained(app, 'Iris');
  await sideBySide(app);
  for (const [name, label] of views) {
    await choose(app, name);
    await measure(app);
    if (label) await expect(pane(app).getByLabel(label)).toBeVisible();
    await pane(app).getByRole('button', { name: 'Save CSV' }).scrollIntoViewIfNeeded();
    await shot(app, `${name.toLowerCase()}-dark`);
    if (name === 'Spectrum') {
      await expect(pane(app).locator('.kind')).toContainText(/critical point|Minimum|Saddle/);
      const table = pane(app).locator('.eigenvalues').first();
      await expect(table.locator('tbody tr')).toHaveCount(7);
      await expect(table.locator('thead th')).toHaveText(['λ', 'Hessian', 'Gauss–Newton', 'Empirical Fisher']);
    }
  }
  // Nothing in the pane makes the page scroll.
  expect(await app.evaluate(() => document.documentElement.scrollHeight <= innerHeight)).toBe(true);

  const download = app.waitForEvent('download');
  await pane(app).getByRole('button', { name: 'Save CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/-alongPath\.csv$/);
  const lines = readFileSync((await file.path())!, 'utf8')
    .trim()
    .split('\r\n');
  expect(lines[0]).toMatch(/^matrix,row,step,sharpness/);
  expect(lines).toHaveLength(1 + 3 * 51);

  await app.waitForTimeout(600);
  await app.reload();
  await expect(pane(app).getByLabel('Sharpness along the path')).toBeVisible();
  // Read values with the keyboard; Enter moves the playhead there.
  const plot = pane(app).getByRole('slider', { name: 'Sharpness along the path' });
  await plot.focus();
  await app.keyboard.press('Home');
  await app.keyboard.press('ArrowRight');
  const linePlot = pane(app)
    .locator('.line-plot')
    .filter({ has: app.getByRole('slider', { name: 'Sharpness along the path' }) });
  await expect(linePlot.locator('.plot-readout')).toContainText(/^Step 10 · Hessian .* ± .* · 2\/η 10$/);
  await app.keyboard.press('Enter');
  await expect(app.locator('.step-readout')).toContainText('10');
  await app.keyboard.press('Escape');

  await pane(app).getByRole('button', { name: 'Enlarge the curvature' }).click();
  await expect(dialog(app)).toBeVisible();
  for (const [name] of views) {
    await dialog(app)
      .locator('.segment', { hasText: new RegExp(`^${name}$`) })
      .click();
    await expect(dialog(app).getByRole('button', { name: 'Save JSON' })).toBeVisible();
    await app.waitForTimeout(150);
    await shot(app, `${name.toLowerCase()}-large-dark`);
  }
  await app.keyboard.press('Escape');
  await expect(dialog(app)).toHaveCount(0);
  await app.getByRole('button', { name: 'Light theme' }).click();
  await app.keyboard.press('c');
  for (const [name] of views) {
    await dialog(app)
      .locator('.segment', { hasText: new RegExp(`^${name}$`) })
      .click();
    await app.waitForTimeout(150);
    await shot(app, `${name.toLowerCase()}-large-light`);
  }
  await app.keyboard.press('Escape');
  await app.getByRole('button', { name: 'Language' }).click();
  await app.getByRole('menuitemradio', { name: '한국어' }).click();
  for (const name of ['고유값', '밀도', '대각합', '층별', '경로']) {
    await choose(app, name);
    await pane(app).getByRole('button', { name: 'CSV로 저장' }).scrollIntoViewIfNeeded();
    await app.waitForTimeout(150);
    await shot(app, `korean-${name}`);
  }
});

test('each measurement is ended in the middle, with nothing left behind', async ({ app }) => {
  test.slow();
  await trained(app, 'Handwritten digits');
  // Float64 in plain TypeScript: slow enough to be met in the middle.
  await pane(app).locator('.curvature-options .more-options summary').click();
  await pane(app).getByLabel('Executor').selectOption('reference');
  await pane(app).locator('.curvature-options .more-options summary').click();
  const fill = (label: string, value: string) => pane(app).getByLabel(label, { exact: true }).fill(value);
  const card = pane(app).locator('.progress-card');
  for (const [name, label, numbers] of [
    ['Spectrum', 'Measuring eigenvalues', { Largest: '60', Smallest: '60' }],
    ['Density', 'Estimating the density', { Starts: '200' }],
    ['Trace', 'Estimating the trace', { Products: '2000' }],
    ['Layers', 'Measuring the layers', { Products: '2000' }],
    ['Path', 'Following the sharpness', { 'Every n-th row': '1' }],
  ] as const) {
    await choose(app, name);
    for (const [field, value] of Object.entries(numbers)) await fill(field, value);
    await pane(app).getByRole('button', { name: 'Measure' }).click();
    await expect(card).toContainText(label);
    await expect(card).toContainText('%', { timeout: 20_000 });
    if (name === 'Path') {
      // What is known is drawn while the rest is measured.
      await expect(pane(app).getByRole('slider', { name: 'Sharpness along the path' })).toBeVisible({
        timeout: 20_000,
      });
      await card.scrollIntoViewIfNeeded();
      await shot(app, 'path-followed');
    }
    await card.getByRole('button', { name: 'Cancel' }).click();
    await expect(card).toHaveCount(0, { timeout: 5_000 });
    await expect(pane(app).getByRole('alert')).toHaveCount(0);
    await expect(pane(app).getByRole('button', { name: 'Save CSV' })).toHaveCount(0);
    await expect(pane(app).getByRole('button', { name: 'Measure' })).toBeEnabled();
  }
});

test('a subset, minibatches and what is wrong with a number; options are remembered', async ({ app }) => {
  test.slow();
  await trained(app, 'Handwritten digits');
  await choose(app, 'Density');
  await pane(app).locator('.curvature-options .more-options summary').click();
  await pane(app).getByLabel('Examples', { exact: true }).selectOption('batches');
  await pane(app).getByLabel('Batch size', { exact: true }).fill('0');
  await expect(pane(app).locator('.issue')).toContainText('0 is too small');
  await expect(pane(app).getByRole('button', { name: 'Measure' })).toBeDisabled();
  await pane(app).getByLabel('Batch size', { exact: true }).fill('64');
  await measure(app);
  await expect(pane(app)).toContainText('8 minibatches of 64 · seed 0');
  await pane(app).getByRole('button', { name: 'Save CSV' }).scrollIntoViewIfNeeded();
  await shot(app, 'digits-density-minibatches');
  await choose(app, 'Spectrum');
  await measure(app);
  await expect(pane(app).locator('.eigenvalues thead').first()).toContainText('Std. error');
  await shot(app, 'digits-spectrum-minibatches');
  await pane(app).getByLabel('Minibatches', { exact: true }).fill('500');
  await pane(app).getByRole('button', { name: 'Measure' }).click();
  await expect(pane(app).getByRole('alert')).toContainText(/500 minibatches of 64 are more than an epoch/);
  await app.waitForTimeout(600);
  await app.reload();
  await expect(pane(app).getByText('Not a critical point')).toBeVisible();
  await pane(app).locator('.curvature-options .more-options summary').click();
  await expect(pane(app).getByLabel('Minibatches', { exact: true })).toHaveValue('500');
});

test('a function: its two eigenvalues along the path, with the limit of its optimizer', async ({ app }) => {
  await expect(app.locator('.run')).toHaveCount(3);
  await expect(app.locator('.run').filter({ hasText: 'Momentum' })).toContainText('Reached its 300 steps');
  await app.locator('.run').filter({ hasText: 'Momentum' }).locator('.run-main').click();
  await choose(app, 'Path');
  await expect(pane(app)).toContainText('Follows the largest eigenvalue');
  await measure(app);
  await expect(pane(app).locator('.plot-legend')).toContainText('(2 + 2μ)/η');
  await app.locator('.run').filter({ hasText: 'Adam' }).locator('.run-main').click();
  await measure(app);
  await expect(pane(app)).toContainText('rescales the gradient');
});
