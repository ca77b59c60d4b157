import type { AppError } from '../../shared/contract';
import type { Said } from '../../shared/messages';
import { i18next } from './index';

/** A text of the engine in the language of the window; English where the language, or an older catalog, lacks it. */
export function inWords(said: Said | undefined, part: 'text' | 'cure', english: string): string {
  if (!said) return english;
  const path = `catalog.message.${said.key}.${part}`;
  if (!i18next.exists(path, { fallbackLng: [] })) return english;
  // The typed `t` knows the English keys only.
  return (i18next.t as (path: string, values: Said['values']) => string)(path, said.values);
}

/** The same of an error's message and cure. */
export function errorInWords<E extends AppError>(error: E): E {
  const { message, cure, said } = error;
  if (!said) return error;
  return {
    ...error,
    message: inWords(said, 'text', message),
    ...(cure !== undefined && { cure: inWords(said, 'cure', cure) }),
  };
}
