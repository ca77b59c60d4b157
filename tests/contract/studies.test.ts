import { afterAll, describe, expect, it } from 'vitest';
import { studies } from '../../src/main/engine/studies';
import { createTestEngine, ok } from './testEngine';

const { router, dispose } = createTestEngine();
afterAll(dispose);

describe.each(studies.map(({ name }) => name))('the study "%s"', (name) => {
  it('comes back with numbers, and lines and paths of equal lengths', { timeout: 60_000 }, async () => {
    const { facts, charts, scenes, tables } = await ok(router.call('study/run', { name }));
    expect(Object.keys(facts).length).toBeGreaterThan(0);
    for (const fact of Object.values(facts)) expect(fact.value, fact.label.en).not.toBeNaN();
    for (const { lines } of Object.values(charts)) {
      expect(lines.length).toBeGreaterThan(0);
      for (const { x, y, standardError } of lines) {
        expect(y.length).toBe(x.length);
        if (standardError) expect(standardError.length).toBe(x.length);
        expect(x.every((value, i) => i === 0 || value >= x[i - 1]!)).toBe(true);
      }
    }
    for (const { xs, ys, heights, paths } of Object.values(scenes)) {
      expect(heights.length).toBe(xs.length * ys.length);
      for (const { x, y, height } of paths) expect([y.length, height.length]).toEqual([x.length, x.length]);
    }
    for (const { columns, rows } of Object.values(tables)) {
      for (const row of rows) expect(row.length).toBe(columns.length);
    }
  });
});

it('names an unknown study, an unknown parameter and a value out of range with what is allowed', async () => {
  const failure = async (params: { name: string; parameters?: Record<string, unknown> }) => {
    const result = await router.call('study/run', params);
    return result.ok ? null : [result.error.code, result.error.message, result.error.cure];
  };
  expect(await failure({ name: 'cooking' })).toEqual([
    'badInput',
    'Unknown study "cooking".',
    expect.stringContaining('conditioning'),
  ]);
  expect(await failure({ name: 'conditioning', parameters: { cappa: 2 } })).toEqual([
    'badInput',
    'The study "conditioning" has no parameter "cappa".',
    'Known: kappa, steps.',
  ]);
  expect(await failure({ name: 'conditioning', parameters: { kappa: 0 } })).toEqual([
    'badInput',
    'kappa cannot be 0.',
    'It is a number from 1.5 to 1000.',
  ]);
});
