import { formatNumber as formatMeasured } from '../../shared/math/numbers';
import { currentLanguage, i18next } from '../i18n';

/** The one place where numbers become text. */

const formats = new Map<string, Intl.NumberFormat>();
function intl(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = currentLanguage() + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(currentLanguage(), options);
    formats.set(key, format);
  }
  return format;
}

/** Typographic minus, as wide as a digit's plus. */
const withMinus = (text: string): string => text.replace('-', '−');

/** A measured number: `digits` significant ones, powers of ten outside 10⁻³ … 10⁵; a dash where there is none. */
export const formatNumber = (value: number | null | undefined, digits = 4): string =>
  formatMeasured(value ?? Number.NaN, digits);

export const formatInteger = (value: number): string => withMinus(intl({ maximumFractionDigits: 0 }).format(value));

/** @param share between 0 and 1 */
export const formatPercent = (share: number | null | undefined, decimals = 1): string =>
  share === null || share === undefined || Number.isNaN(share)
    ? '–'
    : withMinus(intl({ style: 'percent', maximumFractionDigits: decimals }).format(share));

/** A share that may be tiny: what would be rounded to zero is told from zero. */
export const formatShare = (share: number | null | undefined): string =>
  share && share < 0.0005 ? `< ${formatPercent(0.001)}` : formatPercent(share);

export const subscript = (n: number): string => [...String(n)].map((digit) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)]).join('');

/** A duration with at most two units, e.g. "1.7 s", "2 min 5 s". */
export function formatSeconds(seconds: number): string {
  const number = (value: number, decimals = 0) => intl({ maximumFractionDigits: decimals }).format(value);
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 1) return i18next.t('unit.milliseconds', { value: number(Math.max(seconds * 1_000, 1)) });
  if (seconds < 60) return i18next.t('unit.seconds', { value: number(seconds, seconds < 10 ? 1 : 0) });
  const minutes = Math.floor(seconds / 60);
  const rest = i18next.t('unit.seconds', { value: number(Math.floor(seconds % 60)) });
  if (minutes < 60) return `${i18next.t('unit.minutes', { value: number(minutes) })} ${rest}`;
  const hours = i18next.t('unit.hours', { value: number(Math.floor(minutes / 60)) });
  return `${hours} ${i18next.t('unit.minutes', { value: number(minutes % 60) })}`;
}

/** Date and time of a run. */
export function formatDate(iso: string): string {
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}
