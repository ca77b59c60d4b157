import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Settings } from '../../shared/contract';
import en from './en.json';
import ko from './ko.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
    returnNull: false;
  }
}

export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];

void i18next.use(initReactI18next).init({
  resources: { en: { translation: en }, ko: { translation: ko } },
  lng: systemLanguage(),
  fallbackLng: 'en',
  // React escapes what it renders.
  interpolation: { escapeValue: false },
  initAsync: false,
});

function systemLanguage(): Language {
  const system = typeof navigator === 'undefined' ? 'en' : navigator.language;
  return system.toLowerCase().startsWith('ko') ? 'ko' : 'en';
}

export async function changeLanguage(choice: Settings['language']): Promise<void> {
  const language = choice === 'system' ? systemLanguage() : choice;
  if (i18next.language !== language) await i18next.changeLanguage(language);
  if (typeof document !== 'undefined') document.documentElement.lang = language;
}

export const currentLanguage = (): Language => (i18next.language === 'ko' ? 'ko' : 'en');

export { i18next };
