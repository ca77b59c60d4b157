import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { changeLanguage } from '../../../src/renderer/i18n';
import ko from '../../../src/renderer/i18n/ko.json';
import { errorInWords, inWords } from '../../../src/renderer/i18n/said';
import { sayError } from '../../../src/shared/errors';
import { message, messages } from '../../../src/shared/messages';

const korean: Record<string, { text: string; cure?: string }> = ko.catalog.message;
const valuesOf = (text = '') => [...new Set([...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name!))].sort();

test('every message has a text and a cure in Korean where it has them in English, and no other', () => {
  expect(Object.keys(korean).sort()).toEqual(Object.keys(messages).sort());
  for (const [key, english] of Object.entries<{ text: string; cure?: string }>(messages)) {
    expect(Object.keys(korean[key]!), key).toEqual(Object.keys(english));
    for (const part of ['text', 'cure'] as const) {
      expect(valuesOf(korean[key]![part]), `${key}.${part}`).toEqual(valuesOf(english[part]));
      if (english[part] !== undefined) expect(korean[key]![part], key).toMatch(/[가-힣]|^\.npz/);
    }
  }
});

test('English has its values filled in', () => {
  const { text, cure, said } = message('batchTooLarge', { batchSize: 64, examples: 30 });
  expect(text).toBe('The batch size 64 is larger than the 30 training examples.');
  expect(cure).toBe('Use at most 30, or "full".');
  expect(said).toEqual({ key: 'batchTooLarge', values: { batchSize: 64, examples: 30 } });
  const values = { row: 3, column: '"width"', file: 'table.csv' };
  expect(sayError('badInput', 'cellEmpty', values, ['data']).toAppError()).toEqual({
    ...{ code: 'badInput', message: 'Row 3, column "width" of "table.csv" is empty.', field: ['data'] },
    ...{ cure: 'Fill the cell or leave the row out; nothing is guessed.', said: { key: 'cellEmpty', values } },
  });
});

describe('in Korean', () => {
  beforeAll(() => changeLanguage('ko'));
  afterAll(() => changeLanguage('en'));

  it('an error is read in Korean, its place and code stay', () => {
    const error = sayError('badInput', 'parameterTwice', { index: 4 }, ['plane', 'indices']).toAppError();
    expect(errorInWords(error)).toEqual({
      ...error,
      message: '두 축에 모두 4번 매개변수를 골랐습니다.',
      cure: '서로 다른 매개변수를 고르세요.',
    });
  });

  it('what is not in the catalog stays English', () => {
    const other = { code: 'engine', message: 'Something else.', cure: 'Do that.' } as const;
    expect(errorInWords(other)).toBe(other);
    expect(inWords({ key: 'ofAnotherVersion', values: {} }, 'text', 'As it came.')).toBe('As it came.');
    // A message without a cure has none in Korean either.
    expect(inWords(message('checkFailed', {}).said, 'cure', 'None.')).toBe('None.');
  });
});
