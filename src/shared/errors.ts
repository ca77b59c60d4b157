import type { AppError } from './contract';
import { type MessageKey, type MessageValues, message as messageOf, type Said } from './messages';

/** An outcome a person has to read, thrown where a value cannot be returned. The router turns it into a `Result`. */
export class UserError extends Error {
  readonly code: AppError['code'];
  readonly cure: string | undefined;
  readonly field: (string | number)[] | undefined;
  /** Where the message is one of the catalog. */
  readonly said: Said | undefined;

  constructor(
    code: AppError['code'],
    message: string,
    options: { cure?: string; field?: (string | number)[]; said?: Said } = {},
  ) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.cure = options.cure;
    this.field = options.field;
    this.said = options.said;
  }

  toAppError(): AppError {
    const error: AppError = { code: this.code, message: this.message };
    if (this.cure !== undefined) error.cure = this.cure;
    if (this.field !== undefined) error.field = this.field;
    if (this.said !== undefined) error.said = this.said;
    return error;
  }
}

/** An error whose words are a message of the catalog, so that every language has them. */
export function sayError<K extends MessageKey>(
  code: AppError['code'],
  key: K,
  values: MessageValues<K>,
  field?: (string | number)[],
): UserError {
  const { text, cure, said } = messageOf(key, values);
  return new UserError(code, text, { ...(cure !== null && { cure }), ...(field && { field }), said });
}

/** Bad input: names the value in `message` and the way out in `cure`. */
export function badInput(message: string, cure?: string, field?: (string | number)[]): UserError {
  return new UserError('badInput', message, { ...(cure && { cure }), ...(field && { field }) });
}

/** An unknown name, answered with the known ones. */
export function unknownName(what: string, name: string, known: readonly string[]): UserError {
  return badInput(`Unknown ${what} "${name}".`, `Known: ${known.join(', ')}.`);
}

/** Thrown by work that saw its AbortSignal. */
export function cancelled(): UserError {
  return new UserError('cancelled', 'Cancelled.');
}
