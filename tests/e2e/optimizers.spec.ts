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

const shots = join(root, 'tests', 'output', 'optimizers');
mkdirSync(shots, { recursive: true });

const drawn = (app: Page) =>
  expect(app.locator('.stage-caption')).toHaveAttribute('data-state', 'done', { timeout: 40_000 });

test('a noisy gradient with its mean measured; the next training starts where the playhead stands', async ({ app }) => {
  await drawn(app);
  const card = app.locator('.optimizer').first();
  await card.getByRole('button', { name: 'More settings of SGD' }).click();
  await card.getByLabel('Mean of the iterates').selectOption('Uniform (Polyak)');
  await card.getByLabel('From step').fill('100');
  await card.getByLabel('Gradient', { exact: true }).selectOption('With noise');
  await card.getByLabel('Standard deviation').fill('none');
  await expect(card.getByRole('alert')).toContainText('none');
  await card.getByLabel('Standard deviation').fill('40');
  await card.scrollIntoViewIfNeeded();
  await card.screenshot({ path: join(shots, 'card.png') });

  await app.getByRole('button', { name: 'Train', exact: true }).click();
  await drawn(app);
  await expect(app.locator('.line-kinds')).toContainText('mean');
  await app.screenshot({ path: join(shots, 'noisy.png') });

  await app.getByRole('button', { name: 'Start the next training here' }).click();
  await expect(app.locator('.start-note')).toContainText('Starts from row');
  await app.screenshot({ path: join(shots, 'start.png') });
  await app.getByRole('button', { name: 'Start from initial weights' }).click();
  await expect(app.locator('.start-note')).toHaveCount(0);
});

test.describe('in Korean, light', () => {
  test.use({ locale: 'ko-KR', colorScheme: 'light' });
  test('the same words; labels and initializers of a network', async ({ app }) => {
    await drawn(app);
    const card = app.locator('.optimizer').first();
    await card.getByRole('button', { name: 'SGD 설정 더 보기' }).click();
    await card.getByLabel('기울기', { exact: true }).selectOption('양자화');
    await card.getByLabel('반복점의 평균').selectOption('지수 이동 평균');
    await card.screenshot({ path: join(shots, 'card-ko.png') });

    await app.getByText('신경망', { exact: true }).click();
    const experiment = app.locator('#experiment');
    await experiment
      .getByRole('button', { name: /분할과 표준화/ })
      .first()
      .click();
    await experiment.getByLabel('학습 레이블').selectOption('일부를 무작위로');
    await experiment.getByRole('button', { name: /초기화와 L2/ }).click();
    await experiment.getByLabel('가중치', { exact: true }).selectOption('희소');
    await experiment.getByLabel('편향', { exact: true }).selectOption('목표값 기준');
    await expect(experiment.getByLabel('유닛당 연결 수')).toBeVisible();
    await experiment.getByLabel('학습 레이블').scrollIntoViewIfNeeded();
    await app.screenshot({ path: join(shots, 'network-ko.png') });
  });
});
