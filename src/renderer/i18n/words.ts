import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Words } from '../../shared/model/words';

/** Reads texts that lessons and studies bring in the language in force; another function when it changes. */
export function useWords(): (words: Words) => string {
  const { i18n } = useTranslation();
  const language = i18n.language === 'ko' ? 'ko' : 'en';
  return useCallback((words) => words[language], [language]);
}
