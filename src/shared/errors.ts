import type { AppError } from './contract';

/** An outcome a person has to read, thrown where a value cannot be returned. The router turns it into a `Result`. */
export class UserError extends Error {
  readonly code: AppError['code'];
  readonly cure: string | undefined;
  readonly field: (string | number)[] | undefined;

  constructor(code: AppError['code'], message: string, options: { cure?: string; field?: (string | number)[] } = {}) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.cure = options.cure;
    this.field = options.field;
  }

  toAppError(): AppError {
    const error: AppError = { code: this.code, message: this.message };
    if (this.cure !== undefined) error.cure = this.cure;
    if (this.field !== undefined) error.field = this.field;
    return error;
  }
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
