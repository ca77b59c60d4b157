import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { appFolders } from '../../src/main/folders';
import { runCommandLine } from '../../src/main/hosts/cli/program';
import { lessonTopics } from '../../src/shared/model/lesson';
import { recordedTerminal } from '../unit/cli/sample';
import { createTestEngine, ok } from './testEngine';

const { router, services, dispose } = createTestEngine();
afterAll(dispose);
const folder = join(appFolders().resources, 'lessons');
const shipped = readdirSync(folder).map((file) => basename(file, '.md'));

async function atlas(...args: string[]) {
  const terminal = recordedTerminal();
  const code = await runCommandLine([...args, '--data-folder', services.options.dataFolder], terminal);
  return { code, out: terminal.out, err: terminal.err };
}

describe.each(shipped)('the lesson "%s"', (name) => {
  it('holds in everything it claims', { timeout: 120_000 }, async () => {
    const { steps } = await ok(router.call('lesson/check', { name }));
    const failures = steps.flatMap(({ id, claims, problems }) => [
      ...problems.map((problem) => `${id}: ${problem}`),
      ...claims.flatMap(({ failure }) => (failure === null ? [] : [`${id}: ${failure}`])),
    ]);
    expect(failures).toEqual([]);
    // A lesson that claims nothing cannot be wrong.
    expect(steps.flatMap(({ claims }) => claims).length).toBeGreaterThan(0);
  });
});

describe('atlas lesson', () => {
  it('lists every lesson with its title in both languages, in the order of the book', async () => {
    const { code, out } = await atlas('lesson', '--list', '--json');
    expect(code).toBe(0);
    const listed: { name: string; title: { en: string; ko: string }; topic: string }[] = JSON.parse(out);
    expect(listed.map(({ name }) => name).sort()).toEqual([...shipped].sort());
    for (const { title } of listed) expect(title.ko).toMatch(/[가-힣]/);
    const order = listed.map(({ topic }) => lessonTopics.indexOf(topic as (typeof lessonTopics)[number]));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('checks a lesson and says which claim does not hold', async () => {
    const good = await atlas('lesson', 'ill-conditioning', '--check');
    expect([good.code, good.out]).toEqual([0, expect.stringContaining('everything holds')]);
    const { text } = await ok(router.call('lesson/source', { name: 'ill-conditioning' }));
    const bad = text.replace('near: theory', 'near: 0.5');
    expect(bad).not.toBe(text);
    await ok(router.call('lesson/add', { name: 'mine.md', bytes: new TextEncoder().encode(bad) }));
    const failed = await atlas('lesson', 'mine', '--check');
    expect([failed.code, failed.out]).toEqual([1, expect.stringContaining('is not within')]);
  });
});

describe('a teacher’s own lesson', () => {
  const add = async (name: string, change: (text: string) => string) => {
    const { text } = await ok(router.call('lesson/source', { name: 'ill-conditioning' }));
    return router.call('lesson/add', { name, bytes: new TextEncoder().encode(change(text)) });
  };

  it('stands in the list beside those that came', async () => {
    expect(await ok(add('own-one.md', (text) => text))).toMatchObject({ name: 'own-one', own: true });
    const { lessons } = await ok(router.call('lesson/list', {}));
    expect(lessons.find(({ name }) => name === 'own-one')).toMatchObject({ own: true, topic: 'illConditioning' });
  });

  it.each<[string, (text: string) => string, string]>([
    ['an unknown topic', (text) => text.replace('topic: illConditioning', 'topic: cooking'), 'topic: '],
    ['a study that is not there', (text) => text.replace('name: conditioning', 'name: cooking'), 'name: cooking'],
    ['a parameter out of range', (text) => text.replace('kappa: 25', 'kappa: 0'), 'kappa: 0'],
    ['a control of no parameter', (text) => text.replace('parameter: kappa', 'parameter: cappa'), 'parameter: cappa'],
    ['YAML that is none', (text) => text.replace('study:\n', 'study: [\n'), 'study: ['],
    ['a language that is missing', (text) => text.replace('### ko', '### fr'), '### fr'],
    ['text before the first step', (text) => text.replace('\n## ', '\nStray.\n\n## '), 'Stray.'],
  ])('is refused for %s, with the line', async (_, change, at) => {
    const { text } = await ok(router.call('lesson/source', { name: 'ill-conditioning' }));
    const line =
      change(text)
        .split('\n')
        .findIndex((one) => one.includes(at)) + 1;
    const result = await add('broken.md', change);
    expect(result.ok).toBe(false);
    if (result.ok) return;
    expect(result.error.code).toBe('badInput');
    const told = Number(/^broken\.md, line (\d+): /.exec(result.error.message)?.[1]);
    // A list that is never closed ends later than it begins.
    expect(Math.abs(told - line), result.error.message).toBeLessThanOrEqual(at === 'study: [' ? 3 : 0);
    const { lessons } = await ok(router.call('lesson/list', {}));
    expect(lessons.some(({ name }) => name === 'broken')).toBe(false);
  });

  it('may not take the name of one that came', async () => {
    const result = await add('ill-conditioning.md', (text) => text);
    expect(result).toMatchObject({ ok: false, error: { code: 'badInput', cure: 'Rename the file.' } });
  });
});
