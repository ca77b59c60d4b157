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

const shots = join(root, 'tests', 'output', 'second-order');
mkdirSync(shots, { recursive: true });

const drawn = (app: Page) =>
  expect(app.locator('.stage-caption')).toHaveAttribute('data-state', 'done', { timeout: 40_000 });

async function unfolded(app: Page, title: string) {
  const fold = app.getByRole('button', { name: title, exact: true });
  await fold.focus();
  await app.keyboard.press('Enter');
  return app.locator('#experiment .section').filter({ has: fold });
}

test('L-BFGS is chosen, trained, and raced by evaluations', async ({ app }) => {
  await drawn(app);
  const card = app.locator('.optimizers > li').first();
  await card.getByRole('button', { name: 'More settings of SGD' }).click();
  await expect(card).toContainText('Gradient clipping');
  await card.getByLabel('Optimizer SGD').selectOption('lbfgs');
  await expect(card.getByLabel('Learning rate', { exact: true })).toHaveValue('1');
  await expect(card).toContainText('Evaluates the loss inside its steps.');
  await expect(card).not.toContainText('Gradient clipping');
  await expect(card).not.toContainText('Weight decay');
  await card.getByLabel('history').fill('2.5');
  await expect(card.locator('.issue')).toContainText('2.5');
  await card.getByLabel('history').fill('5');
  await card.screenshot({ path: join(shots, 'card.png') });
  await app.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(app.getByText('Reached its 300 steps').first()).toBeVisible({ timeout: 20_000 });
  await drawn(app);
  await app.screenshot({ path: join(shots, 'trained.png') });

  const section = await unfolded(app, 'Fair race');
  await section.getByText('Count evaluations instead of steps').click();
  await expect(section.getByRole('switch')).toBeChecked();
  await section.getByRole('button', { name: 'Tune and race' }).click();
  await expect(section.locator('tbody tr')).toHaveCount(3, { timeout: 60_000 });
  await expect(section.locator('tbody tr').first()).toContainText('L-BFGS');
  await section.scrollIntoViewIfNeeded();
  await section.screenshot({ path: join(shots, 'race.png') });
});

test.describe('in Korean, light', () => {
  test.use({ locale: 'ko-KR', colorScheme: 'light' });
  test('the same words', async ({ app }) => {
    await drawn(app);
    const card = app.locator('.optimizers > li').first();
    await card.getByRole('button', { expanded: false }).click();
    for (const name of ['newton', 'gaussNewton', 'conjugateGradient', 'lbfgs']) {
      await card.locator('select').first().selectOption(name);
      await expect(card).toContainText('스텝 안에서 손실을 직접 평가합니다.');
      await card.screenshot({ path: join(shots, `korean-${name}.png`) });
    }
    const section = await unfolded(app, '공정한 경주');
    await expect(section.getByRole('switch')).toHaveCount(1);
    await section.screenshot({ path: join(shots, 'korean-race.png') });
  });
});
