import type { FieldIssue } from './compile';

interface Limits {
  whole?: boolean;
  min?: number;
  max?: number;
  /** Exclusive. */
  above?: number;
}

/** What is wrong with a number as it was typed; empty where nothing is. */
export function numberIssues(path: string, text: string, { whole = false, min, max, above }: Limits): FieldIssue[] {
  const value = text.trim();
  const number = Number(value);
  const issue = (key: FieldIssue['key'], limit?: number): FieldIssue[] => [
    { path, key, values: { value, ...(limit !== undefined && { limit: String(limit) }) } },
  ];
  if (value === '') return [{ path, key: 'required', values: {} }];
  if (!Number.isFinite(number)) return issue('notANumber');
  if (whole && !Number.isInteger(number)) return issue('notAnInteger');
  if (above !== undefined && number <= above) return issue('tooSmallExclusive', above);
  if (min !== undefined && number < min) return issue('tooSmall', min);
  if (max !== undefined && number > max) return issue('tooBig', max);
  return [];
}
