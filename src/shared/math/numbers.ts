import { format, precisionFixed } from 'd3-format';

const superscripts: Record<string, string> = {
  '0': '⁰',
  '1': '¹',
  '2': '²',
  '3': '³',
  '4': '⁴',
  '5': '⁵',
  '6': '⁶',
  '7': '⁷',
  '8': '⁸',
  '9': '⁹',
  '−': '⁻',
  '-': '⁻',
  '+': '',
};

/** "1.20e−4" → "1.2×10⁻⁴"; a mantissa of one is left out when `bare`. */
function scientific(value: number, digits: number, bare: boolean): string {
  const [mantissa = '', exponent = ''] = format(`.${Math.max(digits - 1, 0)}~e`)(value).split('e');
  const power = `10${[...exponent].map((c) => superscripts[c] ?? c).join('')}`;
  if (bare && mantissa === '1') return power;
  if (bare && mantissa === '−1') return `−${power}`;
  return `${mantissa}×${power}`;
}

/** A number for reading: `digits` significant digits, true minus sign, powers of ten outside [10⁻³, 10⁵). */
export function formatNumber(value: number, digits = 4): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e5 || magnitude < 1e-3) return scientific(value, digits, false);
  return magnitude >= 10 ** (digits - 1) ? format('.0f')(value) : format(`.${digits}~r`)(value);
}

/** Labels of the ticks of one linear axis: as many decimals as their distance needs, the same for all. */
export function formatTicks(ticks: readonly number[]): string[] {
  if (ticks.length === 0) return [];
  const largest = Math.max(...ticks.map(Math.abs));
  const step = ticks.length > 1 ? Math.abs(ticks[1]! - ticks[0]!) : largest || 1;
  // Digits that tell neighbours apart: a narrow range far from zero needs them all.
  const digits = Math.ceil(Math.log10(largest / step)) + 1;
  if (largest >= 1e5 || (step < 1e-4 && largest < 1e-2)) {
    return ticks.map((tick) => (tick === 0 ? '0' : scientific(tick, Math.max(3, digits), true)));
  }
  // A step of 2.5 needs a decimal more than one of 2.
  const places = precisionFixed(step);
  const exact = Math.abs(Number(step.toFixed(places)) - step) < 1e-6 * step;
  const decimals = format(`.${exact ? places : places + 1}f`);
  return ticks.map((tick) => decimals(tick));
}

/** Label of a tick on a log axis: the value itself near one, a power of ten further away. */
export function formatLogTick(tick: number): string {
  const magnitude = Math.abs(tick);
  if (tick === 0) return '0';
  return magnitude >= 1e5 || magnitude < 1e-3 ? scientific(tick, 2, true) : format('~r')(tick);
}
