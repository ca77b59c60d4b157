import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures';
import { root } from './host';

test.use({
  ownHost: true,
  viewport: { width: 1440, height: 1000 },
  colorScheme: 'dark',
  contextOptions: { reducedMotion: 'reduce' },
});

const shots = join(root, 'tests', 'output', 'regions');
mkdirSync(shots, { recursive: true });

test('finds the basins of Himmelblau’s function, hides them by the slider, names regions', async ({ app }) => {
  await expect(app.locator('.stage-caption')).toHaveAttribute('data-state', 'done', { timeout: 40_000 });
  const section = app.locator('.section').filter({ has: app.getByRole('button', { name: 'Regions', exact: true }) });
  await expect(section).toContainText('Finds the minima');
  await section.getByRole('button', { name: 'Find', exact: true }).click();
  const rows = section.locator('.region-list li');
  await expect(rows).toHaveCount(4);
  await expect(section.getByRole('img')).toHaveAccessibleName(/4 minima and the saddles/);
  await section.scrollIntoViewIfNeeded();
  await app.screenshot({ path: join(shots, 'basins.png') });
  await section.screenshot({ path: join(shots, 'basins-section.png') });

  // By keyboard: everything but the deepest is hidden at the end of the slider.
  const slider = section.getByRole('slider');
  await slider.focus();
  await slider.press('End');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('deepest');
  await slider.press('Home');
  await expect(rows).toHaveCount(4);

  await section.getByText('Hills', { exact: true }).click();
  await expect(section.getByRole('img')).toHaveAccessibleName(/7 maxima and the saddles/);
  await expect(rows).toHaveCount(7);
  await expect(rows.first()).toContainText('highest');
  await section.screenshot({ path: join(shots, 'hills-section.png') });

  await section.getByText('Kinds', { exact: true }).click();
  await expect(rows.filter({ hasText: 'Saddle region' })).toHaveCount(1);
  await expect(rows.filter({ hasText: 'Ravine' })).toHaveCount(1);
  await section.screenshot({ path: join(shots, 'kinds-section.png') });
});

test.describe('in Korean, light', () => {
  test.use({ locale: 'ko-KR', colorScheme: 'light' });
  test('the same words', async ({ app }) => {
    await expect(app.locator('.stage-caption')).toHaveAttribute('data-state', 'done', { timeout: 40_000 });
    const section = app.locator('.section').filter({ has: app.getByRole('button', { name: '영역', exact: true }) });
    await section.getByRole('button', { name: '찾기', exact: true }).click();
    await expect(section.locator('.region-list li')).toHaveCount(4);
    await section.screenshot({ path: join(shots, 'korean.png') });
  });
});
