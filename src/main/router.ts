import { z } from 'zod';
import {
  type AppError,
  type Params,
  type ParamsInput,
  type PartialOf,
  type Progress,
  type RequestName,
  type Result,
  requests,
  type Value,
} from '../shared/contract';
import { UserError } from '../shared/errors';

/** What a handler may use while it works on one call. */
export interface CallContext<Partial = unknown> {
  signal: AbortSignal;
  progress(progress: Progress): void;
  partial(value: Partial): void;
}

/** One handler per request of the contract; a missing one does not compile. */
export type Handlers = {
  [K in RequestName]: (params: Params<K>, context: CallContext<PartialOf<K>>) => Promise<Value<K>> | Value<K>;
};

export interface CallOptions<K extends RequestName> {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  onPartial?: (value: PartialOf<K>) => void;
}

export interface Router {
  call<K extends RequestName>(method: K, params: ParamsInput<K>, options?: CallOptions<K>): Promise<Result<Value<K>>>;
  /** For messages from outside: nothing about them is trusted. */
  callUntrusted(method: unknown, params: unknown, options?: CallOptions<RequestName>): Promise<Result<unknown>>;
}

/** Validates a call against the contract, then calls its handler; whatever is thrown comes back as a `Result`. */
export function createRouter(handlers: Handlers): Router {
  async function callUntrusted(
    method: unknown,
    params: unknown,
    options: CallOptions<RequestName> = {},
  ): Promise<Result<unknown>> {
    if (typeof method !== 'string' || !Object.hasOwn(requests, method)) {
      return failure({ code: 'badInput', message: `Unknown request "${String(method)}".` });
    }
    const name = method as RequestName;
    const parsed = requests[name].params.safeParse(params);
    if (!parsed.success) return failure(describeIssue(parsed.error));
    const handler = handlers[name] as (params: unknown, context: CallContext) => unknown;
    try {
      const value = await handler(parsed.data, {
        signal: options.signal ?? new AbortController().signal,
        progress: options.onProgress ?? ignore,
        partial: (options.onPartial as ((value: unknown) => void) | undefined) ?? ignore,
      });
      return { ok: true, value };
    } catch (error) {
      return failure(toAppError(error));
    }
  }
  return {
    callUntrusted,
    call: <K extends RequestName>(method: K, params: ParamsInput<K>, options?: CallOptions<K>) =>
      callUntrusted(method, params, options as CallOptions<RequestName>) as Promise<Result<Value<K>>>,
  };
}

const ignore = () => undefined;
const failure = (error: AppError): Result<never> => ({ ok: false, error });

/** The first thing wrong with the input, with the field and the value it had. */
export function describeIssue(error: z.ZodError): AppError {
  const issue = error.issues[0];
  if (!issue) return { code: 'badInput', message: 'The input is not valid.' };
  const field = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const place = field.length > 0 ? `${field.join('.')}: ` : '';
  return { code: 'badInput', message: `${place}${issue.message}`, field };
}

/** What a person reads for anything thrown; a bug's own text is kept short and without its stack. */
export function toAppError(error: unknown): AppError {
  if (error instanceof UserError) return error.toAppError();
  if (error instanceof z.ZodError) return describeIssue(error);
  const code = (error as NodeJS.ErrnoException | null)?.code;
  switch (code) {
    case 'ENOSPC':
      return {
        code: 'io',
        message: 'The disk is full.',
        cure: 'Free some space and try again; what was written before is intact.',
      };
    case 'ENOENT':
      return { code: 'notFound', message: `There is no file ${(error as NodeJS.ErrnoException).path ?? ''}.`.trim() };
    case 'EACCES':
    case 'EPERM':
      return { code: 'io', message: `No permission for ${(error as NodeJS.ErrnoException).path ?? 'this file'}.` };
    default:
      return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
  }
}
