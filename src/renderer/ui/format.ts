import { formatNumber as formatMeasured } from '../../shared/math/numbers';
import { currentLanguage } from '../i18n';

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

export function formatSeconds(seconds: number): string {
  const unit = (value: number, name: string, decimals = 0) =>
    intl({ style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: decimals }).format(value);
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 1) return unit(Math.max(Math.round(seconds * 1_000), 1), 'millisecond');
  if (seconds < 60) return unit(seconds, 'second', seconds < 10 ? 1 : 0);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${unit(minutes, 'minute')} ${unit(Math.round(seconds % 60), 'second')}`;
  return `${unit(Math.floor(minutes / 60), 'hour')} ${unit(minutes % 60, 'minute')}`;
}

/** Date and time of a run. */
export function formatDate(iso: string): string {
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}
