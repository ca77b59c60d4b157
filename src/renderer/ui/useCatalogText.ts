import { useTranslation } from 'react-i18next';
import type { LintRule } from '../../shared/model/lint';

type CatalogKey =
  | `function.${string}`
  | `dataset.${string}`
  | `hyperparameter.${string}`
  | `experiment.${string}.title`
  | `experiment.${string}.description`
  | `lint.${LintRule}.${'title' | 'why' | 'cure'}`;

/**
 * Texts that come from the engine's catalog, in English there. Other languages add theirs under `catalog.*`; what they
 * lack stays English.
 */
export function useCatalogText(): (key: CatalogKey, english: string) => string {
  const { i18n } = useTranslation();
  return (key, english) => {
    const path = `catalog.${key}`;
    if (!i18n.exists(path, { fallbackLng: [] })) return english;
    // The typed `t` knows the English keys only.
    return (i18n.t as (path: string) => string)(path);
  };
}
