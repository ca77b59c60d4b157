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
  await expect(section).toContainText('The last race was of another experiment.');
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
