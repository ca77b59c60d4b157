import { mkdirSync, readFileSync } from 'node:fs';
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

const shots = join(root, 'tests', 'output', 'race');
mkdirSync(shots, { recursive: true });

async function opened(app: Page, title: string) {
  await expect(app.locator('.stage-caption')).toHaveAttribute('data-state', 'done', { timeout: 40_000 });
  const fold = app.getByRole('button', { name: title, exact: true });
  await fold.focus();
  await app.keyboard.press('Enter');
  return app.locator('#experiment .section').filter({ has: fold });
}

test('the form’s optimizers are tuned and raced, and their rates taken into the form', async ({ app }) => {
  const section = await opened(app, 'Fair race');
  await section.getByRole('button', { name: 'Tune and race' }).click();
  const rows = section.locator('tbody tr');
  await expect(rows).toHaveCount(3, { timeout: 60_000 });
  await expect(section).toContainText('9 rates from 1×10⁻⁴ to 1 on 3 seeds; mean and standard error over 5 others.');
  await section.scrollIntoViewIfNeeded();
  await app.screenshot({ path: join(shots, 'race.png') });
  await section.screenshot({ path: join(shots, 'race-section.png') });

  const rate = app.getByLabel('Learning rate', { exact: true }).first();
  const before = await rate.inputValue();
  await section.getByRole('button', { name: 'Take these rates' }).click();
  await expect(rate).not.toHaveValue(before);
  // The rates have no part in the race: the result still is of this form.
  await expect(rows).toHaveCount(3);
  await app.getByLabel('Steps', { exact: true }).fill('301');
  await expect(section).toContainText('The last race was of another experiment');
});

test('the window: rates as a list, the whole table, the curves, a file, and the winners trained on one plane', async ({
  app,
}) => {
  const section = await opened(app, 'Fair race');
  await section.getByRole('button', { name: 'Open the race in a window' }).click();
  const dialog = app.getByRole('dialog', { name: 'Fair race' });
  await dialog.getByText('List', { exact: true }).click();
  const list = dialog.getByLabel('Rates', { exact: true });
  await list.fill('0.001, nothing');
  await expect(dialog.getByRole('alert')).toContainText('“nothing” is not a number.');
  await expect(dialog.getByRole('button', { name: 'Tune and race' })).toBeDisabled();
  await list.fill('0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 10');
  await dialog.getByLabel('Seeds to tune on').fill('4');
  await dialog.getByLabel('Steps of each run').fill('60');
  await dialog.getByRole('button', { name: 'Tune and race' }).click();
  await expect(dialog.locator('tbody tr')).toHaveCount(3, { timeout: 60_000 });
  await expect(dialog).toContainText('7 rates from 1×10⁻⁴ to 10 on 4 seeds; mean and standard error over 5 others.');
  await expect(dialog.locator('tbody tr').first()).toContainText('0 of 5 failed');
  const curves = dialog.getByRole('slider', { name: 'What each learning rate gave on the tuning seeds' });
  await curves.focus();
  await app.keyboard.press('End');
  await expect(dialog.locator('.plot-readout')).toContainText(/Learning rate|Rate 10 · .*4 of 4 failed/);
  await app.screenshot({ path: join(shots, 'window.png') });
  await dialog.getByRole('button', { name: 'Train them on the stage' }).scrollIntoViewIfNeeded();
  await app.screenshot({ path: join(shots, 'window-end.png') });

  const [download] = await Promise.all([
    app.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save CSV' }).click(),
  ]);
  const rows = readFileSync((await download.path())!, 'utf8')
    .trim()
    .split('\r\n');
  expect(rows[0]).toBe('stage,optimizer,learningRate,chosen,seed,loss,failure,steps,gradientEvaluations');
  expect(rows).toHaveLength(1 + 3 * 7 * 4 + 3 * 5);
  expect(rows.some((row) => /,10,false,\d+,,diverged,/.test(row))).toBe(true);

  await dialog.getByRole('button', { name: 'Train them on the stage' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(app.locator('.run')).toHaveCount(3);
  for (const run of await app.locator('.run').all()) await expect(run).toContainText(/Reached its 60 steps|Converged/);
  await app.screenshot({ path: join(shots, 'winners.png') });
  // What was typed is remembered.
  await app.reload();
  await opened(app, 'Fair race');
  await app.getByRole('button', { name: 'Open the race in a window' }).click();
  await expect(dialog.getByLabel('Seeds to tune on')).toHaveValue('4');
});

test('a race in its window can be cancelled', async ({ app }) => {
  const section = await opened(app, 'Fair race');
  await section.getByRole('button', { name: 'Open the race in a window' }).click();
  const dialog = app.getByRole('dialog', { name: 'Fair race' });
  await dialog.getByLabel('Steps of each run').fill('100000');
  await dialog.getByRole('button', { name: 'Tune and race' }).click();
  await dialog.locator('.progress-card').getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog.locator('.progress-card')).toHaveCount(0, { timeout: 20_000 });
  await expect(dialog.getByRole('alert')).toHaveCount(0);
  await expect(dialog).toContainText('What each rate gave');
});

test.describe('in Korean, light', () => {
  test.use({ locale: 'ko-KR', colorScheme: 'light' });
  test('the same words', async ({ app }) => {
    const section = await opened(app, '공정한 경주');
    // Nesterov and AdaGrad, whose best rate lies beyond the grid.
    for (let i = 0; i < 2; i++) await app.getByRole('button', { name: '옵티마이저 추가' }).click();
    await section.getByRole('button', { name: '학습률을 고르고 경주하기' }).click();
    await expect(section.locator('tbody tr')).toHaveCount(5, { timeout: 60_000 });
    await expect(section).toContainText('AdaGrad: 가장 좋은 학습률이 격자의 끝에 있습니다.');
    await section.screenshot({ path: join(shots, 'korean.png') });
  });
});
