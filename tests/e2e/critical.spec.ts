import { mkdirSync, readFileSync } from 'node:fs';
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

const shots = join(root, 'tests', 'output', 'critical');
mkdirSync(shots, { recursive: true });

const sectionOf = (app: Page, name: string) =>
  app.locator('.section').filter({ has: app.getByRole('button', { name, exact: true }) });
const drawn = (app: Page) =>
  expect(app.locator('.stage-caption')).toHaveAttribute('data-state', 'done', { timeout: 40_000 });

const numberIn = (text: string): number => Number(text.replace('−', '-'));
/** Coordinates read off under a place of the page. */
async function pointUnder(app: Page, x: number, y: number): Promise<number[]> {
  await app.mouse.move(x, y);
  return (await app.locator('.hover-readout dd').allTextContents()).slice(0, 2).map(numberIn);
}

async function expectAccessible(app: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page: app }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
}

async function trained(app: Page, preset: RegExp, steps: string) {
  await app.getByRole('button', { name: 'Load', exact: true }).click();
  await app.getByRole('menuitem', { name: preset }).click();
  await app.getByLabel('Steps', { exact: true }).fill(steps);
  await app.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(app.locator('.run').first()).toContainText('Reached its', { timeout: 40_000 });
  await drawn(app);
}

test('all nine points of Himmelblau’s function: the table, the marks, each from the other', async ({ app }) => {
  await drawn(app);
  const section = sectionOf(app, 'Critical points');
  await expect(section).toContainText('Finds every minimum');
  await section.getByRole('button', { name: 'Find all in the window' }).click();
  const rows = section.locator('.critical-points tbody tr');
  await expect(rows).toHaveCount(9);
  await expect(rows.filter({ hasText: 'Minimum' })).toHaveCount(4);
  await expect(rows.filter({ hasText: 'Saddle' })).toHaveCount(4);
  await expect(rows.filter({ hasText: 'Maximum' })).toHaveCount(1);
  await expect(section.getByText('Verified: two grids agree')).toBeVisible();
  await section.scrollIntoViewIfNeeded();
  await app.screenshot({ path: join(shots, 'himmelblau.png') });

  // They stand on the figure too.
  await app.getByRole('button', { name: 'Export figure' }).click();
  await expect(app.getByRole('switch', { name: 'Critical points and ways down' })).toBeChecked();
  const [figure] = await Promise.all([
    app.waitForEvent('download'),
    app.getByRole('dialog').getByRole('button', { name: 'Save' }).click(),
  ]);
  expect(readFileSync((await figure.path())!, 'utf8').match(/(minimum|saddle|maximum) at \(/g)).toHaveLength(9);

  // By keyboard from row to row; the last point is the maximum.
  await rows.first().getByRole('button').focus();
  await app.keyboard.press('End');
  await expect(rows.last().getByRole('button', { name: 'Maximum' })).toBeFocused();
  await expect(rows.last().getByRole('button')).toHaveAttribute('aria-pressed', 'true');
  await app.screenshot({ path: join(shots, 'himmelblau-maximum.png') });

  await expectAccessible(app);

  // From above the window is mapped linearly: a click where the first point must be chooses its row.
  await app.keyboard.press('2');
  await expect(app.locator('.stage-caption')).toHaveAttribute('data-view', 'top');
  await app.screenshot({ path: join(shots, 'himmelblau-top.png') });
  const runs = await app.locator('.run').count();
  const scene = (await app.locator('.scene').boundingBox())!;
  const [ax, ay] = [scene.x + 0.4 * scene.width, scene.y + 0.4 * scene.height];
  const [bx, by] = [scene.x + 0.6 * scene.width, scene.y + 0.7 * scene.height];
  const a = await pointUnder(app, ax, ay);
  const b = await pointUnder(app, bx, by);
  const [x = 0, y = 0] = (await rows.first().locator('td').first().innerText()).split('\n').map(numberIn);
  await app.mouse.click(
    ax + ((bx - ax) * (x - a[0]!)) / (b[0]! - a[0]!),
    ay + ((by - ay) * (y - a[1]!)) / (b[1]! - a[1]!),
  );
  await expect(rows.first()).toHaveClass('chosen');
  await expect(section.locator('tr.chosen')).toHaveCount(1);
  // A click on a mark starts nothing.
  await expect(app.locator('.run')).toHaveCount(runs);
  await expect(app.locator('.run').first()).toContainText('Reached its');

  const download = app.waitForEvent('download');
  await section.getByRole('button', { name: 'Save CSV' }).click();
  const csv = readFileSync(await (await download).path(), 'utf8')
    .trim()
    .split('\r\n');
  expect(csv).toHaveLength(10);
  expect(csv[0]).toBe('kind,index,x,y,value,eigenvalue1,eigenvalue2,residual');
});

test('from the end of a network’s path to a point of full space; what it is, where it lies', async ({ app }) => {
  test.slow();
  await trained(app, /^Iris/, '60');
  const section = sectionOf(app, 'Critical points');
  await expect(section).toContainText('Finds a point of the full space');
  await expect(section).toContainText('step 60');
  await section.getByRole('button', { name: 'Search from here' }).click();
  await expect(section.locator('.kind')).toBeVisible({ timeout: 60_000 });
  await expect(section.getByRole('alert')).toHaveCount(0);
  await expect(section.locator('.fact-grid')).toContainText('Distance to the plane');
  await expect(section.getByRole('slider', { name: /Gradient norm after every step/ })).toBeVisible();
  await section.locator('.kind').scrollIntoViewIfNeeded();
  await app.screenshot({ path: join(shots, 'iris-end.png') });
  await section.screenshot({ path: join(shots, 'iris-end-section.png') });

  // From the first step, near a saddle, with the ways down.
  await app.getByRole('button', { name: 'To the first row' }).click();
  await expect(section).toContainText('step 0');
  await section.getByRole('button', { name: 'Search from here' }).click();
  await expect(section.locator('.provenance')).toContainText('Step 0', { timeout: 60_000 });
  await expect(section.locator('.kind')).toContainText(/Saddle, index \d+/);
  await expect(section).toContainText('Down −v');
  await section.getByRole('button', { name: 'Widen the window to it' }).click();
  await expect(section.getByRole('button', { name: 'Widen the window to it' })).toHaveCount(0);
  await drawn(app);
  await app.screenshot({ path: join(shots, 'iris-start.png') });
  await section.screenshot({ path: join(shots, 'iris-start-section.png') });
  // The ways down end far outside: an arrow at the edge says so, and the window can be widened to them.
  await section.getByRole('button', { name: 'Widen the window to hold them' }).click();
  await expect(section.getByRole('button', { name: 'Widen the window to hold them' })).toHaveCount(0);
  await drawn(app);
  await app.screenshot({ path: join(shots, 'iris-start-widened.png') });

  await expectAccessible(app);

  // Both are there again when the run is: the newest is shown, the other drawn when it is chosen.
  await app.reload();
  await drawn(app);
  const list = section.getByLabel('Found so far');
  await expect(list.locator('option')).toHaveText([/Saddle, index \d+.*Step 0/, /Step 60/]);
  await expect(section.locator('.kind')).toContainText(/Saddle, index \d+/);
  await expect(section.getByRole('slider', { name: /Gradient norm after every step/ })).toBeVisible();
  await list.selectOption({ index: 1 });
  await expect(section.locator('.provenance')).toContainText('Step 60');
  await section.scrollIntoViewIfNeeded();
  await app.screenshot({ path: join(shots, 'iris-reopened.png') });

  // From a point of the plane.
  const scene = (await app.locator('.scene').boundingBox())!;
  await app.mouse.click(scene.x + scene.width * 0.45, scene.y + scene.height * 0.55);
  await expect(section.getByRole('radio', { name: 'Clicked point' })).toBeChecked();
  await expect(section).toContainText(/From \(.*\) of the plane/);
  await app.screenshot({ path: join(shots, 'iris-pointed.png') });
});

test('a search can be cancelled: no point, no complaint', async ({ app }) => {
  test.slow();
  await trained(app, /Handwritten digits/, '40');
  const section = sectionOf(app, 'Critical points');
  await section.getByLabel('Tolerance on ‖g‖').fill('1e-12');
  const search = section.getByRole('button', { name: 'Search from here' });
  await search.click();
  await expect(section.locator('.progress-card')).toBeVisible();
  await expect(search).toBeDisabled();
  await expect(section.getByText(/Iteration \d+ · ‖g‖/)).toBeVisible({ timeout: 60_000 });
  await app.screenshot({ path: join(shots, 'digits-searching.png') });
  await section.getByRole('button', { name: 'Cancel' }).click();
  await expect(section.locator('.progress-card')).toHaveCount(0, { timeout: 20_000 });
  await expect(search).toBeEnabled();
  await expect(section.getByRole('alert')).toHaveCount(0);
  await expect(section.locator('.kind')).toHaveCount(0);
  // What was typed is remembered.
  await app.reload();
  await drawn(app);
  await expect(section.getByLabel('Tolerance on ‖g‖')).toHaveValue('1e-12');
});

test.describe('in Korean, light', () => {
  test.use({ locale: 'ko-KR', colorScheme: 'light' });
  test('the same words', async ({ app }) => {
    await drawn(app);
    const section = sectionOf(app, '임계점');
    await section.getByRole('button', { name: '창 안에서 모두 찾기' }).click();
    await expect(section.locator('.critical-points tbody tr')).toHaveCount(9);
    await section.getByRole('button', { name: '극대점' }).click();
    await app.screenshot({ path: join(shots, 'korean-light.png') });
    await section.screenshot({ path: join(shots, 'korean-light-section.png') });
  });
});

test('an expression with a logarithm and a kink: what is masked, what could not be decided, before anything ran', async ({
  app,
}) => {
  await drawn(app);
  await app.locator('.segment', { hasText: /^Expression$/ }).click();
  await app.getByLabel('f(x, y)').fill('abs(x) + abs(y) + 0.01*log(x + 2)');
  const section = sectionOf(app, 'Critical points');
  await expect(app.locator('.run')).toHaveCount(0);
  await drawn(app);
  await section.getByRole('button', { name: 'Find all in the window' }).click();
  await expect(section).toContainText('0 critical points');
  await expect(section).toContainText('Not verified');
  await expect(section).toContainText(/% of the window is masked/);
  await expect(section).toContainText(/Not resolved, .*: the gradient jumps/);
  await app.screenshot({ path: join(shots, 'masked.png') });
});
