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

const shots = join(root, 'tests', 'output', 'planes');
mkdirSync(shots, { recursive: true });
const shot = (app: Page, name: string) => app.screenshot({ path: join(shots, `${name}.png`) });

const caption = (app: Page) => app.locator('.stage-caption');
const card = (app: Page, plane: string) => app.locator(`.plane-card[data-plane="${plane}"]`);
const drawn = (app: Page) => expect(caption(app)).toHaveAttribute('data-state', 'done', { timeout: 40_000 });

/** Trains the shipped iris network and waits for its landscape. */
async function trained(app: Page, words: { load: string; train: string }) {
  await drawn(app);
  await app.getByRole('button', { name: words.load, exact: true }).click();
  await app.getByRole('menuitem', { name: /Iris|붓꽃/ }).click();
  await app.getByRole('button', { name: words.train, exact: true }).click();
  await expect(app.locator('.run-outcome')).toHaveText(/500/, { timeout: 30_000 });
  await drawn(app);
}
const english = { load: 'Load', train: 'Train' };

const made = async (app: Page, planes: readonly string[]) => {
  for (const plane of planes)
    await expect(card(app, plane)).toHaveAttribute('data-state', 'ready', { timeout: 40_000 });
};
const always = ['pca', 'random', 'parameters', 'points', 'gradient', 'eigenvectors'];

test('the gallery: a small surface of every plane, chosen by keyboard, in both themes', async ({ app }) => {
  test.slow();
  await drawn(app);
  await app.keyboard.press('p');
  const dialog = app.getByRole('dialog');
  await expect(dialog).toContainText('The function has two parameters, so this plane is the whole landscape.');
  await app.keyboard.press('Escape');
  await trained(app, english);
  await app.keyboard.press('p');
  await expect(dialog).toContainText('Planes through the landscape');
  await made(app, always);
  await expect(card(app, 'pca')).toContainText('% of the path');
  await expect(card(app, 'eigenvectors')).toContainText('eigenvalues');
  await expect(card(app, 'file')).toContainText('No file is chosen. Choose an .npy, .npz or .safetensors file.');
  await expect(card(app, 'connection')).toContainText('No curve is chosen. Connect two runs');
  await expect(dialog).toContainText('21 × 21 points');
  await shot(app, 'gallery-dark');
  expect((await new AxeBuilder({ page: app }).include('dialog').analyze()).violations).toEqual([]);

  // Radio buttons: Tab leads in, arrows choose.
  await dialog.getByRole('radio', { name: /PCA of the path/ }).focus();
  await app.keyboard.press('ArrowRight');
  await expect(card(app, 'random')).toHaveClass(/chosen/);
  await expect(dialog.getByLabel('Direction seed')).toBeVisible();
  await app.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await drawn(app);
  await expect(caption(app)).toContainText('Random directions');

  await app.getByRole('button', { name: 'Light theme' }).click();
  await app.keyboard.press('p');
  await made(app, always);
  await shot(app, 'gallery-light');
  await app.setViewportSize({ width: 1024, height: 700 });
  await shot(app, 'gallery-small');
  expect((await new AxeBuilder({ page: app }).include('dialog').analyze()).violations).toEqual([]);
});

/** A .npy file of float64 numbers. */
function npy(values: readonly number[]): Buffer {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${values.length},), }`;
  const padded = header.padEnd(64 * Math.ceil((header.length + 11) / 64) - 11);
  const head = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.alloc(2), Buffer.from(`${padded}\n`)]);
  head.writeUInt16LE(padded.length + 1, 8);
  return Buffer.concat([head, Buffer.from(Float64Array.from(values).buffer)]);
}
const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer });

test('a direction from a file: what cannot be used is said at its control, and cured there', async ({ app }) => {
  test.slow();
  await trained(app, english);
  await app.keyboard.press('p');
  const dialog = app.getByRole('dialog');
  await card(app, 'file').click();
  const first = dialog.getByLabel('First direction');
  const control = dialog.locator('.file-field').filter({ hasText: 'First direction' });
  await expect(control).toContainText('No file is chosen.');

  await first.setInputFiles(file('notes.txt', Buffer.from('hello')));
  await expect(control).toContainText('"notes.txt" is neither .npy nor .npz nor .safetensors.');
  await first.setInputFiles(file('broken.npz', Buffer.from('PK not a zip')));
  await expect(control).toContainText('"broken.npz"');
  await expect(control.locator('.issue')).toBeVisible();
  await first.setInputFiles(file('short.npy', npy([1, 2, 3])));
  await expect(control).toContainText('3 numbers; the model has 67 parameters');
  await expect(control).toContainText('Save one direction as a vector of all parameters.');

  // One file is enough: the second axis is then random.
  const direction = Array.from({ length: 67 }, (_, i) => Math.sin(i + 1));
  await first.setInputFiles(file('sine.npy', npy(direction)));
  await expect(control.locator('.issue')).toHaveCount(0);
  await expect(control).toContainText('sine.npy');
  await drawn(app);
  await expect(caption(app)).toContainText('Direction from a file');
  await made(app, ['file']);

  const second = dialog.locator('.file-field').filter({ hasText: 'Second direction' });
  const twice = file('twice.npy', npy(direction.map((value) => 2 * value)));
  await dialog.getByLabel('Second direction', { exact: true }).setInputFiles(twice);
  await expect(second).toContainText('"sine.npy" and "twice.npy" are parallel (cosine 1.000000): a line, not a plane.');
  await expect(card(app, 'file')).toContainText('are parallel');
  await shot(app, 'error');
  expect((await new AxeBuilder({ page: app }).include('dialog').analyze()).violations).toEqual([]);
  const other = file('cosine.npy', npy(direction.map((_, i) => Math.cos(3 * i))));
  await dialog.getByLabel('Second direction', { exact: true }).setInputFiles(other);
  await expect(second.locator('.issue')).toHaveCount(0);
  await made(app, ['file']);
  await shot(app, 'file');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await drawn(app);
  await shot(app, 'file-stage');

  // It is remembered, and drawn again after a reload.
  await app.waitForTimeout(600);
  await app.reload();
  await drawn(app);
  await expect(caption(app)).toContainText('Direction from a file');
});

test('turned by hand: a third direction, the axis that turns, the origin along the path', async ({ app }) => {
  test.slow();
  await trained(app, english);
  await app.getByRole('button', { name: /^Plane: / }).click();
  const turn = app.getByLabel(/^Turn by/);
  await turn.focus();
  for (let i = 0; i < 30; i++) await turn.press('ArrowRight');
  await expect(app.getByText('Turn by 30°')).toBeVisible();
  await expect(caption(app)).toContainText('Turned plane');
  await drawn(app);

  await app.getByText('Turn toward', { exact: true }).click();
  await app.getByLabel('Third direction').selectOption('gradient');
  await drawn(app);
  await app.getByLabel('Third direction').selectOption('point');
  const popover = app.locator('.popover');
  // PCA holds the path's end; its plane nearly holds the start, so that there is something left to turn toward.
  await drawn(app);
  await app.getByText('First axis', { exact: true }).click();
  await drawn(app);
  await app.getByText('At a step', { exact: true }).click();
  const origin = popover.getByLabel(/^Origin at step/);
  await origin.fill('20');
  await expect(popover.getByText(/^Origin at step \d+ \(row 20\)/)).toBeVisible();
  await drawn(app);
  await origin.scrollIntoViewIfNeeded();
  await shot(app, 'turned');
  const { violations } = await new AxeBuilder({ page: app }).include('.popover').analyze();
  expect(violations).toEqual([]);

  // The origin itself is no direction: said where it was chosen.
  await popover.getByLabel('Recorded point').selectOption('row');
  await popover.getByLabel(/^Row, 0 to/).fill('20');
  await popover.getByLabel(/^Row, 0 to/).press('Enter');
  const said = popover.locator('.point-field .issue');
  await expect(said).toContainText('The direction "point" has the length 0.');
  await expect(said).toContainText('Choose another direction or another origin.');
  await said.scrollIntoViewIfNeeded();
  await shot(app, 'turned-error');
  await popover.getByLabel(/^Row, 0 to/).fill('100000');
  await expect(said).toContainText('100000 is too large.');
  await popover.getByRole('button', { name: 'Turn back' }).click();
  await expect(caption(app)).toContainText('PCA of the path');
  await drawn(app);
});

test('rows, runs, parameters and eigenvectors are chosen in the window', async ({ app }) => {
  test.slow();
  await drawn(app);
  await app.getByRole('button', { name: 'Load', exact: true }).click();
  await app.getByRole('menuitem', { name: /Iris/ }).click();
  await app.getByRole('button', { name: 'Add an optimizer' }).click();
  await app.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(app.locator('.run-outcome')).toHaveText([/500/, /500/], { timeout: 30_000 });
  await drawn(app);
  await app.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(app.locator('.connect-result tbody tr')).toHaveCount(2, { timeout: 20_000 });

  await app.keyboard.press('p');
  const dialog = app.getByRole('dialog');
  await made(app, [...always, 'connection']);
  await card(app, 'points').click();
  await dialog.getByRole('button', { name: 'Add a third point' }).click();
  await expect(dialog.locator('.point-field')).toHaveCount(3);
  await drawn(app);
  await dialog.getByText('Square', { exact: true }).click();
  await drawn(app);
  await made(app, ['points']);
  await dialog.locator('.point-field').nth(2).getByLabel('Row', { exact: true }).selectOption('end');
  await expect(dialog.locator('.point-field').nth(2)).toContainText('This is the same point as another one.');
  await shot(app, 'points');
  expect((await new AxeBuilder({ page: app }).include('dialog').analyze()).violations).toEqual([]);
  await dialog.getByRole('button', { name: 'Remove the third point' }).click();
  await drawn(app);

  await card(app, 'connection').click();
  await expect(dialog.getByLabel('Kept curve')).toContainText('Bezier, barrier');
  await drawn(app);
  await expect(caption(app)).toContainText('Ends and bend of a curve');
  await shot(app, 'connection');

  await card(app, 'parameters').click();
  await expect(dialog.locator('.plane-settings')).toContainText('layers.0.weight[0, 0]');
  await dialog.getByLabel('Second parameter').fill('0');
  await expect(dialog.locator('.plane-settings')).toContainText('Both axes name parameter 0.');
  await dialog.getByLabel('Second parameter').fill('66');
  await dialog.getByLabel('Second parameter').press('Enter');
  await expect(dialog.locator('.plane-settings')).toContainText('bias[2]');
  await drawn(app);

  await card(app, 'eigenvectors').click();
  await dialog.getByLabel('Second axis').selectOption('bottom');
  await drawn(app);
  await dialog.getByLabel('Number').nth(1).fill('21');
  await expect(dialog.locator('.plane-settings')).toContainText('21 is too large. Type 20 or less.');
  await dialog.getByLabel('Number').nth(1).fill('1');
  await dialog.getByLabel('Origin').selectOption('first');
  await dialog.getByRole('switch', { name: 'Biases and norm parameters' }).click({ force: true });
  await drawn(app);
  await made(app, ['eigenvectors']);
  await shot(app, 'eigenvectors');
});

test.describe('in Korean, light', () => {
  test.use({ locale: 'ko-KR', colorScheme: 'light' });
  test('the same words', async ({ app }) => {
    await trained(app, { load: '불러오기', train: '학습' });
    await app.keyboard.press('p');
    await expect(app.getByRole('dialog')).toContainText('손실 지형을 자르는 평면');
    await made(app, always);
    await card(app, 'random').click();
    await made(app, always);
    await shot(app, 'korean');
    await app.keyboard.press('Escape');
    await drawn(app);
    await app.getByRole('button', { name: /^평면: / }).click();
    await app.getByText('돌리는 쪽', { exact: true }).click();
    await app.getByLabel(/돌리기$/).fill('-40');
    await drawn(app);
    await shot(app, 'korean-turned');
  });
});
