import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { root } from './host';

/** Journeys of a person through the workbench; each leaves screenshots in tests/output. */

// Without the opening playback, software rendering draws only what a test does.
test.use({
  ownHost: true,
  viewport: { width: 1440, height: 900 },
  colorScheme: 'dark',
  contextOptions: { reducedMotion: 'reduce' },
});

const shots = join(root, 'tests', 'output', 'workbench');
mkdirSync(shots, { recursive: true });
const shot = (page: Page, name: string) => page.screenshot({ path: join(shots, `${name}.png`) });

const run = (page: Page, label: string) => page.locator('.run').filter({ hasText: label });
const caption = (page: Page) => page.locator('.stage-caption');
const playhead = (page: Page) => page.getByRole('slider', { name: 'Playhead' });
const playheadRow = async (page: Page) => Number(await playhead(page).inputValue());
const train = (page: Page) => page.getByRole('button', { name: 'Train', exact: true });
const surfaceDone = (page: Page) => expect(caption(page)).toHaveAttribute('data-state', 'done', { timeout: 40_000 });

/** A fact of the inspection: the number beside its name. */
const fact = (page: Page, name: string | RegExp) =>
  page
    .locator('.fact-grid > div')
    .filter({ has: page.locator('dt', { hasText: name }) })
    .locator('dd')
    .first();

async function load(page: Page, title: string) {
  await page.getByRole('button', { name: 'Load' }).click();
  await page.getByRole('menuitem', { name: title }).click();
}

test.describe('with motion', () => {
  test.use({ contextOptions: { reducedMotion: 'no-preference' } });

  test('opens on a race that is already moving, three ways to three minima', async ({ app }) => {
    await expect.poll(() => playheadRow(app), { intervals: [50] }).toBeGreaterThan(1);
    // Since the page began to load, on a machine that draws in software.
    expect(await app.evaluate(() => performance.now())).toBeLessThan(6_000);
    await expect(app.locator('.run')).toHaveCount(3);
    for (const label of ['SGD', 'Momentum', 'Adam'])
      await expect(run(app, label)).toContainText('Reached its 300 steps');
    await surfaceDone(app);
    await shot(app, 'opening-race-dark');
    await app.getByRole('button', { name: 'Pause playback' }).click();
    await app.getByRole('button', { name: 'To the last row' }).click();
    await expect(app.locator('.step-readout')).toContainText('300');
    const ends = new Set<string>();
    for (const label of ['SGD', 'Momentum', 'Adam']) {
      await run(app, label).locator('.run-main').click();
      ends.add(`${Math.sign(await number(fact(app, /^x$/)))} ${Math.sign(await number(fact(app, /^y$/)))}`);
    }
    expect(ends.size).toBe(3);
  });
});

const number = async (locator: ReturnType<typeof fact>) => Number((await locator.textContent())?.replace('−', '-'));

test('trains on digits: scrub, top view, hover, eigenvalues', async ({ app }) => {
  await load(app, 'Handwritten digits');
  await expect(app.locator('.layer')).toHaveCount(2);
  await expect(app.getByText('2,410 parameters')).toBeVisible();
  await train(app).click();
  await expect(run(app, 'Adam')).toContainText('Reached its 600 steps', { timeout: 30_000 });
  await expect(run(app, 'Adam')).toContainText(/9\d(\.\d)?% right/);
  await surfaceDone(app);
  await expect(caption(app)).toContainText('51×51');
  await expect(caption(app)).toContainText('1,438 examples');
  await shot(app, 'digits-perspective');

  const box = (await playhead(app).boundingBox())!;
  await app.mouse.click(box.x + box.width * 0.2, box.y + box.height / 2);
  const row = await playheadRow(app);
  expect(row).toBeGreaterThan(20);
  expect(row).toBeLessThan(40);
  await expect(fact(app, 'Step')).toHaveText(String(row * 4));
  expect(await number(fact(app, 'Distance to the plane'))).toBeGreaterThan(0);
  const [truth, slice] = [await number(fact(app, 'True loss')), await number(fact(app, 'Loss on the slice'))];
  expect(truth).toBeGreaterThan(0);
  expect(slice).not.toBe(truth);

  await app.keyboard.press('2');
  await expect(caption(app)).toHaveAttribute('data-view', 'top');
  const view = (await app.locator('.stage-view').boundingBox())!;
  await app.mouse.move(view.x + view.width / 2, view.y + view.height / 2, { steps: 4 });
  await expect(app.locator('.hover-readout')).toContainText('Gradient');
  await expect(app.locator('.hover-readout')).toHaveAttribute('data-exact', 'true');
  await expect(app.locator('.hover-readout')).toContainText('‖∇L‖');
  await shot(app, 'digits-top-hover');

  await app.getByRole('button', { name: 'Measure' }).click();
  await expect(app.locator('.kind')).toContainText(/critical point|Minimum|Saddle/, { timeout: 30_000 });
  await expect(app.locator('.eigenvalues tbody tr')).toHaveCount(7);
  await expect(app.locator('.eigenvalues tbody')).not.toContainText('not yet');
  await expect(app.getByText('gᵀHg')).toBeVisible();
  await app.locator('.spectrum').scrollIntoViewIfNeeded();
  await shot(app, 'digits-eigenvalues');
});

test('a race starts where the surface is clicked, and a curve moves the playhead', async ({ app }) => {
  await surfaceDone(app);
  await app.keyboard.press('2');
  await expect(caption(app)).toHaveAttribute('data-view', 'top');
  await app.waitForTimeout(600);
  const view = (await app.locator('.stage-view').boundingBox())!;
  await app.mouse.click(view.x + view.width * 0.42, view.y + view.height * 0.55);
  await expect(app.getByLabel('Start x')).not.toHaveValue('');
  await expect(run(app, 'Adam')).toContainText('Reached its 300 steps');
  await app.getByRole('button', { name: 'To the first row' }).click();
  expect(await number(fact(app, /^x$/))).toBeCloseTo(Number(await app.getByLabel('Start x').inputValue()), 3);

  const chart = (await app.locator('.chart-plot .u-over').first().boundingBox())!;
  await app.mouse.click(chart.x + chart.width / 2, chart.y + chart.height / 2);
  await expect.poll(() => playheadRow(app)).toBeGreaterThan(130);
  expect(await playheadRow(app)).toBeLessThan(170);

  await app.getByRole('button', { name: 'Measure' }).click();
  await expect(app.locator('.kind')).toContainText('Minimum');
  await expect(app.locator('.eigenvalues tbody tr')).not.toHaveCount(0);
});

test('other functions and expressions are drawn as they are chosen', async ({ app }) => {
  await surfaceDone(app);
  await app.getByLabel('Test function').selectOption('rosenbrock');
  await expect(app.locator('.formula-card')).toContainText('ravine');
  await expect(app.locator('.run')).toHaveCount(0);
  await surfaceDone(app);
  await shot(app, 'rosenbrock-before-training');
  await app.getByText('Expression', { exact: true }).click();
  await app.getByLabel('f(x, y)').fill('sin(3*x)*cos(2*y) + 0.3*(x^2 + y^2)');
  await expect(app.locator('.issue')).toHaveCount(0);
  await train(app).click();
  await expect(app.locator('.run')).toHaveCount(3);
  await surfaceDone(app);
  await shot(app, 'expression-race');
});

test('long work can be stopped: training, and a surface', async ({ app }) => {
  test.slow();
  await load(app, 'Handwritten digits');
  await app.getByLabel('Steps', { exact: true }).fill('400000');
  await train(app).click();
  await expect(caption(app)).toHaveAttribute('data-state', 'live', { timeout: 20_000 });
  await expect(app.locator('.live-dot')).toBeVisible();
  await expect(run(app, 'Adam')).toContainText('Training, step');
  await shot(app, 'digits-live');
  await app.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(run(app, 'Adam')).toContainText('Paused');
  await app.getByRole('button', { name: 'Resume' }).click();
  await expect(run(app, 'Adam')).toContainText('Training, step');
  await app.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(run(app, 'Adam')).toContainText('Stopped by you');
  await surfaceDone(app);

  await app.getByRole('button', { name: 'Plane: PCA of the path' }).click();
  await app.getByLabel('Grid').fill('401');
  await app.getByRole('button', { name: 'Recompute' }).click();
  await app.keyboard.press('Escape');
  const card = app.locator('.progress-card');
  await expect(card).toContainText('Computing the surface');
  await expect(card).toContainText('left');
  await shot(app, 'surface-progress');
  await card.getByRole('button', { name: 'Cancel' }).click();
  await expect(card).toHaveCount(0);
  await expect(app.getByRole('alert')).toHaveCount(0);
});

test('any plane, turned by hand; what a reviewer would object to, and one click that cures it', async ({ app }) => {
  test.slow();
  await surfaceDone(app);
  await load(app, 'Iris');
  await train(app).click();
  await expect(run(app, 'SGD')).toContainText('Reached its', { timeout: 30_000 });
  await surfaceDone(app);

  const planeButton = app.getByRole('button', { name: /^Plane: / });
  await planeButton.click();
  for (const [plane, name] of [
    ['gradient', 'Gradient and H·gradient'],
    ['points', 'Through chosen points'],
    ['eigenvectors', 'Hessian eigenvectors'],
  ] as const) {
    await app.getByRole('combobox', { name: 'Plane', exact: true }).selectOption(plane);
    await expect(caption(app)).toContainText(name);
    await surfaceDone(app);
    await shot(app, `plane-${plane}`);
  }
  await app.getByLabel(/^Turn by/).fill('40');
  await expect(caption(app)).toContainText('Turned plane');
  await surfaceDone(app);
  await shot(app, 'plane-turned');
  await app.getByLabel(/^Turn by/).fill('0');
  await app.getByRole('combobox', { name: 'Plane', exact: true }).selectOption('random');
  await app.getByText('None', { exact: true }).click();
  await surfaceDone(app);
  await app.keyboard.press('Escape');

  await app.getByRole('button', { name: 'Check the plot' }).click();
  const finding = app.locator('.lint-finding').filter({ hasText: 'not normalized' });
  await expect(finding).toContainText('Li et al. 2018');
  await finding.scrollIntoViewIfNeeded();
  await shot(app, 'lint');
  await finding.getByRole('button', { name: 'Normalize by filter.' }).click();
  await surfaceDone(app);
  await expect(finding).toHaveCount(0);
  const low = app.locator('.lint-finding').filter({ hasText: 'less than half' });
  await low.getByRole('button').click();
  await expect(caption(app)).toContainText('PCA of the path');
  await expect(low).toHaveCount(0);
  await shot(app, 'lint-cured');
});

test('between two solutions: barriers, a curve below them, and its plane', async ({ app }) => {
  await surfaceDone(app);
  await load(app, 'Iris');
  await app.getByRole('button', { name: 'Add an optimizer' }).click();
  await train(app).click();
  await expect(app.locator('.run')).toHaveCount(2);
  for (const one of await app.locator('.run').all())
    await expect(one).toContainText('Reached its', { timeout: 30_000 });
  await surfaceDone(app);
  await app.getByRole('switch', { name: 'Align hidden units first' }).click({ force: true });
  await app.getByRole('button', { name: 'Connect', exact: true }).click();
  const result = app.locator('.connect-result');
  await expect(result.locator('tbody tr')).toHaveCount(3, { timeout: 20_000 });
  await expect(result).toContainText('of 8 hidden units moved');
  const show = result.getByRole('button', { name: 'Show its plane' });
  await show.scrollIntoViewIfNeeded();
  await show.click();
  await expect(caption(app)).toContainText('Ends and bend of a curve');
  await surfaceDone(app);
  // Nothing hidden has lengthened the page.
  expect(await app.evaluate(() => document.documentElement.scrollHeight <= window.innerHeight)).toBe(true);
  await shot(app, 'connect');
});

test('bad input: a message beside the field, nothing lost, nothing started', async ({ app }) => {
  await surfaceDone(app);
  const rate = app.getByLabel('Learning rate').first();
  await rate.fill('-1');
  await expect(app.locator('.optimizer').first()).toContainText('−1 is too small'.replace('−', '-'));
  await rate.fill('abc');
  await expect(app.locator('.optimizer').first()).toContainText('“abc” is not a number. Type a number such as 0.01');
  await expect(rate).toHaveAttribute('aria-invalid', 'true');
  await app.getByLabel('Steps', { exact: true }).fill('0');
  await expect(app.getByText('2 fields need attention')).toBeVisible();
  await train(app).click();
  await expect(rate).toBeFocused();
  await expect(rate).toHaveValue('abc');
  for (const label of ['SGD', 'Momentum', 'Adam']) await expect(run(app, label)).toContainText('Reached its 300 steps');
  await shot(app, 'bad-input');
  await app.getByText('Expression', { exact: true }).click();
  await app.getByLabel('f(x, y)').fill('x^2 + foo(y)');
  await expect(app.locator('.issue').filter({ hasText: 'foo' })).toBeVisible();
  await app.getByText('Network', { exact: true }).click();
  await app.getByText('Function', { exact: true }).click();
  await expect(rate).toHaveValue('abc');
  await app.keyboard.press('Control+z');
});

test('a reload keeps the form, the runs and their landscape', async ({ app }) => {
  await surfaceDone(app);
  await load(app, 'Iris');
  await train(app).click();
  await expect(run(app, 'SGD')).toContainText('Reached its', { timeout: 30_000 });
  await surfaceDone(app);
  await app.getByLabel('Learning rate').fill('not yet');
  await app.getByRole('button', { name: 'Light theme' }).click();
  await app.waitForTimeout(600);
  await app.reload();
  await expect(run(app, 'SGD')).toContainText('Reached its');
  await expect(app.getByLabel('Learning rate')).toHaveValue('not yet');
  await expect(app.locator('html')).toHaveAttribute('data-theme', 'light');
  await surfaceDone(app);
  await expect(caption(app)).toContainText('PCA of the path');
  await shot(app, 'reloaded-light');

  await app.getByRole('button', { name: 'Runs' }).click();
  await expect(app.locator('.library-row')).toHaveCount(4);
  await shot(app, 'library');
  await app.locator('.library-open').filter({ hasText: 'Momentum' }).click();
  await expect(app.locator('.run')).toHaveCount(1);
  await expect(app.getByLabel('Test function')).toHaveValue('himmelblau');
});

test('by keyboard alone: skip, choose, train, play, look, measure, help', async ({ app }) => {
  await surfaceDone(app);
  await app.keyboard.press('Tab');
  await expect(app.getByRole('link', { name: 'Skip to the experiment' })).toBeFocused();
  await app.keyboard.press('Enter');
  await app.keyboard.press('Tab');
  await app.keyboard.press('Tab');
  await app.keyboard.press('ArrowRight');
  await expect(app.getByRole('radio', { name: 'Network' })).toBeChecked();
  await app.keyboard.press('ArrowLeft');
  await expect(app.getByRole('radio', { name: 'Function' })).toBeChecked();
  await app.keyboard.press('t');
  await expect(run(app, 'Adam')).toContainText('Reached its 300 steps');
  // A radio button keeps the arrow keys; the heading beside it has no use for them.
  await app.keyboard.press('Shift+Tab');
  await app.keyboard.press('End');
  await expect(app.locator('.step-readout')).toContainText('300');
  await app.keyboard.press('Shift+ArrowLeft');
  await expect(app.locator('.step-readout')).toContainText('290');
  await app.keyboard.press('2');
  await expect(caption(app)).toHaveAttribute('data-view', 'top');
  await app.keyboard.press('?');
  const help = app.getByRole('dialog', { name: 'Help' });
  await expect(help).toBeVisible();
  await shot(app, 'help');
  await app.keyboard.press('Escape');
  await expect(help).toHaveCount(0);
  const measure = app.getByRole('button', { name: 'Measure' });
  await measure.focus();
  await app.keyboard.press('Space');
  await expect(app.locator('.kind')).toBeVisible();
  const splitter = app.getByRole('separator', { name: 'Resize the inspection pane' });
  const before = (await app.locator('.inspection').boundingBox())!.width;
  await splitter.focus();
  await app.keyboard.press('ArrowLeft');
  await expect.poll(async () => (await app.locator('.inspection').boundingBox())!.width).toBeGreaterThan(before);
});

test('undo and redo bring edits back', async ({ app }) => {
  await surfaceDone(app);
  await app.getByRole('button', { name: 'Add an optimizer' }).click();
  await expect(app.locator('.optimizer')).toHaveCount(4);
  await app.getByRole('button', { name: 'Remove SGD' }).click();
  await expect(app.locator('.optimizer')).toHaveCount(3);
  await app.keyboard.press('Control+z');
  await app.keyboard.press('Control+z');
  await expect(app.locator('.optimizer')).toHaveCount(3);
  await expect(app.getByRole('button', { name: 'Remove SGD' })).toBeVisible();
  await app.keyboard.press('Control+Shift+z');
  await expect(app.locator('.optimizer')).toHaveCount(4);
});

test('a figure for a paper', async ({ app }) => {
  await surfaceDone(app);
  await app.keyboard.press('Control+e');
  const dialog = app.getByRole('dialog', { name: 'Export figure' });
  await dialog.getByText('183 mm').click();
  await shot(app, 'export');
  const download = app.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save' }).click();
  expect((await download).suggestedFilename()).toBe('Himmelblau.svg');
  await expect(dialog).toHaveCount(0);
});

test('a person’s own data: a CSV is taken, a broken one refused beside the field', async ({ app }) => {
  await surfaceDone(app);
  await app.getByText('Network', { exact: true }).click();
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${(i * 3) % 5},${i % 11},${i % 2 === 0 ? 'a' : 'b'}`);
  const file = app.locator('input[type=file][accept=".csv,.npz"]');
  await file.setInputFiles({ name: 'mine.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) });
  await expect(app.getByLabel('Dataset')).toHaveValue(/^mine.*\.csv$/);
  await expect(app.locator('.layer-end .number')).toHaveText('3');
  await expect(app.getByLabel('Units, Output')).toHaveValue('2');
  await shot(app, 'own-data');
  await file.setInputFiles({ name: 'bad.csv', mimeType: 'text/csv', buffer: Buffer.from('1,2,a\n3,nan,b\n5,6') });
  await expect(app.locator('.issue')).toBeVisible();
});

test('Korean throughout', async ({ app }) => {
  await surfaceDone(app);
  await app.getByRole('button', { name: 'Language' }).click();
  await app.getByRole('menuitemradio', { name: '한국어' }).click();
  await expect(app.locator('html')).toHaveAttribute('lang', 'ko');
  await expect(app.getByRole('button', { name: '학습', exact: true })).toBeVisible();
  await expect(run(app, 'Adam')).toContainText('스텝을 마침');
  await shot(app, 'korean');
});

for (const { width, height, colorScheme } of [
  { width: 1440, height: 900, colorScheme: 'light' },
  { width: 1024, height: 768, colorScheme: 'dark' },
  { width: 1024, height: 768, colorScheme: 'light' },
  { width: 2560, height: 1440, colorScheme: 'dark' },
] as const) {
  test(`${width}×${height}, ${colorScheme}: nothing overflows, axe finds nothing serious`, async ({ app }) => {
    test.slow();
    await app.setViewportSize({ width, height });
    await app.emulateMedia({ colorScheme });
    await surfaceDone(app);
    await load(app, 'Iris');
    await train(app).click();
    await expect(run(app, 'SGD')).toContainText('Reached its', { timeout: 30_000 });
    await surfaceDone(app);
    await app.getByRole('button', { name: 'More settings of SGD' }).click();
    await app.getByRole('button', { name: 'Measure' }).click();
    await expect(app.locator('.kind')).toBeVisible({ timeout: 30_000 });
    await app.waitForTimeout(300);
    await shot(app, `iris-${width}-${colorScheme}`);
    expect(await app.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    // Panes scroll up and down only; no control reaches out of its pane.
    const wide = await app.evaluate(() =>
      [...document.querySelectorAll('.pane-scroll, .toolbar, .timeline, .top-bar')]
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .map((element) => element.className),
    );
    expect(wide).toEqual([]);
    const { violations } = await new AxeBuilder({ page: app }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
  });
}

test('with reduced motion nothing plays by itself', async ({ app }) => {
  await surfaceDone(app);
  await expect(app.locator('.run')).toHaveCount(3);
  await expect(app.locator('.step-readout')).toContainText('300');
  await expect(app.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
});

test('a link to a run opens it; a folder that is no run is named in the library', async ({ app, host, page }) => {
  await expect(app.locator('.run')).toHaveCount(3);
  const runs = join(host.dataFolder, 'runs');
  await expect.poll(() => readdirSync(runs).filter((name) => name.endsWith('.lossrun'))).toHaveLength(3);
  const ids = readdirSync(runs).map((name) => name.replace('.lossrun', ''));
  mkdirSync(join(runs, 'broken.lossrun'));
  await page.goto('about:blank');
  await page.goto(`/#run=${ids[0]}`);
  await expect(page.locator('.run')).toHaveCount(1);
  await expect(page.locator('.run')).toContainText('Reached its 300 steps');
  expect(new URL(page.url()).hash).toBe('');
  await surfaceDone(page);
  await page.getByRole('button', { name: 'Runs' }).click();
  await expect(page.getByRole('dialog')).toContainText(/broken\.lossrun cannot be read/);
  await shot(page, 'library-unreadable');
});
