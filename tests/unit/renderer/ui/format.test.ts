import { afterAll, expect, test } from 'vitest';
import { changeLanguage } from '../../../../src/renderer/i18n';
import { formatInteger, formatNumber, formatPercent, formatSeconds } from '../../../../src/renderer/ui/format';
import { keyName } from '../../../../src/renderer/ui/keys';

afterAll(() => changeLanguage('en'));

test('measured numbers: significant digits, true minus, powers of ten, a dash for none', () => {
  expect([0.0451, -12.345678, 1.5e-7, Number.NaN, Number.POSITIVE_INFINITY, 0].map((v) => formatNumber(v))).toEqual([
    '0.0451',
    '−12.35',
    '1.5×10⁻⁷',
    '–',
    '∞',
    '0',
  ]);
  expect([null, undefined].map((v) => formatNumber(v))).toEqual(['–', '–']);
});

test('counts, shares and durations in both languages', async () => {
  await changeLanguage('en');
  expect(formatInteger(-1234567)).toBe('−1,234,567');
  expect(formatPercent(0.9812)).toBe('98.1%');
  expect(formatPercent(null)).toBe('–');
  expect([0.0004, 0.25, 4.56, 42.4, 125, 7_260].map(formatSeconds)).toEqual([
    '1 ms',
    '250 ms',
    '4.6 s',
    '42 s',
    '2 min 5 s',
    '2 h 1 min',
  ]);
  await changeLanguage('ko');
  expect(formatSeconds(125)).toBe('2분 5초');
});

test('keys as they are printed on a keyboard', () => {
  expect(keyName('t')).toBe('T');
  expect(keyName('ArrowLeft', { shift: true })).toBe('⇧ ←');
  expect(keyName('z', { command: true, shift: true })).toBe('Ctrl+Shift+Z');
});
