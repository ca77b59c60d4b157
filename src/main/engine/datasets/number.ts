const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The finite decimal number a text spells, else null: "NaN", "", "0x10", "1,5" and "1e999" spell none. */
export function parseNumber(text: string): number | null {
  if (!decimal.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
