import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { root } from './host';

/** A person in a lesson; each journey leaves screenshots in tests/output/lessons. */

// Without playback, software rendering draws only what a test does; a recording of every picture would take longer than
// the lessons.
test.use({
  ownHost: true,
  trace: 'off',
  viewport: { width: 1440, height: 900 },
  colorScheme: 'dark',
  contextOptions: { reducedMotion: 'reduce' },
});

const shots = join(root, 'tests', 'output', 'lessons');
mkdirSync(shots, { recursive: true });
const shot = (page: Page, name: string) => page.screenshot({ path: join(shots, `${name}.png`) });

const lessonFiles = readdirSync(join(root, 'resources', 'lessons')).filter((name) => name.endsWith('.md'));
const tour = join(root, 'tests', 'fixtures', 'lessons', 'tour.md');

const dialog = (page: Page) => page.getByRole('dialog');
const pane = (page: Page) => page.locator('#lesson');
const body = (page: Page) => pane(page).locator('.lesson-body');
const row = (page: Page, name: string) => dialog(page).locator(`.lesson-row[data-lesson="${name}"]`);
const caption = (page: Page) => page.locator('.stage-caption');

async function openLibrary(page: Page) {
  // The workbench first stands: its opening race would come in between.
  await expect(caption(page)).toHaveAttribute('data-state', 'done', { timeout: 40_000 });
  await page.keyboard.press('b');
  await expect(dialog(page).locator('.lesson-row').first()).toBeVisible();
}

async function openLesson(page: Page, name: string) {
  if (!(await dialog(page).isVisible())) await page.keyboard.press('b');
  await row(page, name).click();
  await expect(pane(page)).toHaveAttribute('data-lesson', name);
}

/** The step's study has arrived (asked for where it waits to be), and its runs have their surface. */
async function settled(page: Page) {
  const measure = pane(page).getByRole('button', { name: /^(Measure|측정하기)$/ });
  if (await measure.isVisible()) await measure.click();
  const state = body(page);
  await expect(state).toHaveAttribute('data-study', /^(done|none)$/, { timeout: 40_000 });
  if ((await state.getAttribute('data-stage')) === 'true') {
    await expect(caption(page)).toHaveAttribute('data-state', 'done', { timeout: 40_000 });
  }
}

/** Words that run out of their boxes, keys without a text, formulas that could not be read. */
const faults = (page: Page) =>
  page.evaluate(() => {
    const found: string[] = [];
    const boxes = '#lesson, .lesson-header h2, .lesson-scroll, .lesson-scroll *, .lesson-charts, .lesson-charts *';
    for (const element of document.querySelectorAll<HTMLElement>(boxes)) {
      if (element.closest('.katex, svg, .uplot, .visually-hidden, input')) continue;
      if (element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1) {
        found.push(
          `overflow: ${element.className} ${element.scrollWidth} > ${element.clientWidth}: ${element.textContent?.slice(0, 60)}`,
        );
      }
    }
    for (const error of document.querySelectorAll('.katex-error')) found.push(`formula: ${error.textContent}`);
    const key = /\b(lessons|stage|progress|timeline|pane|topBar|action)\.[a-zA-Z]+/.exec(document.body.innerText);
    if (key) found.push(`key: ${key[0]}`);
    return found;
  });

async function switchLanguage(page: Page, language: '한국어' | 'English') {
  await page.getByRole('button', { name: /^(Language|언어)$/ }).click();
  await page.getByRole('menuitemradio', { name: language }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', language === 'English' ? 'en' : 'ko');
}

test('every lesson, every step, in both languages', async ({ app }) => {
  test.setTimeout(60_000 + lessonFiles.length * 40_000);
  await openLibrary(app);
  await shot(app, 'library');
  expect((await new AxeBuilder({ page: app }).include('dialog').analyze()).violations).toEqual([]);
  const found: string[] = [];
  const times: string[] = [];
  for (const file of lessonFiles) {
    const name = file.replace(/\.md$/, '');
    const began = performance.now();
    await openLesson(app, name);
    const count = await pane(app).locator('.step-list li').count();
    for (let i = 0; i < count; i++) {
      await expect(pane(app).locator('[aria-current=step]')).toHaveText(String(i + 1));
      const skip = pane(app).getByRole('button', { name: 'Show without a prediction' });
      if (await skip.isVisible()) await skip.click();
      await settled(app);
      found.push(...(await faults(app)).map((fault) => `${name} ${i + 1} en ${fault}`));
      const failed = pane(app).locator('[data-holds="false"]');
      for (const text of await failed.allInnerTexts()) found.push(`${name} ${i + 1} claim: ${text}`);
      await shot(app, `${name}-${i + 1}`);
      if (i + 1 < count) await app.keyboard.press('PageDown');
    }
    await switchLanguage(app, '한국어');
    found.push(...(await faults(app)).map((fault) => `${name} ${count} ko ${fault}`));
    await shot(app, `${name}-${count}-ko`);
    // And back, on a projector.
    await app.keyboard.press('p');
    await app.setViewportSize({ width: 1024, height: 768 });
    for (let i = count - 1; i >= 0; i--) {
      await expect(pane(app).locator('[aria-current=step]')).toHaveText(String(i + 1));
      await settled(app);
      found.push(...(await faults(app)).map((fault) => `${name} ${i + 1} ko, presented, ${fault}`));
      if (i === 0 || i === count - 1) await shot(app, `${name}-${i + 1}-presented`);
      if (i > 0) await app.keyboard.press('ArrowLeft');
    }
    await app.keyboard.press('Escape');
    await app.setViewportSize({ width: 1440, height: 900 });
    await switchLanguage(app, 'English');
    times.push(`${name}: ${count} steps, ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  }
  console.log(times.join('\n'));
  expect(found).toEqual([]);
});

test('by keyboard: library, prediction, control, question, and back to the workbench as it was', async ({ app }) => {
  test.setTimeout(120_000);
  const before = await form(app);
  await openLibrary(app);
  await app.getByLabel('Search lessons').fill('why descent zigzags');
  await expect(dialog(app).locator('.lesson-row')).toHaveCount(1);
  await app.getByLabel('Search lessons').press('Tab');
  await app.keyboard.press('Enter');
  await expect(pane(app).getByRole('heading', { level: 3 }).first()).toBeFocused();
  await expect(body(app)).toHaveAttribute('data-study', 'done');

  // The surface is there, what happens on it is not.
  await expect(pane(app).locator('.study-table')).toHaveCount(0);
  await shot(app, 'predict');
  await app.getByLabel('Your prediction').fill('nine');
  await app.keyboard.press('Enter');
  await expect(pane(app).getByRole('alert')).toContainText('“nine” is not a number.');
  await app.getByLabel('Your prediction').fill('0.5');
  await app.keyboard.press('Enter');
  await expect(pane(app).locator('.comparison')).toContainText('0.5');
  await expect(pane(app).locator('.comparison')).toContainText('0.9231');
  await expect(pane(app).locator('.comparison')).toContainText('−0.4231');
  await expect(pane(app).locator('.claims [data-holds="true"]')).not.toHaveCount(0);
  await shot(app, 'predicted');

  const slider = pane(app).getByRole('slider', { name: /Condition number/ });
  await slider.focus();
  for (let i = 0; i < 20; i++) await app.keyboard.press('ArrowRight');
  await expect(pane(app).locator('.claims')).toContainText('for the lesson’s own settings');
  await expect(pane(app).locator('[data-fact="contraction"]')).not.toContainText('0.9231');
  // The prediction stays with what it was about.
  await expect(pane(app).locator('.comparison')).toContainText('0.9231');
  await shot(app, 'control');
  await pane(app).getByRole('button', { name: 'The lesson’s values' }).click();
  await expect(body(app)).toHaveAttribute('data-study', 'done');

  await pane(app)
    .getByRole('radio', { name: /About twice/ })
    .focus();
  await app.keyboard.press('Space');
  await app.keyboard.press('ArrowDown');
  await app.keyboard.press('ArrowUp');
  await pane(app).getByRole('button', { name: 'Check' }).press('Enter');
  await expect(pane(app).locator('.answer')).toContainText('Not quite.');
  await pane(app)
    .getByRole('radio', { name: /About four/ })
    .check();
  await pane(app).getByRole('button', { name: 'Check' }).click();
  await expect(pane(app).locator('.answer')).toContainText('Right.');
  await shot(app, 'question');
  for (const theme of ['dark', 'light']) {
    const { violations } = await new AxeBuilder({ page: app }).analyze();
    expect(violations, theme).toEqual([]);
    if (theme === 'dark') await app.getByRole('button', { name: 'Light theme' }).click();
  }
  await shot(app, 'question-light');

  await pane(app).getByRole('button', { name: 'Close the lesson' }).click();
  await expect(app.locator('#experiment')).toBeVisible();
  expect(await form(app)).toEqual(before);
  await expect(app.locator('.run')).toHaveCount(3);
  await expect(caption(app)).toHaveAttribute('data-state', 'done');
});

/** The form's fields and the runs, as a person sees them. */
async function form(page: Page) {
  await expect(caption(page)).toHaveAttribute('data-state', 'done', { timeout: 40_000 });
  const fields = await page
    .locator('#experiment input, #experiment select')
    .evaluateAll((all) => all.map((field) => (field as HTMLInputElement).value));
  return { fields, runs: await page.locator('.run').allInnerTexts(), caption: await caption(page).innerText() };
}

test('a teacher’s own lesson: runs on the stage, a network’s plane, a study that waits', async ({ app, host }) => {
  test.setTimeout(120_000);
  await openLibrary(app);
  await app.getByLabel('Import a lesson file').setInputFiles(tour);
  await expect(row(app, 'tour')).toContainText('your own');
  await openLesson(app, 'tour');
  await settled(app);
  await expect(app.locator('.run')).toHaveCount(2);
  await shot(app, 'tour-race');
  const rate = pane(app).getByRole('slider', { name: 'Rate of the second' });
  await rate.focus();
  await rate.press('Home');
  await expect(app.locator('.run').nth(1)).toContainText('0.001');
  await settled(app);
  // The form's undo does not reach into a lesson.
  await expect(app.getByRole('button', { name: 'Undo' })).toBeDisabled();
  // A click starts the lesson's runs elsewhere, and the form's start stays.
  await app.locator('.scene').click({ position: { x: 200, y: 400 } });
  await settled(app);

  await pane(app).getByRole('button', { name: 'Next' }).click();
  await expect(pane(app)).toContainText('a random plane');
  await settled(app);
  await expect(caption(app)).toContainText('Random');
  await shot(app, 'tour-network');
  await app.keyboard.press('PageDown');
  await shot(app, 'tour-waiting');
  await settled(app);
  await expect(pane(app).locator('[data-holds="true"]')).toHaveCount(1);
  await shot(app, 'tour-charts');

  // Progress is kept, and where one left.
  await pane(app).getByRole('button', { name: 'Close the lesson' }).click();
  await app.keyboard.press('b');
  await expect(row(app, 'tour')).toContainText('2 of 3 steps done');
  await app.waitForTimeout(500);
  await app.reload();
  await openLibrary(app);
  await expect(row(app, 'tour')).toContainText('2 of 3 steps done');
  await dialog(app)
    .getByRole('button', { name: /^Continue where you left/ })
    .click();
  await expect(pane(app)).toContainText('Measured when asked');
  // The lesson's runs left nothing behind.
  const runs = readdirSync(join(host.dataFolder, 'runs'));
  expect(runs).toHaveLength(3);
});

/** Drops a file on the library, as from a folder. */
async function drop(page: Page, name: string, text: string) {
  const dataTransfer = await page.evaluateHandle(
    ([fileName, content]) => {
      const data = new DataTransfer();
      data.items.add(new File([content as string], fileName as string, { type: 'text/markdown' }));
      return data;
    },
    [name, text],
  );
  await page.dispatchEvent('.lesson-library', 'dragover', { dataTransfer });
  await expect(dialog(page)).toContainText('Drop the lesson file here');
  await page.dispatchEvent('.lesson-library', 'drop', { dataTransfer });
}

test('a broken lesson says which line, and how to mend it', async ({ app, host }) => {
  await openLibrary(app);
  const broken = readFileSync(tour, 'utf8').replace('fact: contraction', 'fakt: contraction');
  await drop(app, 'broken.md', broken);
  const line = broken.split('\n').findIndex((text) => text.includes('fakt')) + 1;
  const alert = dialog(app).getByRole('alert');
  await expect(alert).toContainText('broken.md');
  await expect(alert).toContainText(new RegExp(`line ${line}\\b`));
  await shot(app, 'broken');
  // One that lies in the folder already is listed with its line.
  mkdirSync(join(host.dataFolder, 'lessons'), { recursive: true });
  writeFileSync(join(host.dataFolder, 'lessons', 'broken.md'), broken);
  await app.keyboard.press('Escape');
  await app.keyboard.press('b');
  await expect(dialog(app)).toContainText('Lesson files that cannot be read');
  await expect(dialog(app).locator('.library-unreadable')).toContainText(new RegExp(`line ${line}\\b`));
});

test.describe('presented on a projector', () => {
  test.use({ viewport: { width: 1024, height: 768 }, colorScheme: 'light' });
  test('large type, by remote alone, with a laser', async ({ app }) => {
    await openLibrary(app);
    await openLesson(app, 'ill-conditioning');
    await settled(app);
    await app.keyboard.press('F5');
    await expect(app.locator('html')).toHaveAttribute('data-presenting', '');
    await expect(app.locator('.experiment-name')).toBeHidden();
    await shot(app, 'presenter-1');
    const size = await pane(app)
      .locator('.lesson-text p')
      .first()
      .evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
    expect(size).toBeGreaterThanOrEqual(20);
    // Next: the rest of the text, the prediction, the answer, and then the next step.
    for (let i = 0; i < 12 && !(await pane(app).locator('.comparison').isVisible()); i++) {
      await app.keyboard.press('PageDown');
    }
    await expect(app.locator('.presenter-chart .study-chart')).toBeVisible();
    await shot(app, 'presenter-2');
    for (let i = 0; i < 12 && !(await pane(app).locator('.answer').isVisible()); i++)
      await app.keyboard.press('PageDown');
    await shot(app, 'presenter-3');
    expect(await faults(app)).toEqual([]);
    await app.keyboard.down('l');
    await app.mouse.move(700, 300);
    await expect(app.locator('.laser')).toBeVisible();
    await shot(app, 'presenter-laser');
    await app.waitForTimeout(400);
    await app.keyboard.up('l');
    await expect(app.locator('.laser')).toHaveCount(0);
    for (let i = 0; i < 12 && (await pane(app).locator('.lesson-footer').innerText()).includes('Step 1 '); i++) {
      await app.keyboard.press('PageDown');
    }
    await expect(pane(app).locator('.lesson-footer')).toContainText('Step 2 of');
    await app.keyboard.press('PageUp');
    await expect(pane(app).locator('.lesson-footer')).toContainText('Step 1 of');
    const { violations } = await new AxeBuilder({ page: app }).analyze();
    expect(violations).toEqual([]);
    await app.keyboard.press('Escape');
    await expect(app.locator('.experiment-name')).toBeVisible();
    await expect(pane(app)).toBeVisible();
  });
});

test('a hand-out to print', async ({ app }) => {
  test.setTimeout(180_000);
  await openLibrary(app);
  await app.getByLabel('Import a lesson file').setInputFiles(tour);
  await expect(row(app, 'tour')).toBeVisible();
  for (const [name, language] of [
    ['tour', 'en'],
    ['ill-conditioning', 'ko'],
  ] as const) {
    if (!(await dialog(app).isVisible())) await app.keyboard.press('b');
    await expect(row(app, name)).toBeVisible();
    await openLesson(app, name);
    if (language === 'ko') await switchLanguage(app, '한국어');
    await settled(app);
    await pane(app).locator('.lesson-header .icon-button').first().click();
    const sheet = app.locator('.sheet');
    await expect(sheet).toBeVisible({ timeout: 120_000 });
    const steps = await sheet.locator('.sheet-step').count();
    expect(steps).toBeGreaterThan(0);
    expect(await sheet.locator('.katex-error').count()).toBe(0);
    if (name === 'tour') {
      await expect(sheet.locator('figure img')).toHaveCount(2);
      await expect(sheet.locator('.print-chart')).toHaveCount(1);
    }
    const pdf = await app.pdf({
      preferCSSPageSize: true,
      printBackground: true,
      path: join(shots, `hand-out-${name}.pdf`),
    });
    expect(pdf.length).toBeGreaterThan(20_000);
    await shot(app, `hand-out-${name}`);
    await app.locator('.hand-out-bar .button').nth(1).click();
    await expect(sheet).toHaveCount(0);
    await pane(app).locator('.lesson-header .icon-button').last().click();
  }
});
